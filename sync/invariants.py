"""What must always hold of a ledger, as functions: `ledger verify` and the tests ask the same ones.

Each returns what is wrong, or nothing. They must not know where entries and rows are kept, and
never mend anything.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sync.folding import Row, same_value
from sync.merkle import Frontier, append_leaves, leaf_hash, log_leaf


@dataclass(frozen=True, slots=True)
class LogEntry:
    index: int
    fact_sha256: str
    verdict: str
    received_at: str
    raw: bytes | None = None  # the fact's bytes, where they are at hand


@dataclass(frozen=True, slots=True)
class Head:
    """A head of the log held outside it: in a receipt, on an export, on a phone."""

    size: int
    root: str


@dataclass(frozen=True, slots=True)
class Break:
    """The first broken link. `low` and `high` bound where the first changed entry stands."""

    reason: str  # gap | bytes | root | short
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Difference:
    subject: str
    field: str
    live: Any
    rebuilt: Any


def check_log(entries: Iterable[LogEntry], heads: Iterable[Head]) -> Break | None:
    """The first place where a log is not the one these heads were signed over (I7); None if it is.

    The more heads are known, the narrower the place. Entries come in the order of their index.
    """
    roots = {head.size: head.root for head in heads}
    frontier, sound = Frontier(), 0  # sound: entries up to here are covered by a head that held
    if roots.get(0, frontier.root().hex()) != frontier.root().hex():
        return Break("root", 0, 0)
    for entry in entries:
        if entry.index != frontier.size:
            return Break("gap", frontier.size, max(frontier.size, entry.index))
        if entry.raw is not None and hashlib.sha256(entry.raw).hexdigest() != entry.fact_sha256:
            return Break("bytes", entry.index, entry.index)
        leaf = leaf_hash(log_leaf(entry.fact_sha256, entry.verdict, entry.received_at))
        frontier = append_leaves(frontier, (leaf,)).frontier
        if frontier.size in roots:
            if frontier.root().hex() != roots[frontier.size]:
                return Break("root", sound, frontier.size - 1)
            sound = frontier.size
    longest = max(roots, default=0)
    return Break("short", frontier.size, longest - 1) if longest > frontier.size else None


def check_rebuild(live: Mapping[str, Row], rebuilt: Mapping[str, Row]) -> list[Difference]:
    """Where the rows in use differ from rows folded anew from the log (I8)."""
    found = []
    for subject in sorted({*live, *rebuilt}):
        one, other = live.get(subject), rebuilt.get(subject)
        if one is None or other is None:
            found.append(Difference(subject, "", one, other))
            continue
        for field in sorted({*one, *other}):
            if same_value(one.get(field)) != same_value(other.get(field)):
                found.append(Difference(subject, field, one.get(field), other.get(field)))
    return found


def check_numbers(numbers: Iterable[tuple[int, int, str]]) -> list[str]:
    """What is wrong with the ledger numbers (year, sequence, hazard): gaps, numbers held twice."""
    found = []
    years: dict[int, dict[int, str]] = {}
    holders: dict[str, tuple[int, int]] = {}
    for year, sequence, hazard in sorted(numbers):
        taken = years.setdefault(year, {})
        if sequence in taken:
            found.append(f"{year}-{sequence}: held by {taken[sequence]} and {hazard}")
        if hazard in holders:
            found.append(f"{hazard}: has two numbers, {holders[hazard]} and {(year, sequence)}")
        taken.setdefault(sequence, hazard)
        holders.setdefault(hazard, (year, sequence))
    for year, taken in years.items():
        missing = set(range(1, max(taken) + 1)) - set(taken)
        found += [f"{year}-{sequence}: given to nobody" for sequence in sorted(missing)]
    return found


def missing_numbers(held: Iterable[int], announced: int) -> list[tuple[int, int]]:
    """Ranges of a phone's own numbers the server should hold and does not (I15)."""
    ranges: list[tuple[int, int]] = []
    expected = 1
    for n in [*sorted({n for n in held if n <= announced}), announced + 1]:
        if n > expected:
            ranges.append((expected, n - 1))
        expected = n + 1
    return ranges
