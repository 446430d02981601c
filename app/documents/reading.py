"""What other nouns read of the documents: those left at some sites, those that name a hazard.

One statement for any number of sites, inside what the actor may see. It must not know HTTP.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from app.actor import Actor
from app.db import run
from app.rows import read_row, visible

JsonRow = dict[str, Any]
DOCUMENTS_SHOWN_MAX = 100
PAPER_WORDS = {"notice": "整改通知书"}
_BRIEF = (
    *("id", "type", "state", "number", "provisional", "paper", "issued_on", "attendance"),
    *("author", "void_reason", "heads"),
)


def site_documents(
    connection: Connection, station_id: str, actor: Actor, site_id: str
) -> list[JsonRow]:
    """A site's documents as its page lists them, newest first, with the ids of their hazards."""
    scope, values = visible(actor, "d")
    found = run(
        connection,
        "SELECT d.row, d.changed_idx FROM document d"  # noqa: S608 - our own words
        f" WHERE d.station_id = ? AND d.site_id = ? AND {scope}"
        " ORDER BY d.issued_on DESC, d.id DESC LIMIT ?",
        (station_id, site_id, *values, DOCUMENTS_SHOWN_MAX),
    )
    return [_brief(read_row(text, idx)) for text, idx in found]


def hazard_documents(
    connection: Connection, station_id: str, actor: Actor, hazard: Mapping[str, Any]
) -> list[JsonRow]:
    """The documents that name a hazard, newest first."""
    site = hazard.get("site")
    if not isinstance(site, str):
        return []
    found = site_documents(connection, station_id, actor, site)
    return [each for each in found if hazard["id"] in each["hazards"]]


def named_in_documents(
    connection: Connection, station_id: str, sites: Iterable[str]
) -> dict[str, list[str]]:
    """By hazard the documents in force that name it, for a ledger: name and number of each."""
    found = run(
        connection,
        "SELECT row FROM document WHERE station_id = ? AND site_id = ANY(?) AND state = 'issued'"
        " ORDER BY issued_on, id",
        (station_id, sorted(sites)),
    )
    named: dict[str, list[str]] = {}
    for (text,) in found:
        row = json.loads(text)
        for hazard in _hazards(row):
            named.setdefault(hazard, []).append(document_words(row))
    return named


def document_words(row: Mapping[str, Any]) -> str:
    """整改通知书 （北河镇）安整〔2026〕7号: name and number as a ledger shows them."""
    paper = PAPER_WORDS.get(str(row.get("paper")), "文书")
    return f"{paper} {row.get('number') or row.get('provisional') or ''}".strip()


def _brief(row: Mapping[str, Any]) -> JsonRow:
    return {**{key: row.get(key) for key in _BRIEF}, "hazards": _hazards(row)}


def _hazards(row: Mapping[str, Any]) -> Sequence[str]:
    return [each["hazard"] for each in row.get("hazards") or ()]
