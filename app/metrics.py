"""Counts of this process, for /metrics. Numbers only: no names, no ids, no addresses."""

from __future__ import annotations

import threading
from collections import Counter

BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

_lock = threading.Lock()
_requests: Counter[tuple[str, int]] = Counter()
_buckets: Counter[float] = Counter()
_seconds = 0.0
_events: Counter[str] = Counter()


def count_request(endpoint: str, status: int, seconds: float) -> None:
    """One request answered."""
    global _seconds  # noqa: PLW0603 - a process has one set of counters
    with _lock:
        _requests[(endpoint, status)] += 1
        _seconds += seconds
        _buckets[next((edge for edge in BUCKETS_S if seconds <= edge), float("inf"))] += 1


def count(event: str, by: int = 1) -> None:
    """Something worth counting happened, such as `facts_quarantined`."""
    with _lock:
        _events[event] += by


def exposition(worker: int) -> list[str]:
    """The counts in Prometheus text form."""
    with _lock:
        lines = ["# TYPE gi_requests_total counter"]
        lines += [
            f'gi_requests_total{{worker="{worker}",route="{endpoint}",status="{status}"}} {value}'
            for (endpoint, status), value in sorted(_requests.items())
        ]
        lines.append("# TYPE gi_request_seconds histogram")
        running = 0
        for edge in (*BUCKETS_S, float("inf")):
            running += _buckets[edge]
            label = "+Inf" if edge == float("inf") else str(edge)
            lines.append(f'gi_request_seconds_bucket{{worker="{worker}",le="{label}"}} {running}')
        lines.append(f'gi_request_seconds_sum{{worker="{worker}"}} {_seconds:.6f}')
        lines.append(f'gi_request_seconds_count{{worker="{worker}"}} {running}')
        for event, value in sorted(_events.items()):
            lines.append(f"# TYPE gi_{event}_total counter")
            lines.append(f'gi_{event}_total{{worker="{worker}"}} {value}')
    return lines
