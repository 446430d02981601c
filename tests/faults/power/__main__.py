"""`python -m tests.faults.power --cases 4000`: power lost at any moment of a recorded day.

A day is recorded under the shim (shim.c, record.py), then the disk forgets (disk.py) in as many
ways as asked, and what is left is opened as the application does (judge.py). The last line says how
many states there were and how many had lost something. `--net`: the same for programs that sync
less (what WEAKER names left out of the log, and a server with synchronous=NORMAL): losses show.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.power.disk import Choice, Disk, lay_out
from tests.faults.power.judge import Acknowledged, goes_on, losses
from tests.faults.power.log import Op, Record, read_log
from tests.served import ROOT

HERE = Path(__file__).resolve().parent
CASES = 4000
SEED = 20261122
SHOWN_MAX = 10
MEMORY = Path("/dev/shm")
RECORDING_S_MAX = 600
GOES_ON_EVERY = 40  # in every so-manieth state everybody sends everything again

# What a weaker program would not sync: for the proof that the model sees it.
WEAKER: dict[str, Callable[[str, bool], bool]] = {
    "wal": lambda path, _folder: path.endswith("-wal"),
    "photo": lambda path, folder: "/originals/" in path and not folder,
    "folder": lambda path, folder: path.startswith("data/photos") and folder,
    "house": lambda path, _folder: path == "",
}


@dataclass
class Recording:
    """One recorded day."""

    folder: Path
    root_inode: int
    records: list[Record]
    sent: list[dict[str, str]]

    def remove(self) -> None:
        """Give the room back."""
        shutil.rmtree(self.folder, ignore_errors=True)


@dataclass
class Result:
    """What a number of crashes showed."""

    states: int = 0
    went_on: int = 0
    lost: list[str] = field(default_factory=list)

    def line(self, seconds: float) -> str:
        """The one line that goes into docs/reliability.md."""
        return (
            f"{self.states} crash states, {len(self.lost)} with acknowledged work lost or damaged;"
            f" in {self.went_on} everybody sent everything again ({seconds:.0f} s)"
        )


def compile_shim(folder: Path) -> Path:
    """The shim, made anew each time: a second, and no stale one."""
    made = folder / "shim.so"
    words = ["gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"]
    subprocess.run([*words, "-o", str(made), str(HERE / "shim.c")], check=True)
    return made


def record(turns: int, **settings: str) -> Recording:
    """Live through a day under the shim."""
    folder = Path(tempfile.mkdtemp(prefix="gi-power-", dir=MEMORY if MEMORY.is_dir() else None))
    base = folder / "base"
    base.mkdir()
    known = {name: value for name, value in os.environ.items() if not name.startswith("GI_")}
    log = folder / "log"
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.power.record", str(base)],
        cwd=ROOT, capture_output=True, text=True, timeout=RECORDING_S_MAX,
        env={**known, "LD_PRELOAD": str(compile_shim(folder)), "POWER_ROOT": str(base),
             "POWER_LOG": str(log), "FAULTS_TURNS": str(turns), **settings},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    sent = json.loads((base / "sent.log").read_text())
    made = Recording(folder, base.stat().st_ino, list(read_log(log)), sent)
    _complete(made, base)
    shutil.rmtree(base)
    return made


def _complete(recording: Recording, base: Path) -> None:
    """The log tells everything: replayed to its end it gives exactly the files that are there."""
    disk = Disk(recording.root_inode)
    for each in recording.records:
        if each.op is not Op.MARK:
            disk.follow(each)
    told = disk.now()
    skipped = ("-shm", ".gate", ".gate-waiting", ".log")
    there = {
        path.relative_to(base).as_posix(): path.read_bytes()
        for path in base.rglob("*") if path.is_file() and not path.name.endswith(skipped)
    }  # fmt: skip
    assert told.keys() == there.keys(), sorted(told.keys() ^ there.keys())
    assert [name for name in there if told[name] != there[name]] == []


def crash(
    recording: Recording, cases: int, seed: int, weaken: str | None = None,
    *, first_loss_is_enough: bool = False,
) -> Result:  # fmt: skip
    """So many crashes at moments drawn by chance, after the station stood."""
    chance = random.Random(seed)
    disk = Disk(recording.root_inode, WEAKER[weaken] if weaken else None)
    moments = _moments(recording.records, cases, chance)
    told, result = Acknowledged(), Result()
    for number, each in enumerate(recording.records):
        if each.op is Op.MARK:
            told.note(json.loads(each.data))
        else:
            disk.follow(each)
        for _ in range(moments.get(number, 0)):
            _one(recording, disk, told, chance, result)
            if result.lost and first_loss_is_enough:
                return result
    return result


def _moments(records: list[Record], cases: int, chance: random.Random) -> dict[int, int]:
    """How many crashes after which record; half of them right around an acknowledgement."""
    built = next(n for n, each in enumerate(records) if each.op is Op.MARK)
    acknowledged = [n for n, each in enumerate(records) if each.op is Op.MARK and n >= built]
    found: dict[int, int] = {}
    for case in range(cases):
        number = chance.randrange(built, len(records))
        if case % 2:
            number = min(chance.choice(acknowledged) + chance.randrange(12), len(records) - 1)
        found[number] = found.get(number, 0) + 1
    return found


def _one(
    recording: Recording, disk: Disk, told: Acknowledged, chance: random.Random, result: Result
) -> None:
    """One state, opened and judged."""
    folder = recording.folder / "state"
    shutil.rmtree(folder, ignore_errors=True)
    lay_out(disk.after_crash(Choice(chance)), folder)
    result.states += 1
    wrong = losses(folder, told)
    if not wrong and result.states % GOES_ON_EVERY == 0:
        wrong = goes_on(folder, told, recording.sent)
        result.went_on += 1
    result.lost += [f"state {result.states}: {'; '.join(wrong[:4])}"] if wrong else []


def net(turns: int, cases: int, seed: int) -> bool:
    """Whether the model sees losses wherever a program syncs less than ours."""
    recording, found = record(turns), []
    for what in WEAKER:
        result = crash(recording, cases, seed, what)
        found.append(bool(result.lost))
        print(f"without syncing {what}: {len(result.lost)} of {cases} states lost something")
    recording.remove()
    recording = record(turns, FAULTS_SYNCHRONOUS="1")
    result = crash(recording, cases, seed)
    found.append(bool(result.lost))
    recording.remove()
    print(f"with synchronous=NORMAL: {len(result.lost)} of {cases} states lost something")
    print(f"{sum(found)} of {len(found)} weaker programs found out", flush=True)
    return all(found)


def main() -> int:
    """0 when nothing acknowledged was lost; with --net, when every weaker program was found out."""
    words = argparse.ArgumentParser(prog="python -m tests.faults.power", description=__doc__)
    words.add_argument("--cases", type=int, default=CASES)
    words.add_argument("--turns", type=int, default=5, help="how long the recorded day is")
    words.add_argument("--seed", type=int, default=SEED)
    words.add_argument("--net", action="store_true", help="that many states of each weaker program")
    asked = words.parse_args()
    started = time.monotonic()
    logging.getLogger("grid_inspector").setLevel(logging.WARNING)  # a line per request says nothing
    if asked.net:
        return int(not net(asked.turns, asked.cases, asked.seed))
    recording = record(asked.turns)
    print(f"recorded {len(recording.records)} calls", flush=True)
    try:
        result = crash(recording, asked.cases, asked.seed)
    finally:
        recording.remove()
    for each in result.lost[:SHOWN_MAX]:
        print(each)
    print(result.line(time.monotonic() - started), flush=True)
    return int(bool(result.lost))


if __name__ == "__main__":
    sys.exit(main())
