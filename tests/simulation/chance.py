"""Everything a world is made of comes from here: one seed gives ids, times, choices and faults.

No wall clock and no other randomness may be used below tests/simulation, or a seed would not tell
the same story twice.
"""

from __future__ import annotations

import hashlib
import hmac
import random
from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
DAY_MS = 86_400_000
YEAR_MS = 365 * DAY_MS


class Clock:
    """The station's time: it moves only when the world lets time pass."""

    def __init__(self) -> None:
        self.ms = 0

    def __call__(self) -> datetime:
        return START + timedelta(milliseconds=self.ms)

    def instant(self, error_ms: int = 0) -> str:
        return instant_of(self.ms + error_ms)


def instant_of(ms: int) -> str:
    moment = START + timedelta(milliseconds=ms)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


class Chance:
    """One stream of choices."""

    def __init__(self, seed: str, clock: Clock) -> None:
        self.random = random.Random(seed)
        self._clock = clock

    def id(self) -> str:
        """An id that sorts by time, as uuid7 does."""
        value = (1_795_226_400_000 + self._clock.ms) << 80 | self.random.getrandbits(80)
        value = value & ~(0xF << 76) | 0x7 << 76
        value = value & ~(0x3 << 62) | 0x2 << 62
        text = f"{value:032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def salt(self) -> str:
        return f"{self.random.getrandbits(128):032x}"

    def bytes(self, count: int) -> bytes:
        return self.random.randbytes(count)

    def hits(self, probability: float) -> bool:
        return self.random.random() < probability


class SeededKey:
    """Stands for a key pair where real signatures would cost more than the world they protect.

    The "public" key is the secret: nobody in a world forges, they only lose, repeat and cut.
    """

    def __init__(self, secret: bytes) -> None:
        self.public_key = hashlib.sha256(secret).hexdigest()

    def sign(self, text: str) -> str:
        return hmac.new(self.public_key.encode(), text.encode(), hashlib.sha256).hexdigest()

    @staticmethod
    def fits(public_key: str, text: str, signature: str) -> bool:
        return SeededKey.sign_with(public_key, text) == signature

    @staticmethod
    def sign_with(public_key: str, text: str) -> str:
        return hmac.new(public_key.encode(), text.encode(), hashlib.sha256).hexdigest()
