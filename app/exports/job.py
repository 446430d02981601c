"""Making an export in the background: look, spool, lay out, put the file where every node finds it.

The database is only held while rows are spooled; thumbnails and layout follow from disk. A job that
is taken over starts again from nothing, so a half-written file never becomes a result.
"""

from __future__ import annotations

import io
import re
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from app.actor import Actor, make_actor, read_scope
from app.clock import instant
from app.exports.formats import FORMATS
from app.exports.formats.shape import ACTIVITIES, Format, Statement
from app.exports.shape import Found, Look
from app.exports.sources import SOURCES
from app.exports.store import Head, Spool, Wish, finished_before, read_head
from app.jobs.runner import JobKind, JobRun
from app.photos.derive import NotAPicture, derive
from app.photos.keep import KeepError
from app.photos.lettering import lettering_of
from app.photos.rules import THUMBNAIL_PIXELS, derived_name, original_name
from app.photos.stamp import Words, stamped
from app.problems import ProblemError
from app.queries import day_in
from app.services import Services

PROGRESS_EVERY_S = 1.0
EXPORT_JOB = "exports.make"
EXPORT_DAYS_KEPT = 7
_NOT_IN_A_FILE_NAME = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')


def stored_name(station_id: str, job_id: str) -> str:
    """Where the finished file lies in the photo store, which every node can read."""
    return f"exports/{station_id}/{job_id}"


def make_export(work: JobRun) -> dict[str, Any]:
    """The job's body; what it returns is what the download needs to know."""
    services, params = work.services, work.job.params
    chosen = FORMATS[params["format"]]
    services.settings.data_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=services.settings.data_dir, prefix="export-") as folder:
        tell = _throttled(work, passes=1 + chosen.passes)
        statement, rows = _gather(work, chosen, Path(folder) / "rows", tell)
        file = Path(folder) / f"file.{chosen.extension}"
        with rows.captions.reading() as said:
            chosen.write(
                file,
                statement,
                rows,
                pictures=partial(_marked_thumbnail, services, work.job.station_id, said),
                progress=lambda done: tell(rows.count + done, rows.count),
            )
        size = file.stat().st_size
        _keep(services, stored_name(work.job.station_id, work.job.job_id), file)
    _forget_old(work)
    return {
        "name": _file_name(statement, chosen),
        "bytes": size,
        "count": statement.count,
        "log_size": statement.log_size,
        "as_of": statement.as_of,
        "content_type": chosen.content_type,
    }


def _keep(services: Services, name: str, file: Path) -> None:
    """A full or unreachable store is told in words; the job is tried again."""
    try:
        services.photo_store.put(name, file)
    except KeepError as error:
        raise ProblemError(error.code) from error


def _forget_old(work: JobRun) -> None:
    """Exports are copies, made anew at any time; old ones only fill the disk."""
    before = instant(work.services.clock() - timedelta(days=EXPORT_DAYS_KEPT))
    with work.services.database.read() as connection:
        old = finished_before(connection, work.job.station_id, EXPORT_JOB, before)
    for job_id in old:
        work.services.photo_store.delete(stored_name(work.job.station_id, job_id))


def work_moment(params: dict[str, Any]) -> datetime:
    """The moment the export stands for: when it was asked, not when a worker came to it."""
    return datetime.fromisoformat(params["asked_at"])


def _gather(
    work: JobRun,
    chosen: Format,
    path: Path,
    tell: Callable[[int, int], None],
) -> tuple[Statement, Spool]:
    services, station_id, params = work.services, work.job.station_id, work.job.params
    moment = work_moment(params)
    zone = services.settings.timezone
    wish = Wish(chosen.columns, day_in(zone, moment), whole_phones=_whole_phones(params))
    with services.database.read() as connection:
        actor = _actor(connection, station_id, params["account"])
        head = read_head(connection, station_id)
        look = Look(connection, station_id, actor, wish, path, zone, reached=tell)
        found = SOURCES[chosen.source](look, params["filters"])
    return _statement(services, station_id, chosen, head, found, params), found.rows


def _whole_phones(params: dict[str, Any]) -> bool:
    """Whether a reason was given and written down when the export was asked for."""
    return bool(params.get("whole_phones"))


def _actor(connection: Any, station_id: str, account_id: str) -> Actor:
    """Whoever asked sees what their account may see now; one switched off sees nothing."""
    scope = read_scope(connection, station_id, account_id)
    if scope is None or not scope.active:
        raise ProblemError("role-needed", role="站长或管理员")
    return make_actor(scope, station_id)


def _statement(
    services: Services,
    station_id: str,
    chosen: Format,
    head: Head,
    found: Found,
    params: dict[str, Any],
) -> Statement:
    moment = work_moment(params)
    signed_at = instant(services.clock())
    message = (
        f"grid-inspector/head/1\n{station_id}\n{head.epoch}\n{head.size}\n{head.root}\n{signed_at}"
    )
    local = moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(
        ZoneInfo(services.settings.timezone)
    )
    return Statement(
        station=head.station,
        title=chosen.title.removesuffix("(CSV)"),
        as_of=local.strftime("%Y-%m-%d %H:%M"),
        filters=found.filters,
        count=found.rows.count,
        counts=found.counts,
        masked=None if chosen.source == ACTIVITIES else not _whole_phones(params),
        sheet=chosen.title.partition("(")[0],
        photos=_photo_words(services, chosen),
        epoch=head.epoch,
        log_size=head.size,
        log_root=head.root,
        signature=services.signer.sign(message.encode()),
        signed_at=signed_at,
        station_id=station_id,
    )


def _photo_words(services: Services, chosen: Format) -> str:
    if not any(column.pictures for column in chosen.columns):
        return ""
    if lettering_of(services.settings) is None:
        return "图下没有水印：这台服务器没有中文字体，请管理员安装后再导一份"
    return "图下的字由记录生成，原图不带字；按最后一行的照片码在站里能找到原记录"


def _throttled(work: JobRun, *, passes: int) -> Callable[[int, int], None]:
    """Progress at most once a second: each report is a transaction of its own.

    `tell` is given the rows of all passes together; people are told as many rows as there are.
    """
    last = [0.0]

    def tell(done: int, total: int) -> None:
        now = time.monotonic()
        if now - last[0] >= PROGRESS_EVERY_S:
            last[0] = now
            work.progress(done // passes, total)

    return tell


def _marked_thumbnail(
    services: Services, station_id: str, said: Callable[[str], Words], sha256: str
) -> bytes | None:
    """The thumbnail with its marks and words; without words where there is no Chinese font."""
    picture = _thumbnail(services, station_id, sha256)
    if picture is None:
        return None
    return stamped(picture, said(sha256), lettering_of(services.settings))


def _thumbnail(services: Services, station_id: str, sha256: str) -> bytes | None:
    """The ready thumbnail; made from the original when the background has not come to it yet."""
    store = services.photo_store
    ready = store.get(derived_name(station_id, sha256, "thumbnail"))
    if ready is not None:
        return ready
    original = store.get(original_name(station_id, sha256))
    if original is None:
        return store.get(derived_name(station_id, sha256, "preview"))
    try:
        return derive(io.BytesIO(original), (THUMBNAIL_PIXELS,))[0]
    except NotAPicture:
        return None


def _file_name(statement: Statement, chosen: Format) -> str:
    moment = statement.as_of.replace(":", "").replace(" ", "-")
    plain = f"{statement.station}{chosen.title.removesuffix('(CSV)')}-截止{moment}"
    return f"{_NOT_IN_A_FILE_NAME.sub('', plain)}.{chosen.extension}"


EXPORT = JobKind(EXPORT_JOB, make_export)
