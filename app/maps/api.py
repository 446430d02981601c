"""Map tiles for phones that are online: the station asks its provider for them, phone by phone.

Without GI_MAP_TILES there is no such route to be answered, and phones are told of no map (the
`control` of their changes), so they never ask. It must not know how a map is drawn.
"""

from __future__ import annotations

from app.http import Answer, Call, Routes
from app.maps.fetch import fetch_tile
from app.maps.rules import ZOOM_MAX, ZOOM_MIN, tile_place, tile_url
from app.problems import ProblemError
from app.settings import Settings

routes = Routes("maps")
KEPT_BY_PHONES_S = 7 * 24 * 3600
"""Roads change seldom; a phone that saw a village yesterday asks nobody for it today."""


def told_map(settings: Settings) -> dict[str, object] | None:
    """What a phone has to know to lay tiles under its points; None when there are none."""
    if settings.map_tiles is None:
        return None
    return {
        "attribution": settings.map_attribution,
        "system": settings.map_system,
        "zoom_min": ZOOM_MIN,
        "zoom_max": ZOOM_MAX,
    }


def _fetched(call: Call) -> tuple[bytes, str]:
    template = call.services.settings.map_tiles
    place = tile_place(call.path["z"], call.path["x"], call.path["y"])
    if template is None or place is None:
        raise ProblemError("not-found")
    return fetch_tile(tile_url(template, place))


@routes.route(
    "/map/tiles/<z>/<x>/<y>",
    auth="phone",
    write=False,
    prepare=_fetched,
    summary="A picture of the ground for the phone's map, from the station's provider",
)
def get_tile(call: Call) -> Answer:
    """As the provider sent it; nobody holds a transaction while it comes."""
    content, kind = call.prepared
    headers = {"Content-Type": kind, "Cache-Control": f"private, max-age={KEPT_BY_PHONES_S}"}
    return Answer(content, headers=headers)
