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
    report.photos = _still_lacking(connection, station, json.loads(photos))
    return report


def _batches(connection: Connection, station: Station) -> list[dict[str, Any]]:
    """Batches of lost logs whose receipts phones showed, with those of their facts not here."""
    rows = run(
        connection,
        "SELECT b.epoch, b.batch_id, b.size, b.facts, COALESCE(e.label, ''), b.enrolment_id"
        " FROM lost_batch b LEFT JOIN enrolment e ON e.station_id = b.station_id"
        " AND e.enrolment_id = b.enrolment_id WHERE b.station_id = ? AND b.epoch <> ?",
        (station.id, station.epoch),
    )
    found = []
    for epoch, batch, size, text, label, enrolment in sorted(rows):
        facts = json.loads(text)
        here = _here(connection, station, facts)
        found.append(
            {"epoch": epoch, "batch": batch, "size": size, "facts": len(facts),
             "lacking": [each for each in facts if each not in here], "all": facts,
             "phone": label or enrolment}
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
        "SELECT label, enrolment_id, n_announced, n_received FROM enrolment"
        " WHERE station_id = ? AND n_announced > n_received",
        (station.id,),
    )
    return [
        {"phone": label or enrolment, "announced": announced, "received": received}
        for label, enrolment, announced, received in sorted(rows)
    ]


def _came_back(connection: Connection, station: Station, report: Report) -> list[str]:
    """Enrolled between backup and loss: whether they were revoked since is known to nobody."""
    rows = run(
        connection,
        "SELECT label, enrolment_id FROM enrolment"
        " WHERE station_id = ? AND claimed_at > ? AND claimed_at < ?",
        (station.id, report.made_at, report.restored_at),
    )
    return sorted(label or enrolment for label, enrolment in rows)


def _numbers(connection: Connection, station: Station) -> list[dict[str, Any]]:
    rows = run(
        connection,
        "SELECT number, interim, given_back FROM returned_number WHERE station_id = ?",
        (station.id,),
    )
    return [
        {"number": number, "interim": interim or "", "given_back": bool(given_back)}
        for number, interim, given_back in sorted(rows, key=lambda row: row[0])
    ]


def _still_lacking(connection: Connection, station: Station, lacking: list[str]) -> list[str]:
    rows = run(
        connection,
        "SELECT sha256 FROM photo WHERE station_id = ? AND state = 'held' AND sha256 = ANY(?)",
        (station.id, lacking),
    )
    held = {sha256 for (sha256,) in rows}
    return [sha256 for sha256 in lacking if sha256 not in held]


# --- in words -----------------------------------------------------------------------------------

_ZH = {
    "never": "这个站没有从备份恢复过。",
    "head": "恢复报告\n备份 {set_name}（{made_at} 做的），恢复于 {restored_at}。\n"
    "恢复到第 {size} 条记录，根 {root}。",
    "proved": "手机出示过的凭据：丢失的账本（第 {epoch} 期）到过第 {size} 条。",
    "returned": "恢复点以后的记录，已经找回 {count} 条。",
    "missing": "还没有人交回来：第 {epoch} 期第 {first} 到 {last} 条，共 {count} 条。",
    "batch": "手机 {phone} 有收条的一批（{batch}）：{facts} 条里还缺 {lacking} 条。",
    "phone": "手机 {phone} 记到第 {announced} 号，站里连续收到第 {received} 号。",
    "came_back": "备份以后才登记的手机，凭站里签过的登记回来了，请看一眼是不是还该用：{phone}",
    "number": "编号 {number} 已经还给原来的隐患（恢复后曾临时编为 {interim}）。",
    "taken": "编号 {number} 没能还给原来的隐患，现在的编号是 {interim}。",
    "photo": "备份里缺或坏了、还没补上的照片：{sha256}",
    "complete": "到现在为止，手机知道的没有一条缺。",
    "look": "备份以后改过的密码、角色、停用的账号和手机、发布的检查表，手机不会带回来，"
    "请对照检查。",
}
_EN = {
    "never": "This station was never restored from a backup.",
    "head": "Restore report\nSet {set_name} (made {made_at}), restored {restored_at}.\n"
    "Restored to {size} entries, root {root}.",
    "proved": "Phones proved that the lost log (epoch {epoch}) had {size} entries.",
    "returned": "Of what came after the backup, {count} entries are back.",
    "missing": "Nobody has handed back yet: epoch {epoch}, entries {first} to {last} ({count}).",
    "batch": "Phone {phone} has a receipt for batch {batch}: {lacking} of {facts} facts lack.",
    "phone": "Phone {phone} counts up to {announced}; received without a hole up to {received}.",
    "came_back": "Enrolled after the backup, back by the station's own signature; look whether it"
    " should still be trusted: {phone}",
    "number": "Number {number} is back with its hazard (for a while it was {interim}).",
    "taken": "Number {number} could not be given back; its hazard now has {interim}.",
    "photo": "A photo the backup lacked and nobody has sent yet: {sha256}",
    "complete": "So far nothing that any phone knew is missing.",
    "look": "Passwords, roles, accounts and phones switched off, and checklists published after the"
    " backup do not come back with phones: look them through.",
}


def words_of(report: Report | None, *, english: bool) -> str:
    """The report for people, a line each."""
    words = _EN if english else _ZH
    if report is None:
        return words["never"] + "\n"
    told = [
        words["head"].format(
            set_name=report.set_name, made_at=report.made_at, restored_at=report.restored_at,
            size=report.size, root=report.root,
        )
    ]  # fmt: skip
    told += [words["proved"].format(epoch=e, size=s) for e, s in sorted(report.proved.items())]
    told.append(words["returned"].format(count=report.returned))
    told += [
        words["missing"].format(
            epoch=each.epoch, first=each.first, last=each.last, count=each.last - each.first + 1
        )
        for each in report.missing
    ]
    told += [
        words["batch"].format(**{**each, "lacking": len(each["lacking"])})
        for each in report.batches
    ]
    told += [words["phone"].format(**each) for each in report.phones]
    told += [words["came_back"].format(phone=each) for each in report.came_back]
    told += [
        words["number" if each["given_back"] else "taken"].format(**each)
        for each in report.numbers
        if each["interim"]
    ]
    told += [words["photo"].format(sha256=each) for each in report.photos]
    told += [words["complete"]] if report.complete else []
    told.append(words["look"])
    return "\n".join(told) + "\n"
