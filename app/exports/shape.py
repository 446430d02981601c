"""What a source of rows is given and gives back: one look at the database, and what it found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import Connection

from app.actor import Actor
from app.exports.store import Spool, Wish


@dataclass(frozen=True, slots=True)
class Look:
    """One consistent look; `path` is where rows are spooled, `reached` hears how many are."""

    connection: Connection
    station_id: str
    actor: Actor
    wish: Wish
    path: Path
    zone: str
    reached: Callable[[int, int], None]

    @property
    def today(self) -> date:
        return self.wish.as_of


@dataclass(frozen=True, slots=True)
class Found:
    """The rows, their filter in words, and how many there are of each sort where that is told."""

    rows: Spool
    filters: str
    counts: str = ""
