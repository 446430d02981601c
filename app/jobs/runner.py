"""Works on jobs: one thread in each process, started by the first request (so after any fork).

A job's body gets a `transact` callable for its own short transactions and says how far it is. It
must not know what a job does; kinds are listed in app/domains.py.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import flask
from sqlalchemy import Connection

from app.jobs.store import Job, fail, finish, note_progress, take
from app.problems import ProblemError
from app.services import Services

log = logging.getLogger("grid_inspector.jobs")

POLL_S = 1.0
PAUSE_AFTER_FAULT_S = 10.0

T = TypeVar("T")
Transact = Callable[[Callable[[Connection], Any]], Any]


class LeaseLost(Exception):
    """Another worker took this job over; this one stops without a trace."""


@dataclass(slots=True)
class JobRun:
    """What a job's body is given."""

    job: Job
    services: Services
    transact: Transact
    holder: str

    def progress(self, done: int, total: int | None = None) -> None:
        """Say how far the work is; also keeps the lease, so call it at least every 30 seconds."""
        kept = self.transact(
            lambda connection: note_progress(
                connection,
                self.job,
                holder=self.holder,
                now=self.services.clock(),
                done=done,
                total=total,
            )
        )
        if not kept:
            raise LeaseLost


@dataclass(frozen=True, slots=True)
class JobKind:
    """A kind of background work; `run` returns what the requester needs to know."""

    kind: str
    run: Callable[[JobRun], dict[str, Any]]


def run_one(services: Services, kinds: Iterable[JobKind], *, holder: str) -> bool:
    """Take one job and work on it; False when none waited."""
    transact: Transact = services.database.in_transaction
    clock: Callable[[], datetime] = services.clock
    job = transact(lambda connection: take(connection, holder=holder, now=clock()))
    if job is None:
        return False
    body = next((kind.run for kind in kinds if kind.kind == job.kind), None)
    try:
        if body is None:
            raise LookupError(f"no job kind {job.kind}")
        result = body(JobRun(job, services, transact, holder))
    except LeaseLost:
        log.warning("job %s was taken over", job.job_id)
    except Exception as error:
        log.exception("job %s failed", job.job_id)
        words = failure_words(error)
        transact(lambda c: fail(c, job, holder=holder, now=clock(), failure=words))
    else:
        transact(lambda c: finish(c, job, holder=holder, now=clock(), result=result))
    return True


def failure_words(error: Exception) -> str:
    """A sentence for the person who asked; a fault of ours says only its name."""
    if isinstance(error, ProblemError):
        return error.problem.sentence("zh", error.params)
    return f"没有做成（{type(error).__name__}）"


def run_waiting(services: Services, kinds: Iterable[JobKind]) -> int:
    """Work on everything that waits, in this thread; how many jobs were taken."""
    kinds, count = tuple(kinds), 0
    while run_one(services, kinds, holder=f"{os.getpid()}:here"):
        count += 1
    return count


def start_lazily(app: flask.Flask, services: Services, kinds: Iterable[JobKind]) -> None:
    """Start this process's worker thread with its first request."""
    kinds, started, guard = tuple(kinds), [0], threading.Lock()

    def start() -> None:
        if started[0] == os.getpid():
            return
        with guard:
            if started[0] != os.getpid():
                started[0] = os.getpid()
                thread = threading.Thread(target=_work, args=(services, kinds), daemon=True)
                thread.name = "jobs"
                thread.start()

    app.before_request(start)


def _work(services: Services, kinds: tuple[JobKind, ...]) -> None:
    holder = f"{os.getpid()}:{threading.get_ident()}"
    pause = threading.Event()
    while True:
        try:
            wait_s = 0.0 if run_one_if_any(services, kinds, holder) else POLL_S
        except Exception:
            log.exception("the job worker could not reach the database")
            wait_s = PAUSE_AFTER_FAULT_S
        if wait_s:
            pause.wait(wait_s)


def run_one_if_any(services: Services, kinds: tuple[JobKind, ...], holder: str) -> bool:
    """Look before taking: an idle worker must not queue at the writer gate every second."""
    with services.database.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT 1 FROM job WHERE state IN ('waiting', 'running') LIMIT 1"
        ).all()
    return bool(rows) and run_one(services, kinds, holder=holder)
