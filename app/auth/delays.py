"""How long somebody who keeps guessing must wait: grows with each failure, ends by itself.

Counting is by what was asked for (a login, an address), known or not, so nothing tells them apart.
It must not know the database, the clock or the web.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

LOGIN_FAILURES_FREE = 4
# A whole station may sit behind one address, so an address is given more.
ADDRESS_FAILURES_FREE = 19
CLAIM_FAILURES_FREE = 9
DELAY_SECONDS_FIRST = 60
DELAY_SECONDS_MAX = 15 * 60
FORGOTTEN_AFTER = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Attempts:
    """What is remembered of one login or address."""

    failures: int = 0
    blocked_until: datetime | None = None
    last_at: datetime | None = None


def wait_seconds(attempts: Attempts, now: datetime) -> int:
    """How long until the next try counts; 0 = try now."""
    if attempts.blocked_until is None or attempts.blocked_until <= now:
        return 0
    return math.ceil((attempts.blocked_until - now).total_seconds())


def after_failure(attempts: Attempts, now: datetime, *, free: int) -> Attempts:
    """One more failure: from `free` on each doubles the wait, up to fifteen minutes."""
    stale = attempts.last_at is None or now - attempts.last_at > FORGOTTEN_AFTER
    failures = 1 if stale else attempts.failures + 1
    if failures <= free:
        return Attempts(failures, None, now)
    seconds = min(DELAY_SECONDS_MAX, DELAY_SECONDS_FIRST * 2 ** min(10, failures - free - 1))
    return Attempts(failures, now + timedelta(seconds=seconds), now)


def wait_words(seconds: int) -> str:
    """The waiting time as people say it."""
    if seconds < 60:
        return f"{seconds} 秒"
    minutes = -(-seconds // 60)
    return f"{minutes} 分钟"
