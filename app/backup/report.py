"""The restore report: what was restored, what came back, and what nobody has brought back so far.

Read anew whenever it is asked for: it shrinks as phones come by. Only what can be known is named:
an index of the lost log that no phone can tell anything about is named by its number. It must not
write anything.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from app.backup.named import Named, person_name, read_named
from app.db import run
from app.ledger.head import Station


@dataclass(frozen=True, slots=True)
class LostRange:
    """Entries of a lost log that are not here: from index `first` to `last`."""

    epoch: int
    first: int
    last: int


@dataclass(slots=True)
class Report:
    """Everything known of the running epoch's restore; empty lists mean nothing is missing."""

    set_name: str
    made_at: str
    restored_at: str
    size: int
    root: str
    proved: dict[int, int] = field(default_factory=dict)  # lost epoch -> the largest size shown
    returned: int = 0  # entries of lost logs whose facts are here
    missing: list[LostRange] = field(default_factory=list)
    batches: list[dict[str, Any]] = field(default_factory=list)  # {batch, phone, lacking, facts}
    phones: list[dict[str, Any]] = field(default_factory=list)  # {phone, announced, received}
    came_back: list[str] = field(default_factory=list)  # phones known only by their statements
    numbers: list[dict[str, str]] = field(default_factory=list)  # {number, interim, given_back}
    photos: list[str] = field(default_factory=list)  # of the set, and still not here
    named: Named = field(default_factory=Named)

    @property
    def lost(self) -> int:
        """How many entries came after the backup, as far as anybody proved."""
        return sum(max(0, size - self.size) for size in self.proved.values())

    @property
    def complete(self) -> bool:
        """Nothing that any phone has shown so far is missing."""
        refused = [each for each in self.numbers if not each["given_back"]]
        return not (self.missing or self.batches or self.phones or self.photos or refused)


def read_report(connection: Connection, station: Station) -> Report | None:
    """The report of the running epoch; None when this log was never restored."""
    rows = run(
        connection,
        "SELECT set_name, made_at, restored_at, size, root, photos_lacking FROM restore"
        " WHERE station_id = ? AND epoch = ?",
        (station.id, station.epoch),
    )
    if not rows:
        return None
    *head, photos = rows[0]
    report = Report(*head)
    batches = _batches(connection, station)
    _read_ranges(connection, station, report, batches)
    report.batches = [each for each in batches if each["lacking"]]
    report.phones = _phones(connection, station)
    report.came_back = _came_back(connection, station, report)
    report.numbers = _numbers(connection, station)
    report.named = read_named(
        connection, station, size=report.size, made_at=report.made_at,
        restored_at=report.restored_at,
    )  # fmt: skip
    report.photos = _still_lacking(connection, station, json.loads(photos))
    return report


def _batches(connection: Connection, station: Station) -> list[dict[str, Any]]:
    """Batches of lost logs whose receipts phones showed, with those of their facts not here."""
    rows = run(
        connection,
        "SELECT b.epoch, b.batch_id, b.size, b.facts, COALESCE(e.label, ''), b.enrolment_id,"
        " COALESCE(a.row, '{}') FROM lost_batch b"
        " LEFT JOIN enrolment e ON e.station_id = b.station_id AND e.enrolment_id = b.enrolment_id"
        " LEFT JOIN account a ON a.station_id = e.station_id AND a.id = e.account_id"
        " WHERE b.station_id = ? AND b.epoch <> ?",
        (station.id, station.epoch),
    )
    found = []
    for epoch, batch, size, text, label, enrolment, account in sorted(rows):
        facts = json.loads(text)
        here = _here(connection, station, facts)
        found.append(
            {"epoch": epoch, "batch": batch, "size": size, "facts": len(facts),
             "lacking": [each for each in facts if each not in here], "all": facts,
             "phone": label or enrolment, "name": person_name(json.loads(account))}
        )  # fmt: skip
    return found


def _here(connection: Connection, station: Station, sha256s: list[str]) -> set[str]:
    rows = run(
        connection,
        "SELECT sha256 FROM fact WHERE station_id = ? AND sha256 = ANY(?)",
        (station.id, sha256s),
    )
    return {sha256 for (sha256,) in rows}


def _read_ranges(
    connection: Connection, station: Station, report: Report, batches: list[dict[str, Any]]
) -> None:
    """Which places of the lost logs are accounted for, between the restored size and the proof."""
    rows = run(
        connection,
        "SELECT epoch, MAX(size) FROM lost_head WHERE station_id = ? AND epoch <> ? GROUP BY epoch",
        (station.id, station.epoch),
    )
    for epoch, size in sorted(rows):
        report.proved[epoch] = size
        known = _proved_places(connection, station, epoch)
        known |= _batch_places([each for each in batches if each["epoch"] == epoch])
        here = {place for place in known if report.size <= place < size}
        report.returned += len(here)
        report.missing += _gaps(epoch, report.size, size, here)


def _proved_places(connection: Connection, station: Station, epoch: int) -> set[int]:
    rows = run(
        connection,
        "SELECT idx FROM returned_fact WHERE station_id = ? AND epoch = ?",
        (station.id, epoch),
    )
    return {idx for (idx,) in rows}


def _batch_places(batches: Iterable[dict[str, Any]]) -> set[int]:
    """A batch's new facts stood at the end of the log its receipt names.

    A fact that an earlier batch brought already had no new place; if in doubt, a place counts as
    missing rather than as here.
    """
    places: set[int] = set()
    seen: set[str] = set()
    for each in sorted(batches, key=lambda batch: batch["size"]):
        new = [sha256 for sha256 in each["all"] if sha256 not in seen]
        seen.update(each["all"])
        lacking = set(each["lacking"])
        first = each["size"] - len(new)
        places |= {first + at for at, sha256 in enumerate(new) if sha256 not in lacking}
    return places


def _gaps(epoch: int, start: int, end: int, here: set[int]) -> list[LostRange]:
    gaps: list[LostRange] = []
    for place in range(start, end):
        if place in here:
            continue
        if gaps and gaps[-1].last == place - 1:
            gaps[-1] = LostRange(epoch, gaps[-1].first, place)
        else:
            gaps.append(LostRange(epoch, place, place))
    return gaps


def _phones(connection: Connection, station: Station) -> list[dict[str, Any]]:
    rows = run(
        connection,
        "SELECT e.label, e.enrolment_id, e.n_announced, e.n_received, COALESCE(a.row, '{}')"
        " FROM enrolment e LEFT JOIN account a ON a.station_id = e.station_id"
        " AND a.id = e.account_id WHERE e.station_id = ? AND e.n_announced > e.n_received",
        (station.id,),
    )
    return [
        {"phone": label or enrolment, "name": person_name(json.loads(account)),
         "announced": announced, "received": received}
        for label, enrolment, announced, received, account in sorted(rows)
    ]  # fmt: skip


def _came_back(connection: Connection, station: Station, report: Report) -> list[str]:
    """Enrolled between backup and loss: whether they were revoked since is known to nobody."""
    rows = run(
        connection,
        "SELECT label, enrolment_id FROM enrolment"
        " WHERE station_id = ? AND claimed_at > ? AND claimed_at < ? AND revoked_at IS NULL",
        (station.id, report.made_at, report.restored_at),
    )
    return sorted(label or enrolment for label, enrolment in rows)


def _numbers(connection: Connection, station: Station) -> list[dict[str, Any]]:
    rows = run(
        connection,
        "SELECT number, interim, given_back, subject_id FROM returned_number WHERE station_id = ?",
        (station.id,),
    )
    return [
        {
            "number": number,
            "interim": interim or "",
            "given_back": bool(given_back),
            "hazard": hazard,
        }
        for number, interim, given_back, hazard in sorted(rows, key=lambda row: row[0])
    ]


def _still_lacking(connection: Connection, station: Station, lacking: list[str]) -> list[str]:
    rows = run(
        connection,
        "SELECT sha256 FROM photo WHERE station_id = ? AND state = 'held' AND sha256 = ANY(?)",
        (station.id, lacking),
    )
    held = {sha256 for (sha256,) in rows}
    return [sha256 for sha256 in lacking if sha256 not in held]
