"""`python -m tests.simulation --seeds 1000 --from 0 --station core --jobs 2`: run worlds.

A failure prints one command that replays it. It must not decide what is right: checks.py does.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from functools import partial

from tests.simulation.world import Outcome, run_world

FAILURES_SHOWN_MAX = 10


def replay_command(seed: int, station: str) -> str:
    return f"python -m tests.simulation --seed {seed} --station {station} --trace"


def main() -> int:
    words = argparse.ArgumentParser(prog="python -m tests.simulation")
    words.add_argument("--seeds", type=int, default=1000, help="how many worlds")
    words.add_argument("--from", type=int, default=0, dest="begin", help="the first seed")
    words.add_argument("--seed", type=int, help="one world only")
    words.add_argument("--station", choices=("core", "http"), default="core")
    words.add_argument("--size", choices=("small", "medium", "large"), default="medium")
    words.add_argument("--jobs", type=int, default=1, help="processes")
    words.add_argument("--trace", action="store_true", help="print every step")
    words.add_argument("--first", action="store_true", help="stop at the first failure")
    asked = words.parse_args()
    if asked.seed is not None:
        return one(asked)
    return many(asked)


def one(asked: argparse.Namespace) -> int:
    outcome = run_world(asked.seed, asked.station, asked.size, trace=asked.trace)
    for line in outcome.trace:
        print(line)
    print(f"seed {outcome.seed}: {outcome.steps} steps, {outcome.facts} facts, "
          f"fingerprint {outcome.fingerprint}")  # fmt: skip
    for violation in outcome.violations:
        print(f"  {violation}")
    return 1 if outcome.violations else 0


def many(asked: argparse.Namespace) -> int:
    seeds = range(asked.begin, asked.begin + asked.seeds)
    run = partial(run_world, station=asked.station, size=asked.size)
    started, done, facts, failed = time.perf_counter(), 0, 0, list[Outcome]()
    with multiprocessing.Pool(asked.jobs) as pool:
        for outcome in pool.imap_unordered(run, seeds, chunksize=4):
            done, facts = done + 1, facts + outcome.facts
            if outcome.violations:
                failed.append(outcome)
                tell(outcome, asked.station)
            if done % 20 == 0 or done == asked.seeds:
                speed = done / (time.perf_counter() - started)
                print(f"\r{done}/{asked.seeds} worlds, {facts} facts, {speed:.1f}/s, "
                      f"{len(failed)} failed", end="", file=sys.stderr, flush=True)  # fmt: skip
            if failed and (asked.first or len(failed) >= FAILURES_SHOWN_MAX):
                pool.terminate()
                break
        else:
            pool.close()
            pool.join()
    print(file=sys.stderr)
    print(f"{done} worlds, {facts} facts, {len(failed)} failed")
    return 1 if failed else 0


def tell(outcome: Outcome, station: str) -> None:
    print(f"\nseed {outcome.seed}: {len(outcome.violations)} violations")
    for violation in outcome.violations[:5]:
        print(f"  {violation}")
    print(f"  {replay_command(outcome.seed, station)}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
