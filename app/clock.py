"""Time and ids of a real process, and the one spelling of an instant.

Handlers get both as arguments; only the composition root names these functions.
"""

from __future__ import annotations

import os
import time
import uuid
from datetime import UTC, datetime


def utc_now() -> datetime:
    """The time now, aware, in UTC."""
    return datetime.now(UTC)


def instant(moment: datetime) -> str:
    """`2026-11-21T02:31:05.123Z`, the only spelling of a time that is stored or sent."""
    return (
        moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
    )


def parse_instant(text: str) -> datetime:
    """The time an instant names."""
    return datetime.fromisoformat(text)


def new_id() -> str:
    """A fresh uuid7: sorts by time, unguessable enough to be no secret but unique."""
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=value))
