"""The hazard ledger at the desk: filtered pages, and one hazard with all that a decision needs."""

from __future__ import annotations

from typing import Any

from app.hazards.schema import HazardAnswer, HazardPage, HazardQuery, hazard_filter
from app.hazards.store import categories, list_hazards, read_hazard
from app.http import Answer, Call, Routes
from app.ledger.head import read_station
from app.ledger.proof import facts_about, make_proof
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
    return _read(call)


def _read(call: Call) -> dict[str, Any]:
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


@routes.route(
    "/hazards/<hazard_id>/proof",
    auth="desk",
    write=False,
    summary="存证证明: the hazard's facts with all that shows they stand in the log unchanged",
)
def hazard_proof(call: Call) -> Answer:
    """A file that anybody can check without this server (/proof, `ledger check-proof`)."""
    shown = _read(call)["hazard"]
    station = read_station(call.connection, call.station_id)
    if station is None:
        raise ProblemError("not-ready")
    document = make_proof(
        call.connection,
        station,
        facts_about(call.connection, call.station_id, shown["id"]),
        call.services.signer,
        now=call.now,
        about={"hazard": shown["id"], "number": str(shown.get("number") or "")},
    )
    name = f"proof-{shown['id']}.json"
    return Answer(document, headers={"Content-Disposition": f'attachment; filename="{name}"'})
