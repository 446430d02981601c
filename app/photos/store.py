"""The SQL of photos: who may see one, how far it has come, which parts wait to be put together.

Functions take a connection and never commit. What to do with a part is decided in rules.py; this
file must not know HTTP or where bytes live.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from app.actor import Actor
from app.auth.scope import scope_sql
from app.clock import instant
from app.db import run
from app.photos.check import Checked
from app.photos.rules import Part, Upload


@dataclass(frozen=True, slots=True)
class PhotoRow:
    """A photo as the station knows it."""

    sha256: str
    state: str
    bytes_total: int | None
    received: int
    epoch: int
    length: int | None
    condition: str | None
    held_at: str | None
    thumbnail_at: str | None

    @property
    def held(self) -> bool:
        """Whether every byte is here and verified."""
        return self.state == "held"

    @property
    def upload(self) -> Upload:
        """What planning a part needs."""
        declared = frozenset(() if self.bytes_total is None else (self.bytes_total,))
        return Upload(self.held, self.received, self.epoch, declared, self.length)


_COLUMNS = "sha256, state, bytes_total, received, epoch, length, condition, held_at, thumbnail_at"


def find_photo(connection: Connection, station_id: str, sha256: str) -> PhotoRow | None:
    """A photo that some fact of the station declared, or None."""
    found = run(
        connection,
        f"SELECT {_COLUMNS} FROM photo WHERE station_id = ? AND sha256 = ?",  # noqa: S608
        (station_id, sha256),
    )
    return PhotoRow(*found[0]) if found else None


def find_photos(
    connection: Connection, station_id: str, hashes: Collection[str]
) -> dict[str, PhotoRow]:
    """The same for several at once."""
    found = run(
        connection,
        f"SELECT {_COLUMNS} FROM photo WHERE station_id = ? AND sha256 = ANY(?)",  # noqa: S608
        (station_id, sorted(hashes)),
    )
    return {str(row[0]): PhotoRow(*row) for row in found}


def may_see(connection: Connection, actor: Actor, sha256: str) -> bool:
    """Whether a subject the actor sees, or a fact the actor wrote, uses the photo."""
    condition, values = scope_sql(actor, area="s.area_id", author="s.author_id")
    return _used(connection, actor, sha256, condition, values)


def may_send(connection: Connection, actor: Actor, sha256: str) -> bool:
    """The same for handing bytes over; a revoked phone still gives what its own facts promised."""
    return _used(connection, actor, sha256, *_sender_scope(actor))


def find_sendable(connection: Connection, actor: Actor, sha256: str) -> PhotoRow | None:
    """The photo if some fact declared it and this actor may hand it over: one look for both."""
    used, values = _use_sql(actor, *_sender_scope(actor))
    found = run(
        connection,
        f"SELECT {_COLUMNS} FROM photo WHERE station_id = ? AND sha256 = ? AND EXISTS ({used})",  # noqa: S608
        (actor.station_id, sha256, actor.station_id, sha256, *values),
    )
    return PhotoRow(*found[0]) if found else None


def _sender_scope(actor: Actor) -> tuple[str, list[Any]]:
    condition, values = scope_sql(actor, area="s.area_id", author="s.author_id")
    if actor.enrolment_id is not None:
        # The author too: a phone that was enrolled anew still holds what its older facts promised.
        condition = f"({condition} OR f.enrolment_id = ? OR f.author_id = ?)"
        values = [*values, actor.enrolment_id, actor.account_id]
    return condition, values


def _used(
    connection: Connection, actor: Actor, sha256: str, condition: str, values: list[Any]
) -> bool:
    used, more = _use_sql(actor, condition, values)
    found = run(connection, f"{used} LIMIT 1", (actor.station_id, sha256, *more))
    return bool(found)


def _use_sql(actor: Actor, condition: str, values: list[Any]) -> tuple[str, list[Any]]:
    """Uses of a photo (station and hash are its first two values) that the actor may know of."""
    own = "" if actor.revoked else " OR f.author_id = ?"
    mine = [] if actor.revoked else [actor.account_id]
    return (
        "SELECT 1 FROM photo_use u"  # noqa: S608 - pieces of our own, values apart
        " JOIN fact f ON f.station_id = u.station_id AND f.sha256 = u.fact_sha256"
        " LEFT JOIN subject s ON s.station_id = u.station_id AND s.subject_id = u.subject_id"
        f" WHERE u.station_id = ? AND u.sha256 = ? AND ({condition}{own})",
        [*values, *mine],
    )


def sendable(connection: Connection, actor: Actor, hashes: list[str]) -> set[str]:
    """Those of the photos that are still wanted and that the actor may hand over."""
    wanted = run(
        connection,
        "SELECT sha256 FROM photo WHERE station_id = ? AND state = 'wanted' AND sha256 = ANY(?)",
        (actor.station_id, hashes),
    )
    return {sha256 for (sha256,) in wanted if may_send(connection, actor, sha256)}


def take_part(
    connection: Connection, station_id: str, row: PhotoRow, *, part: Part, name: str
) -> bool:
    """Compare and set: the part counts only if nobody moved offset or epoch meanwhile."""
    moved = run(
        connection,
        "UPDATE photo SET received = ?, length = ? WHERE station_id = ? AND sha256 = ?"
        " AND state = 'wanted' AND received = ? AND epoch = ? RETURNING received",
        (
            part.offset + part.size,
            part.length,
            station_id,
            row.sha256,
            part.offset,
            row.epoch,
        ),
    )
    if not moved:
        return False
    run(
        connection,
        "INSERT INTO photo_part (station_id, sha256, epoch, start, size, name)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (station_id, row.sha256, row.epoch, part.offset, part.size, name),
    )
    return True


def list_parts(connection: Connection, station_id: str, row: PhotoRow) -> list[str]:
    """The names of the running try's parts, in order."""
    found = run(
        connection,
        "SELECT name FROM photo_part WHERE station_id = ? AND sha256 = ? AND epoch = ?"
        " ORDER BY start",
        (station_id, row.sha256, row.epoch),
    )
    return [name for (name,) in found]


def mark_held(
    connection: Connection,
    station_id: str,
    sha256: str,
    *,
    checked: Checked,
    size: int,
    now: datetime,
) -> int | None:
    """The verified bytes are in the store for good; the epoch receipts name now.

    None when another sender said so first.
    """
    moved = run(
        connection,
        "UPDATE photo SET state = 'held', received = ?, length = ?, condition = ?, width = ?,"
        " height = ?, held_at = ? WHERE station_id = ? AND sha256 = ? AND state = 'wanted'"
        " RETURNING (SELECT s.epoch FROM station s WHERE s.id = photo.station_id),"
        " EXISTS (SELECT 1 FROM photo_part p"
        " WHERE p.station_id = photo.station_id AND p.sha256 = photo.sha256)",
        (
            size,
            size,
            checked.condition,
            checked.width,
            checked.height,
            instant(now),
            station_id,
            sha256,
        ),
    )
    if not moved:
        return None
    epoch, in_parts = moved[0]
    if in_parts:
        _forget_parts(connection, station_id, sha256)
    return int(epoch)


def want_again(connection: Connection, station_id: str, sha256: str) -> None:
    """The bytes are not here any more: the photo is wanted as if it had never come."""
    run(
        connection,
        "UPDATE photo SET state = 'wanted', received = 0, length = NULL, epoch = epoch + 1,"
        " condition = NULL, held_at = NULL WHERE station_id = ? AND sha256 = ? AND state = 'held'",
        (station_id, sha256),
    )


def start_anew(connection: Connection, station_id: str, row: PhotoRow) -> bool:
    """Empty the try under a new epoch, unless somebody already moved it."""
    moved = run(
        connection,
        "UPDATE photo SET received = 0, length = NULL, epoch = epoch + 1"
        " WHERE station_id = ? AND sha256 = ? AND state = 'wanted' AND received = ? AND epoch = ?"
        " RETURNING epoch",
        (station_id, row.sha256, row.received, row.epoch),
    )
    if moved:
        _forget_parts(connection, station_id, row.sha256)
    return bool(moved)


def _forget_parts(connection: Connection, station_id: str, sha256: str) -> None:
    run(
        connection,
        "DELETE FROM photo_part WHERE station_id = ? AND sha256 = ?",
        (station_id, sha256),
    )


def mark_derived(connection: Connection, station_id: str, sha256: str, *, now: datetime) -> None:
    """Thumbnail and view are made, so the photo can be opened whatever its header looked like."""
    run(
        connection,
        "UPDATE photo SET thumbnail_at = ?, condition = 'ok' WHERE station_id = ? AND sha256 = ?",
        (instant(now), station_id, sha256),
    )


def mark_undecodable(connection: Connection, station_id: str, sha256: str) -> None:
    """The header promised a picture that the bytes behind it do not give."""
    run(
        connection,
        "UPDATE photo SET condition = 'undecodable'"
        " WHERE station_id = ? AND sha256 = ? AND condition = 'ok'",
        (station_id, sha256),
    )


def station_epoch(connection: Connection, station_id: str) -> int:
    """The epoch receipts name."""
    found = run(connection, "SELECT epoch FROM station WHERE id = ?", (station_id,))
    return int(found[0][0]) if found else 0
