"""The review queue and inspections at the desk. Deciding goes through POST /decisions."""

from __future__ import annotations

from typing import Any

from app.http import Call, Routes
from app.inspections.queue import list_review
from app.inspections.schema import (
    InspectionAnswer,
    InspectionPage,
    InspectionQuery,
    ReviewPage,
    ReviewQuery,
)
from app.inspections.store import list_inspections, read_inspection
from app.problems import ProblemError
from app.queries import day_in

routes = Routes("inspections")


@routes.route(
    "/review",
    auth="desk",
    query=ReviewQuery,
    answers=ReviewPage,
    write=False,
    summary="The review queue with what to look at twice",
)
def review(call: Call) -> dict[str, Any]:
    return list_review(
        call.connection,
        call.station_id,
        call.who,
        tab=call.query["tab"],
        q=call.query["q"],
        page=call.query["page"],
        size=call.query["size"],
    )


@routes.route(
    "/inspections",
    auth="desk",
    query=InspectionQuery,
    answers=InspectionPage,
    write=False,
    summary="Inspections, newest first",
)
def inspections(call: Call) -> dict[str, Any]:
    day_from, day_to = call.query["from_"], call.query["to"]
    return list_inspections(
        call.connection,
        call.station_id,
        call.who,
        site=call.query["site"],
        author=call.query["author"],
        day_from=day_from.isoformat() if day_from else None,
        day_to=day_to.isoformat() if day_to else None,
        page=call.query["page"],
        size=call.query["size"],
    )


@routes.route(
    "/inspections/<inspection_id>",
    auth="desk",
    answers=InspectionAnswer,
    write=False,
    summary="One inspection with answers, hazards, photos, history and doubts",
)
def inspection(call: Call) -> dict[str, Any]:
    found = read_inspection(
        call.connection,
        call.station_id,
        call.who,
        call.path["inspection_id"],
        today=day_in(call.services.settings.timezone, call.now),
    )
    if found is None:
        raise ProblemError("not-found")
    return found
