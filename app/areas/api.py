"""GET /areas: town, villages and grids with their inspectors. Reads only; changes are decisions."""

from __future__ import annotations

from typing import Any

from app.areas.schema import AreaTree
from app.areas.store import list_areas
from app.http import Call, Routes

routes = Routes("areas")


@routes.route(
    "/areas", auth="desk", answers=AreaTree, write=False, summary="Areas with their inspectors"
)
def areas(call: Call) -> dict[str, Any]:
    return list_areas(call.connection, call.station_id, call.who)
