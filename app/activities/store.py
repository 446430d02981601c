"""Reading activities: one page of a filter, with the forms they were filled with.

Whoever does not see the whole station sees what they recorded themselves. It must not know HTTP.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection

from app.activities.forms import SCHEMA
from app.actor import Actor
from app.db import run
from app.rows import account_names, all_of, read_row
from sync.kinds.activity import FREE_TEXT

JsonRow = dict[str, Any]


def list_activities(
    connection: Connection,
    station_id: str,
    actor: Actor,
    wanted: Mapping[str, Any],
) -> JsonRow:
    """Filled forms, newest first; free texts are the feedback page's.

    `wanted`: type, author, from_, to (days the activity was on), page, size.
    """
    kinds = _forms(connection, station_id)
    where, values = all_of([*_scope(station_id, actor), *_narrow(wanted)])
    found = run(
        connection,
        f"SELECT a.row, a.changed_idx, a.received_at FROM activity a WHERE {where}"  # noqa: S608
        " ORDER BY a.received_at DESC, a.id",
        values,
    )
    rows = [{**read_row(text, idx), "received_at": at} for text, idx, at in found]
    kept = [row for row in rows if _fits(row, wanted)]
    page, size = wanted["page"], wanted["size"]
    items = kept[(page - 1) * size : page * size]
    named = {_key(row) for row in items}
    return {
        "items": items,
        "forms": {key: form for key, form in kinds.items() if key in named},
        "types": _types(kinds.values(), rows),
        "accounts": account_names(connection, station_id, (row.get("author") for row in rows)),
        "total": len(kept),
        "page": page,
        "size": size,
    }


def _scope(station_id: str, actor: Actor) -> list[tuple[str, list[Any]]]:
    own = ("1 = 1", []) if actor.whole else ("a.author_id = ?", [actor.account_id])
    return [("a.station_id = ?", [station_id]), own]


def _narrow(wanted: Mapping[str, Any]) -> list[tuple[str, list[Any]]]:
    author = wanted.get("author")
    no_free = [("a.row NOT LIKE ?", [f'%"kind":"{word}"%']) for word in FREE_TEXT]
    return [*no_free, *([("a.author_id = ?", [author])] if author else [])]


def _fits(row: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    day, kind = str(row.get("day") or row.get("at") or "")[:10], row.get("kind")
    first, last = wanted.get("from_"), wanted.get("to")
    return (
        kind not in FREE_TEXT
        and wanted.get("type") in (None, kind)
        and (first is None or day >= first.isoformat())
        and (last is None or day <= last.isoformat())
    )


def _forms(connection: Connection, station_id: str) -> dict[str, JsonRow]:
    """Every published form by id and version."""
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


def _key(row: Mapping[str, Any]) -> str:
    return f"{row.get('form')}/{row.get('form_version')}"


def _types(forms: Iterable[JsonRow], rows: Iterable[Mapping[str, Any]]) -> list[JsonRow]:
    """What the filter offers: forms in use, and words of rows whose form is not here."""
    titles = {str(form["type"]): str(form["title"]) for form in forms}
    words = {str(row.get("kind")) for row in rows if row.get("kind") not in FREE_TEXT}
    told = {**titles, **{word: word for word in words - titles.keys()}}
    return [{"type": word, "title": told[word]} for word in sorted(told)]
