"""A large station backed up twice and restored: `python -m tests.faults.large_restore`.

Facts, log and signed batches are written by the ledger's own functions, photos by the store's; then
the commands run as people run them, and their time and peak memory are read from the system.
It must not know what a set looks like.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from app.clock import instant
from app.db import run
from app.photos.rules import original_name
from tests.api.township import Township, build_township
from tests.faults.large_ledger import grow
from tests.served import ROOT, environment

PHOTO_BYTES = 20_000
MEMORY_RATIO_MAX = 1.25
KEYS = ("station-key.pem", "rescue-key.pem")


@dataclass(frozen=True, slots=True)
class Measured:
    """One command in a process of its own."""

    words: str
    cpu_s: float
    peak_mb: float
    code: int
    said: str


def measured(data: Path, *words: str, **settings: str) -> Measured:
    """Run a command; seconds of CPU and the peak of its memory."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    wrapper = (
        "import sys; from app.cli.__main__ import main; code = main(sys.argv[1:]);"
        " status = open('/proc/self/status').read();"
        " print('peak', status.split('VmHWM:')[1].split()[0]); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", wrapper, *words], cwd=ROOT, env=environment(data, **settings),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert "peak " in done.stdout, done.stdout + done.stderr
    peak_mb = int(done.stdout.rsplit("peak ", 1)[1]) / 1024
    return Measured(" ".join(words[:2]), cpu, peak_mb, done.returncode, done.stdout + done.stderr)


def add_photos(township: Township, count: int) -> None:
    """Photos that the station holds; what facts say of them is of no matter here."""
    store, station_id = township.services.photo_store, township.station_id
    at, names = instant(township.clock.now), []
    for _ in range(count):
        data = os.urandom(PHOTO_BYTES)
        names.append(hashlib.sha256(data).hexdigest())
        store.put(original_name(station_id, names[-1]), data)
    with township.services.database.write() as connection:
        for name in names:
            run(
                connection,
                "INSERT INTO photo (station_id, sha256, state, bytes_total, length, received,"
                " epoch, held_at, declared_at) VALUES (?, ?, 'held', ?, ?, ?, 0, ?, ?)",
                (station_id, name, PHOTO_BYTES, PHOTO_BYTES, PHOTO_BYTES, at, at),
            )


def drill(folder: Path, facts: int, photos: int) -> list[Measured]:
    """Backup, the next backup, restore, report."""
    township = build_township(f"sqlite:///{folder}/station.db", folder)
    data, backups, fresh = township.services.settings.data_dir, folder / "backups", folder / "new"
    grow(township, township.phone("ana"), facts)
    add_photos(township, photos)
    township.services.database.checkpoint()
    here = {"DATABASE_URL": f"sqlite:///{township.services.database.path}"}
    township.services.database.close()
    ran = [measured(data, "backup", "make", str(backups), **here)]
    township.clock.forward(hours=1)
    ran.append(measured(data, "backup", "make", str(backups), **here))
    fresh.mkdir()
    for name in KEYS:
        shutil.copy(data / name, fresh / name)
    there = {"DATABASE_URL": f"sqlite:///{fresh}/station.db"}
    ran.append(measured(fresh, "restore", "from", str(backups), **there))
    ran.append(measured(fresh, "restore", "report", **there))
    return ran


def main() -> int:
    """1 when a command failed, memory grew with the station, or a photo was copied twice."""
    words = argparse.ArgumentParser(prog="python -m tests.faults.large_restore")
    words.add_argument("--facts", type=int, default=100_000)
    words.add_argument("--photos", type=int, default=2_000)
    words.add_argument("--small", type=int, default=10, help="how many times smaller the other is")
    asked = words.parse_args()
    runs = []
    for part in (asked.small, 1):
        facts, photos = asked.facts // part, asked.photos // part
        with tempfile.TemporaryDirectory() as folder:
            runs.append(drill(Path(folder), facts, photos))
        for each in runs[-1]:
            print(f"{facts} facts, {photos} photos: {each.words}: {each.cpu_s:.1f} s of CPU, "
                  f"peak {each.peak_mb:.1f} MB, exit {each.code}", flush=True)  # fmt: skip
    small, large = runs
    ratio = max(b.peak_mb / a.peak_mb for a, b in zip(small, large, strict=True))
    again = f"photos: 0 copied (0 bytes), {asked.photos} known" in large[1].said
    good = all(each.code == 0 for each in (*small, *large)) and ratio <= MEMORY_RATIO_MAX and again
    if not good:
        print(large[-2].said[-2000:], file=sys.stderr)
    print(json.dumps({"facts": asked.facts, "photos": asked.photos, "ratio": round(ratio, 3),
                      "copied_again": not again}))  # fmt: skip
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
