"""Folding the whole ledger again: what every row should be, compared with what it is (I8).

Sites first, since everything else lies where its site lies. With `apply` the rows are written, in
the caller's transaction; a station at work is corrected in steps instead (correct.py). It must not
change facts, the log or numbers.
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
WEIGHTY_SHOWN_MAX = 1_000
# What people act on and what papers say: a rebuild that changes these goes before the chief (I8).
WEIGHTY = frozenset({"state", "level", "deadline"})
SITES_ONLY = " AND kind IN ('site.registered', 'site.amended', 'site.retired')"


@dataclass(slots=True)
class Difference:
    """A row that is not what its facts say: which fields, before and after."""

    type: str
    subject_id: str
    fields: dict[str, tuple[Any, Any]]
    title: str = ""  # the hazard's number and finding, for a list
    new: bool = False  # there was no row at all

    @property
    def weighty(self) -> dict[str, tuple[Any, Any]]:
        """The changes of a row that people acted on."""
        if self.new or self.type not in ("hazard", "inspection"):
            return {}
        return {name: both for name, both in self.fields.items() if name in WEIGHTY}


@dataclass(slots=True)
class Rebuilt:
    """What a rebuild found."""

    subjects: int = 0
    differing: int = 0
    differences: list[Difference] = field(default_factory=list)
    weighty: list[Difference] = field(default_factory=list)  # states, levels, deadlines changed
    extra: list[tuple[str, str]] = field(default_factory=list)  # rows no fact stands behind

    def note(self, difference: Difference) -> None:
        """Count it, and keep the first few."""
        self.differing += 1
        if difference.weighty and len(self.weighty) < WEIGHTY_SHOWN_MAX:
            self.weighty.append(difference)
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
    bumped = bumped_subjects(connection, station.id)
    seen: dict[str, str] = {}
    sites: dict[str, SubjectRow] = {}
    for sites_only in (True, False):
        for ids in _subject_ids(connection, station.id, sites_only=sites_only):
            ids = [id_ for id_ in ids if id_ not in seen]
            everything = everything_of(connection, station, ids)
            typed = {
                id_: kind
                for id_, known in everything.items()
                if (kind := kind_of(known)) is not None and (not sites_only or kind == "site")
            }
            chunk = fold_chunk(connection, station, typed, everything, bumped, sites)
            sites |= {id_: at for id_, at in chunk.places.items() if at.type == "site"}
            changed = compare_chunk(connection, station.id, chunk, report)
            if apply and changed:
                write_chunk(connection, station.id, changed, chunk)
            seen |= typed
            report.subjects += len(typed)
            progress(report.subjects)
    _find_extra(connection, station.id, seen, report, apply=apply)
    return report


def count_subjects(connection: Connection, station_id: str) -> int:
    """How many subjects there are to fold."""
    query = "SELECT count(DISTINCT subject_id) FROM fact WHERE station_id = ?"
    return int(run(connection, query, (station_id,))[0][0])


def _subject_ids(
    connection: Connection, station_id: str, *, sites_only: bool
) -> Iterator[list[str]]:
    """All subjects in the order of their ids, a chunk at a time."""
    after = ""
    while ids := next_subjects(
        connection, station_id, after, sites_only=sites_only, limit=CHUNK_SUBJECTS
    ):
        yield ids
        after = ids[-1]


def next_subjects(
    connection: Connection, station_id: str, after: str, *, sites_only: bool, limit: int
) -> list[str]:
    """The next subjects in the order of their ids; empty when there are no more."""
    only = SITES_ONLY if sites_only else ""
    rows = run(
        connection,
        f"SELECT DISTINCT subject_id FROM fact WHERE station_id = ? AND subject_id > ?{only}"  # noqa: S608
        " ORDER BY subject_id LIMIT ?",
        (station_id, after, limit),
    )
    return [row[0] for row in rows]


def everything_of(
    connection: Connection, station: Station, ids: list[str]
) -> dict[str, list[Known]]:
    found: dict[str, list[Known]] = {}
    for stored in store.admitted_facts(connection, station.id, ids, below_idx=station.size):
        known = known_from(stored)
        if known is not None:
            found.setdefault(stored.subject_id, []).append(known)
    return found


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some subjects folded anew, with where they lay before."""

    made: list[Made]
    places: dict[str, SubjectRow]
    before: dict[str, SubjectRow]


def fold_chunk(
    connection: Connection,
    station: Station,
    typed: dict[str, str],
    everything: dict[str, list[Known]],
    bumped: dict[str, int],
    sites: dict[str, SubjectRow],
) -> Chunk:
    """Rows and places as they should be. `sites`: where sites lie, as far as known."""
    before = store.subjects_by_id(connection, station.id, list(typed))
    numbers = store.numbers_of(connection, station.id, typed)
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
    unknown = {each.site_id for each in made if each.site_id} - {*sites, *typed}
    sites |= store.subjects_by_id(connection, station.id, unknown) if unknown else {}
    return Chunk(made, place_all(made, typed, everything, sites | before, bumped), before)


def write_chunk(connection: Connection, station_id: str, changed: list[Made], chunk: Chunk) -> None:
    """Put the rows that differ right."""
    ids = sorted({each.subject_id for each in changed})
    store.save_subjects(connection, station_id, [chunk.places[id_] for id_ in ids])
    write_projections(connection, station_id, changed, chunk.places)


def compare_chunk(
    connection: Connection, station_id: str, chunk: Chunk, report: Rebuilt
) -> list[Made]:
    """The rows that differ from what is stored."""
    changed = []
    by_type: dict[str, list[Made]] = {}
    for each in chunk.made:
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
            difference = _difference(each, stored.get(each.subject_id), chunk)
            if difference is not None:
                report.note(difference)
                changed.append(each)
    return changed


def _difference(
    each: Made,
    stored: dict[str, Any] | None,
    chunk: Chunk,
) -> Difference | None:
    row = json.loads(json.dumps(each.row))
    old = stored or {}
    fields = differing(old, row)
    place, was = chunk.places[each.subject_id], chunk.before.get(each.subject_id)
    for name in ("type", "site_id", "area_id", "author_id", "changed_idx"):
        now, then = getattr(place, name), getattr(was, name, None)
        if now != then:
            fields[f"subject.{name}"] = (then, now)
    if not fields:
        return None
    words = (row.get("number"), row.get("finding") or row.get("name"))
    title = " ".join(str(word) for word in words if word)
    return Difference(each.type, each.subject_id, fields, title, new=stored is None)


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


def bumped_subjects(connection: Connection, station_id: str) -> dict[str, int]:
    """Subjects changed by more than their own facts, and where in the log that counts.

    By a ledger fact, by a private line that came after its fact, by a number given back,
    by a rebuild that corrected the row.
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
    corrected = "SELECT subject_id, idx FROM rebuilt WHERE station_id = ?"
    for subject_id, idx in run(connection, corrected, (station_id,)):
        found[subject_id] = max(idx, found.get(subject_id, -1))
    return found
