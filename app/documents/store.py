"""One document with all that its page shows. It must not know HTTP."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from app.actor import Actor
from app.db import run
from app.rows import account_names, area_paths, photos_of, read_row, rows_by_id, timeline, visible
from sync.steps import allowed_kinds


def read_document(
    connection: Connection, station_id: str, actor: Actor, document_id: str
) -> dict[str, Any] | None:
    """The document, its site, the hazards as they stand today; None when there is none in scope."""
    scope, values = visible(actor, "d")
    found = run(
        connection,
        "SELECT d.row, d.changed_idx FROM document d"  # noqa: S608 - our own words
        f" WHERE d.station_id = ? AND d.id = ? AND {scope}",
        (station_id, document_id, *values),
    )
    if not found:
        return None
    row = read_row(*found[0])
    entries = timeline(connection, station_id, document_id)
    named = [each["hazard"] for each in row.get("hazards") or ()]
    hazards = _visible_hazards(connection, station_id, actor, named)
    sites = rows_by_id(connection, station_id, "site", [row.get("site")])
    site = sites.get(str(row.get("site")))
    names = {row.get("author"), row.get("voided_by"), *(entry["author"] for entry in entries)}
    return {
        "document": row,
        "site": site,
        "area": area_paths(connection, station_id).get(str((site or {}).get("area")), ""),
        "hazards": [hazards[each] for each in named if each in hazards],
        "photos": photos_of(connection, station_id, [document_id]).get(document_id, []),
        "timeline": entries,
        "accounts": account_names(connection, station_id, names),
        "allowed": allowed_kinds(row, actor.roles),
    }


def _visible_hazards(
    connection: Connection, station_id: str, actor: Actor, ids: list[str]
) -> dict[str, dict[str, Any]]:
    """A phone may have named any hazard: only those of the actor's own scope are shown."""
    scope, values = visible(actor, "h")
    found = run(
        connection,
        "SELECT h.id, h.number, h.state FROM hazard h"  # noqa: S608 - our own words
        f" WHERE h.station_id = ? AND h.id = ANY(?) AND {scope}",
        (station_id, sorted(set(ids)), *values),
    )
    return {
        subject: {"id": subject, "number": number, "state": state}
        for subject, number, state in found
    }
