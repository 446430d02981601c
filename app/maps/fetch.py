"""One tile from the provider: bounded in time, bytes and number, and from nowhere else.

Phones never ask the provider themselves, so it learns neither their addresses nor their app's, and
the page's security policy stays closed. It must not know who asks.
"""

from __future__ import annotations

import http.client
import threading
import time
from typing import TYPE_CHECKING

from app.maps.rules import TILE_BYTES_MAX, picture_type
from app.problems import ProblemError

if TYPE_CHECKING:
    from urllib.request import OpenerDirector

TILES_AT_ONCE_MAX = 2
"""Of one process: behind nginx it may have four threads, and phones hand over through them."""
SILENCE_S_MAX = 4
TILE_S_MAX = 8
RETRY_S = 5
_PIECE_BYTES = 64 * 1024
_OK = 200
_AGENT = "GridInspector-map/1"
_slots = threading.BoundedSemaphore(TILES_AT_ONCE_MAX)


def fetch_tile(url: str) -> tuple[bytes, str]:
    """The picture and its type; ProblemError map-busy or map-silent, which waste nobody's time."""
    if not _slots.acquire(blocking=False):
        raise ProblemError("map-busy", headers={"Retry-After": str(RETRY_S)})
    try:
        content = _read(url)
    # URLError and time-outs are OSErrors; the rest is an answer that is no HTTP
    except (OSError, http.client.HTTPException, ValueError):
        content = None
    finally:
        _slots.release()
    kind = picture_type(content) if content else None
    if not content or not kind:
        raise ProblemError("map-silent", headers={"Retry-After": str(RETRY_S)})
    return content, kind


def _read(url: str) -> bytes | None:
    from urllib.request import Request  # read late: most stations have no map

    until = time.monotonic() + TILE_S_MAX
    # the settings let no scheme but http and https through
    request = Request(url, headers={"User-Agent": _AGENT, "Accept": "image/*"})  # noqa: S310
    with _opener().open(request, timeout=SILENCE_S_MAX) as answer:
        return _bounded(answer, until) if answer.status == _OK else None


def _bounded(answer: http.client.HTTPResponse, until: float) -> bytes | None:
    """All of it, unless it is too much or comes too slowly."""
    content = bytearray()
    while piece := answer.read1(
        _PIECE_BYTES
    ):  # what is there: `read` would wait for all of a piece
        content += piece
        if len(content) > TILE_BYTES_MAX or time.monotonic() > until:
            return None
    return bytes(content)


def _opener() -> OpenerDirector:
    """Without redirects: only the address that was configured is ever asked."""
    from urllib.request import HTTPRedirectHandler, build_opener

    class Stay(HTTPRedirectHandler):
        def redirect_request(self, *_: object) -> None:
            return None

    return build_opener(Stay)
