"""What other nouns read of the sites: who is due when, for every site of a scope at once.

A few statements for any number of sites. The rules live in rules.py and sync/campaigns.py; it must
not know HTTP.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection

from app.actor import Actor
from app.db import run
from app.rows import all_of, area_and_below, contains, visible_sites
from app.sites.rules import Due, due, period_for
from sync.campaigns import CAMPAIGN, Campaign, campaigns_on, concerns, still_to_visit

JsonRow = dict[str, Any]
ANY_CHECKLIST = ""
SITES_MAX = 50_000
"""More places than any township has; a longer list is cut and says so."""


@dataclass(frozen=True, slots=True)
class SiteFilter:
    area: str | None = None
    grade: str | None = None
    due: str | None = None
    q: str | None = None
    retired: bool = False


def frequencies_by_place_type(
    connection: Connection, station_id: str
) -> dict[str, list[Mapping[str, Any]]]:
    """What the newest version of each checklist asks of its place types."""
    found = run(
        connection,
        "SELECT checklist_id, version, row FROM checklist WHERE station_id = ?"
        " ORDER BY checklist_id, version",
        (station_id,),
    )
    newest = {checklist: json.loads(text)["content"] for checklist, _, text in found}
    asked: dict[str, list[Mapping[str, Any]]] = {}
    for content in newest.values():
        for place_type in content.get("place_types") or ():
            asked.setdefault(place_type, []).append(content.get("frequency") or {})
    return asked


def count_due(
    connection: Connection, station_id: str, actor: Actor, *, today: date
) -> dict[str, int]:
    """How many active sites of the scope are in each due state."""
    narrow = narrow_sites(connection, station_id, actor, SiteFilter())
    return dict(
        Counter(each.state for each in dues_of(connection, station_id, narrow, today).values())
    )


def narrow_sites(
    connection: Connection, station_id: str, actor: Actor, wanted: SiteFilter
) -> list[tuple[Any, ...]]:
    conditions = [visible_sites(actor, "s")]
    conditions.append(("s.state = ?", ["retired" if wanted.retired else "active"]))
    if wanted.area:
        below = area_and_below(connection, station_id, wanted.area)
        conditions.append(("s.area_id = ANY(?)", [below]))
    if wanted.grade:
        conditions.append(("s.grade = ?", [wanted.grade]))
    if wanted.q:
        conditions.append(contains("s.search", wanted.q))
    where, values = all_of(conditions)
    return run(
        connection,
        "SELECT s.id, s.name, s.grade, s.high_risk, s.row FROM site s"  # noqa: S608
        f" WHERE s.station_id = ? AND {where} ORDER BY s.id LIMIT ?",
        (station_id, *values, SITES_MAX),
    )


def dues_of(
    connection: Connection, station_id: str, narrow: list[tuple[Any, ...]], today: date
) -> dict[str, Due]:
    asked = frequencies_by_place_type(connection, station_id)
    last: dict[str, str] = dict(
        run(
            connection,
            "SELECT site_id, max(day) FROM inspection WHERE station_id = ? AND state <> 'void'"
            " GROUP BY site_id",
            (station_id,),
        )
    )
    return {
        site: _due_of(grade, bool(high_risk), json.loads(text), last.get(site), asked, today)
        for site, _, grade, high_risk, text in narrow
    }


def campaigns_of(
    connection: Connection, station_id: str, narrow: list[tuple[Any, ...]], today: date
) -> dict[str, list[JsonRow]]:
    """By site the campaigns it is still to be visited for, the one that ends first on top."""
    found = run(
        connection,
        "SELECT name, row FROM setting WHERE station_id = ? AND name LIKE ? ORDER BY name, id",
        (station_id, f"{CAMPAIGN}%"),
    )
    settings = ((name, json.loads(text).get("value")) for name, text in found)
    running = campaigns_on(today.isoformat(), settings)
    if not running:
        return {}
    visits = _last_visits(connection, station_id)
    within = {
        area: frozenset(area_and_below(connection, station_id, area))
        for area in sorted({area for each in running for area in each.areas})
    }
    asked: dict[str, list[JsonRow]] = {}
    for site, _, _, _, text in narrow:
        row = json.loads(text)
        for each in running if row.get("state") != "retired" else ():
            below = frozenset[str]().union(*(within[area] for area in each.areas))
            last = visits.get((site, each.checklist or ANY_CHECKLIST))
            if _is_asked(each, row, below, last):
                asked.setdefault(site, []).append({"name": each.name, "to": each.last})
    return asked


def _is_asked(campaign: Campaign, row: JsonRow, below: frozenset[str], last: str | None) -> bool:
    kinds = row.get("place_types") or ()
    return concerns(campaign, kinds, row.get("area"), below) and still_to_visit(campaign, last)


def _last_visits(connection: Connection, station_id: str) -> dict[tuple[str, str], str]:
    """The day of the last visit of each site, with each checklist and with any."""
    found = run(
        connection,
        "SELECT site_id, checklist_id, max(day) FROM inspection"
        " WHERE station_id = ? AND state <> 'void' GROUP BY site_id, checklist_id",
        (station_id,),
    )
    last: dict[tuple[str, str], str] = {}
    for site, checklist, day in found:
        for counted in {checklist or ANY_CHECKLIST, ANY_CHECKLIST}:
            last[site, counted] = max(last.get((site, counted), ""), day or "")
    return last


def _due_of(
    grade: str | None,
    high_risk: bool,
    row: Mapping[str, Any],
    last: str | None,
    asked: Mapping[str, list[Mapping[str, Any]]],
    today: date,
) -> Due:
    frequencies = [each for kind in row.get("place_types") or () for each in asked.get(kind, ())]
    period = period_for(grade, high_risk=high_risk, frequencies=frequencies)
    registered = _day(row.get("registered_at")) or today
    return due(grade, _day(last), registered, today, period=period)


def _day(text: object) -> date | None:
    try:
        return date.fromisoformat(str(text)[:10]) if text else None
    except ValueError:
        return None
