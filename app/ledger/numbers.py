"""Numbers of hazards and documents: given once, in the order of arrival, and back after a restore.

A number that a lost log gave stands again as soon as it is proved, even against one given in the
meantime: papers were printed under it. Of several that lost logs gave, the lowest stands, whoever
comes first: a life begins far above the one it follows. Part of the write path, under the station's
lock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from app.db import Row, insert_many, run
from app.ledger import store
from app.ledger.series import ALL_SERIES, SERIES_OF, Series, series_of_number
from app.ledger.store import Station
from app.ledger.table import returned_number

RETURNED_COLUMNS = ("station_id", "subject_id", "number", "interim", "given_back", "idx")


@dataclass(frozen=True, slots=True)
class Numbering:
    """One append's numbers; `counters` is added to."""

    connection: Connection
    station: Station
    now: datetime
    counters: dict[str, int]
    given: Mapping[str, str]  # subject -> the number a lost log gave it


def number_subjects(
    task: Numbering, wanted: Iterable[tuple[str, str]], before: Mapping[str, str]
) -> dict[str, str]:
    """Numbers given before, numbers given back, and new ones in the order of arrival.

    `wanted`: subjects with their types; types without a series of their own get none.
    """
    numbers = dict(before)
    by_series: dict[str, list[str]] = {}
    for subject_id, type_ in wanted:
        if type_ in SERIES_OF:
            by_series.setdefault(type_, []).append(subject_id)
    for type_, subjects in by_series.items():
        _number(task, SERIES_OF[type_], subjects, numbers)
    return numbers


def _number(task: Numbering, series: Series, wanted: list[str], numbers: dict[str, str]) -> None:
    """The numbers of one series, into `numbers`."""
    back = [each for each in wanted if each in task.given]
    taken = _give_back(task, series, back, numbers)
    unnumbered = [each for each in wanted if each not in numbers]
    if unnumbered:
        year = task.now.astimezone(ZoneInfo(task.station.timezone)).year
        write = series.writer(task.connection, task.station)
        rows: list[Row] = []
        for seq, subject_id in enumerate(unnumbered, _counted(task, series, year) + 1):
            numbers[subject_id] = write(year, seq)
            rows.append((task.station.id, subject_id, year, seq, numbers[subject_id]))
            task.counters[f"{series.counter}:{year}"] = seq
        store.save_numbers(task.connection, series.table, rows)
    for subject_id in taken:
        _note(task, subject_id, interim=numbers[subject_id], given_back=False)


def _counted(task: Numbering, series: Series, year: int) -> int:
    """The last number of a year, with what this append gave or gave back."""
    name = f"{series.counter}:{year}"
    before = store.counters(task.connection, task.station.id, [name])[name]
    return max(before, task.counters.get(name, 0))


def _give_back(
    task: Numbering, series: Series, wanted: list[str], numbers: dict[str, str]
) -> list[str]:
    """Write proved numbers into `numbers` and the store; the subjects whose number is taken."""
    taken = []
    settled = _given_back(task.connection, task.station.id, wanted)
    for subject_id in wanted:
        number, interim = task.given[subject_id], numbers.get(subject_id)
        if _stands(subject_id, interim, number, settled):
            continue
        if not _write(task, series, subject_id, number, interim):
            taken.append(subject_id)
            continue
        numbers[subject_id] = number
        _note(task, subject_id, interim=interim, given_back=True)
    return taken


def differing(connection: Connection, station_id: str, given: Mapping[str, str]) -> list[str]:
    """Subjects with another number than the one proved, about which nothing was settled."""
    if not given:
        return []
    rows: list[Row] = []
    for series in ALL_SERIES:
        rows += run(
            connection,
            f"SELECT h.subject_id, h.number FROM {series.table} h"  # noqa: S608 - our tables
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
    """Whether a subject keeps its number although another one is proved (or it is the same)."""
    return number == proved or ((subject_id, number) in settled and not _older(proved, number))


def _given_back(
    connection: Connection, station_id: str, subjects: Iterable[str]
) -> set[tuple[str, str | None]]:
    """Subjects and the numbers they have from a lost log."""
    wanted = sorted(subjects)
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
    series = series_of_number(number)
    if series is None:
        return False
    one, two = series.year_and_count(number), series.year_and_count(other or "")
    if one is None or two is None:
        return False
    return one < two


def _write(
    task: Numbering, series: Series, subject_id: str, number: str, interim: str | None
) -> bool:
    """False when another subject holds the number, or it is no number of ours."""
    place = series.year_and_count(number)
    if place is None:
        return False
    year, seq = place
    holder = run(
        task.connection,
        f"SELECT subject_id FROM {series.table}"  # noqa: S608 - our tables
        " WHERE station_id = ? AND year = ? AND seq = ?",
        (task.station.id, year, seq),
    )
    if holder:
        return False
    if seq > _counted(task, series, year):
        # Another life of the same set had counted further: its numbers are never given again.
        task.counters[f"{series.counter}:{year}"] = seq
    if interim is None:
        row = (task.station.id, subject_id, year, seq, number)
        store.save_numbers(task.connection, series.table, [row])
        return True
    run(
        task.connection,
        f"UPDATE {series.table} SET year = ?, seq = ?, number = ?"  # noqa: S608 - our tables
        " WHERE station_id = ? AND subject_id = ?",
        (year, seq, number, task.station.id, subject_id),
    )
    return True


def _note(task: Numbering, subject_id: str, *, interim: str | None, given_back: bool) -> None:
    """Kept as evidence; the place tells the rebuild when the row changed by it."""
    row = (task.station.id, subject_id, task.given[subject_id], interim, int(given_back),
           task.station.size)  # fmt: skip
    insert_many(task.connection, returned_number, RETURNED_COLUMNS, [row], conflict=store.IGNORE)
