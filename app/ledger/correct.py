"""Correcting rows while the station works: a rebuild in steps, each a short transaction of its own.

A step folds a few subjects under the station's lock with all their facts, as an append would, so
every row is right as soon as its step is done, whatever phones hand over in between. Where it
stopped is written with each step: killed, the next run goes on there. A corrected row moves to an
index no phone has covered, so that phones hear of it; what people acted on before is laid before
the chief (I8). It must not change facts, the log or numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from app.clock import instant
from app.db import insert_many, run, upsert
from app.findings.noting import note
from app.ledger import store
from app.ledger.rebuild import (
    Difference,
    Rebuilt,
    bumped_subjects,
    compare_chunk,
    everything_of,
    fold_chunk,
    next_subjects,
    write_chunk,
)
from app.ledger.rows import Made, kind_of
from app.ledger.store import Station
from app.ledger.table import rebuild_run, rebuilt
from app.problems import ProblemError
from app.projections import registered
from sync.fold import FOLD_VERSION

# About a tenth of a second under the writer's gate: phones wait for no more than that.
STEP_SUBJECTS = 50
EXTRA_AT_ONCE_MAX = 500
STEPS = ("sites", "others")
Transact = Callable[[Callable[[Connection], Any]], Any]  # runs work, and commits it
RUN_COLUMNS = ("station_id", "step", "after", "subjects", "differing", "started_at")


@dataclass(slots=True)
class Run:
    """Where a rebuild stands."""

    step: str
    after: str
    subjects: int
    differing: int
    started_at: str


@dataclass(slots=True)
class Correcting:
    """One rebuild of a station: what it found so far, over all its steps in this process."""

    transact: Transact
    station_id: str
    clock: Callable[[], datetime]
    report: Rebuilt = field(default_factory=Rebuilt)
    resumed_at: int = 0  # subjects that an earlier run had done
    _bumped: tuple[int, dict[str, int]] = (-1, {})

    def run(self, progress: Callable[[int], None] = lambda _done: None) -> Rebuilt:
        """Every step that is left, to the end."""
        begun = self.transact(self._begin)
        self.resumed_at, self.report.subjects = begun.subjects, begun.subjects
        more = True
        while more:
            found, at, more = self.transact(self._step)
            self._take(found, at)
            progress(self.report.subjects)
        while self.transact(self._remove_extra):
            pass
        self.transact(self._finish)
        return self.report

    def _begin(self, connection: Connection) -> Run:
        found = read_run(connection, self.station_id)
        names = [store.FOLDING_COUNTER]
        as_before = store.counters(connection, self.station_id, names)[names[0]] == FOLD_VERSION
        if found is None or not as_before:  # what another release had made is not gone on with
            store.save_counters(connection, self.station_id, {names[0]: FOLD_VERSION})
            found = Run(STEPS[0], "", 0, 0, instant(self.clock()))
            _save_run(connection, self.station_id, found)
        return found

    def _step(self, connection: Connection) -> tuple[Rebuilt, Run, bool]:
        """The next few subjects: what differed, where it stands now, whether there are more."""
        station = store.lock_station(connection, self.station_id)
        at = read_run(connection, self.station_id)
        if station is None or at is None:
            raise ProblemError("not-ready")
        sites_only = at.step == STEPS[0]
        ids = next_subjects(
            connection, station.id, at.after, sites_only=sites_only, limit=STEP_SUBJECTS
        )
        # Fewer than asked for: the end as it is now. What phones add from here on is right anyway,
        # and waiting for them to stop would never end.
        last = len(ids) < STEP_SUBJECTS
        done, found = 0, Rebuilt()
        if ids:
            done = self._correct(connection, station, ids, found, sites_only=sites_only)
        at = Run(
            STEPS[1] if last else at.step,
            "" if last and sites_only else ids[-1] if ids else at.after,
            at.subjects + done,
            at.differing + found.differing,
            at.started_at,
        )
        _save_run(connection, self.station_id, at)
        return found, at, sites_only or not last

    def _take(self, found: Rebuilt, at: Run) -> None:
        self.report.subjects = at.subjects
        for each in found.differences:
            self.report.note(each)

    def _correct(
        self,
        connection: Connection,
        station: Station,
        ids: list[str],
        found: Rebuilt,
        *,
        sites_only: bool,
    ) -> int:
        """Fold these subjects, write what differs; how many there were."""
        everything = everything_of(connection, station, ids)
        typed = {
            id_: kind
            for id_, known in everything.items()
            if (kind := kind_of(known)) is not None and (kind == "site") is sites_only
        }
        bumped = self._bumped_at(connection, station)
        chunk = fold_chunk(connection, station, typed, everything, bumped, {})
        changed = compare_chunk(connection, station.id, chunk, found)
        if changed:
            moved = self._move(connection, station, changed)
            again = fold_chunk(connection, station, typed, everything, bumped | moved, {})
            made = [each for each in again.made if each.subject_id in moved]
            write_chunk(connection, station.id, made, again)
            for each in found.differences:
                self._tell(connection, each)
        return len(typed)

    def _bumped_at(self, connection: Connection, station: Station) -> dict[str, int]:
        """Read again only when the log has grown: ledger facts are few."""
        if self._bumped[0] != station.size:
            self._bumped = (station.size, bumped_subjects(connection, station.id))
        return self._bumped[1]

    def _move(
        self, connection: Connection, station: Station, changed: list[Made]
    ) -> dict[str, int]:
        """Corrected rows stand at the place the next entry will get: no phone has covered it."""
        moved = {each.subject_id: station.size for each in changed}
        columns = ("station_id", "subject_id", "idx")
        rows = [(station.id, id_, moved[id_]) for id_ in sorted(moved)]
        insert_many(connection, rebuilt, columns, rows, conflict=upsert(rebuilt, columns))
        self._bumped = (-1, {})
        return moved

    def _tell(self, connection: Connection, each: Difference) -> None:
        """What the chief has to see: a state, a level, a deadline that people acted on."""
        if not each.weighty:
            return
        now = self.clock()
        where = "hazard" if each.type == "hazard" else "inspection"
        detail = {
            "title": each.title or each.type,
            "type": each.type,
            "fields": {name: list(both) for name, both in each.weighty.items()},
            "places": [{"type": where, "id": each.subject_id, "words": "去看"}]
            if where == "hazard"
            else [],
        }
        about = f"{each.subject_id}@{instant(now)}"
        note(connection, self.station_id, "row", about, detail, now=now)

    def _remove_extra(self, connection: Connection) -> bool:
        """Rows without an admitted fact behind them, some at a time; false when there are none."""
        store.lock_station(connection, self.station_id)
        for type_, projection in registered().items():
            table = projection.table.name
            rows = run(
                connection,
                f"SELECT t.id FROM {table} t WHERE t.station_id = ? AND NOT EXISTS"  # noqa: S608
                " (SELECT 1 FROM subject s JOIN fact f ON f.station_id = s.station_id"
                " AND f.subject_id = s.subject_id JOIN log_entry l ON l.fact_seq = f.seq"
                " WHERE s.station_id = t.station_id AND s.subject_id = t.id AND s.type = ?"
                " AND l.admitted) LIMIT ?",
                (self.station_id, type_, EXTRA_AT_ONCE_MAX),
            )
            if rows:
                extra = [id_ for (id_,) in rows]
                run(
                    connection,
                    f"DELETE FROM {table} WHERE station_id = ? AND id = ANY(?)",  # noqa: S608
                    (self.station_id, extra),
                )
                self.report.extra += [(type_, id_) for id_ in extra]
                return True
        return False

    def _finish(self, connection: Connection) -> None:
        run(connection, "DELETE FROM rebuild_run WHERE station_id = ?", (self.station_id,))
        store.save_counters(connection, self.station_id, {store.FOLDED_COUNTER: FOLD_VERSION})


def read_run(connection: Connection, station_id: str) -> Run | None:
    """The rebuild that was begun and not ended, if any."""
    rows = run(
        connection,
        "SELECT step, after, subjects, differing, started_at FROM rebuild_run WHERE station_id = ?",
        (station_id,),
    )
    return Run(*rows[0]) if rows else None


def _save_run(connection: Connection, station_id: str, at: Run) -> None:
    row = (station_id, at.step, at.after, at.subjects, at.differing, at.started_at)
    insert_many(connection, rebuild_run, RUN_COLUMNS, [row],
                conflict=upsert(rebuild_run, RUN_COLUMNS))  # fmt: skip
