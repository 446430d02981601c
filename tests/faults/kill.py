"""`python -m tests.faults.kill --times 5`: dies at every named point, on SQLite and PostgreSQL.

One server lives through all points of a kind: it is killed, started again by gunicorn's own master,
and everybody asks again. A point that is not reached is a failure. The last line says how many
kills there were. `--only NAME` runs one point.
"""

from __future__ import annotations

import argparse
import logging
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.kill_commands import COMMAND_SCENES, in_fresh_folder
from tests.faults.kill_scenes import ARM_THEMSELVES, SCENES, batch
from tests.faults.kill_world import World, check, make_world
from tests.faults.points import POINTS, Point
from tests.postgres import Cluster

TIMES = 5
KILLS_ANYHOW = 10  # in each round, besides those at named points
KILL_AFTER_S = (0.05, 0.6)
# Later rounds die at a later call where there is one: the second write of a photo, not the first.
LATER = {"photo-half-written": 1, "part-half-written": 1,
         "together-first-done": 2, "setup-key-made": 1, "setup-key-linked": 1,
         "rebuild-comparing": 20}  # fmt: skip


@dataclass
class Tally:
    """How many processes died where, and what went wrong after."""

    kills: int = 0
    faults: list[str] = field(default_factory=list)

    def line(self, points: int, seconds: float) -> str:
        """The one line that goes into docs/reliability.md."""
        return (
            f"{self.kills} kills at {points} points, {len(self.faults)} with something lost,"
            f" doubled or unexplained ({seconds:.0f} s)"
        )


def strike(world: World, point: Point, *, turn: int = 0) -> None:
    """One kill in a running world, and a light check of every promise."""
    scene, _ = SCENES[point.scene]
    world.before["later"] = turn % (LATER.get(point.name, 0) + 1)
    if point.scene not in ARM_THEMSELVES:
        world.arm(point, later=world.before["later"])
    scene(world, point)
    world.wait_struck(point)
    check(world, thorough=False)


def strike_all(world: World, points: Iterable[Point], tally: Tally, *, turn: int = 0) -> None:
    """Every point of a world, requests first, then background work."""
    chosen = [point for point in points if point.scene in SCENES]
    for jobs in (False, True):
        group = [point for point in chosen if SCENES[point.scene][1] is jobs]
        if not group:
            continue
        world.serve(jobs=jobs, workers=1 + turn % 2)
        for point in group:
            strike(world, point, turn=turn)
            tally.kills += 1
    world.stop()
    check(world)


def anyhow(world: World, kills: int, seed: int) -> None:
    """The whole server is killed at moments nobody chose, in the middle of batch after batch."""
    assert world.served is not None
    chance, stop, faults = random.Random(seed), threading.Event(), list[BaseException]()

    def hand_over_all_day() -> None:
        try:
            while not stop.is_set():
                batch(world, POINTS[0])
        except BaseException as error:
            faults.append(error)

    thread = threading.Thread(target=hand_over_all_day)
    thread.start()
    for _ in range(kills):
        time.sleep(chance.uniform(*KILL_AFTER_S))
        world.served.stop(signal.SIGKILL)
        world.served.serve()
    stop.set()
    thread.join()
    assert faults == []
    check(world, thorough=False)


def on(url_of: Cluster | None, points: tuple[Point, ...], times: int, tally: Tally) -> None:
    """All points, so many times, on one kind of database."""
    kind = "SQLite" if url_of is None else "PostgreSQL"
    chosen = tuple(each for each in points if url_of is None or not each.sqlite_only)
    for turn in range(times):
        folder = Path(tempfile.mkdtemp(prefix="gi-kill-"))
        try:
            for point in chosen:
                if point.scene in COMMAND_SCENES:
                    url = url_of.new_database() if url_of else None
                    later = turn % (LATER.get(point.name, 0) + 1)
                    in_fresh_folder(folder, point, url, later)
                    tally.kills += 1
            _one_world(folder / "world", url_of, chosen, turn, tally)
            shutil.rmtree(folder)
        except Exception:
            tally.faults.append(traceback.format_exc())
            print(f"{tally.faults[-1]}\nits folder is kept: {folder}", flush=True)
        print(f"{kind}, round {turn + 1}: {tally.kills} kills so far", flush=True)


def _one_world(
    folder: Path, url_of: Cluster | None, chosen: tuple[Point, ...], turn: int, tally: Tally
) -> None:
    folder.mkdir()
    world = make_world(folder, url_of.new_database() if url_of else None)
    try:
        strike_all(world, chosen, tally, turn=turn)
        world.serve(jobs=True, workers=2)
        anyhow(world, KILLS_ANYHOW, seed=turn)
        tally.kills += KILLS_ANYHOW
        check(world)
    finally:
        world.stop()
        world.township.services.database.close()


def main() -> int:
    """0 when nothing was lost, doubled or left unexplained."""
    words = argparse.ArgumentParser(prog="python -m tests.faults.kill", description=__doc__)
    words.add_argument("--times", type=int, default=TIMES, help="rounds on each database")
    words.add_argument("--only", metavar="NAME", help="one point, or the points of one scene")
    words.add_argument("--on", choices=("sqlite", "postgresql"), help="only on this database")
    asked = words.parse_args()
    points = tuple(each for each in POINTS if asked.only in (None, each.name, each.scene))
    if not points:
        words.error(f"no such point: {asked.only}")
    logging.getLogger("grid_inspector").setLevel(logging.WARNING)  # a line per request says nothing
    started, tally = time.monotonic(), Tally()
    if asked.on != "postgresql":
        on(None, points, asked.times, tally)
    if asked.on != "sqlite":
        cluster = Cluster()
        try:
            on(cluster.start(), points, asked.times, tally)
        finally:
            cluster.stop()
    print(tally.line(len(points), time.monotonic() - started), flush=True)
    return 1 if tally.faults else 0


if __name__ == "__main__":
    sys.exit(main())
