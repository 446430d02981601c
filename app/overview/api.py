"""The desk at a glance: the numbers beside its menu, and 意见反馈."""

from __future__ import annotations

from typing import Any

from app.actor import CHIEF_OR_ADMIN
from app.clock import instant
from app.findings.noting import count_unseen
from app.hazards.reading import count_hazards
from app.http import Call, Routes
from app.inspections.reading import count_waiting
from app.matters.reading import count_matters
from app.overview.schema import FeedbackPage, Overview
from app.overview.store import count_photos_waiting, list_feedback
from app.quarantine.reading import count_quarantined
from app.queries import Paging, day_in
from app.sites.reading import count_due

routes = Routes("overview")


@routes.route(
    "/overview", auth="desk", answers=Overview, write=False, summary="The numbers beside the menu"
)
def overview(call: Call) -> dict[str, Any]:
    connection, station_id, actor = call.connection, call.station_id, call.who
    today = day_in(call.services.settings.timezone, call.now)
    sees_all = bool(CHIEF_OR_ADMIN & actor.roles)
    hazards = count_hazards(connection, station_id, actor, today=today)
    return {
        # What the queue shows: submissions, and hazards that came without one.
        "waiting": count_waiting(connection, station_id, actor) + hazards["alone_waiting"],
        **hazards,
        "photos_waiting": count_photos_waiting(connection, station_id, actor),
        "quarantined": count_quarantined(connection, station_id) if sees_all else 0,
        "findings": count_unseen(connection, station_id) if sees_all else 0,
        "matters": count_matters(connection, station_id, actor) if sees_all else {},
        "sites": count_due(connection, station_id, actor, today=today),
        "as_of": instant(call.now),
    }


@routes.route(
    "/feedback",
    auth="desk",
    roles=CHIEF_OR_ADMIN,
    query=Paging,
    answers=FeedbackPage,
    write=False,
    summary="意见反馈, newest first",
)
def feedback(call: Call) -> dict[str, Any]:
    return list_feedback(
        call.connection, call.station_id, page=call.query["page"], size=call.query["size"]
    )
