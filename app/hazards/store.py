"""Reading the hazard ledger: filtered pages with counts, and one hazard with its whole history.

A page costs a constant number of statements, however many rows it shows.
It must not know HTTP or what the desk looks like.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection

from app.actor import Actor
from app.db import run
from app.documents.reading import hazard_documents, named_in_documents
from app.hazards.reading import (
    HazardFilter,
    filter_conditions,
    merged_hazards,
    same_site_hazards,
)
from app.hazards.rules import overdue_days
from app.matters.reading import photo_pairs, reused_photos
from app.rows import (
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

_SORTS = {
    "newest": "h.found_on DESC, h.number DESC, h.id",
    "deadline": "CASE WHEN h.deadline IS NULL THEN 1 ELSE 0 END, h.deadline, h.id",
}
_JOIN_SITE = " LEFT JOIN site s ON s.station_id = h.station_id AND s.id = h.site_id"


def list_hazards(
    connection: Connection,
    station_id: str,
    actor: Actor,
    wanted: HazardFilter,
    *,
    today: date,
    page: int,
    size: int,
    sort: str = "newest",
) -> dict[str, Any]:
    """One page of the ledger, with counts per state over the same filter without its state."""
    conditions = filter_conditions(connection, station_id, actor, wanted, today=today)
    where, values = all_of(conditions)
    source = " FROM hazard h" + (_JOIN_SITE if wanted.q else "")
    counts: dict[str, int] = dict(
        run(
            connection,
            f"SELECT h.state, count(*){source} WHERE {where} GROUP BY h.state",
            values,
        )
    )
    total = (
        sum(counts.get(state, 0) for state in wanted.state)
        if wanted.state
        else sum(counts.values())
    )
    if wanted.state:
        where, values = all_of([*conditions, ("h.state = ANY(?)", [list(wanted.state)])])
    # Ids first: sorting thousands of whole rows to show fifty costs ten times as much.
    ids = run(
        connection,
        f"SELECT h.id{source} WHERE {where} ORDER BY {_SORTS[sort]} LIMIT ? OFFSET ?",
        (*values, size, (page - 1) * size),
    )
    found = rows_by_id(connection, station_id, "hazard", (each for (each,) in ids))
    rows = [found[each] for (each,) in ids]
    return {
        "items": _ledger_items(connection, station_id, rows, today),
        "total": total,
        "counts": counts,
        "page": page,
        "size": size,
    }


def _ledger_items(
    connection: Connection, station_id: str, rows: list[dict[str, Any]], today: date
) -> list[dict[str, Any]]:
    sites = rows_by_id(connection, station_id, "site", (row.get("site") for row in rows))
    people = account_names(connection, station_id, (row.get("author") for row in rows))
    photos = photos_of(connection, station_id, (row["id"] for row in rows))
    paths = area_paths(connection, station_id)
    documents = named_in_documents(connection, station_id, sites)
    return [
        {
            "hazard": row,
            "documents": documents.get(row["id"], []),
            "site": _brief_site(sites.get(str(row.get("site")))),
            "area": paths.get(str(sites.get(str(row.get("site")), {}).get("area")), ""),
            "author": people.get(str(row.get("author")), ""),
            "overdue_days": overdue_days(row, today),
            "photos_waiting": sum(not photo["held"] for photo in photos.get(row["id"], ())),
        }
        for row in rows
    ]


def _brief_site(row: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {key: row.get(key) for key in ("id", "name", "grade", "area", "place_types", "state")}


def read_hazard(
    connection: Connection, station_id: str, actor: Actor, hazard_id: str, *, today: date
) -> dict[str, Any] | None:
    """One hazard with everything a decision needs; None when there is none in scope."""
    scope, values = visible(actor, "h")
    found = run(
        connection,
        f"SELECT h.row, h.changed_idx FROM hazard h"  # noqa: S608
        f" WHERE h.station_id = ? AND h.id = ? AND {scope}",
        (station_id, hazard_id, *values),
    )
    if not found:
        return None
    row = read_row(*found[0])
    entries = timeline(connection, station_id, hazard_id)
    pairs = photo_pairs(connection, station_id, actor, [hazard_id])
    same = same_site_hazards(connection, station_id, actor, [row], pairs).get(hazard_id, [])
    merged = merged_hazards(connection, station_id, actor, row)
    site = rows_by_id(connection, station_id, "site", [row.get("site")]).get(str(row.get("site")))
    documents = hazard_documents(connection, station_id, actor, row)
    names = {entry["author"] for entry in entries}
    names |= {other["author"] for other in [*same, *merged, *documents]}
    names |= {row.get("author"), row.get("confirmed_by"), row.get("rechecked_by")}
    return {
        "hazard": row,
        "site": site,
        "area": area_paths(connection, station_id).get(str((site or {}).get("area")), ""),
        "photos": photos_of(connection, station_id, [hazard_id]).get(hazard_id, []),
        "timeline": entries,
        "accounts": account_names(connection, station_id, names),
        "allowed": allowed_kinds(row, actor.roles),
        "overdue_days": overdue_days(row, today),
        "same_site": same,
        "merged": merged,
        "documents": documents,
        "reused": reused_photos(connection, station_id, pairs, {hazard_id: row}).get(hazard_id, []),
    }


def categories(connection: Connection, station_id: str) -> list[str]:
    """The categories in use, for the filter."""
    found = run(
        connection,
        "SELECT DISTINCT category FROM hazard WHERE station_id = ? AND category IS NOT NULL"
        " ORDER BY category",
        (station_id,),
    )
    return [str(category) for (category,) in found]
