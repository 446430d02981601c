"""The way down, checked: what phones show is what the station holds and they may see."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from sync.invariants import Head, LogEntry, check_log
from tests.simulation.phone import Phone
from tests.simulation.reading import Ledger
from tests.simulation.station import Restored, Station

SHOWN_TYPES = ("site", "inspection", "hazard")


def no_gaps(ledger: Ledger, phones: list[Phone], station: Station) -> Iterator[str]:
    for place, each in enumerate(ledger.kept):
        if each.index != place:
            yield f"I6: the log jumps from {place} to {each.index}"
            return
    for phone in phones:
        if phone.disk.revoked or phone.disk.signed_out:
            continue
        yield from _pulled(ledger, phone, station)


def _visible(ledger: Ledger, account: str, station: Station, subject: str) -> bool:
    row = ledger.rows[subject]
    whole, areas = station.scope(account)
    if whole or account in (row.get("author"), row.get("registered_by")):
        return True
    site = row if row["type"] == "site" else ledger.rows.get(row.get("site") or "")
    return site is not None and site.get("area") in areas


def _wrote(ledger: Ledger, account: str, subject: str) -> bool:
    return any(ledger.facts[each.sha256].author == account for each in ledger.of_subject[subject])


def _pulled(ledger: Ledger, phone: Phone, station: Station) -> Iterator[str]:
    disk = phone.disk
    for subject, row in ledger.rows.items():
        if row["type"] not in SHOWN_TYPES:
            continue
        shown = disk.rows.get(subject)
        if row["state"] == "incomplete" and _wrote(ledger, phone.account, subject):
            continue  # until the fact that makes it arrives, it is theirs who spoke of it
        if not _visible(ledger, phone.account, station, subject):
            if shown is not None:
                yield f"I11: {phone.name} holds {row['type']} {subject} of another area"
            continue
        if shown is None:
            yield f"I6: {phone.name} never got {row['type']} {subject}"
        elif shown["facts"] != row["facts"] or shown["heads"] != row["heads"]:
            yield f"I6: {phone.name} holds an old {row['type']} {subject}"
        elif (shown["state"], shown.get("level")) != (row["state"], row.get("level")):
            yield f"I6: {phone.name} shows {shown['state']} for {row['state']} {subject}"
        elif shown["redacted"] != row["redacted"]:
            yield f"I14: {phone.name} did not hear of a redaction in {subject}"
    for sha256, (index, line) in disk.pulled.items():
        kept = ledger.by_hash.get(sha256)
        if kept is None or kept.index != index or kept.raw.decode() != line:
            yield f"I10: {phone.name} pulled {sha256} other than it is"


def _stands(epoch: int, size: int, restored: list[Restored]) -> bool:
    """Whether a head of that epoch still speaks of the log there is now."""
    current = restored[-1].epoch if restored else epoch
    for each in reversed(restored):
        if epoch == current:
            return True
        if size > each.size:
            return False
        current = each.before
    return epoch == current


def tamper_evident(
    ledger: Ledger, phones: Iterable[Phone], restored: list[Restored]
) -> Iterator[str]:
    """Every head shown holds, those of a lost log as far as the backup reached."""
    heads = {
        (size, root)
        for phone in phones
        for epoch, size, root in phone.heads_seen
        if _stands(epoch, size, restored)
    }
    for phone in phones:
        for text in phone.disk.receipts.values():
            said = json.loads(text)
            log = said["log"]
            if _stands(said["epoch"], log["size"], restored):
                heads.add((log["size"], log["root"]))
    entries = [
        LogEntry(each.index, each.sha256, each.verdict, each.received_at, each.raw,
                 private=each.private)
        for each in ledger.kept
    ]  # fmt: skip
    broken = check_log(entries, [Head(*each) for each in heads])
    if broken is not None:
        yield f"I7: {broken}"
    times = [each.received_at for each in ledger.kept]
    if times != sorted(times):
        yield "I9: the log's times of receipt go backwards"
