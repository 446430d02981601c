"""Reading sites for the desk: the list with what is due, and one site with its visits and hazards.

Due is computed for every site in scope, then only the rows of the page are read.
It must not know HTTP; the due rule itself lives in rules.py.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from sqlalchemy import Connection

from app.actor import Actor
from app.db import run
from app.documents.reading import site_documents
from app.rows import (
    account_names,
    area_paths,
    read_row,
    timeline,
    visible,
    visible_sites,
)
from app.sites.reading import SITES_MAX, SiteFilter, campaigns_of, dues_of, narrow_sites
from app.sites.rules import Due

VISITS_SHOWN_MAX = 100
_ORDER = {"overdue": 0, "due_soon": 1, "never": 2, "due": 3, "done": 4}


def list_sites(
    connection: Connection,
    station_id: str,
    actor: Actor,
    wanted: SiteFilter,
    *,
    today: date,
    page: int,
    size: int,
) -> dict[str, Any]:
    """One page of sites, most urgent first, with counts by due state over the whole filter."""
    narrow = narrow_sites(connection, station_id, actor, wanted)
    dues = dues_of(connection, station_id, narrow, today)
    asked = campaigns_of(connection, station_id, narrow, today)
    counts = Counter(each.state for each in dues.values())
    if asked:
        counts["campaign"] = len(asked)
    ids = [site for site in dues if _wanted(wanted.due, dues[site], site in asked)]
    names = {site: name for site, name, *_ in narrow}
    ids.sort(key=lambda site: (_ORDER[dues[site].state], dues[site].due_on, names[site], site))
    shown = ids[(page - 1) * size : page * size]
    rows = _site_rows(connection, station_id, shown)
    hazards = _open_hazards(connection, station_id, shown)
    paths = area_paths(connection, station_id)
    items = [
        {
            "site": rows[site],
            "area": paths.get(str(rows[site].get("area")), ""),
            "due": dues[site].as_json(),
            "campaigns": asked.get(site, []),
            "hazards": hazards.get(site, {"open": 0, "major": 0}),
        }
        for site in shown
        if site in rows
    ]
    return {
        "items": items,
        "total": len(ids),
        "counts": dict(counts),
        "page": page,
        "size": size,
        "cut": len(narrow) == SITES_MAX,
    }


def _wanted(state: str | None, due: Due, in_campaign: bool) -> bool:
    return in_campaign if state == "campaign" else state in (None, due.state)


def read_site(
    connection: Connection, station_id: str, actor: Actor, site_id: str, *, today: date
) -> dict[str, Any] | None:
    """One site with its due state, visits and hazards; None when there is none in scope."""
    scope, values = visible_sites(actor, "s")
    found = run(
        connection,
        f"SELECT s.row, s.changed_idx FROM site s WHERE s.station_id = ? AND s.id = ? AND {scope}",  # noqa: S608
        (station_id, site_id, *values),
    )
    if not found:
        return None
    row = read_row(*found[0])
    narrow = run(
        connection,
        "SELECT id, name, grade, high_risk, row FROM site WHERE station_id = ? AND id = ?",
        (station_id, site_id),
    )
    inspections = _related(connection, station_id, actor, "inspection", "day", site_id)
    for inspection in inspections:
        inspection.pop("answers", None)
    hazards = _related(connection, station_id, actor, "hazard", "found_on", site_id)
    documents = site_documents(connection, station_id, actor, site_id)
    entries = timeline(connection, station_id, site_id)
    said = (*inspections, *hazards, *documents, *entries)
    authors = {each.get("author") for each in said}
    return {
        "site": row,
        "area": area_paths(connection, station_id).get(str(row.get("area")), ""),
        "due": dues_of(connection, station_id, narrow, today)[site_id].as_json(),
        "campaigns": campaigns_of(connection, station_id, narrow, today).get(site_id, []),
        "inspections": inspections,
        "hazards": hazards,
        "documents": documents,
        "timeline": entries,
        "accounts": account_names(connection, station_id, authors | {row.get("registered_by")}),
    }


def _site_rows(
    connection: Connection, station_id: str, ids: list[str]
) -> dict[str, dict[str, Any]]:
    found = run(
        connection,
        "SELECT id, row, changed_idx FROM site WHERE station_id = ? AND id = ANY(?)",
        (station_id, ids),
    )
    return {str(site): read_row(text, idx) for site, text, idx in found}


def _open_hazards(
    connection: Connection, station_id: str, ids: list[str]
) -> dict[str, dict[str, int]]:
    found = run(
        connection,
        "SELECT site_id, count(*), sum(CASE WHEN level <> 'general' THEN 1 ELSE 0 END) FROM hazard"
        " WHERE station_id = ? AND site_id = ANY(?) AND state NOT IN ('closed', 'void')"
        " GROUP BY site_id",
        (station_id, ids),
    )
    return {site: {"open": count, "major": major or 0} for site, count, major in found}


def _related(
    connection: Connection, station_id: str, actor: Actor, table: str, day: str, site_id: str
) -> list[dict[str, Any]]:
    scope, values = visible(actor, "r")
    found = run(
        connection,
        f"SELECT r.row, r.changed_idx FROM {table} r WHERE r.station_id = ? AND r.site_id = ?"  # noqa: S608
        f" AND {scope} ORDER BY r.{day} DESC, r.id DESC LIMIT ?",
        (station_id, site_id, *values, VISITS_SHOWN_MAX),
    )
    return [read_row(text, idx) for text, idx in found]
