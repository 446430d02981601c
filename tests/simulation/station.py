"""The station of a world: one interface, and what both of its implementations share.

CoreStation (core_station.py) is made of sync/ alone, in memory, so that thousands of worlds take a
minute. HttpStation (http_station.py) is the real application. What both answer is the wire of
docs/contract.md, less compression.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

from sync.fact import Fact, parse_fact
from sync.fold import Row
from sync.outcome import Refusal
from tests.simulation.chance import Chance
from tests.simulation.network import Reply, Request

READMISSIBLE = {"malformed", "revoked", "wrong_author", "missing_role", "private_mismatch"}
SHOWN_TYPES = {"site", "inspection", "hazard", "activity"}
# Of a world's station: some reach it on the first bad day, most never do.
QUARANTINED_PER_DAY_MAX = (2, 2000, 2000, 2000)
PEOPLE = {
    "dai": (["admin"], []),
    "chen": (["chief"], []),
    "lin": (["chief"], []),
    "ana": (["inspector"], ["zao"]),
    "ben": (["inspector"], ["liu"]),
    "cai": (["certified_inspector"], ["zao", "liu"]),
}


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def line_of(value: Any) -> bytes:
    return _ENCODER.encode(value).encode()


def sha_of(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


@lru_cache(maxsize=8192)
def read_fact(raw: bytes) -> Fact | Refusal:
    """What the same bytes say is asked for by station and checkers many times in a world."""
    return parse_fact(raw)


@dataclass(frozen=True, slots=True)
class Kept:
    """A line as the station keeps it."""

    sha256: str
    raw: bytes
    index: int
    verdict: str
    admitted: bool
    private: bytes | None
    received_at: str


@dataclass(frozen=True, slots=True)
class Enrolled:
    enrolment: str
    token: str
    account: str
    station: str
    server_key: str
    epoch: int
    statement: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore came to: the new epoch, that of the backup, and its log's size."""

    epoch: int
    before: int
    size: int


class Station(Protocol):
    """What a world needs of a station."""

    station_id: str
    people: dict[str, str]
    areas: dict[str, str]
    sites: dict[str, str]
    crash_next: bool
    quarantined_per_day_max: int
    real_keys: bool

    def handle(self, request: Request) -> Reply: ...
    def enrol(self, account: str, key: Any, label: str) -> Enrolled: ...
    def revoke(self, enrolment: str) -> bool: ...
    def desk_token(self, account: str) -> str: ...
    def make_key(self, chance: Chance) -> Any: ...
    def fits(self, public_key: str, text: str, signature: str) -> bool: ...

    # what checkers look at
    def kept(self) -> list[Kept]: ...
    def rows(self) -> dict[str, Row]: ...
    def row(self, subject: str) -> Row | None: ...
    def own_verification(self) -> list[str]: ...
    def photo(self, sha256: str) -> bytes | None: ...
    def counted(self, enrolment: str) -> tuple[int, int] | None: ...
    def numbers_refused(self) -> set[str]: ...
    def conflicts_listed(self) -> set[str]: ...
    def scope(self, account: str) -> tuple[bool, frozenset[str]]: ...
    def close(self) -> None: ...

    # backups and restores; only where `restorable`
    restorable: bool
    epoch: int
    proven: int  # how far phones proved the lost log to have reached

    def back_up(self) -> Any: ...
    def restore(self, backup: Any) -> Restored: ...
    def lacking(self) -> set[int]: ...
    def hazard_number(self, subject: str) -> int | str | None: ...
