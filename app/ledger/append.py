"""The write path: the only way a fact gets into the ledger, whoever hands it over.

Bytes first, then the station's lock, and only then a look at what is known: two batches about one
hazard that fold without seeing each other would each lose the other's fact from the row.
Runs inside the caller's transaction and never commits.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection

from app.clock import instant
from app.ledger import store
from app.ledger.early import Early
from app.ledger.incoming import Incoming, Sender
from app.ledger.judge import Judge, readmissible
from app.ledger.log import LogEntry, extend_log
from app.ledger.numbers import differing
from app.ledger.refold import Refold, refold
from app.ledger.rows import Known
from app.ledger.store import Standing, Station, SubjectRow
from app.photos.declared import declare_photos
from app.problems import ProblemError
from sync.admission import parse_verdict
from sync.plan import Arrived, Plan, plan_batch
from sync.plan import Known as PlanKnown

NOTHING_EARLY = Early()


@dataclass(frozen=True, slots=True)
class Returned:
    """What a lost log had said of a line: its verdict, and the number of what it made."""

    verdict: str
    number: str | None = None


NOTHING_RETURNED: Mapping[str, Returned] = MappingProxyType({})


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
    seqs: dict[str, int]
    plan: Plan
    # Subjects changed by more than their own new facts, and where in the log that counts.
    bumped: dict[str, int] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)


def append(
    connection: Connection,
    station_id: str,
    incoming: Sequence[Incoming],
    sender: Sender,
    *,
    now: datetime,
    quarantine_lines_per_day_max: int = 1_000_000,
    early: Early = NOTHING_EARLY,
    returned: Mapping[str, Returned] = NOTHING_RETURNED,
) -> Appended:
    """Take the facts into the ledger and bring every touched row up to date.

    `early`: what was worked out before the gate; it changes how long the gate is held, never what
    comes out. `returned`: after a restore, what the lost log had said of these lines, by their
    hashes; the caller has checked that the station itself signed it.
    """
    received_at = instant(now)
    store.insert_facts(connection, station_id, incoming, sender, received_at)
    station = store.lock_station(connection, station_id)
    if station is None:
        raise ProblemError("not-ready")
    standing = _standing(connection, station_id, incoming, sender)
    logged = standing.logged
    late = _keep_private_lines(connection, station_id, incoming, logged)
    fresh = [each for each in incoming if each.sha256 not in logged]
    subjects = _read_subjects(connection, station_id, fresh)
    judge = Judge(connection, station_id, sender, subjects, early, now=now)
    plan = _plan(station, incoming, fresh, judge, standing, returned)
    lines = {each.sha256: each for each in incoming}
    work = _Work(connection, station, now, received_at, lines, standing.seqs, plan)
    _count_quarantined(work, sender, quarantine_lines_per_day_max)
    size, root = _write_log(work)
    _obey_ledger_facts(work)
    _note_late(work, late, size)
    given = _numbers_given(work, incoming, returned)
    task = Refold(
        connection=connection,
        station=station,
        now=now,
        mine=_mine(work),
        touched=list(dict.fromkeys([*plan.touched, *work.bumped])),
        bumped=work.bumped,
        subjects=subjects,
        counters=work.counters,
        early=early,
        given=given,
    )
    rows = refold(task)
    declare_photos(connection, station_id, fresh, received_at)
    if work.counters:
        store.save_counters(connection, station_id, work.counters)
    return Appended(_outcomes(work, incoming, logged), rows, station, size, root)


def _standing(
    connection: Connection, station_id: str, incoming: Sequence[Incoming], sender: Sender
) -> Standing:
    """What the ledger holds of these lines, of their ids and of the phones' own numbers."""
    return store.standing(
        connection,
        station_id,
        {each.sha256 for each in incoming},
        {each.fact.id for each in incoming if each.fact is not None},
        _numbers(incoming, sender),
    )


def _plan(
    station: Station,
    incoming: Sequence[Incoming],
    fresh: Sequence[Incoming],
    judge: Judge,
    standing: Standing,
    returned: Mapping[str, Returned],
) -> Plan:
    """Ask admission about every new line that was not judged before, then plan the whole."""
    judge.prepare(fresh)
    known = PlanKnown(
        size=station.size,
        verdicts={sha256: verdict for sha256, (_, verdict) in standing.logged.items()},
        ids=standing.ids,
        numbers=standing.numbers,
    )
    verdicts = {
        each.sha256: parse_verdict(returned[each.sha256].verdict)
        if each.sha256 in returned
        else judge.verdict(each)
        for each in fresh
    }
    return plan_batch(
        [
            Arrived(each.sha256, each.fact, verdicts.get(each.sha256) or parse_verdict("admitted"))
            for each in incoming
        ],
        known,
    )


def _numbers(incoming: Iterable[Incoming], sender: Sender) -> set[tuple[str, int]]:
    """The phones' own numbers among the lines, each under the enrolment it counts for."""
    return {
        (enrolment, each.fact.n)
        for each in incoming
        if each.fact is not None
        and each.fact.n is not None
        and each.fact.n <= store.N_MAX
        and (enrolment := sender.author.numbering(each.fact)) is not None
    }


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
    """A broken or hostile phone may fill its own day, not the station's disk.

    The first batch of a day always gets in, bounded by itself: with a lower limit than its bad
    lines a phone could never hand anything over again, for it sends the same batch until it is in.
    """
    lines = sum(1 for each in work.plan.logged if not each.verdict.admitted)
    source = sender.author.enrolment
    if not lines or source is None:
        return
    name = f"quarantined:{source}:{work.received_at[:10]}"
    before = store.counters(work.connection, work.station.id, [name])[name]
    if before and before + lines > lines_per_day_max:
        raise ProblemError("quarantine-full", headers={"Retry-After": "3600"})
    work.counters[name] = before + lines


def _write_log(work: _Work) -> tuple[int, str]:
    """Append the entries and move the head."""
    station = work.station
    entries = [
        LogEntry(each.index, work.seqs[each.sha256], each.sha256, each.verdict.text,
                 each.verdict.admitted)
        for each in work.plan.logged
    ]  # fmt: skip
    if not entries:
        return station.size, station.root
    return extend_log(work.connection, station, entries, work.received_at)


def _obey_ledger_facts(work: _Work) -> None:
    """`ledger.admitted` lets a quarantined fact count, `ledger.redacted` destroys a line."""
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


def _keep_private_lines(
    connection: Connection,
    station_id: str,
    incoming: Iterable[Incoming],
    logged: Collection[str],
) -> set[str]:
    """Store the private lines; the facts among them that were here without theirs until now.

    Under the station's lock: a redaction at the same moment must not find its line come back.
    """
    privates = {
        each.sha256: each.private
        for each in incoming
        if each.private is not None
        and each.fact is not None
        and each.private.sha256 == each.fact.private
    }
    late = {sha256 for sha256 in privates if sha256 in logged}
    if late:
        settled = store.settled_privates(connection, station_id, late)
        late -= settled
        privates = {sha256: privates[sha256] for sha256 in privates if sha256 not in settled}
    store.insert_privates(connection, station_id, privates)
    return late


def _note_late(work: _Work, late: set[str], size: int) -> None:
    """A line that came after its fact changes a row: phones that passed the fact must hear of it.

    It has no entry of its own, so the row moves to an index that no cursor has covered: the last
    one of this append, or the one the next entry will get.
    """
    if not late:
        return
    idx = max(work.station.size, size - 1)
    store.save_late_privates(work.connection, work.station.id, late, idx)
    for target in store.targets(work.connection, work.station.id, late).values():
        if target.admitted and target.subject_id is not None:
            work.bumped[target.subject_id] = idx


def _numbers_given(
    work: _Work, incoming: Iterable[Incoming], returned: Mapping[str, Returned]
) -> dict[str, str]:
    """Subjects and the numbers a lost log gave them; one that stands already is folded again.

    Its author's phone may have been faster than whoever knew the number.
    """
    given = {
        each.fact.subject: number
        for each in incoming
        if each.fact is not None
        and each.sha256 in returned
        and (number := returned[each.sha256].number) is not None
    }
    for subject_id in differing(work.connection, work.station.id, given):
        work.bumped.setdefault(subject_id, work.station.size)
    return given


def _mine(work: _Work) -> dict[str, list[Known]]:
    """The facts this append admitted, by subject; one redacted at once has no private part."""
    found: dict[str, list[Known]] = {}
    for each in work.plan.logged:
        if each.fact is not None and each.verdict.admitted:
            private = work.lines[each.sha256].private
            if each.sha256 in work.plan.redacted:
                private = None
            known = Known(each.fact, private, each.index, each.verdict.text, work.received_at)
            found.setdefault(each.fact.subject, []).append(known)
    return found


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
