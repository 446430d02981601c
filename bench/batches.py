"""Inspections per second through a real gunicorn, durable, with fold, log and projections.

Eight phones hand over batches of twenty inspections (twenty answers and two hazards each), then one
phone alone; and the statements one batch costs. Compare ratios within one run only.
"""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path

from sqlalchemy import Engine, event

from app.compose import compose
from app.settings import read_settings
from bench.figures import Figure, percentiles_ms
from bench.load import Ran, Shot, fire, run_clients
from bench.station import Served, prepare, served_station
from bench.work import plain_batch
from tests.served import environment

INSPECTIONS_PER_BATCH = 20
BATCHES_PER_S = 14  # of one phone, made beforehand for each second to measure; more than is sent
RATE_TARGETS = {"sqlite": 2000, "postgresql": 1500}
P_TARGETS_MS = (60, 100, 150)
ONE_CLIENT_P50_MS = 12
UP_BYTES_MAX, DOWN_BYTES_MAX = 1200, 80


def measure(kind: str, seconds: float) -> list[Figure]:
    """One database."""
    with served_station(kind) as served:
        count = max(4, int(seconds * BATCHES_PER_S))
        plans = [
            [_batch(served, phone) for _ in range(count)] for phone in range(len(served.phones))
        ]
        run_clients(served.port, [plan[:2] for plan in plans])
        cpu = served.cpu_s()
        ran = run_clients(served.port, [plan[2:] for plan in plans])
        cpu = served.cpu_s() - cpu
        alone = Ran()
        fire(served.port, [_batch(served, 0) for _ in range(count)], alone)
    return _figures(kind, ran, alone, cpu)


def statements() -> list[Figure]:
    """How many statements one batch costs, of one inspection and of forty."""
    return [
        Figure(f"sqlite: statements, a batch of {size} inspections", _statements(size), "")
        for size in (1, 20, 40)
    ]


def _statements(inspections: int) -> int:
    with tempfile.TemporaryDirectory(prefix="gi-bench-") as folder:
        env = environment(Path(folder), GI_JOBS_IN_PROCESS="0")
        made = prepare(env)
        made.services.database.close()
        app = compose(read_settings(env))
        logging.getLogger("grid_inspector").setLevel(logging.WARNING)
        seen: list[str] = []

        def note(_c: object, _cursor: object, statement: str, *_more: object) -> None:
            if not statement.startswith(("PRAGMA", "BEGIN")):
                seen.append(statement)

        for number in range(2):
            shot = plain_batch(made.phones[0], made.station, made.sites, inspections)
            if number:
                event.listen(Engine, "before_cursor_execute", note)
            answer = app.test_client().open(**shot.as_call())
            assert answer.status_code == 200, answer.text
        event.remove(Engine, "before_cursor_execute", note)
    return len(seen)


def _batch(served: Served, phone: int) -> Shot:
    return plain_batch(served.phones[phone], served.station, served.sites, INSPECTIONS_PER_BATCH)


def _figures(kind: str, ran: Ran, alone: Ran, cpu_s: float) -> list[Figure]:
    inspections = ran.count("batch") * INSPECTIONS_PER_BATCH
    p50, p95, p99 = percentiles_ms(ran.times["batch"])
    named, rate = f"{kind}, 8 phones", inspections / ran.seconds
    return [
        Figure(f"{named}: inspections", rate, "/s", RATE_TARGETS[kind], "more"),
        Figure(f"{named}: batch p50", p50, "ms", P_TARGETS_MS[0]),
        Figure(f"{named}: batch p95", p95, "ms", P_TARGETS_MS[1]),
        Figure(f"{named}: batch p99", p99, "ms", P_TARGETS_MS[2]),
        Figure(f"{kind}, one phone: batch p50", percentiles_ms(alone.times["batch"])[0], "ms",
               ONE_CLIENT_P50_MS),
        Figure(f"{named}: CPU of the application", cpu_s * 1000 / inspections, "ms", None,
               note="an inspection"),
        Figure(f"{kind}: up", ran.up / inspections, "B", UP_BYTES_MAX, note="an inspection, gzip"),
        Figure(f"{kind}: down", ran.down["batch"] / inspections, "B", DOWN_BYTES_MAX,
               note="an inspection, headers and photo lists included"),
    ]  # fmt: skip
