"""`python -m tests.simulation.mutants [name ...]`: one bug at a time in a copy, worlds run on it.

A patch begins with a sentence that says what is wrong, and names the station whose worlds must
catch it. A patch that does not apply is a failure: the code moved on and the bug must follow.
"""

from __future__ import annotations

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
SEEDS = {"core": 400, "http": 30}
SECONDS_MAX = 300


@dataclass(frozen=True)
class Mutant:
    path: Path
    why: str
    station: str

    @property
    def name(self) -> str:
        return self.path.stem


def mutants() -> list[Mutant]:
    found = []
    for path in sorted(HERE.glob("*.patch")):
        why, station, *_ = path.read_text(encoding="utf-8").splitlines()
        found.append(Mutant(path, why, station.removeprefix("station: ")))
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


def caught(mutant: Mutant) -> str | None:
    """The first violation told; None when the bug lives. ValueError: it did not apply."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copy_into(folder)
        applied = subprocess.run(
            ["git", "apply", "--whitespace=nowarn", str(mutant.path)],
            cwd=folder, capture_output=True, text=True,
        )  # fmt: skip
        if applied.returncode != 0:
            raise ValueError(applied.stderr.strip())
        words = ["--seeds", str(SEEDS[mutant.station]), "--station", mutant.station, "--first"]
        run = subprocess.run(
            [sys.executable, "-m", "tests.simulation", *words],
            cwd=folder, capture_output=True, text=True, timeout=SECONDS_MAX,
            env={"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin"},
        )  # fmt: skip
        if run.returncode == 0:
            return None
        told = [line.strip() for line in run.stdout.splitlines() if line.startswith("  ")]
        return told[0] if told else run.stderr.strip().splitlines()[-1]


def main() -> int:
    wanted, alive = set(sys.argv[1:]), 0
    for mutant in mutants():
        if wanted and mutant.name not in wanted:
            continue
        try:
            how = caught(mutant)
        except ValueError as error:
            how, alive = None, alive + 1
            print(f"NO PATCH {mutant.name}: {error}")
            continue
        if how is None:
            alive += 1
        print(f"{'caught  ' if how else 'ALIVE   '} {mutant.name}: {how or mutant.why}", flush=True)
    return 1 if alive else 0


if __name__ == "__main__":
    sys.exit(main())
