"""Exports: ask for one, watch it being made, download it. The work itself is job.py.

An export shows what its asker may see; chiefs and admins may ask, and get whole telephone numbers
for a reason that is written down (domain.md 4.7).
"""

from __future__ import annotations

from typing import Any

from app.auth.accesses import note_export
from app.clock import instant
from app.exports.formats import FORMATS, shows_phones
from app.exports.formats.shape import ACTIVITIES, HAZARDS
from app.exports.job import EXPORT_DAYS_KEPT, EXPORT_JOB, stored_name
from app.exports.ledger import PHONE_COLUMN
from app.exports.schema import ExportId, ExportList, ExportRequest, ExportState
from app.exports.text import attachment
from app.http import Answer, Call, Routes
from app.jobs.queue import Job, enqueue, find_job, jobs_of
from app.problems import ProblemError, declare
from sync.problems import Problem

declare(
    Problem(
        "export-expired",
        410,
        "这份导出超过 {days} 天，已经清掉，请再导一份。",
        "Exports are kept for {days} days; make a new one.",
    ),
)

routes = Routes("exports")
MAY_EXPORT = frozenset({"chief", "admin"})
LIST_ROWS = 30
FILTER_OF = {HAZARDS: "filters", ACTIVITIES: "activities"}
"""By source the part of the request that holds its filter."""


@routes.route(
    "/exports",
    methods=["POST"],
    auth="desk",
    roles=MAY_EXPORT,
    body=ExportRequest,
    answers=ExportId,
    write=True,
    summary="Ask for an export; it is made in the background",
)
def ask(call: Call) -> Answer:
    sent = call.request.get_json(silent=True) or {}
    # A format without the column has nothing to show in full, and nothing to write down.
    reason = call.body["unmask_reason"] if shows_phones(call.body["format"]) else ""
    params = {
        "format": call.body["format"],
        "filters": sent.get(FILTER_OF[FORMATS[call.body["format"]].source]) or {},
        "account": call.who.account_id,
        "asked_at": instant(call.now),
        "whole_phones": bool(reason),
    }
    job = enqueue(
        call.connection,
        station_id=call.station_id,
        job_id=call.services.ids(),
        kind=EXPORT_JOB,
        params=params,
        now=call.now,
        created_by=call.who.account_id,
    )
    if reason:
        note_export(
            call.connection,
            call.station_id,
            entry_id=call.services.ids(),
            now=call.now,
            account_id=call.who.account_id,
            export_id=job,
            field=PHONE_COLUMN,
            reason=reason,
        )
    return Answer({"id": job}, status=202)


@routes.route(
    "/exports",
    auth="desk",
    roles=MAY_EXPORT,
    answers=ExportList,
    write=False,
    summary="The newest exports with their progress",
)
def exports(call: Call) -> dict[str, Any]:
    jobs = jobs_of(call.connection, call.station_id, EXPORT_JOB, LIST_ROWS)
    return {"items": [_told(job) for job in jobs if _mine(call, job)]}


@routes.route(
    "/exports/<export_id>",
    auth="desk",
    roles=MAY_EXPORT,
    answers=ExportState,
    write=False,
    summary="How far an export has come",
)
def export(call: Call) -> dict[str, Any]:
    return _told(_found(call))


@routes.route(
    "/exports/<export_id>/file",
    auth="desk",
    roles=MAY_EXPORT,
    write=False,
    summary="The finished file",
)
def export_file(call: Call) -> Answer:
    job = _found(call)
    if job.state != "done" or job.result is None:
        raise ProblemError("export-not-ready")
    pieces = call.services.photo_store.stream(stored_name(call.station_id, job.job_id))
    if pieces is None:
        raise ProblemError("export-expired", days=EXPORT_DAYS_KEPT)
    return Answer(
        stream=pieces,
        headers={
            "Content-Type": str(job.result["content_type"]),
            "Content-Length": str(job.result["bytes"]),
            "Content-Disposition": attachment(str(job.result["name"])),
        },
    )


def _mine(call: Call, job: Job) -> bool:
    """An export holds what its asker sees; others with the whole station may take it too.

    Not so one with whole telephone numbers: the reason written down is its asker's alone.
    """
    others_may = call.who.whole and not job.params.get("whole_phones")
    return others_may or job.created_by == call.who.account_id


def _found(call: Call) -> Job:
    job = find_job(call.connection, call.station_id, call.path["export_id"])
    if job is None or job.kind != EXPORT_JOB or not _mine(call, job):
        raise ProblemError("not-found")
    return job


def _told(job: Job) -> dict[str, Any]:
    chosen = FORMATS.get(str(job.params.get("format")))
    return {
        "id": job.job_id,
        "format": job.params.get("format"),
        "title": chosen.title if chosen else "",
        "whole_phones": bool(job.params.get("whole_phones")),
        "state": job.state,
        "done": job.done,
        "total": job.total,
        "file": job.result,
        "failure": job.failure if job.state == "failed" else None,
        "created_at": job.created_at,
        "created_by": job.created_by,
    }
