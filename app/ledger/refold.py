"""Bringing rows up to date: fold the touched subjects with all their facts, write what comes out.

Part of the write path, under the station's lock; the rebuild uses `place_all` too. It must not know
where the facts came from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from app.actor import AREA_TREE_COUNTER
from app.db import insert_many, run, upsert
from app.ledger import store
from app.ledger.early import Early, Ready
from app.ledger.numbers import Numbering, number_subjects
from app.ledger.rows import Known, Made, clipped, kind_of, known_from, make_row, projected
from app.ledger.store import Station, SubjectRow
from app.projections import registered


@dataclass(slots=True)
class Refold:
    """One append's work on rows; `subjects` and `counters` are added to."""

    connection: Connection
    station: Station  # as it was before this append
    now: datetime
    mine: dict[str, list[Known]]  # what this append admitted, by subject
    touched: list[str]  # subjects in the order they were first named
    bumped: dict[str, int]  # subjects a ledger fact changed, and its place in the log
    subjects: dict[str, SubjectRow]  # as they were before
    counters: dict[str, int]
    early: Early
    given: Mapping[str, str] = field(default_factory=dict)  # numbers a lost log gave


def refold(task: Refold) -> dict[str, dict[str, Any]]:
    """Fold every touched subject and write its row; the rows."""
    if not task.touched:
        return {}
    _look_up_rest(task)
    everything = _all_known(task)
    ready = {id_: task.early.ready(id_, known) for id_, known in everything.items()}
    typed = _types(everything, ready)
    numbers = number_subjects(
        Numbering(task.connection, task.station, task.now, task.counters, task.given),
        [(id_, typed[id_]) for id_ in task.touched if id_ in typed],
        {id_: row.number for id_, row in task.subjects.items() if row.number is not None},
    )
    made = [
        make_row(
            id_,
            typed[id_],
            everything[id_],
            number=numbers.get(id_),
            changed_at_least=task.bumped.get(id_, -1),
            folded=early.row if (early := ready[id_]) is not None else None,
        )
        for id_ in sorted(typed)
        if typed[id_] in registered()
    ]
    _look_up_sites(task, made)
    places = place_all(made, typed, everything, task.subjects, task.bumped)
    _note_area_tree(task, made)
    _write_rows(task, made, places)
    return {each.subject_id: each.row for each in made}


def _types(everything: dict[str, list[Known]], ready: dict[str, Ready | None]) -> dict[str, str]:
    """The type of each subject; none for one that no fact gives a type yet."""
    found = {}
    for id_, known in everything.items():
        early = ready[id_]
        kind = kind_of(known) if early is None else clipped(early.type)
        if kind is not None:
            found[id_] = kind
    return found


def _look_up_rest(task: Refold) -> None:
    """Subjects named only by a ledger fact or a late private line were not looked up yet."""
    missing = set(task.touched) - set(task.mine) - set(task.subjects)
    if missing:
        task.subjects |= store.subjects_by_id(task.connection, task.station.id, missing)
    sites = {row.site_id for row in task.subjects.values() if row.site_id is not None}
    if missing and sites - set(task.subjects):
        task.subjects |= store.subjects_by_id(
            task.connection, task.station.id, sites - set(task.subjects)
        )


def _look_up_sites(task: Refold, made: Iterable[Made]) -> None:
    """A fact admitted after all names its site only now; new facts had theirs looked up before."""
    sites = {each.site_id for each in made if each.subject_id in task.bumped and each.site_id}
    missing = sites - set(task.subjects)
    if missing:
        task.subjects |= store.subjects_by_id(task.connection, task.station.id, missing)


def _all_known(task: Refold) -> dict[str, list[Known]]:
    """Every admitted fact of the touched subjects: those in the store and those of this append."""
    everything = {id_: list(known) for id_, known in task.mine.items()}
    before = store.admitted_facts(
        task.connection, task.station.id, task.touched, below_idx=task.station.size
    )
    for stored in before:
        known = known_from(stored)
        if known is not None:
            everything.setdefault(stored.subject_id, []).append(known)
    return everything


def place_all(
    made: Iterable[Made],
    typed: dict[str, str],
    everything: dict[str, list[Known]],
    subjects: dict[str, SubjectRow],
    bumped: dict[str, int],
) -> dict[str, SubjectRow]:
    """Where each touched subject lies now: a site in its area, everything else with its site."""
    by_id = {each.subject_id: each for each in made}
    areas: dict[str, str | None] = {id_: row.area_id for id_, row in subjects.items()}
    areas |= {id_: each.row.get("area") for id_, each in by_id.items() if each.type == "site"}
    places = {}
    for subject_id, kind in typed.items():
        before, known = subjects.get(subject_id), everything[subject_id]
        site_id = by_id[subject_id].site_id if subject_id in by_id else None
        area_id = areas.get(site_id) if site_id is not None else None
        if before is not None and site_id == before.site_id and site_id not in areas:
            area_id = before.area_id
        changed = max(*(each.idx for each in known), bumped.get(subject_id, -1))
        places[subject_id] = _moved(
            before,
            SubjectRow(
                subject_id=subject_id,
                type=kind,
                site_id=site_id,
                area_id=area_id,
                author_id=min(known, key=lambda each: each.idx).fact.author,
                areas_before=before.areas_before if before else None,
                changed_idx=changed,
                area_changed_idx=before.area_changed_idx if before else changed,
            ),
        )
    return places


def _moved(before: SubjectRow | None, now: SubjectRow) -> SubjectRow:
    """The new place; the area left is remembered, for phones that must forget the subject."""
    if before is not None and before.area_id != now.area_id:
        now.areas_before = f"{before.areas_before or ''} {before.area_id or ''}".strip() or None
        now.area_changed_idx = now.changed_idx
    return now


def _note_area_tree(task: Refold, made: Iterable[Made]) -> None:
    """An area that existed and changed may lie elsewhere now: every scope gets a new version."""
    changed = [
        each.changed_idx
        for each in made
        if each.type == "area" and each.subject_id in task.subjects
    ]
    if changed:
        task.counters[AREA_TREE_COUNTER] = max(changed)


def _write_rows(task: Refold, made: Sequence[Made], places: dict[str, SubjectRow]) -> None:
    connection, station_id = task.connection, task.station.id
    store.save_subjects(connection, station_id, places.values())
    write_projections(connection, station_id, made, places)
    _leave_old_types(task, made)
    _move_children(task, made, places)


def write_projections(
    connection: Connection,
    station_id: str,
    made: Iterable[Made],
    places: dict[str, SubjectRow],
) -> None:
    """Write the rows into their types' tables, one statement per type."""
    for type_, projection in registered().items():
        table, names = projection.table, projection.names
        rows = [
            projected(each, projection, station_id, places[each.subject_id])
            for each in made
            if each.type == type_
        ]
        insert_many(connection, table, names, rows, conflict=upsert(table, names))


def _leave_old_types(task: Refold, made: Iterable[Made]) -> None:
    """A broken phone used one id for two things: the row stands in one table only."""
    for each in made:
        before = task.subjects.get(each.subject_id)
        if before is not None and before.type != each.type and before.type in registered():
            table = registered()[before.type].table.name
            run(
                task.connection,
                f"DELETE FROM {table} WHERE station_id = ? AND id = ?",  # noqa: S608 - our tables
                (task.station.id, each.subject_id),
            )


def _move_children(task: Refold, made: Iterable[Made], places: dict[str, SubjectRow]) -> None:
    """Everything about a site that is new here or lies elsewhere now goes with it."""
    sites = [
        each.subject_id
        for each in made
        if each.type == "site"
        and (
            each.subject_id not in task.subjects
            or task.subjects[each.subject_id].area_id != places[each.subject_id].area_id
        )
    ]
    if sites:
        idx = max(places[site_id].changed_idx for site_id in sites)
        store.move_children(task.connection, task.station.id, sites, idx, tables_at_sites())


def tables_at_sites() -> list[str]:
    """The projections whose rows lie where their site lies."""
    return [
        projection.table.name
        for type_, projection in registered().items()
        if type_ != "site" and {"site_id", "area_id"} <= set(projection.names)
    ]
