"""Numbers and lists that belong to no single noun: photos on their way, feedback.

It must not know HTTP.
"""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection

from app.actor import Actor
from app.auth.scope import scope_sql
from app.db import run
from app.rows import account_names


def count_photos_waiting(connection: Connection, station_id: str, actor: Actor) -> int:
    """Photos that facts of the scope declared and that have not arrived."""
    scope, values = scope_sql(actor, area="s.area_id", author="s.author_id")
    found = run(
        connection,
        "SELECT count(DISTINCT p.sha256) FROM photo p"  # noqa: S608 - pieces of our own
        " JOIN photo_use u ON u.station_id = p.station_id AND u.sha256 = p.sha256"
        " JOIN subject s ON s.station_id = u.station_id AND s.subject_id = u.subject_id"
        f" WHERE p.station_id = ? AND p.state = 'wanted' AND {scope}",
        (station_id, *values),
    )
    return int(found[0][0])


def list_feedback(
    connection: Connection, station_id: str, *, page: int, size: int
) -> dict[str, Any]:
    """意见反馈, newest first."""
    where = "station_id = ? AND kind = 'feedback'"
    values = [station_id]
    total = run(connection, f"SELECT count(*) FROM activity WHERE {where}", values)[0][0]  # noqa: S608
    found = run(
        connection,
        f"SELECT row, changed_idx, received_at FROM activity WHERE {where}"  # noqa: S608
        " ORDER BY received_at DESC, id LIMIT ? OFFSET ?",
        (*values, size, (page - 1) * size),
    )
    items = [{**json.loads(text), "i": idx, "received_at": at} for text, idx, at in found]
    return {
        "items": items,
        "accounts": account_names(connection, station_id, (item.get("author") for item in items)),
        "total": total,
        "page": page,
        "size": size,
    }
