"""What an import looks up of the ledger. It must not know HTTP or files."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection

from app.db import run


def count_stored(connection: Connection, station_id: str, hashes: Collection[str]) -> int:
    """How many of these lines the ledger has already."""
    found = run(
        connection,
        "SELECT count(*) FROM fact WHERE station_id = ? AND sha256 = ANY(?)",
        (station_id, sorted(hashes)),
    )
    return int(found[0][0])
