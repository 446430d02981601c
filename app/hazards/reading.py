"""What other nouns read of the hazard ledger: its filter, likely duplicates, the menu's numbers.

Everything stays inside what the actor may see. It must not know HTTP.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection

from app.actor import Actor
from app.db import run
from app.hazards.rules import DONE_BY_OWNER, FINISHED, WAITS_FOR_OWNER
from app.matters.reading import PhotoPair
from app.rows import (
    Condition,
    any_of,
    area_and_below,
    contains,
    read_row,
    showing_photo,
    visible,
)

SAME_SITE_SHOWN_MAX = 10
# No inspection brings it before the chief: it was recorded by itself, or its inspection has not
# arrived. It stands in the review queue by itself, under these tabs.
ALONE = (
    "(h.inspection_id IS NULL OR NOT EXISTS (SELECT 1 FROM inspection n"
    " WHERE n.station_id = h.station_id AND n.id = h.inspection_id))"
)
ALONE_STATES: Mapping[str, tuple[str, ...]] = {
    "waiting": ("submitted", "spot_fixed"),
    "returned": ("returned",),
}
_ALONE_WAITING = (
    f"h.state IN ({', '.join(repr(state) for state in ALONE_STATES['waiting'])}) AND {ALONE}"
)


@dataclass(frozen=True, slots=True)
class HazardFilter:
    """What the ledger page and an export may ask for; every part narrows."""

    state: tuple[str, ...] = ()
    level: tuple[str, ...] = ()
    area: str | None = None
    category: str | None = None
    found_from: str | None = None
    found_to: str | None = None
    overdue: bool = False
    conflicts: bool = False
    site: str | None = None
    q: str | None = None


def filter_conditions(
    connection: Connection,
    station_id: str,
    actor: Actor,
    wanted: HazardFilter,
    *,
    today: date,
) -> list[Condition]:
    """The WHERE of a filter, always inside what the actor may see."""
    conditions: list[Condition] = [("h.station_id = ?", [station_id]), visible(actor, "h")]
    if wanted.level:
        conditions.append(("h.level = ANY(?)", [list(wanted.level)]))
    if wanted.area:
        below = area_and_below(connection, station_id, wanted.area)
        conditions.append(("h.area_id = ANY(?)", [below]))
    for column, value in (("category", wanted.category), ("site_id", wanted.site)):
        if value:
            conditions.append((f"h.{column} = ?", [value]))
    if wanted.found_from:
        conditions.append(("h.found_on >= ?", [wanted.found_from]))
    if wanted.found_to:
        conditions.append(("h.found_on <= ?", [wanted.found_to]))
    if wanted.overdue:
        conditions.append(late_condition(today))
    if wanted.conflicts:
        conditions.append(("h.row NOT LIKE ?", ['%"conflicts":[]%']))
    if wanted.q:
        named = [contains("h.search", wanted.q), contains("s.search", wanted.q)]
        # its own photo's code, or that of a photo of the visit
        by_photo = showing_photo(station_id, ("h.id", "h.inspection_id"), wanted.q)
        conditions.append(any_of([*named, by_photo]))
    return conditions


def late_condition(today: date) -> Condition:
    """The same as rules.overdue_days, in SQL: past the deadline and still the owner's turn."""
    not_done = " AND ".join("h.row NOT LIKE ?" for _ in DONE_BY_OWNER)
    done = [f'%"work":"{work}"%' for work in sorted(DONE_BY_OWNER)]
    return (
        f"(h.deadline < ? AND h.state = ANY(?) AND {not_done})",
        [today.isoformat(), sorted(WAITS_FOR_OWNER), *done],
    )


def same_site_hazards(
    connection: Connection,
    station_id: str,
    actor: Actor,
    rows: list[dict[str, Any]],
    pairs: Sequence[PhotoPair] = (),
) -> dict[str, list[dict[str, Any]]]:
    """For each hazard the other open ones of the same site that are likely the same thing.

    Of the same item, or (`pairs`) with almost the same photo. Those the chief has already told
    apart or together are left out, and those of the same visit: its author told them apart.
    """
    sites = sorted({str(row["site"]) for row in rows if row.get("site")})
    if not sites:
        return {}
    scope, values = visible(actor, "h")
    found = run(
        connection,
        "SELECT h.row, h.changed_idx FROM hazard h WHERE h.station_id = ? AND h.site_id = ANY(?)"  # noqa: S608
        f" AND h.state NOT IN ('closed', 'void') AND {scope} ORDER BY h.changed_idx",
        (station_id, sites, *values),
    )
    others = [read_row(text, idx) for text, idx in found]
    photographed = {(pair.subject, pair.other) for pair in pairs if pair.likely_same}
    likely: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        told = [
            {**_brief_hazard(other), "why": why}
            for other in others
            if (why := _why_same(row, other, photographed))
        ]
        likely[row["id"]] = told[:SAME_SITE_SHOWN_MAX]
    return likely


def _why_same(
    row: Mapping[str, Any], other: Mapping[str, Any], photographed: Set[tuple[str, str]]
) -> list[str]:
    """`item`, `photo`, both, or nothing where they are not likely the same."""
    if row["id"] == other["id"] or row.get("state") in FINISHED:
        return []
    if row.get("inspection") and row.get("inspection") == other.get("inspection"):
        return []
    decided = {link.get("other") for link in row.get("links") or ()}
    decided_there = {link.get("other") for link in other.get("links") or ()}
    if other["id"] in decided or row["id"] in decided_there:
        return []
    same = ("site", "item", "checklist")
    alike = row.get("item") and all(row.get(name) == other.get(name) for name in same)
    return [
        *(["item"] if alike else []),
        *(["photo"] if (row["id"], other["id"]) in photographed else []),
    ]


def merged_hazards(
    connection: Connection, station_id: str, actor: Actor, row: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """The records that were voided as doubles of this one; photos and history stay theirs."""
    scope, values = visible(actor, "h")
    found = run(
        connection,
        "SELECT h.row, h.changed_idx FROM hazard h WHERE h.station_id = ? AND h.site_id = ?"  # noqa: S608
        f" AND h.state = 'void' AND h.row LIKE ? AND {scope} ORDER BY h.id LIMIT ?",
        (
            station_id,
            row.get("site"),
            f'%"duplicate_of":"{row["id"]}"%',
            *values,
            SAME_SITE_SHOWN_MAX,
        ),
    )
    rows = [read_row(text, idx) for text, idx in found]
    return [{**_brief_hazard(each), "photos": each.get("photos")} for each in rows]


def _brief_hazard(row: Mapping[str, Any]) -> dict[str, Any]:
    keys = (
        *("id", "number", "state", "review", "level", "finding", "spot", "item", "found_on"),
        *("author", "at", "heads"),
    )
    return {key: row.get(key) for key in keys}


def count_hazards(
    connection: Connection, station_id: str, actor: Actor, *, today: date
) -> dict[str, int]:
    """The numbers beside the desk's menu, in one statement."""
    scope, values = visible(actor, "h")
    late, late_values = late_condition(today)
    found = run(
        connection,
        f"SELECT sum(CASE WHEN {late} THEN 1 ELSE 0 END),"  # noqa: S608
        " sum(CASE WHEN h.level = 'suspected_major' AND h.state NOT IN ('closed', 'void')"
        " THEN 1 ELSE 0 END),"
        f" sum(CASE WHEN {_ALONE_WAITING} THEN 1 ELSE 0 END),"
        " sum(CASE WHEN h.state = 'fix_pending' THEN 1 ELSE 0 END),"
        " sum(CASE WHEN h.state NOT IN ('closed', 'void') THEN 1 ELSE 0 END)"
        f" FROM hazard h WHERE h.station_id = ? AND {scope}",
        (*late_values, station_id, *values),
    )
    names = ("overdue", "suspected_major", "alone_waiting", "fix_pending", "open")
    return {name: int(value or 0) for name, value in zip(names, found[0], strict=True)}
