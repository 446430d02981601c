"""Gathering what an export shows: one consistent look at the ledger, spooled to disk line by line.

The look is one read transaction, so that every row and the signed head belong together; memory
holds the ids and one chunk of rows. It must not know how a file is laid out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection

from app.actor import Actor
from app.db import run
from app.exports.ledger import Line
from app.hazards.reading import HazardFilter, filter_conditions
from app.rows import account_names, all_of, area_paths, photos_of, rows_by_id

CHUNK_ROWS = 250
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


def spool(
    connection: Connection,
    station_id: str,
    ids: list[str],
    *,
    path: Path,
    reached: Callable[[int], None],
) -> None:
    """Write the hazards with everything that stands beside them to a file, one JSON line each."""
    paths = area_paths(connection, station_id)
    devices = _devices(connection, station_id)
    with path.open("wb") as file:
        for start in range(0, len(ids), CHUNK_ROWS):
            chunk = ids[start : start + CHUNK_ROWS]
            for record in _records(connection, station_id, chunk, paths, devices):
                file.write(orjson.dumps(record) + b"\n")
            reached(min(start + CHUNK_ROWS, len(ids)))


def spooled_lines(path: Path, *, as_of: date) -> Iterator[Line]:
    """The spooled lines again, numbered from one."""
    with path.open("rb") as file:
        for position, text in enumerate(file, start=1):
            yield Line(position=position, as_of=as_of, **orjson.loads(text))


def _records(
    connection: Connection,
    station_id: str,
    ids: list[str],
    paths: dict[str, str],
    devices: dict[str, str],
) -> Iterator[dict[str, Any]]:
    hazards = rows_by_id(connection, station_id, "hazard", ids)
    rows = [hazards[each] for each in ids if each in hazards]
    sites = rows_by_id(connection, station_id, "site", (row.get("site") for row in rows))
    companions = _companions(connection, station_id, rows)
    people = account_names(connection, station_id, _people(rows, companions))
    photos = photos_of(connection, station_id, ids)
    origins = _origins(connection, station_id, ids)
    for row in rows:
        site = sites.get(str(row.get("site")), {})
        batch, enrolment = origins.get(row["id"], ("", ""))
        seen_by = [row.get("author"), *companions.get(str(row.get("inspection")), [])]
        yield {
            "number": row.get("number") or "",
            "hazard": row,
            "site": site,
            "area": paths.get(str(site.get("area")), ""),
            "inspectors": "、".join(people[each] for each in seen_by if each in people),
            "rechecked_by": people.get(str(row.get("rechecked_by")), ""),
            "closed_by": people.get(str(row.get("closed_by")), ""),
            "batch": batch,
            "device": devices.get(enrolment, ""),
            "photos": _by_role(photos.get(row["id"], [])),
        }


def _people(rows: list[dict[str, Any]], companions: dict[str, list[str]]) -> set[str | None]:
    keys = ("author", "rechecked_by", "closed_by")
    named = {row.get(key) for row in rows for key in keys}
    return named | {each for together in companions.values() for each in together}


def _companions(
    connection: Connection, station_id: str, rows: list[dict[str, Any]]
) -> dict[str, list[str]]:
    wanted = sorted({str(row["inspection"]) for row in rows if row.get("inspection")})
    # Only the companions: an inspection's answers are most of its bytes and no part of the file.
    found = run(
        connection,
        "SELECT id, row FROM inspection WHERE station_id = ? AND id = ANY(?)",
        (station_id, wanted),
    )
    return {str(subject): list(orjson.loads(row).get("companions") or ()) for subject, row in found}


def _by_role(photos: list[dict[str, Any]]) -> dict[str, list[str]]:
    """Hashes by role; a second report's scene photos count as before."""
    by_role: dict[str, list[str]] = {}
    for photo in photos:
        role = "after" if photo["role"] == "after" else "before"
        if photo["sha256"] not in by_role.setdefault(role, []):
            by_role[role].append(photo["sha256"])
    return by_role


def _origins(connection: Connection, station_id: str, ids: list[str]) -> dict[str, tuple[str, str]]:
    found = run(
        connection,
        "SELECT f.subject_id, f.batch_id, f.enrolment_id FROM fact f"
        " JOIN log_entry l ON l.station_id = f.station_id AND l.fact_sha256 = f.sha256"
        " WHERE f.station_id = ? AND f.subject_id = ANY(?) AND f.kind = 'hazard.found'"
        " ORDER BY l.idx DESC",
        (station_id, ids),
    )
    return {subject: (batch or "", enrolment or "") for subject, batch, enrolment in found}


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
