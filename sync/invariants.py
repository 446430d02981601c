"""What must always hold of a ledger: `ledger verify`, `ledger rebuild` and the tests ask this file.

Each rule stands here once and returns what is wrong, or nothing. They must not know where entries
and rows are kept, and never mend anything.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sync.admission import parse_verdict
from sync.fact import Fact, parse_fact
from sync.folding import Row, same_value
from sync.merkle import Frontier, append_leaves, leaf_hash, log_leaf


@dataclass(frozen=True, slots=True)
class LogEntry:
    """An entry of the log with what is kept beside it; what is not at hand is not compared."""

    index: int
    fact_sha256: str
    verdict: str
    received_at: str
    raw: bytes | None = None  # the fact's bytes
    gone: bool = False  # the fact is not kept any more
    admitted: bool | None = None  # whether it counts now
    private: bytes | None = None  # its private line


@dataclass(frozen=True, slots=True)
class Head:
    """A head of the log held outside it: in a receipt, on an export, on a phone."""

    size: int
    root: str


@dataclass(frozen=True, slots=True)
class Break:
    """A broken link. `low` and `high` bound where the first changed entry stands."""

    reason: str  # gap | gone | bytes | admission | private | root | short
    low: int
    high: int
    entry: LogEntry | None = None  # the entry it was found at
    head: Head | None = None  # the head that bears witness against the log


@dataclass(frozen=True, slots=True)
class Difference:
    subject: str
    field: str
    live: Any
    rebuilt: Any


class LogWalk:
    """A log taken entry by entry in the order of its index, against heads held outside it (I7).

    Keeps one frontier and the heads still to come, so that a log of any length fits; goes on after
    a broken link. The more heads are known, the narrower the place of a break.
    `readmitted`: facts that an admitted `ledger.admitted` lets count.
    """

    def __init__(self, heads: Iterable[Head], readmitted: Collection[str] = ()) -> None:
        self.frontier = Frontier()
        self.nodes: Sequence[tuple[int, int, bytes]] = ()  # subtrees the last entry completed
        self.heads_checked = 0
        self._waiting = sorted(heads, key=lambda head: head.size, reverse=True)
        self._readmitted = readmitted
        self._sound = 0  # entries up to here are covered by heads that held

    def start(self) -> list[Break]:
        """What is wrong before the first entry: heads of an empty log."""
        return self._meet_heads()

    def take(self, entry: LogEntry) -> list[Break]:
        """What is wrong with the next entry, or with the log up to it."""
        found = list(check_entry(entry, self.frontier.size, self._readmitted))
        leaf = leaf_hash(log_leaf(entry.fact_sha256, entry.verdict, entry.received_at))
        grown = append_leaves(self.frontier, (leaf,))
        self.frontier, self.nodes = grown.frontier, grown.nodes
        return found + self._meet_heads()

    def end(self) -> list[Break]:
        """What is wrong after the last entry: heads of a longer log, so entries were cut off."""
        size = self.frontier.size
        return [Break("short", size, head.size - 1, head=head) for head in self._waiting[::-1]]

    def _meet_heads(self) -> list[Break]:
        size, found, met = self.frontier.size, [], False
        while self._waiting and self._waiting[-1].size <= size:
            head, met = self._waiting.pop(), True
            self.heads_checked += 1
            if head.size != size or head.root != self.frontier.root().hex():
                found.append(Break("root", self._sound, max(self._sound, size - 1), head=head))
        if met and not found:
            self._sound = size
        return found


def check_entry(entry: LogEntry, expected: int, readmitted: Collection[str]) -> Iterator[Break]:
    """What is wrong with one entry taken by itself; `expected` is the index it should have."""

    def broken(reason: str) -> Break:
        return Break(reason, entry.index, entry.index, entry)

    if entry.index != expected:
        yield Break("gap", expected, max(expected, entry.index), entry)
    if entry.gone:
        yield broken("gone")
        return
    if entry.raw is not None and hashlib.sha256(entry.raw).hexdigest() != entry.fact_sha256:
        yield broken("bytes")
    counts = parse_verdict(entry.verdict).admitted or entry.fact_sha256 in readmitted
    if entry.admitted is not None and entry.admitted != counts:
        yield broken("admission")
    if entry.private is not None and entry.raw is not None:
        fact = parse_fact(entry.raw)
        named = fact.private if isinstance(fact, Fact) else None
        if hashlib.sha256(entry.private).hexdigest() != named:
            yield broken("private")


def check_log(entries: Iterable[LogEntry], heads: Iterable[Head]) -> Break | None:
    """The first place where a log is not the one these heads were signed over; None if it is."""
    walk = LogWalk(heads)
    found = walk.start()
    for entry in entries:
        if found:
            break
        found = walk.take(entry)
    return next(iter(found or walk.end()), None)


def differing(live: Row, rebuilt: Row) -> dict[str, tuple[Any, Any]]:
    """The fields in which a row is not what its facts say: as it is, and as it should be."""
    return {
        name: (live.get(name), rebuilt.get(name))
        for name in sorted({*live, *rebuilt})
        if (name in live) != (name in rebuilt) or _differ(live[name], rebuilt[name])
    }


def _differ(one: Any, other: Any) -> bool:
    # Most values are equal and of one type: only the others are worth spelling out as JSON.
    if one is other or (type(one) is type(other) is str):
        return bool(one != other)
    return same_value(one) != same_value(other)


def check_rebuild(live: Mapping[str, Row], rebuilt: Mapping[str, Row]) -> list[Difference]:
    """Where the rows in use differ from rows folded anew from the log (I8)."""
    found = []
    for subject in sorted({*live, *rebuilt}):
        one, other = live.get(subject), rebuilt.get(subject)
        if one is None or other is None:
            found.append(Difference(subject, "", one, other))
            continue
        found += [Difference(subject, name, *both) for name, both in differing(one, other).items()]
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
