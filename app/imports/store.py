"""What an import looks up before planning, and the preview that waits to be applied.

It must not know HTTP or spreadsheets.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from app.clock import instant
from app.db import insert_many, run
from app.imports.shape import Known
from app.imports.table import import_preview

_SITES_MAX = 50_000


@dataclass(frozen=True, slots=True)
class Preview:
    import_id: str
    noun: str
    account_id: str
    rows: list[dict[str, Any]]
    errors: list[dict[str, Any]]
    ok: int
    applied_at: str | None


def read_known(connection: Connection, station_id: str, noun: str) -> Known:
    """Areas, names and place types as the station has them now."""
    areas = run(
        connection,
        "SELECT id, name, level, parent_id FROM area WHERE station_id = ? ORDER BY name, id",
        (station_id,),
    )
    sites: list[tuple[Any, ...]] = []
    logins: list[tuple[Any, ...]] = []
    if noun == "sites":
        sites = run(
            connection,
            "SELECT name, area_id, row FROM site WHERE station_id = ? AND state = 'active' LIMIT ?",
            (station_id, _SITES_MAX),
        )
    else:
        logins = run(connection, "SELECT login FROM account WHERE station_id = ?", (station_id,))
    return Known(
        areas=[
            {"id": area, "name": name, "level": level, "parent": parent}
            for area, name, level, parent in areas
        ],
        sites=[
            {"name": name, "area": area, "credit_code": json.loads(text).get("credit_code")}
            for name, area, text in sites
        ],
        logins=frozenset(str(login) for (login,) in logins),
        place_types=_place_types(connection, station_id),
    )


def _place_types(connection: Connection, station_id: str) -> tuple[str, ...]:
    found = run(
        connection,
        "SELECT row FROM checklist WHERE station_id = ? ORDER BY checklist_id, version",
        (station_id,),
    )
    types: dict[str, None] = {}
    for (text,) in found:
        content = json.loads(text).get("content") or {}
        types.update(dict.fromkeys(content.get("place_types") or ()))
    return tuple(types)


def save_preview(
    connection: Connection,
    station_id: str,
    preview: Preview,
    *,
    now: datetime,
) -> None:
    columns = (
        "station_id", "import_id", "noun", "account_id", "created_at", "rows", "errors", "ok",
    )  # fmt: skip
    row = (
        station_id,
        preview.import_id,
        preview.noun,
        preview.account_id,
        instant(now),
        json.dumps(preview.rows, ensure_ascii=False),
        json.dumps(preview.errors, ensure_ascii=False),
        preview.ok,
    )
    insert_many(connection, import_preview, columns, [row])


def find_preview(connection: Connection, station_id: str, import_id: str) -> Preview | None:
    found = run(
        connection,
        "SELECT import_id, noun, account_id, rows, errors, ok, applied_at FROM import_preview"
        " WHERE station_id = ? AND import_id = ?",
        (station_id, import_id),
    )
    if not found:
        return None
    subject, noun, account, rows, errors, ok, applied_at = found[0]
    return Preview(subject, noun, account, json.loads(rows), json.loads(errors), ok, applied_at)


def mark_applied(connection: Connection, station_id: str, import_id: str, *, now: datetime) -> bool:
    """Compare and set: False when another click was first."""
    marked = run(
        connection,
        "UPDATE import_preview SET applied_at = ?"
        " WHERE station_id = ? AND import_id = ? AND applied_at IS NULL RETURNING import_id",
        (instant(now), station_id, import_id),
    )
    return bool(marked)
