"""The registry of projections: which table holds the rows of which type of subject.

Each noun's table.py declares one `Projection`; app/domains.py registers them. The write path and
the rebuild know the nouns only through this list, so a new noun is one file and one line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, Index, Integer, PrimaryKeyConstraint, String, Table, Text, text

from app.db import metadata

JsonRow = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Context:
    """What the fold does not know about a subject: where it lies and who began it."""

    site_id: str | None
    area_id: str | None
    author_id: str | None
    received_at: str


@dataclass(frozen=True, slots=True)
class Projection:
    """One type's table; `columns` gives what it has beside station_id, id, changed_idx, row."""

    type: str
    table: Table
    columns: Callable[[JsonRow, Context], dict[str, Any]]
    for_phone: Callable[[JsonRow], JsonRow] = dict
    """The row with what only a phone needs beside it; as it is, unless a noun says otherwise."""

    names: tuple[str, ...] = field(init=False)
    """Every column in table order, the order of an insert."""

    def __post_init__(self) -> None:
        names = tuple(column.name for column in self.table.columns)
        object.__setattr__(self, "names", names)

    def values(
        self, station_id: str, subject_id: str, idx: int, row: JsonRow, line: str, context: Context
    ) -> tuple[Any, ...]:
        """The tuple to upsert for one row; `line` is the row as JSON."""
        filters: Mapping[str, Any] = self.columns(row, context)
        fixed = {"station_id": station_id, "id": subject_id, "changed_idx": idx, "row": line}
        return tuple(fixed[name] if name in fixed else filters[name] for name in self.names)


def projection_table(name: str, *columns: Column[Any] | Any) -> Table:
    """A projection's table: the key, the filter columns, and the row itself as JSON."""
    return Table(
        name,
        metadata,
        Column("station_id", String(36), nullable=False),
        Column("id", String(36), nullable=False),
        *columns,
        Column("changed_idx", Integer, nullable=False),
        Column("row", Text, nullable=False),
        PrimaryKeyConstraint("station_id", "id"),
    )


def index_where(table: Table, name: str, condition: str, *columns: str) -> Index:
    """An index of the few rows a condition holds for; other rows cost nothing to write."""
    only = text(condition)
    of = [table.c[column] for column in ("station_id", *columns)]
    return Index(name, *of, sqlite_where=only, postgresql_where=only)


_registered: dict[str, Projection] = {}


def register(*projections: Projection) -> None:
    """Add projections; the same one twice is harmless, two for one type are a mistake."""
    for projection in projections:
        if _registered.setdefault(projection.type, projection) != projection:
            raise ValueError(f"two projections for {projection.type}")


def registered() -> Mapping[str, Projection]:
    """All projections by type."""
    return _registered
