"""How far in this log a phone says it has read.

After a restore a phone still holds a cursor of the log that was lost until it has caught up. Its
number says nothing of the log that runs now beyond the entries both have. It must not know what the
index is used for.
"""

from __future__ import annotations

from sqlalchemy import Connection

from app.batches.envelope import Envelope
from app.ledger.head import read_station
from app.marks import read_marks


def acknowledged_index(connection: Connection, station_id: str, envelope: Envelope) -> int | None:
    """The index the phone has read up to; None when it names no cursor.

    Of another epoch, or beyond this log: the restored size at most.
    """
    station = read_station(connection, station_id)
    if envelope.acknowledged is None or station is None:
        return None
    index = envelope.acknowledged.index
    if index <= station.size and envelope.epoch in (None, station.epoch):
        return index
    opened = read_marks(connection, station_id, station.epoch).opened
    return min(index, opened["size"] if opened else station.size)
