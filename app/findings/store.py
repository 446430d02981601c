"""Keeping findings, and reading those that are still open. It must not know HTTP or what checks.

Other nouns call `note` and `end` through app/findings/noting.py.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from app.clock import instant
from app.db import run
from app.photos.again import lost_photos
from app.rows import account_names

SHOWN_MAX = 200
# A photo that has come again is no finding any more, whoever brought it; nobody has to say so.
OPEN = (
    "f.station_id = ? AND f.ended_at IS NULL AND NOT (f.kind = 'row' AND f.seen_at IS NOT NULL)"
    " AND NOT (f.kind = 'photo' AND EXISTS (SELECT 1 FROM photo p"
    " WHERE p.station_id = f.station_id AND p.sha256 = f.about AND p.state = 'held'))"
)


def note(
    connection: Connection,
    station_id: str,
    kind: str,
    about: str,
    detail: dict[str, Any],
    *,
    now: datetime,
) -> None:
    """Keep a finding; found again it stays the one it was, unless it had ended."""
    run(
        connection,
        "INSERT INTO finding (station_id, kind, about, found_at, detail) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (station_id, kind, about) DO UPDATE SET detail = excluded.detail,"
        " found_at = CASE WHEN finding.ended_at IS NULL THEN finding.found_at"
        " ELSE excluded.found_at END,"
        " seen_at = CASE WHEN finding.ended_at IS NULL THEN finding.seen_at ELSE NULL END,"
        " seen_by = CASE WHEN finding.ended_at IS NULL THEN finding.seen_by ELSE NULL END,"
        " ended_at = NULL",
        (station_id, kind, about, instant(now), json.dumps(detail, ensure_ascii=False)),
    )


def end(
    connection: Connection, station_id: str, kind: str, about: Collection[str], *, now: datetime
) -> None:
    """It is mended."""
    run(
        connection,
        "UPDATE finding SET ended_at = ? WHERE station_id = ? AND kind = ? AND about = ANY(?)"
        " AND ended_at IS NULL",
        (instant(now), station_id, kind, list(about)),
    )


def mark_seen(
    connection: Connection, station_id: str, kind: str, about: str, *, by: str, now: datetime
) -> bool:
    """Somebody who answers for the station has read it; false when there is no such finding."""
    found = run(
        connection,
        "UPDATE finding SET seen_at = COALESCE(seen_at, ?), seen_by = COALESCE(seen_by, ?)"
        " WHERE station_id = ? AND kind = ? AND about = ? RETURNING about",
        (instant(now), by, station_id, kind, about),
    )
    return bool(found)


def count_unseen(connection: Connection, station_id: str) -> int:
    """How many open findings nobody has read."""
    found = run(
        connection,
        f"SELECT count(*) FROM finding f WHERE {OPEN} AND f.seen_at IS NULL",  # noqa: S608 - ours
        (station_id,),
    )
    return int(found[0][0])


def list_open(connection: Connection, station_id: str) -> dict[str, Any]:
    """{items, total, accounts}: the newest open findings, and the names of who saw or had them."""
    total = run(connection, f"SELECT count(*) FROM finding f WHERE {OPEN}", (station_id,))[0][0]  # noqa: S608 - ours
    rows = run(
        connection,
        "SELECT f.kind, f.about, f.found_at, f.detail, f.seen_at, f.seen_by FROM finding f"  # noqa: S608 - ours
        f" WHERE {OPEN} ORDER BY f.found_at DESC, f.kind, f.about LIMIT ?",
        (station_id, SHOWN_MAX),
    )
    items = [
        {"kind": kind, "about": about, "found_at": found_at, "detail": json.loads(detail),
         "seen_at": seen_at, "seen_by": seen_by}
        for kind, about, found_at, detail, seen_at, seen_by in rows
    ]  # fmt: skip
    _tell_lost(connection, station_id, items)
    named = {item["seen_by"] for item in items} | {item["detail"].get("account") for item in items}
    names = account_names(connection, station_id, [each for each in named if each])
    return {"items": items, "total": int(total), "accounts": names}


def _tell_lost(connection: Connection, station_id: str, items: list[dict[str, Any]]) -> None:
    """Photos of which a phone has said meanwhile that it has them no more: 照片缺失."""
    photos = [item for item in items if item["kind"] == "photo"]
    subjects = {place["id"] for item in photos for place in item["detail"].get("places", ())}
    gone = lost_photos(connection, station_id, subjects)
    for item in photos:
        item["detail"]["lost"] = item["about"] in gone


def phone_label(connection: Connection, station_id: str, enrolment_id: str) -> str:
    """What the phone calls itself."""
    found = run(
        connection,
        "SELECT label FROM enrolment WHERE station_id = ? AND enrolment_id = ?",
        (station_id, enrolment_id),
    )
    return str(found[0][0] or "") if found else ""
