"""Gathering what an export shows: one consistent look at the ledger, spooled to disk row by row.

The look is one read transaction, so that every row and the signed head belong together; memory
holds the ids, one chunk of rows and the names they use. It must not know how a file is laid out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection

from app.actor import Actor
from app.db import run
from app.documents.reading import named_in_documents
from app.exports.captions import Captions
from app.exports.ledger import Cell, Column, Line, cells_of
from app.hazards.reading import HazardFilter, filter_conditions
from app.photos.stamp import Words
from app.rows import account_names, all_of, area_paths
from app.watermarks import Around, Brought, facts_with_photos, words_of

CHUNK_ROWS = 250
SITES_KEPT_MAX = 2_000
ROWS_MAX = 200_000
"""Far above a township's decade; beyond it Excel itself becomes the limit."""


@dataclass(frozen=True, slots=True)
class Head:
    """The station and its log as the snapshot sees them."""

    station: str
    epoch: int
    size: int
    root: str


def read_head(connection: Connection, station_id: str) -> Head:
    """The log's head inside the same snapshot as the rows."""
    found = run(
        connection,
        "SELECT name, epoch, log_size, log_root FROM station WHERE id = ?",
        (station_id,),
    )
    return Head(*found[0])


def hazard_ids(
    connection: Connection, station_id: str, actor: Actor, wanted: HazardFilter, *, today: date
) -> list[str]:
    """The ids of every hazard of the filter in the order of their numbers."""
    conditions = filter_conditions(connection, station_id, actor, wanted, today=today)
    if wanted.state:
        conditions.append(("h.state = ANY(?)", [list(wanted.state)]))
    where, values = all_of(conditions)
    found = run(
        connection,
        "SELECT h.id FROM hazard h LEFT JOIN site s"  # noqa: S608
        f" ON s.station_id = h.station_id AND s.id = h.site_id WHERE {where}"
        " ORDER BY COALESCE(h.number, '~'), h.id LIMIT ?",
        (*values, ROWS_MAX),
    )
    return [str(hazard) for (hazard,) in found]


@dataclass(frozen=True, slots=True)
class Spool:
    """Finished rows on disk, one JSON list of cells each; may be read any number of times."""

    path: Path
    count: int
    captions: Captions

    def __iter__(self) -> Iterator[list[Cell]]:
        with self.path.open("rb") as file:
            for text in file:
                yield orjson.loads(text)


@dataclass(frozen=True, slots=True)
class Wish:
    """What every row of one export is made for."""

    columns: Sequence[Column[Any]]
    as_of: date
    whole_phones: bool = False

    @property
    def photos(self) -> bool:
        return any(column.pictures for column in self.columns)

    @property
    def origin(self) -> bool:
        return any(column.origin for column in self.columns)


Made = tuple[list[Cell], Mapping[str, Words]]
"""A finished row, and what goes with each of its photos."""


def write_spool(
    path: Path,
    ids: list[str],
    made: Callable[[list[str], int], Iterable[Made]],
    *,
    reached: Callable[[int, int], None],
) -> Spool:
    """Write the finished rows of the ids to a file, a chunk at a time.

    `made` is given a chunk and the position of its first row.
    """
    done = 0
    captions = Captions(path.with_name(f"{path.name}.captions"))
    with path.open("wb") as file, captions.writing() as tell:
        for start in range(0, len(ids), CHUNK_ROWS):
            for cells, told in made(ids[start : start + CHUNK_ROWS], done + 1):
                file.write(orjson.dumps(cells) + b"\n")
                done += 1
                for sha256, words in told.items():
                    tell(sha256, words)
            reached(done, len(ids))
    return Spool(path, done, captions)


def spool(
    connection: Connection,
    station_id: str,
    ids: list[str],
    wish: Wish,
    *,
    path: Path,
    reached: Callable[[int, int], None],
) -> Spool:
    """The finished rows of the hazards in a file; each stored row is parsed once."""
    names = Names(connection, station_id)

    def made(chunk: list[str], first: int) -> Iterator[Made]:
        for line in _lines(connection, station_id, chunk, names, wish, first=first):
            yield cells_of(line, wish.columns), line.captions

    return write_spool(path, ids, made, reached=reached)


class Names:
    """Who, where and with which phone, looked up once for the whole export."""

    def __init__(self, connection: Connection, station_id: str) -> None:
        self._connection = connection
        self._station_id = station_id
        self.areas = area_paths(connection, station_id)
        self.station = read_head(connection, station_id).station
        self.devices = _devices(connection, station_id)
        self.people: dict[str, str] = {}
        self.sites: dict[str, dict[str, Any]] = {}

    def know(self, rows: Iterable[dict[str, Any]], people: Iterable[str]) -> None:
        """Look up what these rows name, and whom else they need, that nobody has asked for yet."""
        keys = ("author", "rechecked_by", "closed_by")
        named = {row.get(key) for row in rows for key in keys} | set(people)
        missing = named - self.people.keys()
        self.people |= account_names(self._connection, self._station_id, missing)
        if len(self.sites) > SITES_KEPT_MAX:
            self.sites.clear()
        sites = {str(row.get("site")) for row in rows} - self.sites.keys()
        self.sites |= _stored(self._connection, self._station_id, "site", sites)


def _lines(
    connection: Connection,
    station_id: str,
    ids: list[str],
    names: Names,
    wish: Wish,
    *,
    first: int,
) -> Iterator[Line]:
    hazards = _stored(connection, station_id, "hazard", ids)
    rows = [hazards[each] for each in ids if each in hazards]
    companions = _companions(connection, station_id, rows)
    photos = photos_by_subject(connection, station_id, ids) if wish.photos else {}
    brought = facts_with_photos(connection, station_id, ids) if wish.photos else {}
    along = {each for together in companions.values() for each in together}
    names.know(rows, along | {fact["author"] for fact in brought.values()})
    origins = _origins(connection, station_id, ids) if wish.origin else {}
    documents = _documents(connection, station_id, rows, wish)
    people = names.people
    for position, row in enumerate(rows, start=first):
        site = names.sites.get(str(row.get("site")), {})
        batch, enrolment = origins.get(row["id"], ("", ""))
        seen_by = [row.get("author"), *companions.get(str(row.get("inspection")), ())]
        yield Line(
            position=position,
            number=row.get("number") or "",
            hazard=row,
            site=site,
            area=names.areas.get(str(site.get("area")), ""),
            inspectors="、".join([people[each] for each in seen_by if each in people]),
            rechecked_by=people.get(str(row.get("rechecked_by")), ""),
            closed_by=people.get(str(row.get("closed_by")), ""),
            batch=batch,
            device=names.devices.get(enrolment, ""),
            as_of=wish.as_of,
            photos=photos.get(row["id"], {}),
            captions=_captions(row, site, photos.get(row["id"], {}), brought, names),
            documents=documents.get(row["id"], []),
            whole_phones=wish.whole_phones,
        )


def _captions(
    row: dict[str, Any],
    site: dict[str, Any],
    photos: dict[str, list[str]],
    brought: Brought,
    names: Names,
) -> dict[str, Words]:
    """What goes with each photo of a hazard."""
    village = names.areas.get(str(site.get("area")), "")
    around = Around(row, str(site.get("name") or ""), village, names.station)
    shown = {each for hashes in photos.values() for each in hashes}
    return {
        sha256: words_of(sha256, fact, names.people, around)
        for sha256 in sorted(shown)
        if (fact := brought.get((row["id"], sha256))) is not None
    }


def _documents(
    connection: Connection, station_id: str, rows: list[dict[str, Any]], wish: Wish
) -> dict[str, list[str]]:
    if not any(column.documents for column in wish.columns):
        return {}
    sites = {str(row["site"]) for row in rows if row.get("site")}
    return named_in_documents(connection, station_id, sites)


def _stored(
    connection: Connection, station_id: str, table: str, ids: Iterable[str]
) -> dict[str, dict[str, Any]]:
    """Rows as stored, telephone numbers whole: the columns of a `Line` mask what they show."""
    assert table in ("hazard", "site")
    found = run(
        connection,
        f"SELECT id, row FROM {table} WHERE station_id = ? AND id = ANY(?)",  # noqa: S608
        (station_id, sorted(ids)),
    )
    return {subject: orjson.loads(row) for subject, row in found}


def _companions(
    connection: Connection, station_id: str, rows: list[dict[str, Any]]
) -> dict[str, list[str]]:
    wanted = sorted({str(row["inspection"]) for row in rows if row.get("inspection")})
    found = run(
        connection,
        "SELECT id, row FROM inspection WHERE station_id = ? AND id = ANY(?)",
        (station_id, wanted),
    )
    return {subject: companions for subject, row in found if (companions := companions_in(row))}


def companions_in(row: str) -> list[str]:
    """Who came along, out of an inspection's stored row."""
    # An inspection's answers are most of its bytes and no part of the file. Where the key stands
    # once (quotes inside a text are escaped), an empty list after it needs no parsing.
    if row.count('"companions":') == 1 and '"companions":[]' in row:
        return []
    return list(orjson.loads(row).get("companions") or ())


def photos_by_subject(
    connection: Connection, station_id: str, ids: list[str]
) -> dict[str, dict[str, list[str]]]:
    """Each subject's hashes by role, as declared; scene photos count as before."""
    found = run(
        connection,
        "SELECT u.subject_id, u.sha256, u.role FROM photo_use u"
        " JOIN photo p ON p.station_id = u.station_id AND p.sha256 = u.sha256"
        " WHERE u.station_id = ? AND u.subject_id = ANY(?) ORDER BY p.declared_at, u.sha256",
        (station_id, ids),
    )
    photos: dict[str, dict[str, list[str]]] = {}
    for subject, sha256, role in found:
        hashes = photos.setdefault(subject, {}).setdefault(
            "after" if role == "after" else "before", []
        )
        if sha256 not in hashes:
            hashes.append(sha256)
    return photos


def _origins(connection: Connection, station_id: str, ids: list[str]) -> dict[str, tuple[str, str]]:
    """By hazard the batch and the enrolment of its first report."""
    found = run(
        connection,
        "SELECT subject_id, batch_id, enrolment_id, seq FROM fact"
        " WHERE station_id = ? AND subject_id = ANY(?) AND kind = 'hazard.found'",
        (station_id, ids),
    )
    times = Counter(subject for subject, *_ in found)
    places = _log_places(connection, [seq for subject, _, _, seq in found if times[subject] > 1])
    # From the last to the first, so that the first report's stays.
    found.sort(key=lambda row: places.get(row[3], 0), reverse=True)
    return {subject: (batch or "", enrolment or "") for subject, batch, enrolment, _ in found}


def _log_places(connection: Connection, facts: list[int]) -> dict[int, int]:
    """Where facts stand in the log; only asked for hazards that were reported more than once."""
    if not facts:
        return {}
    query = "SELECT fact_seq, idx FROM log_entry WHERE fact_seq = ANY(?)"
    return dict(run(connection, query, (facts,)))


def _devices(connection: Connection, station_id: str) -> dict[str, str]:
    found = run(
        connection, "SELECT enrolment_id, label FROM enrolment WHERE station_id = ?", (station_id,)
    )
    return {enrolment: label or "手机" for enrolment, label in found}


def finished_before(connection: Connection, station_id: str, kind: str, before: str) -> list[str]:
    """Exports whose file may go; the newest hundred of them are looked at each time."""
    found = run(
        connection,
        "SELECT job_id FROM job WHERE station_id = ? AND kind = ? AND state = 'done'"
        " AND finished_at < ? ORDER BY finished_at DESC LIMIT 100",
        (station_id, kind, before),
    )
    return [str(job_id) for (job_id,) in found]
