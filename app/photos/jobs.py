"""Background work on a photo that has just arrived: thumbnail and view, and its parts thrown away.

Decoding it for them is also its thorough check: what is broken behind a good header is found here.
Doing it twice gives the same files. It must not know HTTP.
"""

from __future__ import annotations

import io
from typing import Any

from app.jobs.runner import JobKind, JobRun
from app.photos import store, uploads
from app.photos.derive import NotAPicture, derive
from app.photos.rules import (
    DERIVE_JOB,
    THUMBNAIL_PIXELS,
    VIEW_PIXELS,
    derived_name,
    original_name,
    parts_folder,
)


def derive_pictures(run: JobRun) -> dict[str, Any]:
    """Make the pictures people look at, once; a file that is no picture simply has none."""
    station_id, sha256 = run.job.station_id, str(run.job.params["sha256"])
    uploads.give_way()
    keep = run.services.photo_store
    original = keep.get(original_name(station_id, sha256))
    made = 0
    if original is not None:
        try:
            view, thumbnail = derive(io.BytesIO(original), (VIEW_PIXELS, THUMBNAIL_PIXELS))
        except NotAPicture:
            run.transact(lambda c: store.mark_undecodable(c, station_id, sha256))
        else:
            keep.put(derived_name(station_id, sha256, "view"), view)
            keep.put(derived_name(station_id, sha256, "thumbnail"), thumbnail)
            made = 2
            now = run.services.clock()
            run.transact(lambda c: store.mark_derived(c, station_id, sha256, now=now))
    for name in [*keep.list(parts_folder(station_id, sha256))]:
        keep.delete(name)
    keep.delete(derived_name(station_id, sha256, "preview"))
    return {"pictures": made}


DERIVE = JobKind(DERIVE_JOB, derive_pictures)
