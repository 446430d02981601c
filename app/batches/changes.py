"""The way down: changes after a cursor, and a snapshot when what an account may see has changed.

The cursor is the number of log entries the phone has covered and the version of its scope. It must
not know how scopes are granted.
"""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from app.actor import Actor
from app.batches import store
from app.batches.feed import account_row, changes_page, rows_of, snapshot_places
from app.clock import instant
from app.http import Answer, Call, Routes
from app.keys import KEY_ID_CHARS
from app.ledger.entrusted import close
from app.ledger.head import Station, read_station, signed_head
from app.ledger.witnessed import witness
from app.maps.api import told_map
from app.marks import read_marks
from app.photos.again import wanted_again
from app.problems import ProblemError
from app.rescue_key import rescue_key_view
from sync.cursor import Cursor, parse_cursor
from sync.limits import CHANGES_PAGE_MAX

CURSOR_CHARS_MAX = 40
PHOTOS_ASKED_MAX = 100


class ChangesQuery(Schema):
    """From where, how much."""

    after = fields.String(load_default=None, validate=validate.Length(max=CURSOR_CHARS_MAX))
    limit = fields.Integer(
        load_default=CHANGES_PAGE_MAX, validate=validate.Range(1, CHANGES_PAGE_MAX)
    )
    # The rescue key the phone holds: it is told of another one. Absent: of an older release.
    rescue_key = fields.String(load_default=None, validate=validate.Length(max=KEY_ID_CHARS))


class SnapshotQuery(Schema):
    """Which snapshot, from which subject on."""

    at = fields.String(load_default=None, validate=validate.Length(max=CURSOR_CHARS_MAX))
    after = fields.String(load_default="", validate=validate.Length(max=CURSOR_CHARS_MAX))
    limit = fields.Integer(
        load_default=CHANGES_PAGE_MAX, validate=validate.Range(1, CHANGES_PAGE_MAX)
    )


def declare(routes: Routes) -> None:
    """Add the two routes."""
    routes.route(
        "/sync/changes",
        auth="phone",
        query=ChangesQuery,
        write=False,
        revoked_ok=True,
        summary="Facts, rows and farewells after a cursor",
    )(get_changes)
    routes.route(
        "/sync/snapshot",
        auth="phone",
        query=SnapshotQuery,
        write=False,
        summary="All visible rows, page by page, at a fixed place in the log",
    )(get_snapshot)


def get_changes(call: Call) -> Answer:
    """One page; a revoked phone gets an empty one that says so."""
    actor, station = call.who, _station(call)
    start = _start(call.query["after"], actor, station)
    known = call.query["rescue_key"]
    told = (
        {}
        if known in (None, call.services.rescue_key.key_id)
        else {"rescue_key": rescue_key_view(call.services, call.station_id)}
    )
    if actor.revoked:
        return _answer(call, station, Cursor(start, actor.scope_version), {"more": False, **told})
    page = changes_page(
        call.connection, actor, start=start, size=station.size, facts_max=call.query["limit"]
    )
    body = {
        **told,
        "more": page.end < station.size,
        "facts": [each.item() for each in page.facts],
        "rows": page.rows,
        "gone": page.gone,
    }
    if page.facts or page.entrusted:
        signer = call.services.signer
        body["witness"] = witness(signer, station.id, station.epoch, start, page.end, page.facts)
        opener = call.services.rescue_key
        kept = close(opener, station.id, station.epoch, page.end, page.entrusted)
        body |= {"entrusted": kept} if kept else {}
    return _answer(call, station, Cursor(page.end, actor.scope_version), body)


def get_snapshot(call: Call) -> Answer:
    """Rows may be younger than `at`; the changes after it bring the phone up to date."""
    actor, station = call.who, _station(call)
    at = station.size
    if call.query["at"] is not None:
        at = _start(call.query["at"], actor, station)
    places, after = snapshot_places(
        call.connection, actor, after=call.query["after"], limit=call.query["limit"]
    )
    body = {"at": at, "rows": rows_of(call.connection, actor, places), "next": after}
    return _answer(call, station, Cursor(at, actor.scope_version), body)


def _control(call: Call, actor: Actor) -> dict[str, object]:
    settings = call.services.settings
    ground = told_map(settings)
    told = {"revoked": actor.revoked, "min_app": settings.min_app}
    return told | ({"map": ground} if ground else {})


def _station(call: Call) -> Station:
    station = read_station(call.connection, call.station_id)
    if station is None:
        raise ProblemError("not-ready")
    return station


def _start(after: str | None, actor: Actor, station: Station) -> int:
    """The index a cursor stands at; another scope version asks for a snapshot instead."""
    if after is None:
        return 0
    cursor = parse_cursor(after)
    if cursor is None or cursor.index > station.size:
        raise ProblemError("bad-cursor")
    if cursor.scope_version != actor.scope_version:
        raise ProblemError("scope-changed")
    return cursor.index


def _lost_here(call: Call) -> dict[str, Any]:
    """Photos this account's phones handed over and the station lost: said only when there are."""
    asked = wanted_again(
        call.connection, call.station_id, call.who.account_id, limit=PHOTOS_ASKED_MAX
    )
    return {"photos_wanted": asked} if asked else {}


def _answer(call: Call, station: Station, cursor: Cursor, body: dict[str, Any]) -> Answer:
    actor = call.who
    enrolment = store.enrolment_state(call.connection, call.station_id, actor.enrolment_id or "")
    whole = {
        "cursor": str(cursor),
        "facts": [],
        "rows": [],
        "gone": [],
        **body,
        "time": instant(call.now),
        "epoch": station.epoch,
        "head": signed_head(call.services.signer, station, call.now),
        "account": account_row(call.connection, actor),
        "station": {
            "id": station.id,
            "code": station.code,
            "name": station.name,
            "timezone": station.timezone,
        },
        "n_received": enrolment.n_received,
        **_lost_here(call),
        **read_marks(call.connection, call.station_id, station.epoch).told(),
        "control": _control(call, actor),
    }
    return Answer(whole, pack=True)
