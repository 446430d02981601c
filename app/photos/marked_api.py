"""A copy of a photo with its watermark, to be handed out; made anew each time.

The stored photo stays unmarked (I13). It must not know what the lines say.
"""

from __future__ import annotations

import io

from app.http import Answer, Call
from app.photos.api import bytes_not_there, progress, routes, store_faults, visible_photo
from app.photos.derive import NotAPicture, derive
from app.photos.lettering import lettering_of
from app.photos.rules import original_name
from app.photos.schema import MarkedQuery
from app.photos.stamp import stamped
from app.problems import ProblemError
from app.watermarks import read_words
from sync.watermark import photo_code

MARKED_PIXELS = 1600  # as large as phones keep them


@routes.route(
    "/photos/<sha256>/marked",
    auth="desk",
    query=MarkedQuery,
    write=False,
    summary="A copy with marks and, under the picture, its watermark's words; a download.",
)
def marked_photo(call: Call) -> Answer:
    """GET: the words are those of today, a number that came later included."""
    row = visible_photo(call)
    words = read_words(call.connection, call.who, call.query["subject"], row.sha256)
    if words is None:
        raise ProblemError("not-found")
    if not row.held:
        raise ProblemError("photo-not-held", headers=progress(row))
    lettering = lettering_of(call.services.settings)
    if lettering is None:
        raise ProblemError("font-missing")
    with store_faults():
        original = call.services.photo_store.get(original_name(call.station_id, row.sha256))
    if original is None:
        raise bytes_not_there()
    try:
        (picture,) = derive(io.BytesIO(original), (MARKED_PIXELS,))
    except NotAPicture:
        raise ProblemError("photo-undecodable") from None
    return Answer(
        stamped(picture, words, lettering),
        headers={
            "Content-Type": "image/jpeg",
            "Content-Disposition": f'attachment; filename="photo-{photo_code(row.sha256)}.jpg"',
            "Cache-Control": "no-store",
        },
    )
