"""Activities at the desk: what people recorded beside inspections, by sort, person and day."""

from __future__ import annotations

from typing import Any

from app.activities.schema import ActivityPage, ActivityQuery
from app.activities.store import list_activities
from app.http import Call, Routes

routes = Routes("activities")


@routes.route(
    "/activities",
    auth="desk",
    query=ActivityQuery,
    answers=ActivityPage,
    write=False,
    summary="Trainings, drills, zero reports and the like, newest first, with their forms",
)
def activities(call: Call) -> dict[str, Any]:
    return list_activities(call.connection, call.station_id, call.who, call.query)
