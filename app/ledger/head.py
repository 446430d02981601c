"""The signed head of a station's log: what phones and exports keep as witnesses.

It must not know where the head is shown.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from app.clock import instant
from app.ledger.store import Station, read_station
from app.problems import ProblemError
from app.services import Signer

__all__ = ["Station", "current_head", "head_text", "read_station", "signed_head"]

HEAD_PREFIX = "grid-inspector/head/1"


def head_text(station_id: str, *, epoch: int, size: int, root: str, time: str) -> str:
    """The text a head signs."""
    return "\n".join((HEAD_PREFIX, station_id, str(epoch), str(size), root, time))


def signed_head(signer: Signer, station: Station, now: datetime) -> dict[str, Any]:
    """{size, root, time, epoch, signature} of a station's log as this transaction sees it."""
    time = instant(now)
    text = head_text(
        station.id, epoch=station.epoch, size=station.size, root=station.root, time=time
    )
    return {
        "size": station.size,
        "root": station.root,
        "time": time,
        "epoch": station.epoch,
        "signature": signer.sign(text.encode()),
    }


def current_head(
    connection: Connection, station_id: str, signer: Signer, now: datetime
) -> dict[str, Any]:
    """The signed head of a station, read in this transaction."""
    station = read_station(connection, station_id)
    if station is None:
        raise ProblemError("not-ready")
    return signed_head(signer, station, now)
