"""The write path: the only way a fact gets into the ledger, whoever hands it over.

Bytes first, then the station's lock, and only then a look at what is known: two batches about one
hazard that fold without seeing each other would each lose the other's fact from the row. Runs inside
the caller's transaction and never commits.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from app.actor import AREA_TREE_COUNTER
from app.clock import instant
from app.db import Row, insert_many, run, upsert
from app.ledger import store
from app.ledger.incoming import Incoming, Sender
from app.ledger.judge import Judge, readmissible
from app.ledger.log import LogEntry, extend_log
from app.ledger.rows import Known, Made, kind_of, known_from, make_row, projected
from app.ledger.store import Station, SubjectRow
from app.problems import ProblemError
from app.projections import registered
from sync.admission import parse_verdict
from sync.plan import Arrived, Plan, plan_batch
from sync.plan import Known as PlanKnown


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one line."""

    sha256: str
    verdict: str
    idx: int
    new: bool


@dataclass(frozen=True, slots=True)
class Appended:
    """What an append did; `rows` are the rows of every subject it touched."""

    outcomes: tuple[Outcome, ...]
    rows: dict[str, dict[str, Any]]
    station: Station
    size: int
    root: str


@dataclass(slots=True)
class _Work:
    """What one append collects on its way."""

    connection: Connection
    station: Station
    now: datetime
    received_at: str
    lines: dict[str, Incoming]
    plan: Plan
    bumped: dict[str, int] = field(default_factory=dict)  # subjects that ledger facts changed
    counters: dict[str, int] = field(default_factory=dict)


def append(
    connection: Connection,
    station_id: str,
    incoming: Sequence[Incoming],
    sender: Sender,
    *,
    now: datetime,
    quarantine_lines_per_day_max: int = 1_000_000,
) -> Appended:
    """Take the facts into the ledger and bring every touched row up to date."""
    received_at = instant(now)
    store.insert_facts(connection, station_id, incoming, sender, received_at)
    station = store.lock_station(connection, station_id)
    if station is None:
        raise ProblemError("not-ready")
    logged = store.logged(connection, station_id, {each.sha256 for each in incoming})
    fresh = [each for each in incoming if each.sha256 not in logged]
    subjects = _read_subjects(connection, station_id, fresh)
    plan = _plan(connection, station, incoming, fresh, sender, logged, subjects)
    lines = {each.sha256: each for each in incoming}
    work = _Work(connection, station, now, received_at, lines, plan)
    _count_quarantined(work, sender, quarantine_lines_per_day_max)
    size, root = _write_log(work)
    _obey_ledger_facts(work)
    late = _late_private_subjects(incoming, logged, work)
    rows = _refold(work, subjects, late)
    store.declare_photos(connection, station_id, fresh, received_at)
    if work.counters:
        store.save_counters(connection, station_id, work.counters)
    return Appended(_outcomes(work, incoming, logged), rows, station, size, root)


def _plan(
    connection: Connection,
    station: Station,
    incoming: Sequence[Incoming],
    fresh: Sequence[Incoming],
    sender: Sender,
    logged: dict[str, tuple[int, str]],
    subjects: dict[str, SubjectRow],
) -> Plan:
    """Ask admission about every new line, then plan the whole."""
    judge = Judge(connection, station.id, sender, subjects)
    judge.prepare(fresh)
    enrolment = sender.author.enrolment
    ids = {each.fact.id for each in fresh if each.fact is not None}
    numbers = {
        each.fact.n
        for each in fresh
        if each.fact is not None and each.fact.n is not None and each.fact.n <= store.N_MAX
    }
    known = PlanKnown(
        size=station.size,
        verdicts={sha256: verdict for sha256, (_, verdict) in logged.items()},
        ids=store.first_holders(connection, station.id, ids) if ids else {},
        numbers=store.number_holders(connection, station.id, enrolment, numbers)
        if enrolment is not None and numbers
        else {},
    )
    verdicts = {each.sha256: judge.verdict(each) for each in fresh}
    return plan_batch(
        [
            Arrived(each.sha256, each.fact, verdicts.get(each.sha256) or parse_verdict("admitted"))
            for each in incoming
        ],
        known,
    )


def _read_subjects(
    connection: Connection, station_id: str, fresh: Iterable[Incoming]
) -> dict[str, SubjectRow]:
    """The touched subjects and the sites they name, in one query."""
    wanted: set[str] = set()
    for each in fresh:
        if each.fact is not None:
            wanted.add(each.fact.subject)
            site = each.fact.body.get("site")
            if isinstance(site, str):
                wanted.add(site)
    return store.subjects_by_id(connection, station_id, wanted) if wanted else {}


def _count_quarantined(work: _Work, sender: Sender, lines_per_day_max: int) -> None:
    """A broken or hostile phone may fill its own day, not the station's disk."""
    lines = sum(1 for each in work.plan.logged if not each.verdict.admitted)
    source = sender.author.enrolment
    if not lines or source is None:
        return
    name = f"quarantined:{source}:{work.received_at[:10]}"
    before = store.counters(work.connection, work.station.id, [name])[name]
    if before + lines > lines_per_day_max:
        raise ProblemError("quarantine-full", headers={"Retry-After": "3600"})
    work.counters[name] = before + lines


def _write_log(work: _Work) -> tuple[int, str]:
    """Append the entries and move the head."""
    station = work.station
    entries = [
        LogEntry(each.index, each.sha256, each.verdict.text, each.verdict.admitted)
        for each in work.plan.logged
    ]
    if not entries:
        return station.size, station.root
    return extend_log(work.connection, station, entries, work.received_at)


def _obey_ledger_facts(work: _Work) -> None:
    """`ledger.admitted` lets a quarantined fact count, `ledger.redacted` destroys a private line."""
    plan = work.plan
    named = {*plan.admitted_after_all, *plan.redacted}
    if not named:
        return
    found = store.targets(work.connection, work.station.id, named)
    admit = {
        target: idx
        for target, idx in plan.admitted_after_all.items()
        if target in found and not found[target].admitted and readmissible(found[target].verdict)
    }
    redact = {target: idx for target, idx in plan.redacted.items() if target in found}
    for target, idx in (*admit.items(), *redact.items()):
        subject_id = found[target].subject_id
        if subject_id is not None:
            work.bumped[subject_id] = max(idx, work.bumped.get(subject_id, -1))
    if admit:
        store.admit_after_all(work.connection, work.station.id, admit)
    if redact:
        store.redact(work.connection, work.station.id, redact)


def _late_private_subjects(
    incoming: Iterable[Incoming], logged: Collection[str], work: _Work
) -> set[str]:
    """Subjects of facts that were here without their private line, which came only now."""
    late = {
        each.fact.subject
        for each in incoming
        if each.fact is not None and each.private is not None and each.sha256 in logged
    }
    return late - set(work.plan.touched)


def _refold(
    work: _Work, subjects: dict[str, SubjectRow], late: Collection[str]
) -> dict[str, dict[str, Any]]:
    """Fold every touched subject with all its facts and write its row."""
    touched = list(dict.fromkeys([*work.plan.touched, *work.bumped, *sorted(late)]))
    if not touched:
        return {}
    connection, station = work.connection, work.station
    missing = set(touched) - set(subjects)
    if missing & {*work.bumped, *late}:
        subjects |= store.subjects_by_id(connection, station.id, missing)
    everything = _all_known(work, touched)
    typed = {id_: kind for id_, known in everything.items() if (kind := kind_of(known)) is not None}
    numbers = _number_hazards(
        work, [id_ for id_ in touched if typed.get(id_) == "hazard"], subjects
    )
    made = [
        make_row(
            id_,
            typed[id_],
            everything[id_],
            number=numbers.get(id_),
            changed_at_least=work.bumped.get(id_, -1),
        )
        for id_ in sorted(typed)
        if typed[id_] in registered()
    ]
    places = place_all(made, typed, everything, subjects, work.bumped)
    _note_area_tree(work, made, subjects)
    _write_rows(work, made, places, subjects)
    return {each.subject_id: each.row for each in made}


def _all_known(work: _Work, touched: Collection[str]) -> dict[str, list[Known]]:
    """Every admitted fact of these subjects: those in the store, those of this append included."""
    everything: dict[str, list[Known]] = {}
    for stored in store.admitted_facts(work.connection, work.station.id, touched):
        line = work.lines.get(stored.sha256)
        if line is not None and line.fact is not None and (line.private or not line.fact.private):
            known: Known | None = Known(
                line.fact, line.private, stored.idx, stored.verdict, stored.received_at
            )
        else:
            known = known_from(stored)
        if known is not None:
            everything.setdefault(stored.subject_id, []).append(known)
    return everything


def _number_hazards(
    work: _Work, hazards: Iterable[str], subjects: dict[str, SubjectRow]
) -> dict[str, str]:
    """Ledger numbers: those given before, and new ones in the order the hazards were handed over."""
    numbers = {id_: row.number for id_, row in subjects.items() if row.number is not None}
    unnumbered = [id_ for id_ in hazards if id_ not in numbers]
    if not unnumbered:
        return numbers
    year = work.now.astimezone(ZoneInfo(work.station.timezone)).year
    name = f"hazard:{year}"
    seq = store.counters(work.connection, work.station.id, [name])[name]
    rows: list[Row] = []
    for subject_id in unnumbered:
        seq += 1
        numbers[subject_id] = f"{work.station.code}-{year}-{seq:04d}"
        rows.append((work.station.id, subject_id, year, seq, numbers[subject_id]))
    work.counters[name] = seq
    store.save_numbers(work.connection, rows)
    return numbers


def place_all(
    made: Iterable[Made],
    typed: dict[str, str],
    everything: dict[str, list[Known]],
    subjects: dict[str, SubjectRow],
    bumped: dict[str, int],
) -> dict[str, SubjectRow]:
    """Where each touched subject lies now: a site in its area, everything else with its site."""
    by_id = {each.subject_id: each for each in made}
    areas = {
        each.subject_id: each.row.get("area") for each in by_id.values() if each.type == "site"
    }
    places = {}
    for subject_id, kind in typed.items():
        before = subjects.get(subject_id)
        each = by_id.get(subject_id)
        known = everything[subject_id]
        site_id = each.site_id if each is not None else None
        area_id = areas[site_id] if site_id in areas else None
        if site_id is not None and site_id not in areas and site_id in subjects:
            area_id = subjects[site_id].area_id
        elif before is not None and site_id == before.site_id and site_id not in areas:
            area_id = before.area_id
        changed = max(max(one.idx for one in known), bumped.get(subject_id, -1))
        places[subject_id] = _moved(
            before,
            SubjectRow(
                subject_id=subject_id,
                type=kind,
                site_id=site_id,
                area_id=area_id,
                author_id=min(known, key=lambda one: one.idx).fact.author,
                areas_before=before.areas_before if before else None,
                changed_idx=changed,
                area_changed_idx=before.area_changed_idx if before else changed,
            ),
        )
    return places


def _moved(before: SubjectRow | None, now: SubjectRow) -> SubjectRow:
    """The new place; the area left behind is remembered, for phones that must forget the subject."""
    if before is not None and before.area_id != now.area_id:
        now.areas_before = f"{before.areas_before or ''} {before.area_id or ''}".strip() or None
        now.area_changed_idx = now.changed_idx
    return now


def _note_area_tree(work: _Work, made: Iterable[Made], subjects: dict[str, SubjectRow]) -> None:
    """An area that existed and changed may lie elsewhere now: every scope gets a new version."""
    changed = [
        each.changed_idx for each in made if each.type == "area" and each.subject_id in subjects
    ]
    if changed:
        work.counters[AREA_TREE_COUNTER] = max(changed)


def _write_rows(
    work: _Work, made: Sequence[Made], places: dict[str, SubjectRow], before: dict[str, SubjectRow]
) -> None:
    connection, station_id = work.connection, work.station.id
    store.save_subjects(connection, station_id, places.values())
    for type_, projection in registered().items():
        rows = [
            projected(each, projection, station_id, places[each.subject_id])
            for each in made
            if each.type == type_
        ]
        names = projection.names
        insert_many(
            connection, projection.table, names, rows, conflict=upsert(projection.table, names)
        )
    for each in made:
        earlier = before.get(each.subject_id)
        if earlier is not None and earlier.type != each.type and earlier.type in registered():
            run(
                connection,
                f"DELETE FROM {registered()[earlier.type].table.name}"  # noqa: S608 - our tables
                " WHERE station_id = ? AND id = ?",
                (station_id, each.subject_id),
            )
    _move_children(work, made, places, before)


def _move_children(
    work: _Work, made: Iterable[Made], places: dict[str, SubjectRow], before: dict[str, SubjectRow]
) -> None:
    """Everything about a site that is new here or lies elsewhere now goes with it."""
    sites = [
        each.subject_id
        for each in made
        if each.type == "site"
        and (
            each.subject_id not in before
            or before[each.subject_id].area_id != places[each.subject_id].area_id
        )
    ]
    if not sites:
        return
    tables = [
        projection.table.name
        for type_, projection in registered().items()
        if type_ != "site" and {"site_id", "area_id"} <= set(projection.names)
    ]
    idx = max(places[site_id].changed_idx for site_id in sites)
    store.move_children(work.connection, work.station.id, sites, idx, tables)


def _outcomes(
    work: _Work, incoming: Iterable[Incoming], logged: dict[str, tuple[int, str]]
) -> tuple[Outcome, ...]:
    """What became of each line, in the order they were handed over."""
    new = {each.sha256: each.index for each in work.plan.logged}
    return tuple(
        Outcome(
            sha256=each.sha256,
            verdict=verdict,
            idx=new[each.sha256] if each.sha256 in new else logged[each.sha256][0],
            new=each.sha256 in new,
        )
        for each, verdict in zip(incoming, work.plan.verdicts, strict=True)
    )
