"""Verification: reads the whole ledger once, entry by entry, and names the first broken link.

Memory does not grow with the ledger. A change that is consistent inside the database is found only
against heads kept outside it, so `heads` should come from a phone, an export or a printed sheet. It
must not write anything.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from app.db import Row, run
from app.keys import signature_fits
from app.ledger.head import head_text
from app.ledger.judge import readmissible
from app.ledger.store import Station
from sync.fact import Fact, parse_fact
from sync.merkle import Frontier, append_leaves, leaf_hash, log_leaf

BLOCK_ENTRIES = 1024
BREAKS_MAX = 20


@dataclass(frozen=True, slots=True)
class Head:
    """A head somebody kept outside: at this size the log had this root."""

    size: int
    root: str
    source: str
    epoch: int | None = None
    time: str | None = None
    signature: str | None = None


@dataclass(slots=True)
class Report:
    """What verification found; `breaks` is empty when every link holds."""

    entries: int = 0
    root: str = ""
    breaks: list[str] = field(default_factory=list)
    heads_checked: int = 0

    def broken(self, words: str) -> None:
        """Note a broken link, the first few of them."""
        if len(self.breaks) < BREAKS_MAX:
            self.breaks.append(words)


def read_heads(text: str, source: str) -> list[Head]:
    """Heads in a file: one JSON object, a list of them, or one per line."""
    stripped = text.strip()
    try:
        found = json.loads(stripped)
    except ValueError:
        found = [json.loads(line) for line in stripped.splitlines() if line.strip()]
    heads = []
    for each in found if isinstance(found, list) else [found]:
        each = each.get("head", each.get("log", each))
        heads.append(
            Head(int(each["size"]), str(each["root"]), source, each.get("epoch"), each.get("time"),
                 each.get("signature"))
        )  # fmt: skip
    return heads


def verify(
    connection: Connection,
    station: Station,
    heads: Sequence[Head],
    *,
    server_key: str,
    progress: Callable[[int], None] = lambda _done: None,
) -> Report:
    """Walk the log from its first entry and compare everything that can be compared."""
    report = Report()
    waiting = sorted(heads, key=lambda head: head.size)
    for head in heads:
        _check_signature(report, station, head, server_key)
    frontier = Frontier()
    waiting = _check_heads(report, waiting, frontier)
    readmitted = _readmitted(connection, station.id)
    for block in _blocks(connection, station.id):
        for row in block:
            _check_entry(report, row, frontier.size, readmitted)
            frontier = _grow(connection, report, station, frontier, row)
            waiting = _check_heads(report, waiting, frontier)
            report.entries += 1
        progress(report.entries)
    report.root = frontier.root().hex()
    _check_end(connection, report, station, frontier)
    for head in waiting:
        report.broken(
            f"the log ends at {frontier.size}, but {head.source} shows a log of {head.size}: "
            "entries were cut off"
        )
    return report


def _blocks(connection: Connection, station_id: str) -> Iterator[list[Row]]:
    """The log in order, a block at a time, from the first index there is."""
    after = -(2**31)
    while True:
        rows = run(
            connection,
            "SELECT l.idx, l.fact_sha256, l.verdict, l.admitted, l.received_at, f.bytes, p.bytes"
            " FROM log_entry l"
            " LEFT JOIN fact f ON f.station_id = l.station_id AND f.sha256 = l.fact_sha256"
            " LEFT JOIN private_line p"
            " ON p.station_id = l.station_id AND p.fact_sha256 = l.fact_sha256"
            " WHERE l.station_id = ? AND l.idx > ? ORDER BY l.idx LIMIT ?",
            (station_id, after, BLOCK_ENTRIES),
        )
        if not rows:
            return
        yield rows
        after = rows[-1][0]


def _check_entry(report: Report, row: Row, expected: int, readmitted: set[str]) -> None:
    idx, sha256, verdict, admitted, _, raw, private = row
    if idx != expected:
        report.broken(f"entry {expected} is missing; the next one is {idx}")
    if raw is None:
        report.broken(f"entry {idx}: the fact {sha256} is gone")
        return
    raw = bytes(raw)
    if hashlib.sha256(raw).hexdigest() != sha256:
        report.broken(f"entry {idx}: the bytes of fact {sha256} were changed")
    if bool(admitted) != (verdict.startswith("admitted") or sha256 in readmitted):
        report.broken(
            f"entry {idx}: counted as {'' if admitted else 'not '}admitted against {verdict}"
        )
    if private is not None:
        fact = parse_fact(raw)
        named = fact.private if isinstance(fact, Fact) else None
        if hashlib.sha256(bytes(private)).hexdigest() != named:
            report.broken(f"entry {idx}: the private line of fact {sha256} was changed")


def _grow(
    connection: Connection, report: Report, station: Station, frontier: Frontier, row: Row
) -> Frontier:
    """The frontier with one more leaf; completed subtrees must be the ones that were kept."""
    _, sha256, verdict, _, received_at, *_ = row
    grown = append_leaves(frontier, [leaf_hash(log_leaf(sha256, verdict, received_at))])
    for level, index, found in grown.nodes:
        kept = run(
            connection,
            "SELECT hash FROM log_node WHERE station_id = ? AND level = ? AND idx = ?",
            (station.id, level, index),
        )
        if not kept or kept[0][0] != found.hex():
            first, last = index << level, (index + 1 << level) - 1
            report.broken(f"entries {first} to {last} are not what was logged")
    return grown.frontier


def _check_heads(report: Report, waiting: list[Head], frontier: Frontier) -> list[Head]:
    """Compare every head of this size; those of later sizes go on waiting."""
    while waiting and waiting[0].size <= frontier.size:
        head = waiting.pop(0)
        report.heads_checked += 1
        if head.size != frontier.size or frontier.root().hex() != head.root:
            report.broken(
                f"the first {head.size} entries are not those that {head.source} bears witness to"
            )
    return waiting


def _check_signature(report: Report, station: Station, head: Head, server_key: str) -> None:
    if head.signature is None or head.time is None:
        return
    epoch = station.epoch if head.epoch is None else head.epoch
    text = head_text(station.id, epoch=epoch, size=head.size, root=head.root, time=head.time)
    if not signature_fits(server_key, text.encode(), head.signature):
        report.broken(f"the head in {head.source} was not signed by this station's key")


def _check_end(
    connection: Connection, report: Report, station: Station, frontier: Frontier
) -> None:
    if frontier.size != station.size or frontier.root().hex() != station.root:
        report.broken(
            f"the station says {station.size} entries with root {station.root}, "
            f"the log gives {frontier.size} with {frontier.root().hex()}"
        )
    facts = run(connection, "SELECT count(*) FROM fact WHERE station_id = ?", (station.id,))[0][0]
    if facts != frontier.size:
        report.broken(f"{facts} facts are stored for {frontier.size} entries of the log")


def _readmitted(connection: Connection, station_id: str) -> set[str]:
    """Facts that an admitted `ledger.admitted` lets count; few, so they are kept in memory."""
    rows = run(
        connection,
        "SELECT f.bytes FROM fact f"
        " JOIN log_entry l ON l.station_id = f.station_id AND l.fact_sha256 = f.sha256"
        " WHERE f.station_id = ? AND f.kind = 'ledger.admitted' AND l.admitted",
        (station_id,),
    )
    named = {_named(bytes(raw)) for (raw,) in rows} - {None}
    if not named:
        return set()
    verdicts = run(
        connection,
        "SELECT fact_sha256, verdict FROM log_entry WHERE station_id = ? AND fact_sha256 = ANY(?)",
        (station_id, sorted(str(each) for each in named)),
    )
    return {sha256 for sha256, verdict in verdicts if readmissible(verdict)}


def _named(raw: bytes) -> Any:
    fact = parse_fact(raw)
    return fact.body.get("fact_sha256") if isinstance(fact, Fact) else None
