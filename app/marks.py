"""How far backups reach and when this life of the log began: said to phones in every answer.

`backed_up_to` alone would not do for photos: one that arrived after the dump, of a fact before it,
is in no backup yet, so phones compare the time of its receipt as well. It must not know how a
backup is made.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from app.clock import instant
from app.db import run

FIRST_EPOCH = 1
BACKED_UP_TO = "backed_up_to"
# A counter is a 32-bit number on PostgreSQL; whole minutes, rounded down, last for ever.
BACKED_UP_MINUTE = "backed_up_minute"
# A photo's receipt names the time its last request began; its commit may come after the dump.
COMMIT_MARGIN = timedelta(minutes=10)
EPOCH_OF_TIME = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Marks:
    """What phones are told beside every page."""

    backed_up_to: int  # the log size the last verified backup covers
    backed_up_at: str | None  # photos received before it are in that backup
    opened: (
        dict[str, Any] | None
    )  # {epoch, from, size, root} where this epoch began; None in the first

    def told(self) -> dict[str, Any]:
        """As answers carry it."""
        return {
            "backed_up_to": self.backed_up_to,
            "backed_up_at": self.backed_up_at,
            "opened": self.opened,
        }


def read_marks(connection: Connection, station_id: str, epoch: int) -> Marks:
    """The marks of a station; one look, two in a restored one."""
    rows = run(
        connection,
        "SELECT name, value FROM counter WHERE station_id = ? AND name = ANY(?)",
        (station_id, [BACKED_UP_TO, BACKED_UP_MINUTE]),
    )
    found: dict[str, int] = dict(rows)
    minute = found.get(BACKED_UP_MINUTE)
    at = None if minute is None else instant(EPOCH_OF_TIME + timedelta(minutes=minute))
    return Marks(found.get(BACKED_UP_TO, 0), at, _opened(connection, station_id, epoch))


def _opened(connection: Connection, station_id: str, epoch: int) -> dict[str, Any] | None:
    if epoch == FIRST_EPOCH:
        return None
    rows = run(
        connection,
        "SELECT from_epoch, size, root FROM restore WHERE station_id = ? AND epoch = ?",
        (station_id, epoch),
    )
    if not rows:
        return None
    from_epoch, size, root = rows[0]
    return {"epoch": epoch, "from": from_epoch, "size": size, "root": root}


def backup_age_s(connection: Connection, station_id: str, now: datetime) -> int:
    """Seconds since the last backup that counts began, a few minutes more; -1: there is none."""
    rows = run(
        connection,
        "SELECT value FROM counter WHERE station_id = ? AND name = ?",
        (station_id, BACKED_UP_MINUTE),
    )
    if not rows:
        return -1
    return int((now - EPOCH_OF_TIME - timedelta(minutes=rows[0][0])).total_seconds())


def save_backed_up(connection: Connection, station_id: str, *, size: int, at: datetime) -> None:
    """A verified backup, begun at `at`, covers so many entries and the photos received before."""
    minute = int((at - COMMIT_MARGIN - EPOCH_OF_TIME) / timedelta(minutes=1))
    for name, value in ((BACKED_UP_TO, size), (BACKED_UP_MINUTE, minute)):
        run(
            connection,
            "INSERT INTO counter (station_id, name, value) VALUES (?, ?, ?)"
            " ON CONFLICT (station_id, name) DO UPDATE SET value = excluded.value",
            (station_id, name, value),
        )
