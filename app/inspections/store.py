"""Reading inspections for the desk: one in full with its doubts, and pages of them.

A page costs a constant number of statements. The review queue is in queue.py. It must not know
HTTP.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from app.actor import Actor
from app.db import run
from app.hazards.reading import same_site_hazards
from app.hazards.rules import overdue_days
from app.inspections.rules import doubts_of
from app.matters.reading import photo_pairs, reused_photos
from app.rows import (
    Condition,
    account_names,
    all_of,
    area_paths,
    photos_of,
    read_row,
    rows_by_id,
    timeline,
    visible,
)
from sync.steps import allowed_kinds

HAZARDS_PER_PAGE_MAX = 5_000


def _rows_in_order(
    connection: Connection, station_id: str, ids: list[tuple[Any, ...]]
) -> list[dict[str, Any]]:
    """The rows of a page whose ids were sorted without dragging the rows along."""
    found = rows_by_id(connection, station_id, "inspection", (each for each, _ in ids))
    return [{**found[each], "received_at": at} for each, at in ids]


def hazards_of(
    connection: Connection, station_id: str, inspections: list[str]
) -> dict[str, list[dict[str, Any]]]:
    """The hazards of these inspections, the gravest first."""
    found = run(
        connection,
        "SELECT inspection_id, row, changed_idx FROM hazard"
        " WHERE station_id = ? AND inspection_id = ANY(?)"
        " ORDER BY CASE level WHEN 'major' THEN 0 WHEN 'suspected_major' THEN 1 ELSE 2 END,"
        " number, id LIMIT ?",
        (station_id, inspections, HAZARDS_PER_PAGE_MAX),
    )
    hazards: dict[str, list[dict[str, Any]]] = {}
    for inspection, text, idx in found:
        hazards.setdefault(inspection, []).append(read_row(text, idx))
    return hazards


def unusual_verdicts(
    connection: Connection, station_id: str, subjects: list[str]
) -> dict[str, list[str]]:
    """Verdicts on the facts of these subjects that are not plain `admitted`."""
    found = run(
        connection,
        "SELECT f.subject_id, l.verdict FROM fact f"
        " JOIN log_entry l ON l.fact_seq = f.seq"
        " WHERE f.station_id = ? AND f.subject_id = ANY(?) AND l.verdict <> 'admitted'",
        (station_id, sorted(subjects)),
    )
    verdicts: dict[str, list[str]] = {}
    for subject, verdict in found:
        verdicts.setdefault(subject, []).append(verdict)
    return verdicts


def checklist_titles(
    connection: Connection, station_id: str, rows: list[dict[str, Any]]
) -> dict[tuple[object, object], dict[str, Any]]:
    """What the checklists of these rows are called, by id and version."""
    wanted = sorted({str(row.get("checklist")) for row in rows})
    found = run(
        connection,
        "SELECT checklist_id, version, row FROM checklist"
        " WHERE station_id = ? AND checklist_id = ANY(?)",
        (station_id, wanted),
    )
    titles: dict[tuple[object, object], dict[str, Any]] = {}
    for checklist, version, text in found:
        content = read_row(text, 0).get("content") or {}
        titles[(checklist, version)] = {
            "id": checklist,
            "version": version,
            "title": content.get("title"),
            "short": content.get("short"),
        }
    return titles


def read_inspection(
    connection: Connection, station_id: str, actor: Actor, inspection_id: str, *, today: Any
) -> dict[str, Any] | None:
    """One inspection with its hazards, its checklist as it was, photos, history and doubts."""
    where, values = all_of(
        [("i.station_id = ? AND i.id = ?", [station_id, inspection_id]), visible(actor, "i")]
    )
    found = run(
        connection,
        f"SELECT i.row, i.changed_idx, i.received_at FROM inspection i WHERE {where}",  # noqa: S608
        values,
    )
    if not found:
        return None
    text, idx, received_at = found[0]
    row = {**read_row(text, idx), "received_at": received_at}
    hazards = hazards_of(connection, station_id, [inspection_id]).get(inspection_id, [])
    subjects = [inspection_id, *(hazard["id"] for hazard in hazards)]
    photos = photos_of(connection, station_id, subjects)
    verdicts = unusual_verdicts(connection, station_id, subjects)
    pairs = photo_pairs(connection, station_id, actor, subjects)
    same = same_site_hazards(connection, station_id, actor, hazards, pairs)
    known = {inspection_id: row} | {hazard["id"]: hazard for hazard in hazards}
    reused = reused_photos(connection, station_id, pairs, known)
    entries = timeline(connection, station_id, inspection_id)
    site = rows_by_id(connection, station_id, "site", [row.get("site")]).get(str(row.get("site")))
    every_photo = [photo for subject in subjects for photo in photos.get(subject, ())]
    names = {entry["author"] for entry in entries} | {row.get("author"), row.get("reviewed_by")}
    names |= {hazard.get("author") for hazard in hazards} | set(row.get("companions") or ())
    names |= {other["author"] for others in same.values() for other in others}
    names |= {photo["author"] for photo in every_photo}
    return {
        "inspection": row,
        "allowed": allowed_kinds(row, actor.roles),
        "site": site,
        "area": area_paths(connection, station_id).get(str((site or {}).get("area")), ""),
        "hazards": [
            {
                **hazard,
                "allowed": allowed_kinds(hazard, actor.roles),
                "overdue_days": overdue_days(hazard, today),
                "same_site": same.get(hazard["id"], []),
            }
            for hazard in hazards
        ],
        "checklist": _checklist_content(connection, station_id, row),
        "photos": every_photo,
        "timeline": entries,
        "accounts": account_names(connection, station_id, names),
        "doubts": doubts_of(
            row,
            hazards,
            photos=every_photo,
            verdicts=[word for words in verdicts.values() for word in words],
            same=same,
            reused=reused,
        ),
    }


def _checklist_content(
    connection: Connection, station_id: str, row: dict[str, Any]
) -> dict[str, Any] | None:
    found = run(
        connection,
        "SELECT row FROM checklist WHERE station_id = ? AND checklist_id = ? AND version = ?",
        (station_id, row.get("checklist"), row.get("checklist_version")),
    )
    return read_row(found[0][0], 0) if found else None


def list_inspections(
    connection: Connection,
    station_id: str,
    actor: Actor,
    *,
    site: str | None,
    author: str | None,
    day_from: str | None,
    day_to: str | None,
    page: int,
    size: int,
) -> dict[str, Any]:
    """Inspections newest first, of one site or of the whole scope."""
    conditions: list[Condition] = [("i.station_id = ?", [station_id]), visible(actor, "i")]
    for text, value in (
        ("i.site_id = ?", site),
        ("i.author_id = ?", author),
        ("i.day >= ?", day_from),
        ("i.day <= ?", day_to),
    ):
        if value:
            conditions.append((text, [value]))
    where, values = all_of(conditions)
    total = run(connection, f"SELECT count(*) FROM inspection i WHERE {where}", values)[0][0]  # noqa: S608
    ids = run(
        connection,
        f"SELECT i.id, i.received_at FROM inspection i WHERE {where}"  # noqa: S608
        " ORDER BY i.day DESC, i.received_at DESC, i.id LIMIT ? OFFSET ?",
        (*values, size, (page - 1) * size),
    )
    rows = _rows_in_order(connection, station_id, ids)
    for row in rows:
        row.pop("answers", None)
    return {
        "items": rows,
        "sites": rows_by_id(connection, station_id, "site", (row.get("site") for row in rows)),
        "accounts": account_names(connection, station_id, (row.get("author") for row in rows)),
        "checklists": list(checklist_titles(connection, station_id, rows).values()),
        "total": total,
        "page": page,
        "size": size,
    }
