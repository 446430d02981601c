"""要定的事: what only a person can settle, with both sides beside each other.

Deciding goes through POST /decisions, one fact or a few for each answer.
"""

from __future__ import annotations

from typing import Any

from app.actor import CHIEF_OR_ADMIN
from app.http import Call, Routes
from app.matters.schema import MatterPage, MatterQuery
from app.matters.store import list_matters

routes = Routes("matters")


@routes.route(
    "/matters",
    auth="desk",
    roles=CHIEF_OR_ADMIN,
    query=MatterQuery,
    answers=MatterPage,
    write=False,
    summary="Disputes, likely doubles and photos used twice, both sides beside each other",
)
def matters(call: Call) -> dict[str, Any]:
    return list_matters(
        call.connection,
        call.station_id,
        call.who,
        type_=call.query["type"],
        page=call.query["page"],
        size=call.query["size"],
    )
