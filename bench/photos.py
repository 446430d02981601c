"""Photos per second through a real gunicorn: batches that declare them, then the photos, durable.

Eight phones each hand over twenty inspections and then their sixty photos of 180 KB, and so on; the
thumbnails are made by the same processes meanwhile, as in a station. Memory is looked at all along.
"""

from __future__ import annotations

import threading
from itertools import count

from bench.figures import Figure, percentiles_ms
from bench.load import Ran, Shot, run_clients
from bench.station import Phone, Served, served_station
from bench.work import Lines, add_inspection, batch_shot, photo_shot

INSPECTIONS_PER_BATCH = 20
PHOTOS_PER_INSPECTION = 3
PHOTOS_PER_S = 40  # of one phone, made beforehand for each second to measure
RATE_TARGET = 600
OVERHEAD_PERCENT_MAX = 0.3
MEMORY_MB_MAX = 150
LOOK_EVERY_S = 0.5


def round_of(phone: Phone, station: str, sites: list[str], numbers: count[int]) -> list[Shot]:
    """One batch of inspections and then the photos of its hazards."""
    lines, shots = Lines(), []
    for number in range(INSPECTIONS_PER_BATCH):
        made = [photo_shot(phone, next(numbers)) for _ in range(PHOTOS_PER_INSPECTION)]
        hashes = [sha256 for sha256, _ in made]
        shots += [shot for _, shot in made]
        site = sites[number % len(sites)]
        add_inspection(lines, phone, station, site, photos=[hashes[:2], hashes[2:]])
    return [batch_shot(phone, station, lines), *shots]


class Watch:
    """Looks at the memory of the station's processes while the block runs."""

    def __init__(self, served: Served) -> None:
        self._served = served
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self.peak_bytes = 0

    def _look(self) -> None:
        while not self._over.wait(LOOK_EVERY_S):
            self.peak_bytes = max(self.peak_bytes, self._served.memory_bytes())

    def __enter__(self) -> Watch:
        """Start looking."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Look a last time and stop."""
        self._over.set()
        self._thread.join()
        self.peak_bytes = max(self.peak_bytes, self._served.memory_bytes())


def measure(kind: str, seconds: float) -> list[Figure]:
    """One database."""
    per_round = INSPECTIONS_PER_BATCH * PHOTOS_PER_INSPECTION
    rounds = max(1, round(seconds * PHOTOS_PER_S / per_round))
    with served_station(kind) as served:
        numbers = count(1)
        plans: list[list[Shot]] = [[] for _ in served.phones]
        for plan, phone in zip(plans, served.phones, strict=True):
            for _ in range(rounds):
                plan += round_of(phone, served.station, served.sites, numbers)
        start_bytes, cpu = served.memory_bytes(), served.cpu_s()
        with Watch(served) as watch:
            ran = run_clients(served.port, plans)
        cpu = served.cpu_s() - cpu
    body = sum(len(piece) for piece in plans[0][1].pieces[1:])
    return _figures(kind, ran, body, cpu_s=cpu, memory=(start_bytes, watch.peak_bytes))


def _figures(
    kind: str, ran: Ran, body: int, *, cpu_s: float, memory: tuple[int, int]
) -> list[Figure]:
    photos = ran.count("photo")
    p50, p95, p99 = percentiles_ms(ran.times["photo"])
    named = f"{kind}, 8 phones with photos"
    rate = photos / ran.seconds
    # Heads of requests and whole answers; the photos' batches are told by their own part.
    heads = ran.up - ran.up_of("batch") - photos * body
    overhead = 100 * (heads + ran.down["photo"]) / (photos * body)
    return [
        Figure(f"{named}: photos", rate, "/s", RATE_TARGET, "more",
               note=f"{rate / PHOTOS_PER_INSPECTION:.0f} inspections/s with 3 photos each"),
        Figure(f"{named}: photo p50", p50, "ms"),
        Figure(f"{named}: photo p95", p95, "ms"),
        Figure(f"{named}: photo p99", p99, "ms"),
        Figure(f"{named}: CPU of the application", cpu_s * 1000 / photos, "ms",
               note="a photo, batches and thumbnails made meanwhile included"),
        Figure(f"{named}: wire overhead", overhead, "%", OVERHEAD_PERCENT_MAX),
        Figure(f"{named}: memory before", memory[0] / 1e6, "MB"),
        Figure(f"{named}: memory at most", memory[1] / 1e6, "MB", MEMORY_MB_MAX),
    ]  # fmt: skip
