"""One page of matters, each with both sides beside each other: rows, photos, who said what when.

A page costs a constant number of statements. What may be decided follows from the rows; deciding
itself is POST /decisions. It must not know HTTP.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection

from app.actor import Actor
from app.db import run
from app.matters.pairs import PhotoPair, photo_pairs
from app.matters.reading import TYPES, count_matters, matters_sql, used_at
from app.matters.told import open_conflicts
from app.rows import (
    JsonRow,
    account_names,
    area_paths,
    facts_named,
    photos_of,
    rows_by_id,
)
from sync.steps import allowed_kinds

Ref = tuple[str, str, str, str, int]  # type, noun, one, two, idx


def list_matters(
    connection: Connection,
    station_id: str,
    actor: Actor,
    *,
    type_: str | None,
    page: int,
    size: int,
) -> dict[str, Any]:
    """Matters of one type or of all, the latest first, with counts of all types."""
    counts = count_matters(connection, station_id, actor)
    matters, values = matters_sql(station_id, actor)
    only = "WHERE type = ?" if type_ else ""
    refs: list[Ref] = run(
        connection,
        f"SELECT type, noun, one, two, idx FROM ({matters}) AS matters {only}"  # noqa: S608
        " ORDER BY idx DESC, one, two LIMIT ? OFFSET ?",
        (*values, *([type_] if type_ else []), size, (page - 1) * size),
    )
    shown = _Shown.of(connection, station_id, actor, refs)
    return {
        "items": [shown.item(ref) for ref in refs],
        "accounts": shown.accounts,
        "areas": shown.areas,
        "counts": counts,
        "total": counts[type_] if type_ in TYPES else sum(counts.values()),
        "page": page,
        "size": size,
    }


class _Shown:
    """Everything a page of matters needs, read at once."""

    def __init__(self) -> None:
        self.rows: dict[str, JsonRow] = {}
        self.sites: dict[str, JsonRow] = {}
        self.areas: dict[str, str] = {}
        self.photos: dict[str, list[JsonRow]] = {}
        self.entries: dict[str, JsonRow] = {}
        self.pairs: list[PhotoPair] = []
        self.accounts: dict[str, str] = {}
        self.received: dict[str, str] = {}
        self.roles: frozenset[str] = frozenset()

    @classmethod
    def of(cls, connection: Connection, station_id: str, actor: Actor, refs: list[Ref]) -> _Shown:
        shown = cls()
        shown.roles = actor.roles
        ids = {id_ for _, _, one, two, _ in refs for id_ in (one, two) if id_}
        for noun in ("hazard", "inspection", "site"):
            shown.rows |= rows_by_id(connection, station_id, noun, ids)
        shown.sites = rows_by_id(
            connection, station_id, "site", (row.get("site") for row in shown.rows.values())
        )
        shown.areas = area_paths(connection, station_id)
        shown.photos = photos_of(connection, station_id, ids)
        shown.entries = facts_named(connection, station_id, _named(shown.rows.values()))
        shown.received = _received(connection, station_id, ids)
        shown.pairs = photo_pairs(connection, station_id, actor, ids)
        shown.accounts = account_names(connection, station_id, shown._people())
        return shown

    def _people(self) -> set[str | None]:
        people = {row.get("author") for row in self.rows.values()}
        people |= {entry["author"] for entry in self.entries.values()}
        return people | {photo["author"] for each in self.photos.values() for photo in each}

    def item(self, ref: Ref) -> dict[str, Any]:
        """One matter: its sides, earlier first, and what the decision is about."""
        type_, _noun, one, two, idx = ref
        subjects = [one] if not two or one == two else self._in_time(one, two)
        conflicts = open_conflicts(self.rows[one]) if not two else []
        facts = {fact for conflict in conflicts for fact in _facts_of(conflict)}
        pairs = [p for p in self.pairs if two and {p.subject, p.other} == {one, two}]
        return {
            "type": type_,
            "key": f"{one}.{two}" if two else one,
            "idx": idx,
            "sides": [self._side(subject) for subject in subjects],
            "conflicts": conflicts,
            "entries": [self.entries[fact] for fact in sorted(facts) if fact in self.entries],
            "alike": _once(pairs, subjects[-1]),
        }

    def _in_time(self, one: str, two: str) -> list[str]:
        pair = next((p for p in self.pairs if (p.subject, p.other) == (one, two)), None)
        first, second = self.rows[one], self.rows[two]
        times = (first.get("at") or "", second.get("at") or "")
        if pair is not None:
            times = (used_at(first, pair.sha256), used_at(second, pair.other_sha256))
        return [one, two] if times[0] <= times[1] else [two, one]

    def _side(self, subject: str) -> dict[str, Any]:
        row = self.rows[subject]
        site = row if row["type"] == "site" else self.sites.get(str(row.get("site")))
        return {
            "row": {key: value for key, value in row.items() if key != "answers"},
            "site": None if site is None else {key: site.get(key) for key in ("id", "name")},
            "area": self.areas.get(str((site or {}).get("area")), ""),
            "author": self.accounts.get(str(row.get("author")), ""),
            "received_at": self.received.get(subject),
            "photos": self.photos.get(subject, []),
            "allowed": allowed_kinds(row, self.roles),
        }


def _received(connection: Connection, station_id: str, subjects: set[str]) -> dict[str, str]:
    """When the station first heard of each subject."""
    found = run(
        connection,
        "SELECT f.subject_id, min(l.received_at) FROM fact f JOIN log_entry l ON l.fact_seq = f.seq"
        " WHERE f.station_id = ? AND f.subject_id = ANY(?) GROUP BY f.subject_id",
        (station_id, sorted(subjects)),
    )
    return dict(found)


def _named(rows: Iterable[JsonRow]) -> set[str]:
    return {
        fact for row in rows for conflict in open_conflicts(row) for fact in _facts_of(conflict)
    }


def _facts_of(conflict: Mapping[str, Any]) -> list[str]:
    if conflict["type"] == "field":
        return [str(each["fact"]) for each in conflict["values"]]
    return [str(fact) for fact in conflict["facts"]]


def _once(pairs: list[PhotoPair], later: str) -> list[dict[str, str]]:
    """Each pair of photos once: the one of the later visit, and the earlier one."""
    return [
        {"sha256": pair.sha256, "other": pair.other_sha256}
        for pair in pairs
        if pair.subject == later
    ]
