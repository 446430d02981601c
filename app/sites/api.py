"""Sites at the desk: the list with what is due, and one site with its visits and hazards."""

from __future__ import annotations

from typing import Any

from app.http import Call, Routes
from app.problems import ProblemError
from app.queries import day_in
from app.sites.reading import SiteFilter
from app.sites.schema import SiteAnswer, SitePage, SiteQuery
from app.sites.store import list_sites, read_site

routes = Routes("sites")


@routes.route(
    "/sites",
    auth="desk",
    query=SiteQuery,
    answers=SitePage,
    write=False,
    summary="Sites with their due state, most urgent first",
)
def sites(call: Call) -> dict[str, Any]:
    wanted = SiteFilter(
        area=call.query["area"],
        grade=call.query["grade"],
        due=call.query["due"],
        q=call.query["q"],
        retired=call.query["retired"],
    )
    return list_sites(
        call.connection,
        call.station_id,
        call.who,
        wanted,
        today=day_in(call.services.settings.timezone, call.now),
        page=call.query["page"],
        size=call.query["size"],
    )


@routes.route(
    "/sites/<site_id>",
    auth="desk",
    answers=SiteAnswer,
    write=False,
    summary="One site with its visits and hazards",
)
def site(call: Call) -> dict[str, Any]:
    found = read_site(
        call.connection,
        call.station_id,
        call.who,
        call.path["site_id"],
        today=day_in(call.services.settings.timezone, call.now),
    )
    if found is None:
        raise ProblemError("not-found")
    return found
