"""Background work on photos: thumbnail and view of one that has just arrived, what it looks like,
and its parts thrown away; after an upgrade what those look like that are held already.

Decoding it for them is also its thorough check: what is broken behind a good header is found here.
Doing it twice gives the same files. It must not know HTTP.
"""

from __future__ import annotations

import io
from typing import Any

from PIL import UnidentifiedImageError
from sqlalchemy import Connection

from app.jobs.runner import JobKind, JobRun
from app.photos import store, twins, uploads
from app.photos.derive import NotAPicture, derive
from app.photos.likeness import TOO_PLAIN, fingerprint
from app.photos.rules import (
    DERIVE_JOB,
    FINGERPRINTS_JOB,
    THUMBNAIL_PIXELS,
    VIEW_PIXELS,
    derived_name,
    original_name,
    parts_folder,
)

PRINTS_AT_ONCE = 20  # one short transaction each: a phone that hands over waits for no more


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
            now, print_ = run.services.clock(), fingerprint(thumbnail)

            def told(connection: Connection) -> None:
                store.mark_derived(connection, station_id, sha256, now=now)
                twins.keep_fingerprint(connection, station_id, sha256, print_)

            run.transact(told)
    for name in [*keep.list(parts_folder(station_id, sha256))]:
        keep.delete(name)
    keep.delete(derived_name(station_id, sha256, "preview"))
    return {"pictures": made}


DERIVE = JobKind(DERIVE_JOB, derive_pictures)


def make_fingerprints(run: JobRun) -> dict[str, Any]:
    """What photos look like that came before the station wrote that down; goes on where it was."""
    station_id, done, found = run.job.station_id, 0, 0
    while waiting := run.transact(
        lambda c: twins.without_fingerprint(c, station_id, PRINTS_AT_ONCE)
    ):
        uploads.give_way()
        prints = {sha256: _print_of(run, sha256) for sha256 in waiting}

        def told(connection: Connection, prints: dict[str, str] = prints) -> int:
            return sum(
                twins.keep_fingerprint(connection, station_id, sha256, print_)
                for sha256, print_ in prints.items()
            )

        found += run.transact(told)
        done += len(waiting)
        run.progress(done)
    return {"photos": done, "twins": found}


def _print_of(run: JobRun, sha256: str) -> str:
    """From the thumbnail; one that is missing or broken is for `photos verify` to tell."""
    kept = run.services.photo_store.get(derived_name(run.job.station_id, sha256, "thumbnail"))
    try:
        return TOO_PLAIN if kept is None else fingerprint(kept)
    except (UnidentifiedImageError, OSError):
        return TOO_PLAIN


FINGERPRINTS = JobKind(FINGERPRINTS_JOB, make_fingerprints)
