"""The hazard ledger at the desk: filtered pages, and one hazard with all that a decision needs."""

from __future__ import annotations

from typing import Any

from app.hazards.schema import HazardAnswer, HazardPage, HazardQuery, hazard_filter
from app.hazards.store import categories, list_hazards, read_hazard
from app.http import Call, Routes
from app.problems import ProblemError
from app.queries import day_in

routes = Routes("hazards")


@routes.route(
    "/hazards",
    auth="desk",
    query=HazardQuery,
    answers=HazardPage,
    write=False,
    summary="The ledger: one page of a filter, with counts per state",
)
def hazards(call: Call) -> dict[str, Any]:
    found = list_hazards(
        call.connection,
        call.station_id,
        call.who,
        hazard_filter(call.query),
        today=day_in(call.services.settings.timezone, call.now),
        page=call.query["page"],
        size=call.query["size"],
        sort=call.query["sort"],
    )
    return {**found, "categories": categories(call.connection, call.station_id)}


@routes.route(
    "/hazards/<hazard_id>",
    auth="desk",
    answers=HazardAnswer,
    write=False,
    summary="One hazard with photos, history, and the steps this account may take",
)
def hazard(call: Call) -> dict[str, Any]:
    found = read_hazard(
        call.connection,
        call.station_id,
        call.who,
        call.path["hazard_id"],
        today=day_in(call.services.settings.timezone, call.now),
    )
    if found is None:
        raise ProblemError("not-found")
    return found
