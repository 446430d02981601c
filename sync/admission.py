"""Admission: the server's verdict on one fact, decided once on arrival and stored beside it.

What a person saw is always admitted; what a person decides needs the role, held now or at the
cursor the phone last acknowledged. Nothing is refused: what is not admitted is quarantined with its
exact bytes.
This module must not know how roles, areas and signatures were looked up; they come in as values.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from sync.fact import Fact, PrivateLine
from sync.kinds import KINDS
from sync.kinds.declare import Kind
from sync.outcome import Refusal

REASONS: Final = (
    "unreadable",
    "malformed",
    "foreign_station",
    "revoked",
    "bad_signature",
    "wrong_author",
    "missing_role",
    "id_reused",
    "private_mismatch",
    "desk_only",
)
FLAGS: Final = (
    "outside_area",
    "unknown_kind",
    "needs_review",
    "number_reused",
    "private_missing",
)


@dataclass(frozen=True, slots=True)
class Author:
    """Whose hand a fact comes from, as the server knows it at the moment of arrival."""

    account: str
    enrolment: str | None  # None at the desk
    revoked: bool
    signature_ok: bool
    roles: frozenset[str]
    roles_acknowledged: frozenset[str]  # held at the cursor the phone last acknowledged
    areas: frozenset[str]  # ids of the areas and of all areas inside them
    # What the account's phone wrote before it was enrolled anew comes under the older enrolment.
    earlier: frozenset[str] = frozenset()  # this account's enrolments before this one
    earlier_revoked: frozenset[str] = frozenset()

    def numbering(self, fact: Fact) -> str | None:
        """The enrolment under which a fact's `n` counts (I15); None where it is not this account's.

        A revoked one counts too: what came under it has arrived, whether admitted or not.
        """
        if fact.enrolment == self.enrolment:
            return self.enrolment
        mine = fact.author == self.account and fact.enrolment is not None
        return fact.enrolment if mine and fact.enrolment in self._before else None

    @property
    def _before(self) -> frozenset[str]:
        return self.earlier | self.earlier_revoked


@dataclass(frozen=True, slots=True)
class Verdict:
    code: Literal["admitted", "quarantined"]
    reason: str | None = None
    flags: tuple[str, ...] = ()
    detail: str = ""  # for the quarantine page; no part of the log

    @property
    def admitted(self) -> bool:
        return self.code == "admitted"

    @property
    def text(self) -> str:
        """As it is logged and told: admitted, admitted:outside_area,needs_review, quarantined:x."""
        tail = self.reason if self.reason is not None else ",".join(self.flags)
        return f"{self.code}:{tail}" if tail else self.code

    def flagged(self, flag: str) -> Verdict:
        """The same verdict with one more flag; a quarantined fact carries no flags."""
        if not self.admitted or flag in self.flags:
            return self
        return Verdict("admitted", flags=(*self.flags, flag))


def quarantined(reason: str, detail: str = "") -> Verdict:
    return Verdict("quarantined", reason, detail=detail)


def refused(refusal: Refusal) -> Verdict:
    """The verdict on a line that holds no fact."""
    return quarantined(refusal.reason, refusal.detail)


@lru_cache(maxsize=256)
def parse_verdict(text: str) -> Verdict:
    """The verdict written in the log; words that are not known yet are kept."""
    code, _, tail = text.partition(":")
    if code == "quarantined":
        return Verdict("quarantined", tail or None)
    return Verdict("admitted", flags=tuple(tail.split(",")) if tail else ())


def admit(
    fact: Fact,
    author: Author,
    station: str,
    *,
    site_area: str | None,
    private: PrivateLine | None = None,
) -> Verdict:
    """The verdict on a fact.

    `site_area`: the area of the site the fact is about, None when it is not known or does not
    matter.
    `private`: the private line that came with it. One whose hash is not the fact's is a mismatch;
    none at all is only flagged, since the fact and its hash are whole and the line may follow or be
    redacted.
    """
    kind = KINDS.get(fact.kind)
    distrust = _origin_reason(fact, author, station, kind)
    if distrust is not None:
        return quarantined(distrust)
    if private is not None and private.sha256 != fact.private:
        return quarantined("private_mismatch")
    if kind is None:
        return Verdict("admitted", flags=("unknown_kind", *_place_flags(author, site_area)))
    missing_line = fact.private is not None and private is None
    faults = kind.check(
        fact.body, private.fields if private else None, private_elsewhere=missing_line
    )
    if faults:
        return quarantined("malformed", "; ".join(map(str, faults[:5])))
    if not _may(kind, fact, author):
        return quarantined("missing_role", ",".join(sorted(kind.roles)))
    return Verdict("admitted", flags=tuple(_flags(kind, fact, author, site_area, missing_line)))


def _origin_reason(fact: Fact, author: Author, station: str, kind: Kind | None) -> str | None:
    if fact.station != station:
        return "foreign_station"
    if not author.signature_ok:
        return "bad_signature"
    if fact.author != author.account:
        return "wrong_author"
    if author.revoked or fact.enrolment in author.earlier_revoked:
        return "revoked"
    if fact.enrolment != author.enrolment and fact.enrolment not in author.earlier:
        return "wrong_author"
    if author.enrolment is not None and kind is not None and kind.desk_only:
        return "desk_only"
    return None


def _may(kind: Kind, fact: Fact, author: Author) -> bool:
    if kind.stance == "observation" or kind.server_only:
        return True
    if kind.observed_with and fact.body.get(kind.observed_with) is not None:
        return True
    return bool(kind.roles & (author.roles | author.roles_acknowledged))


def _flags(
    kind: Kind, fact: Fact, author: Author, site_area: str | None, missing_line: bool
) -> Iterator[str]:
    yield from _place_flags(author, site_area)
    if kind.guard_roles and not kind.guard_roles & (author.roles | author.roles_acknowledged):
        yield from ("needs_review",) if kind.guarded_in(fact.body) else ()
    if missing_line:
        yield "private_missing"


def _place_flags(author: Author, site_area: str | None) -> tuple[str, ...]:
    if site_area is None or site_area in author.areas:
        return ()
    return ("outside_area",)
