"""What other nouns read of the activities: which a filter keeps, with which forms they were filled.

It must not know HTTP.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection

from app.activities.forms import SCHEMA
from app.actor import Actor
from app.db import run
from app.rows import Condition
from sync.kinds.activity import FREE_TEXT

JsonRow = dict[str, Any]


def filter_conditions(station_id: str, actor: Actor, wanted: Mapping[str, Any]) -> list[Condition]:
    """What a list or an export of activities keeps, free texts never.

    `wanted`: type, author, from_, to (days the activity was on); each may be missing.
    """
    conditions = in_scope(station_id, actor)
    if wanted.get("type"):
        conditions.append(("a.kind = ?", [wanted["type"]]))
    if wanted.get("author"):
        conditions.append(("a.author_id = ?", [wanted["author"]]))
    if wanted.get("from_"):
        conditions.append(("a.day >= ?", [wanted["from_"].isoformat()]))
    if wanted.get("to"):
        conditions.append(("a.day <= ?", [wanted["to"].isoformat()]))
    return conditions


def in_scope(station_id: str, actor: Actor) -> list[Condition]:
    """Whoever does not see the whole station sees what they recorded themselves."""
    free = ", ".join("?" for _ in FREE_TEXT)
    conditions: list[Condition] = [
        ("a.station_id = ?", [station_id]),
        (f"a.kind NOT IN ({free})", [*FREE_TEXT]),
    ]
    if not actor.whole:
        conditions.append(("a.author_id = ?", [actor.account_id]))
    return conditions


def published_forms(connection: Connection, station_id: str) -> dict[str, JsonRow]:
    """Every published form by `form_key`."""
    found = run(
        connection,
        "SELECT row FROM checklist WHERE station_id = ? AND checklist_id LIKE 'ac-%'",
        (station_id,),
    )
    rows = [json.loads(text) for (text,) in found]
    return {
        f"{row['checklist']}/{row['version']}": row["content"]
        for row in rows
        if (row.get("content") or {}).get("schema") == SCHEMA
    }


def form_key(row: Mapping[str, Any]) -> str:
    """Which published form an activity was filled with."""
    return f"{row.get('form')}/{row.get('form_version')}"


def titles(forms: Iterable[JsonRow]) -> dict[str, str]:
    """What each sort of activity is called."""
    return {str(form["type"]): str(form["title"]) for form in forms}


def entry_lines(row: Mapping[str, Any], form: Mapping[str, Any]) -> list[str]:
    """What was filled in, as 讲什么：液化气安全; items of no form known here by their ids."""
    items = {item["id"]: item for item in form.get("items") or ()}
    return [_entry(entry, items.get(str(entry.get("item")), {})) for entry in row["entries"] or ()]


def _entry(entry: Mapping[str, Any], item: Mapping[str, Any]) -> str:
    value = entry.get("value")
    counted = isinstance(value, (int, float)) and not isinstance(value, bool)
    unit = (item.get("answer") or {}).get("unit_label") if counted else None
    said = "" if value is None else value if isinstance(value, str) else json.dumps(value)
    return f"{item.get('text') or entry.get('item')}：{said}{f' {unit}' if unit else ''}"
