"""The export of 10,000 hazards: seconds, rows a second and peak memory, with and without pictures.

The station is filled over the real routes; each export is then made by the real job in a process of
its own, so that its peak memory is its own (`python -m bench.exports` is that process).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from itertools import count
from pathlib import Path

from app.clock import new_id, utc_now
from app.compose import make_services
from app.domains import JOB_KINDS
from app.jobs.queue import enqueue, jobs_of
from app.jobs.runner import run_waiting
from app.photos.rules import derived_name
from app.settings import read_settings
from bench.figures import Figure
from bench.load import Ran, Shot, fire
from bench.station import ROOT, Served, served_station
from bench.work import Lines, add_inspection, batch_shot, thumbnail
from tests.served import environment

ROWS = 10_000
HAZARDS_EACH = 2
INSPECTIONS_PER_BATCH = 100
WITH_PICTURES_TARGET, WITHOUT_TARGET = 1_200, 15_000
MEMORY_MB_MAX = 60
FORMATS = (
    ("ledger_csv", "CSV, 42 columns", WITHOUT_TARGET),
    ("ledger_short_xlsx", ".xlsx, 19 columns, no pictures", WITHOUT_TARGET),
    ("ledger_xlsx", ".xlsx, 42 columns, no photos in the ledger", WITHOUT_TARGET),
)


def measure() -> list[Figure]:
    """A ledger without photos, then one with a photo in every row."""
    figures: list[Figure] = []
    with served_station("sqlite", GI_JOBS_IN_PROCESS="0") as served:
        _fill(served, with_photos=False)
        for name, words, target in FORMATS:
            figures += _one(served, name, words, target)
    with served_station("sqlite", GI_JOBS_IN_PROCESS="0") as served:
        _fill(served, with_photos=True)
        words = ".xlsx, 42 columns, 10,000 thumbnails"
        figures += _one(served, "ledger_xlsx", words, WITH_PICTURES_TARGET)
    return figures


def _fill(served: Served, *, with_photos: bool) -> None:
    """Ten thousand hazards over the wire; thumbnails as the background work leaves them."""
    shots: list[Shot] = []
    numbers, hashes = count(1), []
    phone = served.phones[0]
    for _ in range(ROWS // HAZARDS_EACH // INSPECTIONS_PER_BATCH):
        lines = Lines()
        for number in range(INSPECTIONS_PER_BATCH):
            photos = [[f"{next(numbers):064x}"] for _ in range(HAZARDS_EACH * with_photos)]
            hashes += [each for photo in photos for each in photo]
            site = served.sites[number % len(served.sites)]
            add_inspection(lines, phone, served.station, site, photos=photos, names=True)
        shots.append(batch_shot(phone, served.station, lines))
    fire(served.port, shots, Ran())
    services = make_services(read_settings(environment(served.data, **served.settings)))
    for number, sha256 in enumerate(hashes):
        services.photo_store.put(
            derived_name(served.station, sha256, "thumbnail"), thumbnail(number)
        )
    services.database.close()


def _one(served: Served, name: str, words: str, target: int) -> list[Figure]:
    """One export in a process of its own."""
    env = environment(served.data, **served.settings) | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "bench.exports", name, served.station, served.admin],
        cwd=ROOT, env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    told = json.loads(done.stdout)
    rate = told["count"] / told["seconds"]
    grown = (told["peak_bytes"] - told["before_bytes"]) / 1e6
    return [
        Figure(f"{words}: {told['count']:,} rows", told["seconds"], "s",
               note=f"{told['bytes'] / 1e6:.1f} MB"),
        Figure(f"{words}: rate", rate, "rows/s", target, "more"),
        Figure(f"{words}: CPU", told["cpu_s"] / told["count"] * 1e6, "us/row",
               note="what a machine with nothing else to do has to spend"),
        Figure(f"{words}: memory for it", grown, "MB", MEMORY_MB_MAX,
               note=f"on top of the {told['before_bytes'] / 1e6:.0f} MB of the application"),
    ]  # fmt: skip


def _child(name: str, station: str, account: str) -> None:
    """Make one export and say what it took."""
    services = make_services(read_settings(dict(os.environ)))
    now, job_id = utc_now(), new_id()
    params = {"format": name, "filters": {}, "account": account, "asked_at": now.isoformat()}
    services.database.in_transaction(
        lambda c: enqueue(c, station_id=station, job_id=job_id, kind="exports.make",
                          params=params, now=now, created_by=account)
    )  # fmt: skip
    before = _peak_bytes()
    started, cpu_started = time.perf_counter(), time.process_time()
    run_waiting(services, [kind for kind in JOB_KINDS if kind.kind == "exports.make"])
    seconds, cpu_s = time.perf_counter() - started, time.process_time() - cpu_started
    with services.database.read() as connection:
        job = next(j for j in jobs_of(connection, station, "exports.make") if j.job_id == job_id)
    if job.state != "done" or job.result is None:
        raise RuntimeError(job.failure)
    told = {"seconds": seconds, "cpu_s": cpu_s}
    told |= {"before_bytes": before, "peak_bytes": _peak_bytes()}
    print(json.dumps({**told, "count": job.result["count"], "bytes": job.result["bytes"]}))


def _peak_bytes() -> int:
    """The most this process ever had; `getrusage` would count its parent before the exec too."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


if __name__ == "__main__":
    _child(*sys.argv[1:])
