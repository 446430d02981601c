"""What an account may pull: log entries, rows and farewells after a cursor, in windows of the log.

Each question is a constant number of statements for a window, keyed by log index, never sorted by
the database over the whole station. It must not know the web.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from app.actor import Actor
from app.auth.masking import masked
from app.db import Row, run
from app.ledger.entrusted import ENTRUSTED_KINDS, Entrusted, privates_of
from app.ledger.rows import OPEN_TO_ALL
from app.projections import registered

WINDOW_ENTRIES = 1000
WINDOWS_MAX = 20
OWN_ONLY = frozenset({"activity", "enrolment"})
# Their rows say the same, and a checklist's fact alone weighs up to 128 KB.
FACTS_NOT_SENT = frozenset({"checklist.published"})
ACCOUNT_FIELDS_OF_OTHERS = ("id", "type", "state", "name", "active", "staff_type", "roles", "i")

JsonRow = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a subject lies, as far as deciding who sees it needs."""

    subject_id: str
    type: str | None
    area_id: str | None
    author_id: str | None
    areas_before: str | None


@dataclass(frozen=True, slots=True)
class Told:
    """One log entry as a page carries it; after a restore it may come back as its own proof."""

    i: int
    verdict: str
    line: str
    received_at: str
    sha256: str
    number: str | None = None

    def item(self) -> JsonRow:
        """As the wire has it; a number only where there is one."""
        item: JsonRow = {
            "i": self.i,
            "verdict": self.verdict,
            "line": self.line,
            "received_at": self.received_at,
        }
        return item if self.number is None else {**item, "number": self.number}


@dataclass(slots=True)
class Page:
    """One page of changes; `end` is the index after the last entry it covers."""

    end: int
    facts: list[Told] = field(default_factory=list)
    entrusted: list[Entrusted] = field(default_factory=list)  # closed before a phone gets them
    rows: list[JsonRow] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)


def sees(actor: Actor, place: Place) -> bool:
    """Whether a subject is within what the account may know (I11)."""
    if actor.revoked or place.type is None:
        return False
    if place.type in OPEN_TO_ALL:
        return True
    if place.author_id == actor.account_id or place.subject_id == actor.enrolment_id:
        return True
    if place.type in OWN_ONLY:
        return actor.whole and place.type == "activity"
    return actor.whole or (place.area_id is not None and place.area_id in actor.areas)


def changes_page(
    connection: Connection, actor: Actor, *, start: int, size: int, facts_max: int
) -> Page:
    """Everything visible from log index `start` on, until a page is full or the log ends."""
    page = Page(end=start)
    for _ in range(WINDOWS_MAX):
        if page.end >= size or len(page.facts) >= facts_max:
            break
        entries = min(WINDOW_ENTRIES, facts_max - len(page.facts))
        end = min(size, page.end + entries)
        rows = _entries(connection, actor.station_id, page.end, end)
        page.facts += _facts(actor, rows)
        page.entrusted += _entrusted(connection, actor.station_id, rows)
        page.end = end
    # A row that no entry changed stands at the index of the next one: see append.py, _note_late.
    until = page.end + 1 if page.end >= size else page.end
    places = _changed_places(connection, actor.station_id, start, until)
    seen = [place for place in places if sees(actor, place)]
    page.rows = rows_of(connection, actor, seen)
    page.gone = sorted(place.subject_id for place in places if _left(actor, place))
    return page


def _left(actor: Actor, place: Place) -> bool:
    """Whether a subject was in the account's areas and is no longer."""
    before = frozenset((place.areas_before or "").split())
    return bool(before & actor.areas) and not actor.whole and not sees(actor, place)


def _entries(connection: Connection, station_id: str, start: int, end: int) -> list[Row]:
    return run(
        connection,
        "SELECT l.idx, l.verdict, l.admitted, l.received_at, l.fact_sha256, f.bytes, f.kind,"
        " f.author_id, f.enrolment_id, f.subject_id, s.type, s.area_id, s.author_id,"
        " COALESCE(h.number, d.number)"
        " FROM log_entry l"
        " JOIN fact f ON f.seq = l.fact_seq"
        " LEFT JOIN subject s ON s.station_id = f.station_id AND s.subject_id = f.subject_id"
        " LEFT JOIN hazard_number h ON f.kind IN ('hazard.found', 'ledger.admitted')"
        " AND h.station_id = f.station_id AND h.subject_id = f.subject_id"
        " LEFT JOIN document_number d ON f.kind IN ('document.issued', 'ledger.admitted')"
        " AND d.station_id = f.station_id AND d.subject_id = f.subject_id"
        " WHERE l.station_id = ? AND l.idx >= ? AND l.idx < ?",
        (station_id, start, end),
    )


def _facts(actor: Actor, rows: Collection[Row]) -> list[Told]:
    found = []
    for idx, verdict, admitted, at, sha256, raw, kind, author, enrolment, *about in rows:
        subject, type_, area, begun, number = about
        own = author == actor.account_id
        mine = enrolment is not None and enrolment == actor.enrolment_id
        if kind in FACTS_NOT_SENT or (type_ == "account" and subject != actor.account_id):
            continue
        place = Place(subject, type_, area, begun, None)
        line = _readable(bytes(raw))
        if line is not None and (own or mine or (admitted and sees(actor, place))):
            found.append(Told(idx, verdict, line, at, sha256, number))
    found.sort(key=lambda entry: entry.i)
    return found


def _entrusted(connection: Connection, station_id: str, rows: Collection[Row]) -> list[Entrusted]:
    """What every phone keeps for the station, whoever's it is; no statement when there is none."""
    kept = sorted(row[:7] for row in rows if row[6] in ENTRUSTED_KINDS)
    if not kept:
        return []
    privates = privates_of(connection, station_id, [sha256 for *_, sha256, _raw, _kind in kept])
    return [
        Entrusted(idx, verdict, line, at, privates.get(sha256))
        for idx, verdict, _admitted, at, sha256, raw, _kind in kept
        if (line := _readable(bytes(raw))) is not None
    ]


def _readable(raw: bytes) -> str | None:
    """None for what is no text: it holds no fact, and no page could prove bytes it cannot carry."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _changed_places(connection: Connection, station_id: str, start: int, end: int) -> list[Place]:
    columns = "subject_id, type, area_id, author_id, areas_before"
    rows = run(
        connection,
        f"SELECT {columns} FROM subject"  # noqa: S608 - a constant
        " WHERE station_id = ? AND changed_idx >= ? AND changed_idx < ?"
        f" UNION SELECT {columns} FROM subject"
        " WHERE station_id = ? AND area_changed_idx >= ? AND area_changed_idx < ?",
        (station_id, start, end, station_id, start, end),
    )
    return [Place(*row) for row in rows]


def snapshot_places(
    connection: Connection, actor: Actor, *, after: str, limit: int
) -> tuple[list[Place], str | None]:
    """The next visible subjects in the order of their ids, and where to go on (None at the end)."""
    seen: list[Place] = []
    for _ in range(WINDOWS_MAX):
        rows = run(
            connection,
            "SELECT subject_id, type, area_id, author_id, areas_before FROM subject"
            " WHERE station_id = ? AND subject_id > ? ORDER BY subject_id LIMIT ?",
            (actor.station_id, after, WINDOW_ENTRIES),
        )
        for row in rows:
            place = Place(*row)
            after = place.subject_id
            if sees(actor, place):
                seen.append(place)
                if len(seen) == limit:
                    return seen, after
        if len(rows) < WINDOW_ENTRIES:
            return seen, None
    return seen, after


def rows_of(connection: Connection, actor: Actor, places: Collection[Place]) -> list[JsonRow]:
    """The rows of these subjects as this account may see them, one query per type."""
    by_type: dict[str, list[str]] = {}
    for place in places:
        by_type.setdefault(str(place.type), []).append(place.subject_id)
    found: list[JsonRow] = []
    for type_, projection in registered().items():
        ids = by_type.get(type_)
        if not ids:
            continue
        rows = run(
            connection,
            f"SELECT id, changed_idx, row FROM {projection.table.name}"  # noqa: S608 - our tables
            " WHERE station_id = ? AND id = ANY(?)",
            (actor.station_id, ids),
        )
        found += [
            {
                "type": type_,
                "id": id_,
                "i": idx,
                "row": projection.for_phone(shown(actor, type_, json.loads(text))),
            }
            for id_, idx, text in rows
        ]
    found.sort(key=lambda each: (each["i"], each["id"]))
    return found


def shown(actor: Actor, type_: str, row: Mapping[str, Any]) -> JsonRow:
    """A row as it leaves the server: phones masked, of other people only what is needed."""
    if type_ == "account" and row.get("id") != actor.account_id:
        row = {name: row[name] for name in ACCOUNT_FIELDS_OF_OTHERS if name in row}
    return masked(row)


def account_row(connection: Connection, actor: Actor) -> JsonRow:
    """The caller's own account."""
    rows = run(
        connection,
        "SELECT row FROM account WHERE station_id = ? AND id = ?",
        (actor.station_id, actor.account_id),
    )
    return masked(json.loads(rows[0][0])) if rows else {}
