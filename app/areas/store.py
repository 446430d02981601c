"""Reading the tree of areas with their inspectors and how many sites lie in each.

Two statements for the whole tree. It must not know HTTP.
"""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection

from app.actor import Actor
from app.db import run
from app.rows import account_names


def list_areas(connection: Connection, station_id: str, actor: Actor) -> dict[str, Any]:
    """Every area of the actor's scope as rows, each with its count of active sites.

    The town and the villages above a granted grid are listed too, so that the tree hangs together.
    """
    found = run(
        connection,
        "SELECT a.id, a.parent_id, a.row, (SELECT count(*) FROM site s WHERE s.station_id ="
        " a.station_id AND s.area_id = a.id AND s.state = 'active')"
        " FROM area a WHERE a.station_id = ? ORDER BY a.name, a.id",
        (station_id,),
    )
    parents = {area: parent for area, parent, _, _ in found}
    shown = set(parents) if actor.whole else _with_parents(parents, actor.areas)
    areas = [
        {**json.loads(text), "sites": count} for area, _, text, count in found if area in shown
    ]
    people = account_names(connection, station_id, (area.get("inspector") for area in areas))
    return {"areas": areas, "accounts": people}


def _with_parents(parents: dict[str, str | None], areas: frozenset[str]) -> set[str]:
    shown: set[str] = set()
    for area in areas:
        current: str | None = area
        while current and current not in shown and current in parents:
            shown.add(current)
            current = parents[current]
    return shown
