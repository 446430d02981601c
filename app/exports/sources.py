"""What an export's rows may be: each source reads its own filter and spools its own rows.

A new one is a function here and the name its formats go by. It must not know how a file is laid
out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.activities.schema import ActivityFilterFields
from app.exports.activity_lines import find_activities
from app.exports.formats.shape import ACTIVITIES, HAZARDS
from app.exports.schema import ExportFilters
from app.exports.shape import Found, Look
from app.exports.store import hazard_ids, spool
from app.exports.words import filter_words
from app.hazards.schema import hazard_filter
from app.rows import area_paths, rows_by_id

Source = Callable[[Look, Mapping[str, Any]], Found]
"""From the look and the filter as it was asked for."""


def _hazards(look: Look, asked: Mapping[str, Any]) -> Found:
    wanted = hazard_filter(ExportFilters().load(asked))
    connection, station_id = look.connection, look.station_id
    ids = hazard_ids(connection, station_id, look.actor, wanted, today=look.today)
    rows = spool(connection, station_id, ids, look.wish, path=look.path, reached=look.reached)
    site = rows_by_id(connection, station_id, "site", [wanted.site]).get(wanted.site or "")
    words = filter_words(
        wanted,
        areas=area_paths(connection, station_id),
        site=str(site["name"]) if site else None,
    )
    return Found(rows, words)


def _activities(look: Look, asked: Mapping[str, Any]) -> Found:
    return find_activities(look, ActivityFilterFields().load(asked))


SOURCES: Mapping[str, Source] = {HAZARDS: _hazards, ACTIVITIES: _activities}
