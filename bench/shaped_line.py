"""A day over a village's line of 500 kbit/s and 300 ms: the phone's own code, a real station.

30 inspections and 100 photos, once without cuts and once with a cut each time the line has stood
for 10 s, after which no connection can be made for 3 s and the phone waits as its own rules say.
The ideal time is that of the photos and the words at the full rate, and one round trip:

    (bytes of the photos + bytes up until the station has the last inspection) / rate + round trip

Everything else is cost: handshakes, heads, questions, answers waited for, previews, what was cut.
With `--quick` a tenth of the day. It takes real time, and next to no work.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from bench.bad_line import enrolment_code, node, station_of_today
from bench.figures import Figure
from bench.line import Shape, ShapedLine
from bench.shaped_browser import in_chromium
from tests.served import ROOT, Served

RATE_BYTES_PER_S = 500_000 / 8
ROUND_TRIP_S = 0.3
STANDS_S, OUTAGE_S = 10.0, 3.0
VISITS, PHOTOS, PHOTO_BYTES = 30, 100, 180_000
QUICK_VISITS, QUICK_PHOTOS = 3, 10
RATIO_MAX, RATIO_MAX_CUT = 1.1, 2.2
WORDS_S_MAX = 5.0
RUN_S_MAX = 3_600
LOOK_EVERY_S = 0.05

Hand = Callable[[Served, ShapedLine, str], dict[str, Any]]
"""Makes the day, calls `begin` on the line and hands the day over; what shaped_line.ts tells."""


def measure(*, quick: bool, browser: bool) -> Iterator[list[Figure]]:
    """Without cuts, then with them; the phone in Node, or in real Chromium."""
    visits, photos = (QUICK_VISITS, QUICK_PHOTOS) if quick else (VISITS, PHOTOS)
    hand: Hand = in_chromium if browser else _in_node
    steady = Shape(RATE_BYTES_PER_S, ROUND_TRIP_S)
    cut = Shape(RATE_BYTES_PER_S, ROUND_TRIP_S, STANDS_S, OUTAGE_S)
    for shape, target in ((steady, RATIO_MAX), (cut, RATIO_MAX_CUT)):
        yield _run(shape, target, hand, visits, photos)


def _run(shape: Shape, target: float, hand: Hand, visits: int, photos: int) -> list[Figure]:
    os.environ |= {"GI_VISITS": str(visits), "GI_PHOTOS": str(photos)}
    os.environ["GI_PHOTO_BYTES"] = str(PHOTO_BYTES)
    with station_of_today() as served, ShapedLine(served.port, shape) as line:
        words = _Words(served, line, visits)
        told = hand(served, line, enrolment_code(served))
        words.stop()
    cut = shape.stands_s is not None
    name = f"{shape.stands_s:.0f} s, then a cut" if cut else "never cut"
    sent = told["photo_bytes"] + words.bytes_up
    ideal = sent / shape.bytes_per_s + shape.round_trip_s
    took = (told["to"] - told["from"]) / 1000
    figures = [
        Figure(f"{name}: {visits} inspections, {photos} photos", took / ideal, "times", target,
               note=f"{took:.0f} s, ideal {ideal:.0f} s; {line.connections} connections,"
               f" {line.bytes_up / sent:.3f} times the bytes up,"
               f" previews {told['preview_bytes'] / told['photo_bytes']:.3f}"),
        Figure(f"{name}: words with the chief", words.at - told["from"] / 1000, "s", WORDS_S_MAX,
               note=f"{words.bytes_up / 1000:.1f} KB"),
    ]  # fmt: skip
    if cut:
        lost = [each.bytes_unanswered for each in line.cuts] or [0]
        parts = [each.requests for each in line.cuts] or [0]
        figures += [
            Figure(f"{name}: sent again, at most", max(lost) / 1000, "KB", PHOTO_BYTES / 1000,
                   note=f"{len(line.cuts)} cuts, mean {sum(lost) / len(lost) / 1000:.0f} KB;"
                   f" each: {' '.join(f'{size / 1000:.0f}' for size in lost)}"),
            Figure(f"{name}: requests with photo bytes cut at once, at most", max(parts), ""),
        ]  # fmt: skip
    return figures


class _Words:
    """Looks into the station's database: when the last inspection was there, after how much."""

    def __init__(self, served: Served, line: ShapedLine, visits: int) -> None:
        self.at, self.bytes_up = 0.0, 0
        self._stopped = threading.Event()
        database = served.data / "station.db"
        self._thread = threading.Thread(target=self._look, args=(database, line, visits))
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def _look(self, database: Path, line: ShapedLine, visits: int) -> None:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            while not self._stopped.wait(LOOK_EVERY_S):
                up = line.bytes_up
                ((count,),) = connection.execute("SELECT count(*) FROM inspection").fetchall()
                if count >= visits:
                    self.at, self.bytes_up = time.time(), up
                    return


def _in_node(served: Served, line: ShapedLine, code: str) -> dict[str, Any]:
    """The phone of pwa/src in Node; made by way of the station's own port."""
    line.begin_with_the_first()
    with tempfile.TemporaryDirectory(prefix="gi-bench-") as folder:
        told = Path(folder) / "told.json"
        done = subprocess.run(
            [*node("vitest", "vitest.mjs"), "run", "shaped_line.day",
             "--config", "tests/bad_line.config.ts"],
            cwd=ROOT / "pwa", capture_output=True, text=True, timeout=RUN_S_MAX,
            env={**os.environ, "GI_ORIGIN": served.url, "GI_CODE": code,
                 "GI_LINE": f"http://127.0.0.1:{line.port}", "GI_TOLD": str(told)},
        )  # fmt: skip
        if done.returncode:
            sys.exit(f"the day was not handed over:\n{done.stdout[-3000:]}{done.stderr[-2000:]}")
        said: dict[str, Any] = json.loads(told.read_text())
        return said
