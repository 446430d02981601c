"""What other nouns may ask of the quarantine."""

from __future__ import annotations

from sqlalchemy import Connection

from app.db import run


def count_quarantined(connection: Connection, station_id: str) -> int:
    """How many lines lie there."""
    found = run(
        connection,
        "SELECT count(*) FROM log_entry WHERE station_id = ? AND NOT admitted",
        (station_id,),
    )
    return int(found[0][0])
