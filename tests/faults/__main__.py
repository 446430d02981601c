"""`python -m tests.faults`: the long form of every fault, one after the other, and one table.

`python -m tests.faults wire eight` runs some, `--list` shows all. Each line of COMMANDS can be run
by itself; its last line of output says how many cases it ran, its exit code whether all held.
It must not know what any fault is.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SECONDS_MAX = 3600

# name -> what follows `python`; the figures are those of docs/reliability.md.
COMMANDS: dict[str, str] = {
    "restored": "-m tests.faults.restored --phones 6 --visits 8",
    "large-restore": "-m tests.faults.large_restore",
    "wire": "-m tests.faults.wire --cases 2000",
    "server": "-m tests.faults.server_trouble --rounds 40",
    "crowd": "-m tests.faults.crowd --rounds 200 --events 2000",
    "ledger": "-m tests.faults.large_ledger --facts 1000000",
    "rescue": "-m tests.faults.rescue --cases 400",
    "kill": "-m tests.faults.kill --times 5",
    "look-alikes": "-m tests.faults.look_alikes --cases 2000",
    "power": "-m tests.faults.power --cases 5000 --turns 4",
    "power-net": "-m tests.faults.power --net --cases 300 --turns 2",
}


@dataclass(frozen=True, slots=True)
class Ran:
    """What became of one command."""

    name: str
    ok: bool
    seconds: float
    words: str


def run(name: str) -> Ran:
    """Run one command, its output as it comes; its last line is its result."""
    command = [sys.executable, *COMMANDS[name].split()]
    print(f"\n── {name}: python {COMMANDS[name]}", flush=True)
    started, last = time.monotonic(), ""
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(f"   {line}", end="", flush=True)
            last = line.strip() or last
        code = process.wait(timeout=SECONDS_MAX)
    return Ran(name, code == 0, time.monotonic() - started, last)


def main() -> int:
    """Run the chosen commands and close with the table; 1 when one did not hold."""
    words = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    words.add_argument("names", nargs="*", metavar="name", help=", ".join(COMMANDS))
    words.add_argument("--list", action="store_true", help="show the commands and run none")
    asked = words.parse_args()
    unknown = set(asked.names) - set(COMMANDS)
    if unknown:
        words.error(f"no such fault: {', '.join(sorted(unknown))}")
    if asked.list:
        for name, command in COMMANDS.items():
            print(f"{name:12} python {command}")
        return 0
    ran = [run(name) for name in asked.names or COMMANDS]
    print(f"\n{'fault':12}{'seconds':>9}  {'result':8}what it said")
    for each in ran:
        verdict = "ok" if each.ok else "FAILED"
        print(f"{each.name:12}{each.seconds:>9.1f}  {verdict:8}{each.words}")
    print(f"{sum(each.ok for each in ran)} of {len(ran)} held", flush=True)
    return 0 if all(each.ok for each in ran) else 1


if __name__ == "__main__":
    raise SystemExit(main())
