"""Ledger numbers of hazards: given once, in the order of arrival, and given back after a restore.

A number that a lost log gave stands again as soon as it is proved, even against one given in the
meantime: papers were printed under it. Of several that lost logs gave, the lowest stands, whoever
comes first: a life begins far above the one it follows. Part of the write path, under the station's
lock.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from app.db import Row, insert_many, run
from app.ledger import store
from app.ledger.store import Station
from app.ledger.table import returned_number

NUMBER = re.compile(r".+-([0-9]{4})-([0-9]{1,9})")
RETURNED_COLUMNS = ("station_id", "subject_id", "number", "interim", "given_back", "idx")


@dataclass(frozen=True, slots=True)
class Numbering:
    """One append's numbers; `counters` is added to."""

    connection: Connection
    station: Station
    now: datetime
    counters: dict[str, int]
    given: Mapping[str, str]  # hazard -> the number a lost log gave it


def number_hazards(
    task: Numbering, hazards: Iterable[str], before: Mapping[str, str]
) -> dict[str, str]:
    """Numbers given before, numbers given back, and new ones in the order of arrival."""
    numbers = dict(before)
    wanted = list(hazards)
    taken = give_back(task, [each for each in wanted if each in task.given], numbers)
    unnumbered = [each for each in wanted if each not in numbers]
    year = task.now.astimezone(ZoneInfo(task.station.timezone)).year
    rows: list[Row] = []
    for seq, subject_id in enumerate(unnumbered, _last(task, year, unnumbered) + 1):
        numbers[subject_id] = f"{task.station.code}-{year}-{seq:04d}"
        rows.append((task.station.id, subject_id, year, seq, numbers[subject_id]))
        task.counters[f"hazard:{year}"] = seq
    store.save_numbers(task.connection, rows)
    for subject_id in taken:
        _note(task, subject_id, interim=numbers[subject_id], given_back=False)
    return numbers


def _last(task: Numbering, year: int, unnumbered: list[str]) -> int:
    return _counted(task, year) if unnumbered else 0


def _counted(task: Numbering, year: int) -> int:
    """The last number of a year, with what this append gave or gave back."""
    name = f"hazard:{year}"
    before = store.counters(task.connection, task.station.id, [name])[name]
    return max(before, task.counters.get(name, 0))


def _count_beyond(task: Numbering, year: int, seq: int) -> None:
    """Another life of the same set had counted further: its numbers are never given again."""
    if seq > _counted(task, year):
        task.counters[f"hazard:{year}"] = seq


def give_back(task: Numbering, hazards: Iterable[str], numbers: dict[str, str]) -> list[str]:
    """Write proved numbers into `numbers` and the store; the hazards whose number is taken."""
    wanted, taken = list(hazards), []
    settled = _given_back(task.connection, task.station.id, wanted)
    for subject_id in wanted:
        number, interim = task.given[subject_id], numbers.get(subject_id)
        if _stands(subject_id, interim, number, settled):
            continue
        if not _write(task, subject_id, number, interim):
            taken.append(subject_id)
            continue
        numbers[subject_id] = number
        _note(task, subject_id, interim=interim, given_back=True)
    return taken


def differing(connection: Connection, station_id: str, given: Mapping[str, str]) -> list[str]:
    """Hazards that have another number than the one proved, and about which nothing was settled."""
    if not given:
        return []
    rows = run(
        connection,
        "SELECT h.subject_id, h.number FROM hazard_number h"
        " LEFT JOIN returned_number r ON r.station_id = h.station_id"
        " AND r.subject_id = h.subject_id AND r.given_back = 0"
        " WHERE h.station_id = ? AND h.subject_id = ANY(?) AND r.number IS NULL",
        (station_id, sorted(given)),
    )
    settled = _given_back(connection, station_id, given)
    return [
        subject_id
        for subject_id, number in rows
        if not _stands(subject_id, number, given[subject_id], settled)
    ]


def _stands(
    subject_id: str, number: str | None, proved: str, settled: set[tuple[str, str | None]]
) -> bool:
    """Whether a hazard keeps its number although another one is proved (or it is the same)."""
    return number == proved or ((subject_id, number) in settled and not _older(proved, number))


def _given_back(
    connection: Connection, station_id: str, hazards: Iterable[str]
) -> set[tuple[str, str | None]]:
    """Hazards and the numbers they have from a lost log."""
    wanted = sorted(hazards)
    if not wanted:
        return set()
    rows = run(
        connection,
        "SELECT subject_id, number FROM returned_number"
        " WHERE station_id = ? AND subject_id = ANY(?) AND given_back = 1",
        (station_id, wanted),
    )
    return {(subject_id, number) for subject_id, number in rows}


def _older(number: str, other: str | None) -> bool:
    """Whether a number was given before another; one that is no number of ours never was."""
    one, two = NUMBER.fullmatch(number), NUMBER.fullmatch(other or "")
    if one is None or two is None:
        return False
    return (int(one[1]), int(one[2])) < (int(two[1]), int(two[2]))


def _write(task: Numbering, subject_id: str, number: str, interim: str | None) -> bool:
    """False when another hazard holds the number, or it is no number of ours."""
    found = NUMBER.fullmatch(number)
    if found is None:
        return False
    year, seq = int(found[1]), int(found[2])
    holder = run(
        task.connection,
        "SELECT subject_id FROM hazard_number WHERE station_id = ? AND year = ? AND seq = ?",
        (task.station.id, year, seq),
    )
    if holder:
        return False
    _count_beyond(task, year, seq)
    if interim is None:
        store.save_numbers(task.connection, [(task.station.id, subject_id, year, seq, number)])
        return True
    run(
        task.connection,
        "UPDATE hazard_number SET year = ?, seq = ?, number = ?"
        " WHERE station_id = ? AND subject_id = ?",
        (year, seq, number, task.station.id, subject_id),
    )
    return True


def _note(task: Numbering, subject_id: str, *, interim: str | None, given_back: bool) -> None:
    """Kept as evidence; the place tells the rebuild when the row changed by it."""
    row = (task.station.id, subject_id, task.given[subject_id], interim, int(given_back),
           task.station.size)  # fmt: skip
    insert_many(task.connection, returned_number, RETURNED_COLUMNS, [row], conflict=store.IGNORE)
