"""Reading every photo back: what is missing or changed is noted, set aside, and asked for again.

Bytes are read outside any transaction; each photo found wrong is marked in a short one of its own.
Nothing is deleted: changed bytes move to `set-aside/`, and whoever still has the photo sends it as
if it had never come. A store that lost most of its photos at once is rather a folder that is not
mounted: then nothing is marked. It must not know HTTP.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import Connection

from app.clock import instant
from app.db import run
from app.findings.noting import end, note
from app.jobs.queue import enqueue
from app.photos.check import check_image
from app.photos.keep import KeepError, PhotoStore
from app.photos.rules import DERIVE_JOB, original_name, set_aside_name
from app.photos.store import mark_held, want_again
from app.services import Services

PAGE_PHOTOS = 200
# Below this share a store has losses, above it is the wrong store; few photos say nothing.
GONE_SHARE_MAX = 0.5
GONE_SURE_MIN = 20
PLACES_MAX = 10
Trouble = Literal["missing", "damaged"]
Transact = Callable[[Callable[[Connection], Any]], Any]  # runs work, and commits it


@dataclass(frozen=True, slots=True)
class Wrong:
    """A photo that is not what was acknowledged; `places` say what it belongs to."""

    sha256: str
    state: Trouble
    bytes: int
    places: tuple[dict[str, Any], ...]


@dataclass(slots=True)
class Verified:
    """What reading the store back found."""

    photos: int = 0
    bytes: int = 0
    wrong: list[Wrong] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)  # could not be read now; nothing is said
    returned: list[str] = field(default_factory=list)  # were missing and stand whole again
    store_gone: bool = False  # so many are missing that nothing was marked


def count_photos(connection: Connection, station_id: str) -> int:
    """How many photos there are to read: those held, and those found wrong before."""
    query = (
        "SELECT count(*) FROM photo p WHERE p.station_id = ? AND (p.state = 'held' OR"
        " EXISTS (SELECT 1 FROM finding f WHERE f.station_id = p.station_id AND f.kind = 'photo'"
        " AND f.about = p.sha256 AND f.ended_at IS NULL))"
    )
    return int(run(connection, query, (station_id,))[0][0])


def verify_photos(
    services: Services,
    station_id: str,
    transact: Transact,
    *,
    mark: bool = True,
    progress: Callable[[int], None] = lambda _done: None,
) -> Verified:
    """Hash every photo in the store; with `mark`, set aside what is wrong and ask for it again."""
    report = Verified()
    wrong: list[tuple[str, Trouble, int]] = []
    for sha256, held, size in _photos(services, station_id):
        found = _look(services.photo_store, original_name(station_id, sha256), sha256)
        report.photos += 1
        report.bytes += size
        if found == "unread":
            report.unread.append(sha256)
        elif found is None and not held:
            report.returned.append(sha256)
        elif found is not None and held:
            wrong.append((sha256, found, size))
        progress(report.photos)
    gone = sum(state == "missing" for _, state, _ in wrong)
    report.store_gone = gone >= GONE_SURE_MIN and gone > report.photos * GONE_SHARE_MAX
    with services.database.read() as connection:
        report.wrong = [
            Wrong(sha256, state, size, places_of(connection, station_id, sha256))
            for sha256, state, size in wrong
        ]
    if mark and not report.store_gone:
        for each in report.wrong:
            _mark(services, station_id, each, transact)
        for sha256 in report.returned:
            _take_back(services, station_id, sha256, transact)
    return report


def _photos(services: Services, station_id: str) -> Iterator[tuple[str, bool, int]]:
    """Every photo to read, a page at a time: no transaction stays open while bytes are read."""
    after = ""
    while True:
        with services.database.read() as connection:
            rows = run(
                connection,
                "SELECT p.sha256, p.state, p.received FROM photo p WHERE p.station_id = ?"
                " AND p.sha256 > ? AND (p.state = 'held' OR EXISTS (SELECT 1 FROM finding f"
                " WHERE f.station_id = p.station_id AND f.kind = 'photo' AND f.about = p.sha256"
                " AND f.ended_at IS NULL)) ORDER BY p.sha256 LIMIT ?",
                (station_id, after, PAGE_PHOTOS),
            )
        for sha256, state, received in rows:
            yield sha256, state == "held", int(received or 0)
        if len(rows) < PAGE_PHOTOS:
            return
        after = rows[-1][0]


def _look(keep: PhotoStore, name: str, sha256: str) -> Trouble | Literal["unread"] | None:
    """Whether an object is what its name says; None when it is."""
    for last in (False, True):
        try:
            pieces = keep.stream(name)
            if pieces is None:
                return "missing"
            digest = hashlib.sha256()
            for piece in pieces:
                digest.update(piece)
            return None if digest.hexdigest() == sha256 else "damaged"
        except KeepError:
            if last:
                return _unreadable(keep)
    return "unread"


def _unreadable(keep: PhotoStore) -> Literal["damaged", "unread"]:
    """One object that cannot be read in a store that works lies on a broken sector."""
    try:
        keep.probe()
    except KeepError:
        return "unread"
    return "damaged"


def places_of(connection: Connection, station_id: str, sha256: str) -> tuple[dict[str, Any], ...]:
    """{type, id, site, words} of whatever uses a photo: a hazard by its number, with its site."""
    rows = run(
        connection,
        "SELECT DISTINCT s.type, u.subject_id, s.site_id, h.number, site.row FROM photo_use u"
        " LEFT JOIN subject s ON s.station_id = u.station_id AND s.subject_id = u.subject_id"
        " LEFT JOIN hazard_number h ON h.station_id = u.station_id AND h.subject_id = u.subject_id"
        " LEFT JOIN site ON site.station_id = s.station_id AND site.id = s.site_id"
        " WHERE u.station_id = ? AND u.sha256 = ?",
        (station_id, sha256),
    )
    return tuple(_place(*row) for row in sorted(rows, key=str)[:PLACES_MAX])


def _place(
    type_: str | None, subject: str, site: str | None, number: str | None, row: str | None
) -> dict[str, Any]:
    name = str(json.loads(row).get("name") or "") if row else ""
    what = number or {"inspection": "检查", "site": "场所"}.get(str(type_), "记录")
    words = " ".join(each for each in (what, name) if each)
    return {"type": type_ or "", "id": subject, "site": site, "words": words}


def _mark(services: Services, station_id: str, wrong: Wrong, transact: Transact) -> None:
    """Set the bytes aside first: killed in between, the next run finds the photo missing."""
    now = services.clock()
    aside = None
    if wrong.state == "damaged":
        aside = set_aside_name(station_id, wrong.sha256, instant(now))
        services.photo_store.move(original_name(station_id, wrong.sha256), aside)
    detail = {"state": wrong.state, "places": list(wrong.places), "aside": aside}

    def work(connection: Connection) -> None:
        want_again(connection, station_id, wrong.sha256)
        note(connection, station_id, "photo", wrong.sha256, detail, now=now)

    transact(work)


def _take_back(services: Services, station_id: str, sha256: str, transact: Transact) -> None:
    """The bytes stand where they should again (a folder mounted late, a copy put back)."""
    original = services.photo_store.get(original_name(station_id, sha256))
    if original is None:
        return
    checked, now = check_image(original), services.clock()

    def work(connection: Connection) -> None:
        mark_held(connection, station_id, sha256, checked=checked, size=len(original), now=now)
        end(connection, station_id, "photo", [sha256], now=now)
        enqueue(
            connection,
            station_id=station_id,
            job_id=services.ids(),
            kind=DERIVE_JOB,
            params={"sha256": sha256},
            now=now,
        )

    transact(work)
