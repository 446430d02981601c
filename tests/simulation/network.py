"""The line between a phone or desk and the station: what may go wrong with one request.

A request is a value; what becomes of it is drawn from the world's seed with probabilities that are
themselves drawn per seed, so that some worlds are calm and some never let two requests through.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from tests.simulation.chance import DAY_MS, Chance, Clock
from tests.simulation.happened import Happened

DELAYS_MS = (1_000, 60_000, 3_600_000, DAY_MS, 30 * DAY_MS)
WAITING_MAX = 60


@dataclass(frozen=True, slots=True)
class Request:
    name: str
    token: str = ""
    body: bytes = b""
    args: dict[str, Any] = field(default_factory=dict)
    declared: tuple[int, str] = (0, "")  # length and SHA-256 the sender announced

    @staticmethod
    def make(name: str, token: str = "", body: bytes = b"", **args: Any) -> Request:
        return Request(name, token, body, args, (len(body), hashlib.sha256(body).hexdigest()))

    @property
    def whole(self) -> bool:
        return self.declared == (len(self.body), hashlib.sha256(self.body).hexdigest())


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


class Handler(Protocol):
    def handle(self, request: Request) -> Reply: ...


PORTAL = Reply(200, {"login": "http://hotel.example", "receipt": "ok", "signature": "ok"})
WRITING = ("batch", "decide", "patch")
_FAULTS = ("drop_request", "drop_reply", "duplicate", "delay", "cut", "portal")


class Network:
    """Decides the fate of requests; late copies wait here until their time has come."""

    def __init__(self, chance: Chance, clock: Clock, happened: Happened) -> None:
        self._chance, self._clock, self._happened = chance, clock, happened
        strength = chance.random.choice((0.0, 0.02, 0.1, 0.25))
        self.odds = {name: strength * chance.random.random() for name in _FAULTS}
        self.waiting: list[tuple[int, Request]] = []
        self.calm = False

    def carry(self, request: Request, station: Handler) -> tuple[Reply | None, str]:
        """The reply that reached the sender (None: nothing did), and what happened in a word."""
        fate = self._fate()
        if fate == "drop_request":
            self._happened["request lost"] += 1
            return None, fate
        if fate == "portal":
            self._happened[f"captive portal answers 200 to {request.name}"] += 1
            return PORTAL, fate
        if fate == "delay":
            self._later(request)
            return None, fate
        if fate == "cut":
            cut = int(len(request.body) * self._chance.random.random())
            if request.body:
                self._happened["body cut short"] += 1
                station.handle(replace(request, body=request.body[:cut]))
            return None, fate
        reply = station.handle(request)
        if reply.status >= 500:
            self._happened["server died before its commit"] += 1
        if fate == "drop_reply":
            if reply.status == 200 and request.name in WRITING:
                self._happened["reply lost after the commit"] += 1
            return None, fate
        if fate == "duplicate":
            self._later(request)
        return reply, fate

    def _fate(self) -> str:
        if self.calm:
            return "ok"
        draw = self._chance.random.random()
        for name, odds in self.odds.items():
            draw -= odds
            if draw < 0:
                return name
        return "ok"

    def _later(self, request: Request) -> None:
        if len(self.waiting) < WAITING_MAX:
            due = self._clock.ms + self._chance.random.choice(DELAYS_MS)
            self.waiting.append((due, request))

    def due(self, *, every: bool = False) -> Request | None:
        """A late request whose time has come, any of them: they overtake one another."""
        ready = [each for each in self.waiting if every or each[0] <= self._clock.ms]
        if not ready:
            return None
        found = self._chance.random.choice(ready)
        self._happened["late copy arrived"] += 1
        if found is not self.waiting[0]:
            self._happened["late copy overtook an older one"] += 1
        self.waiting.remove(found)
        return found[1]
