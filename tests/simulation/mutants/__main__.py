"""`python -m tests.simulation.mutants [name ...] [--markdown]`: one bug at a time in a copy.

A patch begins with a sentence that says what is wrong, then where the bug is known from (`source:`)
and whose worlds must catch it (`station: core` or `http`). Bugs no world can see, since in one
requests follow one another, name a test instead (`caught by: tests/...::test_...`).
A patch that does not apply is a failure: the code moved on and the bug must follow.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
PARTS = ("sync", "app", "migrations", "tests")
# Few enough to be over in half a minute; a good bug shows within the first dozen.
SEEDS = {"core": 400, "http": 90}
SECONDS_MAX = 1800  # on a wall clock, so generous: a busy machine must not let a bug live


@dataclass(frozen=True)
class Mutant:
    path: Path
    why: str
    source: str
    station: str = ""  # whose worlds must catch it
    test: str = ""  # or the test that must

    @property
    def name(self) -> str:
        return self.path.stem


@dataclass(frozen=True)
class Caught:
    how: str  # the first violation told
    after: str  # how many worlds, or the test


def mutants() -> list[Mutant]:
    found = []
    for path in sorted(HERE.glob("*.patch")):
        head, _, _ = path.read_text(encoding="utf-8").partition("\n\n")
        why, *lines = head.splitlines()
        said = dict(line.split(": ", 1) for line in lines)
        found.append(
            Mutant(path, why, said["source"], said.get("station", ""), said.get("caught by", ""))
        )
    return found


def patch_fault(mutant: Mutant) -> str | None:
    """Why a patch does not fit the tree any more; None when it does."""
    words = ["git", "apply", "--check", "--whitespace=nowarn", str(mutant.path)]
    run = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    return run.stderr.strip() if run.returncode else None


def copy_into(folder: Path) -> None:
    ignored = shutil.ignore_patterns("__pycache__", "e2e", "mutants", "node_modules")
    for part in PARTS:
        shutil.copytree(ROOT / part, folder / part, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", folder)


def caught(mutant: Mutant) -> Caught | None:
    """What caught it; None when the bug lives. ValueError: it did not apply."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copy_into(folder)
        applied = subprocess.run(
            ["git", "apply", "--whitespace=nowarn", str(mutant.path)],
            cwd=folder, capture_output=True, text=True,
        )  # fmt: skip
        if applied.returncode != 0:
            raise ValueError(applied.stderr.strip())
        return _by_test(mutant, folder) if mutant.test else _by_worlds(mutant, folder)


def _run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *words],
        cwd=folder, capture_output=True, text=True, timeout=SECONDS_MAX,
        env={"PYTHONPATH": str(folder), "PATH": os.environ["PATH"]},
    )  # fmt: skip


def _by_worlds(mutant: Mutant, folder: Path) -> Caught | None:
    words = ["--seeds", str(SEEDS[mutant.station]), "--station", mutant.station, "--first"]
    run = _run(folder, "tests.simulation", *words)
    if run.returncode == 0:
        return None
    told = [line.strip() for line in run.stdout.splitlines() if line.startswith("  ")]
    if not told:
        raise ValueError(run.stderr.strip()[-300:])
    worlds = re.search(r": (\d+) worlds,", run.stdout)
    return Caught(told[0], f"{worlds[1] if worlds else '?'} {mutant.station} worlds")


def _by_test(mutant: Mutant, folder: Path) -> Caught | None:
    """Only a test that failed counts; one that could not run at all proves nothing."""
    run = _run(folder, "pytest", "-q", "-x", "-p", "no:cacheprovider", mutant.test)
    if run.returncode == 0:
        return None
    failed = [line for line in run.stdout.splitlines() if line.startswith("FAILED")]
    if run.returncode != 1 or not failed:
        raise ValueError(run.stdout.strip()[-300:])
    return Caught(failed[0].removeprefix("FAILED ")[:160], mutant.test.rpartition("/")[2])


def main() -> int:
    words = argparse.ArgumentParser(prog="python -m tests.simulation.mutants")
    words.add_argument("names", nargs="*", help="only these")
    words.add_argument("--markdown", action="store_true", help="a table for docs/reliability.md")
    asked = words.parse_args()
    alive = 0
    if asked.markdown:
        print("| bug | known from | caught by | after |\n|---|---|---|---|")
    for mutant in mutants():
        if asked.names and mutant.name not in asked.names:
            continue
        try:
            found = caught(mutant)
        except (ValueError, subprocess.TimeoutExpired) as error:
            found, alive = None, alive + 1
            print(f"NO ANSWER {mutant.name}: {error}", file=sys.stderr)
            continue
        alive += found is None
        print(_line(mutant, found) if asked.markdown else _words(mutant, found), flush=True)
    return 1 if alive else 0


def _words(mutant: Mutant, found: Caught | None) -> str:
    if found is None:
        return f"ALIVE    {mutant.name}: {mutant.why}"
    return f"caught   {mutant.name} after {found.after}: {found.how}"


def _line(mutant: Mutant, found: Caught | None) -> str:
    if found is None:
        return f"| {mutant.why} | {mutant.source} | **nothing** | |"
    by = "its test" if mutant.test else found.how.partition(":")[0]
    return f"| {mutant.why} | {mutant.source} | {by} | {found.after} |"


if __name__ == "__main__":
    sys.exit(main())
