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
from app.rows import Condition, account_names, all_of, read_row
from sync.kinds.activity import FREE_TEXT

JsonRow = dict[str, Any]


def list_activities(
    connection: Connection,
    station_id: str,
    actor: Actor,
    wanted: Mapping[str, Any],
) -> JsonRow:
    """Filled forms, of the newest day first; free texts are the feedback page's.

    `wanted`: type, author, from_, to (days the activity was on), page, size.
    """
    forms = published_forms(connection, station_id)
    page, size = wanted["page"], wanted["size"]
    where, values = all_of(filter_conditions(station_id, actor, wanted))
    total = run(connection, f"SELECT count(*) FROM activity a WHERE {where}", values)[0][0]  # noqa: S608
    found = run(
        connection,
        f"SELECT a.row, a.changed_idx, a.received_at FROM activity a WHERE {where}"  # noqa: S608
        " ORDER BY a.day DESC, a.id DESC LIMIT ? OFFSET ?",
        (*values, size, (page - 1) * size),
    )
    items = [{**read_row(text, idx), "received_at": at} for text, idx, at in found]
    named = {form_key(row) for row in items}
    return {
        "items": items,
        "forms": {key: form for key, form in forms.items() if key in named},
        "types": _types(forms.values(), _used(connection, station_id, actor, "kind")),
        "accounts": account_names(
            connection, station_id, _used(connection, station_id, actor, "author_id")
        ),
        "total": total,
        "page": page,
        "size": size,
    }


def filter_conditions(station_id: str, actor: Actor, wanted: Mapping[str, Any]) -> list[Condition]:
    """What a list or an export of activities keeps; `wanted` as above, each part may be missing."""
    conditions = _in_scope(station_id, actor)
    if wanted.get("type"):
        conditions.append(("a.kind = ?", [wanted["type"]]))
    if wanted.get("author"):
        conditions.append(("a.author_id = ?", [wanted["author"]]))
    if wanted.get("from_"):
        conditions.append(("a.day >= ?", [wanted["from_"].isoformat()]))
    if wanted.get("to"):
        conditions.append(("a.day <= ?", [wanted["to"].isoformat()]))
    return conditions


def _in_scope(station_id: str, actor: Actor) -> list[Condition]:
    free = ", ".join("?" for _ in FREE_TEXT)
    conditions: list[Condition] = [
        ("a.station_id = ?", [station_id]),
        (f"a.kind NOT IN ({free})", [*FREE_TEXT]),
    ]
    if not actor.whole:
        conditions.append(("a.author_id = ?", [actor.account_id]))
    return conditions


def _used(connection: Connection, station_id: str, actor: Actor, column: str) -> list[str]:
    """What the filters may offer of a column: what the actor's activities have in it."""
    assert column in ("kind", "author_id")
    where, values = all_of(_in_scope(station_id, actor))
    found = run(connection, f"SELECT DISTINCT a.{column} FROM activity a WHERE {where}", values)  # noqa: S608
    return [str(value) for (value,) in found if value]


def published_forms(connection: Connection, station_id: str) -> dict[str, JsonRow]:
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


def form_key(row: Mapping[str, Any]) -> str:
    """Which published form an activity was filled with, as `published_forms` names it."""
    return f"{row.get('form')}/{row.get('form_version')}"


def _types(forms: Iterable[JsonRow], used: Iterable[str]) -> list[JsonRow]:
    """What the filter offers: forms in use, and words of activities whose form is not here."""
    told = titles(forms)
    told |= {word: word for word in used if word not in told}
    return [{"type": word, "title": told[word]} for word in sorted(told)]


def titles(forms: Iterable[JsonRow]) -> dict[str, str]:
    """What each sort of activity is called."""
    return {str(form["type"]): str(form["title"]) for form in forms}
