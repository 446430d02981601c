"""The job table: enqueue inside the caller's transaction, take by a lease that runs out.

A worker that dies loses only its lease; another goes on after it. It must not know what a job does.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from app.clock import instant
from app.db import insert_many, run
from app.jobs.table import job as job_table

LEASE_S = 60
ATTEMPTS_MAX = 3
# A picture or an export that kills its worker every time would kill one each minute, for ever.
# Power cuts and new versions break work off, too, so more is allowed than for work that fails.
TAKEN_MAX = 8
BROKEN_OFF_WORDS = "做到一半就断了，试了多次都没有做成"
PAUSE_AFTER_FAILURE_S = 5
FAILURE_CHARS_MAX = 500

_COLUMNS = (
    "job_id, station_id, kind, state, params, done, total, result, failure, attempts, created_at,"
    " created_by, finished_at"
)


@dataclass(frozen=True, slots=True)
class Job:
    """One job as it stands."""

    job_id: str
    station_id: str
    kind: str
    state: str
    params: dict[str, Any]
    done: int
    total: int | None
    result: dict[str, Any] | None
    failure: str | None
    attempts: int
    created_at: str
    created_by: str | None
    finished_at: str | None


def enqueue(
    connection: Connection,
    *,
    station_id: str,
    job_id: str,
    kind: str,
    params: dict[str, Any],
    now: datetime,
    created_by: str | None = None,
) -> str:
    """Add a job; it exists exactly when the caller's transaction commits."""
    columns = ("station_id", "job_id", "kind", "state", "params", "done", "attempts", "created_at",
               "created_by")  # fmt: skip
    text = json.dumps(params, ensure_ascii=False)
    row = (station_id, job_id, kind, "waiting", text, 0, 0, instant(now), created_by)
    insert_many(connection, job_table, columns, [row])
    return job_id


def _job(row: tuple[Any, ...]) -> Job:
    values = list(row)
    values[4] = json.loads(values[4])
    values[7] = json.loads(values[7]) if values[7] else None
    return Job(*values)


def find_job(connection: Connection, station_id: str, job_id: str) -> Job | None:
    """One job of a station."""
    rows = run(
        connection,
        f"SELECT {_COLUMNS} FROM job WHERE station_id = ? AND job_id = ?",  # noqa: S608
        (station_id, job_id),
    )
    return _job(rows[0]) if rows else None


def jobs_of(connection: Connection, station_id: str, kind: str, limit: int = 50) -> list[Job]:
    """The newest jobs of one kind."""
    rows = run(
        connection,
        f"SELECT {_COLUMNS} FROM job WHERE station_id = ? AND kind = ?"  # noqa: S608
        " ORDER BY created_at DESC, job_id DESC LIMIT ?",
        (station_id, kind, limit),
    )
    return [_job(row) for row in rows]


def take(connection: Connection, *, holder: str, now: datetime) -> Job | None:
    """Lease the oldest job that waits or whose holder went silent; None when there is none.

    What somebody asked for and waits for goes before what the station does by itself: an export
    must not stand behind a day's thumbnails.
    """
    job = _oldest(connection, now)
    while job is not None and job.attempts >= TAKEN_MAX:
        _give_up(connection, job, now)
        job = _oldest(connection, now)
    if job is None:
        return None
    run(
        connection,
        "UPDATE job SET state = 'running', attempts = attempts + 1, lease_holder = ?,"
        " lease_until = ? WHERE station_id = ? AND job_id = ?",
        (holder, instant(now + timedelta(seconds=LEASE_S)), job.station_id, job.job_id),
    )
    return job


def _oldest(connection: Connection, now: datetime) -> Job | None:
    skip = "" if connection.dialect.name == "sqlite" else " FOR UPDATE SKIP LOCKED"
    rows = run(
        connection,
        f"SELECT {_COLUMNS} FROM job"  # noqa: S608
        " WHERE state IN ('waiting', 'running') AND (lease_until IS NULL OR lease_until < ?)"
        f" ORDER BY created_by IS NULL, created_at, job_id LIMIT 1{skip}",
        (instant(now),),
    )
    return _job(rows[0]) if rows else None


def _give_up(connection: Connection, job: Job, now: datetime) -> None:
    """No worker lived through it: the next one does something else."""
    run(
        connection,
        "UPDATE job SET state = 'failed', failure = ?, lease_until = NULL, finished_at = ?"
        " WHERE station_id = ? AND job_id = ?",
        (BROKEN_OFF_WORDS, instant(now), job.station_id, job.job_id),
    )


def note_progress(
    connection: Connection, job: Job, *, holder: str, now: datetime, done: int, total: int | None
) -> bool:
    """Say how far the work is and renew the lease; False when somebody else holds it by now."""
    result = connection.exec_driver_sql(
        _mark(
            connection,
            "UPDATE job SET done = ?, total = ?, lease_until = ?"
            " WHERE station_id = ? AND job_id = ? AND lease_holder = ? AND state = 'running'",
        ),
        (
            done,
            total,
            instant(now + timedelta(seconds=LEASE_S)),
            job.station_id,
            job.job_id,
            holder,
        ),
    )
    return result.rowcount == 1


def _mark(connection: Connection, text: str) -> str:
    return text if connection.dialect.name == "sqlite" else text.replace("?", "%s")


def finish(
    connection: Connection, job: Job, *, holder: str, now: datetime, result: dict[str, Any]
) -> None:
    """The work is done; `result` is what its requester needs to know."""
    run(
        connection,
        "UPDATE job SET state = 'done', result = ?, lease_until = NULL, finished_at = ?,"
        " done = COALESCE(total, done)"
        " WHERE station_id = ? AND job_id = ? AND lease_holder = ?",
        (json.dumps(result, ensure_ascii=False), instant(now), job.station_id, job.job_id, holder),
    )


def fail(connection: Connection, job: Job, *, holder: str, now: datetime, failure: str) -> None:
    """The work broke: tried again after a pause, given up after the last attempt."""
    last = job.attempts + 1 >= ATTEMPTS_MAX
    run(
        connection,
        "UPDATE job SET state = ?, failure = ?, lease_until = ?, finished_at = ?"
        " WHERE station_id = ? AND job_id = ? AND lease_holder = ?",
        (
            "failed" if last else "waiting",
            failure[:FAILURE_CHARS_MAX],
            None if last else instant(now + timedelta(seconds=PAUSE_AFTER_FAILURE_S)),
            instant(now) if last else None,
            job.station_id,
            job.job_id,
            holder,
        ),
    )
