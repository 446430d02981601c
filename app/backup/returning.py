"""Taking back what phones prove: facts a restored log lacks, with the verdict they had before.

The fact gets a new place in the log, because the log only grows; its old place, time and number are
kept beside it as evidence. It must not judge anything anew, nor know how lines are checked.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from app.auth.returned import follow_phones
from app.backup.pulled import LostEntry, LostHead, Pulled, in_order, lost_entries
from app.backup.table import lost_batch
from app.batches.numbers import follow_enrolments
from app.clock import instant
from app.db import insert_many, run
from app.ledger.append import Returned, append
from app.ledger.entrusted import Opened
from app.ledger.incoming import Incoming, Sender, read_incoming
from app.ledger.witnessed import keep_entrusted, keep_pages
from sync.admission import Author, parse_verdict
from sync.fact import Fact
from sync.limits import INTEGER_MAX

IGNORE = "ON CONFLICT DO NOTHING"
# Under these the fact's own word about its enrolment was not believed, so its number did not count.
UNTRUSTED = frozenset({"wrong_author", "foreign_station", "bad_signature"})


@dataclass(frozen=True, slots=True)
class _WitnessedAuthor(Author):
    """Whoever wrote them: a lost log had taken these facts in, each under its own enrolment."""

    trusted: frozenset[str] = frozenset()  # hashes of facts whose enrolment was believed

    def numbering(self, fact: Fact) -> str | None:
        return fact.enrolment if fact.sha256 in self.trusted else None


@dataclass(frozen=True, slots=True)
class Taken:
    """How many facts came new to the log, and how many were here."""

    new: int
    known: int


def take_back(
    connection: Connection, station_id: str, pulled: Pulled, *, enrolment_id: str, now: datetime
) -> Taken:
    """Append what is lacking and keep what was proved; doing it twice changes nothing."""
    entries = in_order(pulled.entries)
    new = _append(connection, station_id, entries, now)
    _keep_entrusted(connection, station_id, entries, now)
    _keep_heads(connection, station_id, pulled.heads, enrolment_id, now)
    _keep_batches(connection, station_id, pulled)
    keep_pages(connection, station_id, pulled.pages, enrolment_id=enrolment_id, now=now)
    return Taken(new, len(entries) - new)


def _append(
    connection: Connection, station_id: str, entries: Sequence[LostEntry], now: datetime
) -> int:
    if not entries:
        return 0
    incoming = read_incoming(
        [each.told.line.encode("utf-8") for each in entries],
        [each.private.encode("utf-8") for each in entries if each.private is not None],
    )
    returned = {each.told.sha256: Returned(each.told.verdict, each.told.number) for each in entries}
    trusted = frozenset(
        sha256
        for sha256, told in returned.items()
        if parse_verdict(told.verdict).reason not in UNTRUSTED
    )
    appended = append(
        connection, station_id, incoming, Sender(_author(trusted), whole=True), now=now,
        returned=returned,
    )  # fmt: skip
    follow_enrolments(connection, station_id, _highest(incoming, trusted))
    return sum(1 for outcome in appended.outcomes if outcome.new)


def _keep_entrusted(
    connection: Connection, station_id: str, entries: Sequence[LostEntry], now: datetime
) -> None:
    """Phones the lost log enrolled or switched off are known, or switched off, here too."""
    told = [(each.epoch, each.told) for each in entries if each.entrusted]
    keep_entrusted(connection, station_id, told)
    follow_phones(connection, station_id, [each.line for _, each in told], now=now)


def take_back_account(
    connection: Connection, station_id: str, opened: Opened, *, now: datetime
) -> None:
    """An account the restored log does not know, from what its own phone kept of it."""
    entries = in_order(lost_entries(opened))
    _append(connection, station_id, entries, now)
    _keep_entrusted(connection, station_id, entries, now)


def _author(trusted: frozenset[str]) -> _WitnessedAuthor:
    nobody: frozenset[str] = frozenset()
    return _WitnessedAuthor(
        account="", enrolment=None, revoked=False, signature_ok=True, roles=nobody,
        roles_acknowledged=nobody, areas=nobody, trusted=trusted,
    )  # fmt: skip


def _highest(incoming: Sequence[Incoming], trusted: frozenset[str]) -> dict[str, int]:
    """The highest number of each enrolment among them: what is below it may be missing (I15)."""
    highest: dict[str, int] = {}
    for each in incoming:
        fact = each.fact
        if fact is None or fact.enrolment is None or fact.n is None or fact.n > INTEGER_MAX:
            continue
        if each.sha256 in trusted:
            highest[fact.enrolment] = max(fact.n, highest.get(fact.enrolment, 0))
    return highest


def _keep_heads(
    connection: Connection,
    station_id: str,
    heads: Sequence[LostHead],
    enrolment_id: str,
    now: datetime,
) -> None:
    """The largest size each phone proved of each lost log."""
    largest: dict[int, LostHead] = {}
    for head in heads:
        if head.epoch not in largest or head.size > largest[head.epoch].size:
            largest[head.epoch] = head
    for epoch, head in sorted(largest.items()):
        run(
            connection,
            "INSERT INTO lost_head (station_id, epoch, size, enrolment_id, root, seen_at)"
            " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (station_id, epoch, enrolment_id)"
            " DO UPDATE SET size = excluded.size, root = excluded.root, seen_at = excluded.seen_at"
            " WHERE excluded.size > lost_head.size",
            (station_id, epoch, head.size, enrolment_id, head.root, instant(now)),
        )


def _keep_batches(connection: Connection, station_id: str, pulled: Pulled) -> None:
    columns = ("station_id", "epoch", "batch_id", "enrolment_id", "size", "facts")
    rows = {
        (each.epoch, each.batch): (
            station_id, each.epoch, each.batch, each.enrolment, each.size, json.dumps(each.facts)
        )
        for each in pulled.batches
    }  # fmt: skip
    insert_many(
        connection, lost_batch, columns, [rows[key] for key in sorted(rows)], conflict=IGNORE
    )
