"""Photos the station lost and asks for again, and those of which a phone says that they are gone.

It must not know how the loss was found, nor HTTP.
"""

from __future__ import annotations

import json
from contextlib import suppress

from sqlalchemy import Connection

from app.db import Row, run


def wanted_again(
    connection: Connection, station_id: str, account_id: str, *, limit: int
) -> list[dict[str, str]]:
    """{sha256, subject, fact}: what this account's phones once handed over and the station lost.

    Photos of which one of the account's phones said that it has them no more are not asked for
    again. Usually there is no finding at all, and this is one look at an empty table.
    """
    rows = run(
        connection,
        "SELECT f.about, u.subject_id, a.fact_id FROM finding f"
        " JOIN photo p ON p.station_id = f.station_id AND p.sha256 = f.about"
        " JOIN photo_use u ON u.station_id = f.station_id AND u.sha256 = f.about"
        " JOIN fact a ON a.station_id = u.station_id AND a.sha256 = u.fact_sha256"
        " WHERE f.station_id = ? AND f.kind = 'photo' AND f.ended_at IS NULL"
        " AND p.state <> 'held' AND a.author_id = ?",
        (station_id, account_id),
    )
    found: dict[str, Row] = {}
    for row in sorted(rows, key=str):
        found.setdefault(row[0], row)
    said = lost_photos(connection, station_id, {row[1] for row in rows}, by=account_id)
    return [
        {"sha256": sha256, "subject": subject, "fact": fact_id}
        for sha256, subject, fact_id in found.values()
        if sha256 not in said
    ][:limit]


def lost_photos(
    connection: Connection, station_id: str, subjects: set[str], *, by: str | None = None
) -> set[str]:
    """The photos that facts `photo.lost` about these subjects name."""
    if not subjects:
        return set()
    rows = run(
        connection,
        "SELECT f.bytes, f.author_id FROM fact f JOIN log_entry l ON l.fact_seq = f.seq"
        " WHERE f.station_id = ? AND f.subject_id = ANY(?) AND f.kind = 'photo.lost'"
        " AND l.admitted",
        (station_id, sorted(subjects)),
    )
    found = set()
    for raw, author in rows:
        with suppress(ValueError, KeyError, TypeError):
            if by is None or author == by:
                found.add(str(json.loads(bytes(raw))["body"]["sha256"]))
    return found
