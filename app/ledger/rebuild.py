"""Folding the whole ledger again: what every row should be, compared with what it is (I8).

Sites first, since everything else lies where its site lies. With `apply` the rows are written, in
the caller's transaction. It must not change facts, the log or numbers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from app.db import run
from app.ledger import store
from app.ledger.refold import place_all, write_projections
from app.ledger.rows import Known, Made, kind_of, known_from, make_row
from app.ledger.store import Station, SubjectRow
from app.projections import registered
from sync.fact import Fact, parse_fact
from sync.invariants import differing

CHUNK_SUBJECTS = 300
SHOWN_MAX = 50
SITES_ONLY = " AND kind IN ('site.registered', 'site.amended', 'site.retired')"


@dataclass(slots=True)
class Difference:
    """A row that is not what its facts say: which fields, before and after."""

    type: str
    subject_id: str
    fields: dict[str, tuple[Any, Any]]


@dataclass(slots=True)
class Rebuilt:
    """What a rebuild found."""

    subjects: int = 0
    differing: int = 0
    differences: list[Difference] = field(default_factory=list)
    extra: list[tuple[str, str]] = field(default_factory=list)  # rows no fact stands behind

    def note(self, difference: Difference) -> None:
        """Count it, and keep the first few."""
        self.differing += 1
        if len(self.differences) < SHOWN_MAX:
            self.differences.append(difference)


def rebuild(
    connection: Connection,
    station: Station,
    *,
    apply: bool,
    progress: Callable[[int], None] = lambda _done: None,
) -> Rebuilt:
    """Fold every subject again; compare, and with `apply` write what differs."""
    report = Rebuilt()
    bumped = _bumped(connection, station.id)
    seen: dict[str, str] = {}
    sites: dict[str, SubjectRow] = {}
    for sites_only in (True, False):
        for ids in _subject_ids(connection, station.id, sites_only=sites_only):
            ids = [id_ for id_ in ids if id_ not in seen]
            everything = _everything(connection, station, ids)
            typed = {
                id_: kind
                for id_, known in everything.items()
                if (kind := kind_of(known)) is not None and (not sites_only or kind == "site")
            }
            _chunk(connection, station, typed, everything, bumped, sites, report, apply=apply)
            seen |= typed
            report.subjects += len(typed)
            progress(report.subjects)
    _find_extra(connection, station.id, seen, report, apply=apply)
    return report


def _subject_ids(
    connection: Connection, station_id: str, *, sites_only: bool
) -> Iterator[list[str]]:
    """All subjects in the order of their ids, a chunk at a time."""
    only = SITES_ONLY if sites_only else ""
    after = ""
    while True:
        rows = run(
            connection,
            f"SELECT DISTINCT subject_id FROM fact WHERE station_id = ? AND subject_id > ?{only}"  # noqa: S608
            " ORDER BY subject_id LIMIT ?",
            (station_id, after, CHUNK_SUBJECTS),
        )
        if not rows:
            return
        yield [row[0] for row in rows]
        after = rows[-1][0]


def _everything(connection: Connection, station: Station, ids: list[str]) -> dict[str, list[Known]]:
    found: dict[str, list[Known]] = {}
    for stored in store.admitted_facts(connection, station.id, ids, below_idx=station.size):
        known = known_from(stored)
        if known is not None:
            found.setdefault(stored.subject_id, []).append(known)
    return found


def _chunk(
    connection: Connection,
    station: Station,
    typed: dict[str, str],
    everything: dict[str, list[Known]],
    bumped: dict[str, int],
    sites: dict[str, SubjectRow],
    report: Rebuilt,
    *,
    apply: bool,
) -> None:
    before = store.subjects_by_id(connection, station.id, list(typed))
    numbers = _numbers(connection, station.id, [id_ for id_ in typed if typed[id_] == "hazard"])
    made = [
        make_row(
            id_,
            kind,
            everything[id_],
            number=numbers.get(id_),
            changed_at_least=bumped.get(id_, -1),
        )
        for id_, kind in sorted(typed.items())
        if kind in registered()
    ]
    places = place_all(made, typed, everything, sites | before, bumped)
    sites |= {id_: place for id_, place in places.items() if place.type == "site"}
    changed = _compare(connection, station.id, made, places, before, report)
    if apply and changed:
        ids = {each.subject_id for each in changed}
        store.save_subjects(connection, station.id, [places[id_] for id_ in sorted(ids)])
        write_projections(connection, station.id, changed, places)


def _numbers(connection: Connection, station_id: str, hazards: list[str]) -> dict[str, str]:
    """The numbers the hazards were given; they are part of the record, not of the fold."""
    rows = run(
        connection,
        "SELECT subject_id, number FROM hazard_number WHERE station_id = ? AND subject_id = ANY(?)",
        (station_id, hazards),
    )
    return dict(rows)


def _compare(
    connection: Connection,
    station_id: str,
    made: list[Made],
    places: dict[str, SubjectRow],
    before: dict[str, SubjectRow],
    report: Rebuilt,
) -> list[Made]:
    """The rows that differ from what is stored."""
    changed = []
    by_type: dict[str, list[Made]] = {}
    for each in made:
        by_type.setdefault(each.type, []).append(each)
    for type_, group in by_type.items():
        rows = run(
            connection,
            f"SELECT id, row FROM {registered()[type_].table.name}"  # noqa: S608 - our tables
            " WHERE station_id = ? AND id = ANY(?)",
            (station_id, [each.subject_id for each in group]),
        )
        stored = {id_: json.loads(text) for id_, text in rows}
        for each in group:
            difference = _difference(each, stored.get(each.subject_id), places, before)
            if difference is not None:
                report.note(difference)
                changed.append(each)
    return changed


def _difference(
    each: Made,
    stored: dict[str, Any] | None,
    places: dict[str, SubjectRow],
    before: dict[str, SubjectRow],
) -> Difference | None:
    row = json.loads(json.dumps(each.row))
    old = stored or {}
    fields = differing(old, row)
    place, was = places[each.subject_id], before.get(each.subject_id)
    for name in ("type", "site_id", "area_id", "author_id", "changed_idx"):
        now, then = getattr(place, name), getattr(was, name, None)
        if now != then:
            fields[f"subject.{name}"] = (then, now)
    return Difference(each.type, each.subject_id, fields) if fields else None


def _find_extra(
    connection: Connection, station_id: str, seen: dict[str, str], report: Rebuilt, *, apply: bool
) -> None:
    """Rows without a fact behind them."""
    for type_, projection in registered().items():
        table = projection.table.name
        rows = run(connection, f"SELECT id FROM {table} WHERE station_id = ?", (station_id,))  # noqa: S608
        extra = [id_ for (id_,) in rows if seen.get(id_) != type_]
        report.extra += [(type_, id_) for id_ in extra]
        if apply and extra:
            run(
                connection,
                f"DELETE FROM {table} WHERE station_id = ? AND id = ANY(?)",  # noqa: S608
                (station_id, extra),
            )


def _bumped(connection: Connection, station_id: str) -> dict[str, int]:
    """Subjects changed by more than their own facts, and where in the log that counts.

    By a ledger fact, by a private line that came after its fact, by a number given back.
    """
    rows = run(
        connection,
        "SELECT l.idx, f.bytes FROM fact f"
        " JOIN log_entry l ON l.fact_seq = f.seq"
        " WHERE f.station_id = ? AND f.kind IN ('ledger.admitted', 'ledger.redacted')"
        " AND l.admitted",
        (station_id,),
    )
    targets = store.late_privates(connection, station_id)
    for idx, raw in rows:
        fact = parse_fact(bytes(raw))
        if isinstance(fact, Fact):
            target = str(fact.body.get("fact_sha256"))
            targets[target] = max(idx, targets.get(target, -1))
    found: dict[str, int] = {}
    for sha256, target_row in store.targets(connection, station_id, list(targets)).items():
        if target_row.subject_id is not None and target_row.admitted:
            subject_id = target_row.subject_id
            found[subject_id] = max(targets[sha256], found.get(subject_id, -1))
    for subject_id, idx in store.returned_numbers(connection, station_id):
        found[subject_id] = max(idx, found.get(subject_id, -1))
    return found
