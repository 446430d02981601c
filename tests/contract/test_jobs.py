"""Background work: done once, gone on with after a crash, given up with words."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.compose import make_services
from app.jobs.runner import JobKind, JobRun, LeaseLost, run_one, run_waiting
from app.jobs.store import (
    ATTEMPTS_MAX,
    BROKEN_OFF_WORDS,
    TAKEN_MAX,
    enqueue,
    find_job,
    note_progress,
    take,
)
from app.migrate import upgrade
from app.problems import ProblemError
from app.services import Services
from app.settings import read_settings


class Clock:
    """A clock a test can move."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def services(database_url: str, tmp_path: Path, clock: Clock):
    env = {"DATABASE_URL": database_url, "GI_DATA_DIR": str(tmp_path)}
    made = make_services(read_settings(env), clock=clock)
    made.database.in_transaction(upgrade)
    yield made
    made.database.close()


def ask(services: Services, kind: str = "count", **params: Any) -> str:
    return services.database.in_transaction(
        lambda c: enqueue(
            c, station_id="s", job_id=services.ids(), kind=kind, params=params,
            now=services.clock(),
        )
    )  # fmt: skip


def look(services: Services, job_id: str) -> Any:
    with services.database.read() as connection:
        return find_job(connection, "s", job_id)


def test_an_export_asked_for_is_made_and_its_progress_shown(services: Services):
    seen = []

    def body(run: JobRun) -> dict[str, Any]:
        run.progress(3, 10)
        seen.append(look(services, run.job.job_id).done)
        return {"rows": run.job.params["rows"]}

    job = ask(services, rows=10)
    assert run_waiting(services, [JobKind("count", body)]) == 1
    found = look(services, job)
    assert seen == [3]
    assert (found.state, found.result, found.done) == ("done", {"rows": 10}, 10)


def test_a_job_whose_worker_died_is_taken_over_after_its_lease(services: Services, clock: Clock):
    job = ask(services)
    take_now = services.database.in_transaction
    first = take_now(lambda c: take(c, holder="dead", now=clock()))
    assert first is not None
    assert take_now(lambda c: take(c, holder="other", now=clock())) is None
    clock.now += timedelta(seconds=61)
    second = take_now(lambda c: take(c, holder="other", now=clock()))
    assert second is not None
    assert second.job_id == job
    kept = take_now(
        lambda c: note_progress(c, first, holder="dead", now=clock(), done=1, total=None)
    )
    assert kept is False


def test_a_picture_that_kills_every_worker_is_given_up_and_the_next_job_is_done(
    services: Services, clock: Clock
):
    poison = ask(services, kind="poison")
    clock.now += timedelta(seconds=1)  # of two jobs of one moment either may come first
    later = ask(services)
    for number in range(TAKEN_MAX):
        taken = services.database.in_transaction(
            lambda c, n=number: take(c, holder=f"dead {n}", now=clock())
        )
        assert taken is not None and taken.job_id == poison
        clock.now += timedelta(minutes=2)
    assert run_waiting(services, [JobKind("count", lambda run: {})]) == 1
    with services.database.read() as connection:
        given_up, done = (find_job(connection, "s", each) for each in (poison, later))
    assert given_up is not None and done is not None
    assert (given_up.state, given_up.failure) == ("failed", BROKEN_OFF_WORDS)
    assert done.state == "done"


def test_a_worker_that_lost_its_lease_stops_without_a_trace(services: Services, clock: Clock):
    def body(run: JobRun) -> dict[str, Any]:
        clock.now += timedelta(seconds=61)
        services.database.in_transaction(lambda c: take(c, holder="other", now=clock()))
        run.progress(1)
        raise AssertionError("progress raises LeaseLost")

    job = ask(services)
    assert issubclass(LeaseLost, Exception)
    run_one(services, [JobKind("count", body)], holder="slow")
    assert look(services, job).state == "running"


def test_a_job_that_fails_is_tried_again_and_then_given_up_with_words(
    services: Services, clock: Clock
):
    tries = []

    def body(_run: JobRun) -> dict[str, Any]:
        tries.append(1)
        raise ProblemError("disk-full")

    job = ask(services)
    for _ in range(ATTEMPTS_MAX + 2):
        run_waiting(services, [JobKind("count", body)])
        clock.now += timedelta(seconds=10)
    found = look(services, job)
    assert len(tries) == ATTEMPTS_MAX
    assert found.state == "failed"
    assert "硬盘" in found.failure


def test_a_kind_nobody_knows_fails_instead_of_waiting_for_ever(services: Services, clock: Clock):
    job = ask(services, kind="nobody")
    for _ in range(ATTEMPTS_MAX):
        run_waiting(services, [])
        clock.now += timedelta(seconds=10)
    assert look(services, job).state == "failed"


def test_two_workers_never_take_the_same_job(services: Services):
    jobs = {ask(services) for _ in range(20)}
    taken: list[str] = []

    def work() -> None:
        while True:
            job = services.database.in_transaction(
                lambda c: take(c, holder=str(threading.get_ident()), now=services.clock())
            )
            if job is None:
                return
            taken.append(job.job_id)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted(jobs)


def test_the_export_liu_waits_for_goes_before_a_days_thumbnails(services: Services, clock: Clock):
    for _ in range(3):
        ask(services, "thumbnails")
    clock.now += timedelta(minutes=1)
    export = services.ids()
    services.database.in_transaction(
        lambda c: enqueue(
            c, station_id="s", job_id=export, kind="export", params={},
            now=services.clock(), created_by="liu",
        )
    )  # fmt: skip
    taken = services.database.in_transaction(lambda c: take(c, holder="w", now=clock.now))
    assert taken is not None
    assert taken.job_id == export
