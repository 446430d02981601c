"""Photos on their way come before pictures made from photos: who hands over waits for no thumbnail.

Each process looks at its own requests only. It must not know HTTP, the database or the store.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

# Parts of one phone follow each other faster than this, so a longer silence is an end.
QUIET_S = 0.3
# While photos keep coming, one picture is made in this time: the work behind never stands still.
GIVE_WAY_S_MAX = 1.0
_LOOK_EVERY_S = 0.05


@dataclass(slots=True)
class _Parts:
    """How many parts are being taken in, and when the last one was."""

    running: int = 0
    last: float = float("-inf")


_lock = threading.Lock()
_parts = _Parts()


@contextmanager
def under_way() -> Iterator[None]:
    """A part of a photo is being taken in for the length of the block."""
    with _lock:
        _parts.running += 1
    try:
        yield
    finally:
        with _lock:
            _parts.running -= 1
            _parts.last = time.monotonic()


def quiet() -> bool:
    """Whether no part is being taken in, and none was a moment ago."""
    return _parts.running == 0 and time.monotonic() - _parts.last >= QUIET_S


def give_way() -> None:
    """Wait for quiet, but for a bounded time."""
    until = time.monotonic() + GIVE_WAY_S_MAX
    while not quiet() and time.monotonic() < until:
        time.sleep(_LOOK_EVERY_S)
