"""`python -m tests.simulation --seeds 1000 --from 0 --station core --jobs 2`: run worlds.

A failure prints one command that replays it. It must not decide what is right: checks.py does.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import sys
import time
from dataclasses import dataclass, field
from functools import partial

from tests.simulation.happened import AT_LEAST, FAULTS, Happened
from tests.simulation.world import Outcome, run_world

FAILURES_SHOWN_MAX = 10
PROGRESS_EVERY_WORLDS = 20


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
    words.add_argument("--faults", action="store_true", help="say how often each fault happened")
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
    started, seen, failed = time.perf_counter(), Seen(), list[Outcome]()
    with multiprocessing.Pool(asked.jobs) as pool:
        for outcome in pool.imap_unordered(run, seeds, chunksize=4):
            seen.add(outcome)
            if outcome.violations:
                failed.append(outcome)
                tell(outcome, asked.station)
            if seen.worlds % PROGRESS_EVERY_WORLDS == 0 or seen.worlds == asked.seeds:
                speed = seen.worlds / (time.perf_counter() - started)
                print(f"\r{seen.worlds}/{asked.seeds} worlds, {seen.facts} facts, {speed:.1f}/s, "
                      f"{len(failed)} failed", end="", file=sys.stderr, flush=True)  # fmt: skip
            if failed and (asked.first or len(failed) >= FAILURES_SHOWN_MAX):
                pool.terminate()
                break
        else:
            pool.close()
        pool.join()
    print(file=sys.stderr)
    print(f"{asked.station} seeds {seeds.start} to {seeds.start + seen.worlds - 1}: {seen.worlds} "
          f"worlds, {seen.facts} facts, {seen.faults()} faults, {len(failed)} failed, "
          f"{cpu_seconds():.0f} s CPU")  # fmt: skip
    if asked.faults:
        for name in sorted(AT_LEAST):
            print(f"{seen.happened[name]:9} {name}")
    return 1 if failed else 0


@dataclass(slots=True)
class Seen:
    """What a run has been through so far."""

    worlds: int = 0
    facts: int = 0
    happened: Happened = field(default_factory=Happened)

    def add(self, outcome: Outcome) -> None:
        self.worlds, self.facts = self.worlds + 1, self.facts + outcome.facts
        self.happened += outcome.happened

    def faults(self) -> int:
        """Mishaps of line, phone and station; not what people did or the station answered."""
        return sum(self.happened[name] for name in FAULTS)


def cpu_seconds() -> float:
    """Of the processes that ran the worlds; on a busy machine clocks on the wall tell nothing."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def tell(outcome: Outcome, station: str) -> None:
    print(f"\nseed {outcome.seed}: {len(outcome.violations)} violations")
    for violation in outcome.violations[:5]:
        print(f"  {violation}")
    print(f"  {replay_command(outcome.seed, station)}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
