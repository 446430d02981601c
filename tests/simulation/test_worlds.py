"""Worlds everyone's changes must survive: a fixed list, and a few that nobody has seen before.

A failure names one command that replays it. Two processes share the work, whatever pytest does.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator
from functools import partial

import pytest

from tests.simulation.__main__ import replay_command
from tests.simulation.happened import Happened, too_rare
from tests.simulation.mutants.__main__ import mutants, patch_fault
from tests.simulation.world import Outcome, run_world

CORE_WORLDS = 1000
HTTP_WORLDS = 50
FRESH_WORLDS = 10
TWICE_EVERY = 50
JOBS = 2


@pytest.fixture(scope="module")
def pool() -> Iterator[multiprocessing.pool.Pool]:
    """Two processes; started anew, so that nothing of this one stands in a world."""
    made = multiprocessing.get_context("spawn").Pool(JOBS)
    yield made
    made.close()  # not terminated: each takes its prepared database away
    made.join()


def sound(outcomes: list[Outcome], station: str) -> None:
    """Fail with the command that replays the first world that went wrong."""
    told = [
        f"{replay_command(each.seed, station)}\n    " + "\n    ".join(each.violations[:5])
        for each in outcomes
        if each.violations
    ]
    assert not told, "\n".join(told[:5])


def together(outcomes: list[Outcome]) -> Happened:
    """What happened in all of them."""
    seen = Happened()
    for each in outcomes:
        seen += each.happened
    return seen


def live(pool: multiprocessing.pool.Pool, seeds: list[int], station: str) -> list[Outcome]:
    return pool.map(partial(run_world, station=station), seeds, chunksize=5)


def test_in_a_thousand_worlds_nothing_recorded_is_lost_doubled_or_changed(pool):
    outcomes = live(pool, list(range(CORE_WORLDS)), "core")
    sound(outcomes, "core")
    # Worlds in which nobody acts, or nothing goes wrong, prove nothing.
    assert sum(each.facts for each in outcomes) > 20_000
    assert too_rare(together(outcomes), "core") == []


def test_through_the_real_application_nothing_recorded_is_lost_doubled_or_changed(pool):
    outcomes = live(pool, list(range(HTTP_WORLDS)), "http")
    sound(outcomes, "http")
    assert sum(each.facts for each in outcomes) > 1000
    assert too_rare(together(outcomes), "http") == []


@pytest.mark.parametrize(("station", "worlds"), [("core", CORE_WORLDS), ("http", HTTP_WORLDS)])
def test_the_same_seed_tells_the_same_story(pool, station, worlds):
    seeds = list(range(0, worlds, TWICE_EVERY))
    # Other neighbours each time: a world must not depend on what its process did before.
    once, again = live(pool, seeds, station), live(pool, seeds[::-1], station)[::-1]
    assert [each.fingerprint for each in once] == [each.fingerprint for each in again]


def test_worlds_nobody_has_seen_before(pool):
    first = 1_000_000 + time.time_ns() // 1_000_000_000 % 1_000_000_000
    print(f"fresh core worlds {first} to {first + FRESH_WORLDS - 1}")
    sound(live(pool, list(range(first, first + FRESH_WORLDS)), "core"), "core")
    sound(live(pool, [first], "http"), "http")


@pytest.mark.parametrize("mutant", mutants(), ids=lambda mutant: mutant.name)
def test_every_deliberate_bug_still_fits_the_code(mutant):
    assert patch_fault(mutant) is None
