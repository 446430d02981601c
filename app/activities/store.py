"""Reading activities: one page of a filter, with the forms they were filled with.

Whoever does not see the whole station sees what they recorded themselves. It must not know HTTP.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection

from app.activities.reading import (
    filter_conditions,
    form_key,
    in_scope,
    published_forms,
    titles,
)
from app.actor import Actor
from app.db import run
from app.rows import account_names, all_of, read_row

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


def _used(connection: Connection, station_id: str, actor: Actor, column: str) -> list[str]:
    """What the filters may offer of a column: what the actor's activities have in it."""
    assert column in ("kind", "author_id")
    where, values = all_of(in_scope(station_id, actor))
    found = run(connection, f"SELECT DISTINCT a.{column} FROM activity a WHERE {where}", values)  # noqa: S608
    return [str(value) for (value,) in found if value]


def _types(forms: Iterable[JsonRow], used: Iterable[str]) -> list[JsonRow]:
    """What the filter offers: forms in use, and words of activities whose form is not here."""
    told = titles(forms)
    told |= {word: word for word in used if word not in told}
    return [{"type": word, "title": told[word]} for word in sorted(told)]
