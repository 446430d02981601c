"""A process dies by SIGKILL at named points; whoever waits asks again, and nothing is lost.

Every second point of each scene, on SQLite, in one installation; `python -m tests.faults.kill` is
the long form: all points, five rounds, both databases.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.doctor import examine
from app.doctor.finding import LEFTOVER_AGE_S_MIN
from tests.faults.kill import Tally, anyhow, strike_all
from tests.faults.kill_commands import COMMAND_SCENES, in_fresh_folder, say
from tests.faults.kill_gunicorn import COMMAND_SCENES as COVERED_IN_COMMANDS
from tests.faults.kill_scenes import SCENES
from tests.faults.kill_world import World, check, files_of, make_world, named_by_rows
from tests.faults.points import BY_NAME, POINTS, covered

KILLS_ANYHOW = 1
SEED = 20261121
# Counted from the last of each scene, which is the reply, or what comes right before the end.
POINTS_HERE = tuple(
    point for scene in SCENES for point in [each for each in POINTS if each.scene == scene][::-2]
)
# Each costs two seconds of a processor: one of them here, all in the long form.
COMMANDS_HERE = ("migrate-one-step",)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A station whose server has died in every scene of requests and jobs."""
    made = make_world(tmp_path_factory.mktemp("killed"))
    tally = Tally()
    try:
        strike_all(made, POINTS_HERE, tally)
        assert tally.kills == len(POINTS_HERE) >= 25
        yield made
    finally:
        made.stop()
        made.township.services.database.close()


def test_every_named_point_is_a_real_place_in_the_program():
    for point in POINTS:
        owner, last = covered(point)
        assert callable(getattr(owner, last)), point.name
        assert point.scene in SCENES or point.scene in COMMAND_SCENES, point.name
    assert len(BY_NAME) == len(POINTS) >= 20
    assert set(COMMAND_SCENES) == COVERED_IN_COMMANDS


def test_a_worker_that_dies_in_any_scene_loses_nothing_and_writes_nothing_twice(world: World):
    assert len(world.promises.receipts) > 20
    assert len(world.promises.photos) > 15
    check(world)


def test_what_the_kills_left_is_explained_and_only_what_nobody_needs_is_cleared(world: World):
    told = say(world.folder, "doctor", "--fix")
    assert "half-written when its process was killed" in told
    assert "an export that was broken off worked here" in told
    assert "cleared" not in told, "nothing is cleared that may still be in use"
    needed = {path: path.read_bytes() for path in named_by_rows(world) if path.exists()}
    halves = [path for path in files_of(world.data) if "#" in path.name]
    assert halves
    long_ago = time.time() - LEFTOVER_AGE_S_MIN - 60
    for path in (*world.data.rglob("*"),):
        os.utime(path, (long_ago, long_ago))
    told = say(world.folder, "doctor", "--fix")
    assert told.count("cleared ") >= len(halves)
    assert [path for path in halves if path.exists()] == []
    assert list(world.data.glob("export-*")) == []
    assert {path: path.read_bytes() for path in needed} == needed
    check(world)
    services = world.township.services
    with services.database.read() as connection:
        assert [each for each in examine(services, connection) if each.safe] == []


def test_a_server_killed_at_any_moment_loses_nothing_and_writes_nothing_twice(world: World):
    world.serve(jobs=False)
    before = len(world.promises.receipts)
    anyhow(world, KILLS_ANYHOW, seed=SEED)
    assert len(world.promises.receipts) > before
    check(world)


@pytest.mark.parametrize("name", COMMANDS_HERE)
def test_a_command_that_dies_half_way_is_simply_typed_again(name: str, tmp_path: Path):
    in_fresh_folder(tmp_path, BY_NAME[name], None)
