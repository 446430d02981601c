"""What the machine gives at this moment, beside what it gave when the targets were set.

The targets were measured with nobody else on the machine; a shared disk or core shows here first.
It must not know the application.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.figures import Figure

PHOTO = bytes(180_000)
SECONDS_EACH = 0.5
QUIET_PHOTOS_PER_S, QUIET_SHA256_MB_PER_S = 1_915, 1_272


def measure() -> list[Figure]:
    """Four floors, half a second each."""
    with tempfile.TemporaryDirectory(prefix="gi-bench-") as name:
        folder = Path(name)
        photos = _rate(lambda number: _write(folder, number))
        commits = _rate(_committer(folder / "floor.db"))
    hashing = _rate(lambda _: hashlib.sha256(PHOTO).digest()) * len(PHOTO) / 1e6
    text = json.dumps([{"item": f"LPG-{number}", "value": True} for number in range(100)])
    parsing = _rate(lambda _: json.loads(text)) * len(text) / 1e6
    quiet = "its rate on the quiet machine"
    return [
        Figure("floor: 180 KB written, synced, renamed, folder synced", photos, "/s",
               note=f"{photos / QUIET_PHOTOS_PER_S:.2f} of {quiet}"),
        Figure("floor: SQLite commits of one row, WAL, FULL", commits, "/s"),
        Figure("floor: sha256, one core", hashing, "MB/s",
               note=f"{hashing / QUIET_SHA256_MB_PER_S:.2f} of {quiet}"),
        Figure("floor: json.loads, one core", parsing, "MB/s"),
    ]  # fmt: skip


def _rate(work: Callable[[int], object]) -> float:
    done, started = 0, time.perf_counter()
    while time.perf_counter() - started < SECONDS_EACH:
        work(done)
        done += 1
    return done / (time.perf_counter() - started)


def _write(folder: Path, number: int) -> None:
    path = folder / str(number)
    with path.with_suffix(".new").open("wb") as file:
        file.write(PHOTO)
        file.flush()
        os.fsync(file.fileno())
    path.with_suffix(".new").rename(path)
    descriptor = os.open(folder, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def _committer(path: Path) -> Callable[[int], object]:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=wal")
    connection.execute("PRAGMA synchronous=2")
    connection.execute("CREATE TABLE row (number INTEGER)")
    return lambda number: connection.execute("INSERT INTO row VALUES (?)", (number,))
