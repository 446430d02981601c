"""Background work: leases of dead workers, work nobody does, work that failed.

It must not know what a job does.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.clock import instant
from app.db import run
from app.doctor.finding import Finding
from app.services import Services

WAITING_H_MAX = 1
SHOWN_MAX = 50


def look(services: Services, connection: Connection) -> Iterator[Finding]:
    """Findings about the job table."""
    now = services.clock()
    yield from _expired(connection, now)
    old = instant(now - timedelta(hours=WAITING_H_MAX))
    waiting = run(
        connection, "SELECT COUNT(*) FROM job WHERE state = 'waiting' AND created_at < ?", (old,)
    )[0][0]
    if waiting:
        yield Finding(
            "job",
            f"{waiting} jobs have been waiting for more than {WAITING_H_MAX} h",
            "is the server running, with GI_JOBS_IN_PROCESS=1 in at least one place?",
            grave=True,
        )
    failed = run(
        connection,
        "SELECT kind, job_id, failure FROM job WHERE state = 'failed'"
        " ORDER BY created_at DESC LIMIT ?",
        (SHOWN_MAX,),
    )
    for kind, job_id, failure in failed:
        yield Finding(
            "job",
            f"{kind} {job_id} was given up: {failure}",
            "an export can be asked for again; a picture is made whenever somebody looks at it",
        )


def _expired(connection: Connection, now: datetime) -> Iterator[Finding]:
    gone = run(
        connection,
        "SELECT kind, job_id, lease_holder, attempts FROM job WHERE state = 'running'"
        " AND lease_until < ? ORDER BY created_at LIMIT ?",
        (instant(now), SHOWN_MAX),
    )
    for kind, job_id, holder, attempts in gone:
        yield Finding(
            "job",
            f"{kind} {job_id}: its worker {holder} died (attempt {attempts})",
            "nothing to do: the next worker that looks takes it over",
        )
