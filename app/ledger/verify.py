"""Verification: reads the whole ledger once, entry by entry, and tells every broken link in words.

What must hold stands in sync/invariants.py; this file brings it what the tables keep. Memory does
not grow with the ledger. A change that is consistent inside the database is found only against
heads kept outside it, so `heads` should come from a phone, an export or a printed sheet. It must
not write anything.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from app.db import Row, run
from app.keys import signature_fits
from app.ledger.head import head_text
from app.ledger.judge import readmissible
from app.ledger.phones import Line, PhoneWalk
from app.ledger.store import Station, targets
from app.ledger.witnessed import Witnessed
from sync import invariants
from sync.fact import Fact, parse_fact
from sync.invariants import Break, LogEntry, LogWalk
from sync.merkle import Frontier

BLOCK_ENTRIES = 1024
BREAKS_MAX = 20


@dataclass(frozen=True, slots=True)
class Head(invariants.Head):
    """A head somebody kept outside: at this size the log had this root."""

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
    batches_signed: int = 0  # phones' batches whose signature fits the key the log names
    batches_unsigned: int = 0  # from before signatures were kept

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
    for head in heads:
        _check_signature(report, station, head, server_key)
    walk = LogWalk(heads, _readmitted(connection, station.id))
    phones = PhoneWalk(connection, station.id, Witnessed(connection, station.id, server_key))
    _tell(report, walk, walk.start())
    for block in _blocks(connection, station.id):
        for row in block:
            _tell(report, walk, walk.take(_entry(row)))
            _check_name(report, station, row)
            _check_nodes(connection, report, station, walk)
            _tell_words(report, phones.take(_line(row)))
            report.entries += 1
        progress(report.entries)
    _tell_words(report, phones.end())
    report.batches_signed, report.batches_unsigned = phones.checked, phones.unsigned
    report.root = walk.frontier.root().hex()
    report.heads_checked = walk.heads_checked
    _check_end(connection, report, station, walk.frontier)
    _tell(report, walk, walk.end())
    return report


def _blocks(connection: Connection, station_id: str) -> Iterator[list[Row]]:
    """The log in order, a block at a time, from the first index there is."""
    after = -(2**31)
    while True:
        rows = run(
            connection,
            "SELECT l.idx, l.fact_sha256, l.verdict, l.admitted, l.received_at, f.bytes, p.bytes,"
            " f.station_id, f.sha256, f.batch_id, f.enrolment_id, f.kind FROM log_entry l"
            " LEFT JOIN fact f ON f.seq = l.fact_seq"
            " LEFT JOIN private_line p"
            " ON p.station_id = l.station_id AND p.fact_sha256 = l.fact_sha256"
            " WHERE l.station_id = ? AND l.idx > ? ORDER BY l.idx LIMIT ?",
            (station_id, after, BLOCK_ENTRIES),
        )
        if not rows:
            return
        yield rows
        after = rows[-1][0]


def _entry(row: Row) -> LogEntry:
    idx, sha256, verdict, admitted, received_at, raw, private, *_ = row
    return LogEntry(
        idx,
        sha256,
        verdict,
        received_at,
        raw=None if raw is None else bytes(raw),
        gone=raw is None,
        admitted=bool(admitted),
        private=None if private is None else bytes(private),
    )


def _line(row: Row) -> Line:
    idx, sha256, verdict, _, _, raw, _, _, _, batch, enrolment, kind = row
    return Line(idx, sha256, verdict, batch, enrolment, kind, None if raw is None else bytes(raw))


def _check_name(report: Report, station: Station, row: Row) -> None:
    """An entry and its fact go by a number; both must know it under the same hash (I7)."""
    idx, sha256, _, _, _, raw, _, of_station, stored_as, *_ = row
    if raw is not None and (of_station, stored_as) != (station.id, sha256):
        report.broken(f"entry {idx}: fact {sha256} is stored as {stored_as} of {of_station}")


def _tell(report: Report, walk: LogWalk, found: Iterable[Break]) -> None:
    """Every broken link in words."""
    for each in found:
        report.broken(_words(each, walk.frontier.size))


def _tell_words(report: Report, found: Iterable[str]) -> None:
    for words in found:
        report.broken(words)


def _words(found: Break, size: int) -> str:
    entry, head = found.entry, found.head
    if entry is not None:
        return _ENTRY_WORDS[found.reason].format(
            index=entry.index, sha256=entry.fact_sha256, verdict=entry.verdict, low=found.low,
            not_="" if entry.admitted else "not ",
        )  # fmt: skip
    assert isinstance(head, Head)
    if found.reason == "short":
        return (
            f"the log ends at {size}, but {head.source} shows a log of {head.size}: "
            "entries were cut off"
        )
    return f"the first {head.size} entries are not those that {head.source} bears witness to"


_ENTRY_WORDS = {
    "gap": "entry {low} is missing; the next one is {index}",
    "gone": "entry {index}: the fact {sha256} is gone",
    "bytes": "entry {index}: the bytes of fact {sha256} were changed",
    "admission": "entry {index}: counted as {not_}admitted against {verdict}",
    "private": "entry {index}: the private line of fact {sha256} was changed",
}


def _check_nodes(connection: Connection, report: Report, station: Station, walk: LogWalk) -> None:
    """Completed subtrees must be the ones that were kept."""
    for level, index, found in walk.nodes:
        kept = run(
            connection,
            "SELECT hash FROM log_node WHERE station_id = ? AND level = ? AND idx = ?",
            (station.id, level, index),
        )
        if not kept or kept[0][0] != found.hex():
            first, last = index << level, (index + 1 << level) - 1
            report.broken(f"entries {first} to {last} are not what was logged")


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
        " JOIN log_entry l ON l.fact_seq = f.seq"
        " WHERE f.station_id = ? AND f.kind = 'ledger.admitted' AND l.admitted",
        (station_id,),
    )
    named = {_named(bytes(raw)) for (raw,) in rows} - {None}
    if not named:
        return set()
    found = targets(connection, station_id, sorted(str(each) for each in named))
    return {sha256 for sha256, target in found.items() if readmissible(target.verdict)}


def _named(raw: bytes) -> Any:
    fact = parse_fact(raw)
    return fact.body.get("fact_sha256") if isinstance(fact, Fact) else None
