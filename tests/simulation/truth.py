"""What people recorded and decided, kept apart from phones and station.

Checkers compare only this with what station and phones show. It learns of a fact the moment a
phone says 已存好, and of a decision the moment a desk shows it as done; it never asks the station.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from tests.simulation.happened import Happened


@dataclass(slots=True)
class Recorded:
    """One fact somebody was told is safe on their phone."""

    sha256: str
    raw: bytes
    private: bytes | None
    id: str
    kind: str
    subject: str
    author: str
    enrolment: str
    n: int
    phone: str
    after: tuple[str, ...]
    body: dict[str, Any]
    photos: tuple[str, ...]
    bad: str | None = None  # why the station should set it aside, where that is known beforehand
    receipts: list[str] = field(default_factory=list)  # batches whose receipt covered it
    verdict: str | None = None  # as the first receipt told it


@dataclass(slots=True)
class Decided:
    """One decision at a desk."""

    id: str
    kind: str
    subject: str
    account: str
    body: dict[str, Any]
    after: tuple[str, ...]
    answered: bool = False  # the person saw that it was done


@dataclass(slots=True)
class Truth:
    facts: dict[str, Recorded] = field(default_factory=dict)
    decisions: dict[str, Decided] = field(default_factory=dict)
    photos: dict[str, bytes] = field(default_factory=dict)
    photo_receipts: set[str] = field(default_factory=set)
    sunk: set[str] = field(default_factory=set)  # facts whose only copy went down with a phone
    sunk_photos: set[str] = field(default_factory=set)
    evicted: set[str] = field(default_factory=set)  # photos whose bytes the browser threw away
    sunk_privates: set[str] = field(default_factory=set)  # lines the phone never sent
    announced: dict[str, int] = field(default_factory=dict)  # enrolment -> highest n_max sent
    confirmed: dict[str, int] = field(default_factory=dict)  # the highest n_max with a receipt
    redacted: set[str] = field(default_factory=set)
    revoked: set[str] = field(default_factory=set)  # accounts of which a phone was revoked
    # Enrolments that were revoked, with what any log of the station had by then.
    cut_off: dict[str, frozenset[str]] = field(default_factory=dict)
    forgotten: set[str] = field(default_factory=set)  # facts a phone let go of
    happened: Happened = field(default_factory=Happened)
    checklist_version: int = 1  # the highest whose publishing somebody saw done
    wrongs: list[str] = field(default_factory=list)  # what was seen to be wrong on the way

    def record(self, fact: Recorded) -> None:
        self.facts[fact.sha256] = fact

    def keep_photo(self, body: bytes) -> str:
        sha256 = hashlib.sha256(body).hexdigest()
        self.photos[sha256] = body
        return sha256

    def wrong(self, invariant: str, words: str) -> None:
        self.wrongs.append(f"{invariant}: {words}")

    def expected(self) -> list[Recorded]:
        """The facts that must be in the ledger once everything has been handed over."""
        return [each for sha256, each in self.facts.items() if sha256 not in self.sunk]
