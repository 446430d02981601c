"""What other nouns read of matters: how many wait, and which photos were used in another visit.

Everything stays inside what the actor may see. It must not know HTTP.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from app.actor import Actor
from app.db import run
from app.matters.pairs import PhotoPair, alike_sql, photo_pairs, photos_sql
from app.rows import Condition, JsonRow, rows_by_id, visible, visible_sites

__all__ = ["TYPES", "PhotoPair", "count_matters", "photo_pairs", "reused_photos"]

TYPES = ("outcome", "field", "same", "photo")
"""Two endings that contradict each other; two values of a field; two records of likely one thing;
a photo that another visit used before."""
MATTERS_MAX = 1_000
"""Of each kind; a station that has more looks at these first."""


def matters_sql(station_id: str, actor: Actor) -> Condition:
    """Every matter in scope as (type, noun, one, two, idx); `two` is empty for a dispute."""
    parts: list[Condition] = []
    for noun in ("hazard", "inspection", "site"):
        scope, values = visible_sites(actor, "d") if noun == "site" else visible(actor, "d")
        parts.append(
            (
                f"SELECT d.dispute AS type, '{noun}' AS noun, d.id AS one, '' AS two,"  # noqa: S608
                f" d.changed_idx AS idx FROM {noun} d"
                f" WHERE d.station_id = ? AND d.dispute IS NOT NULL AND {scope}",
                [station_id, *values],
            )
        )
    alike, alike_values = alike_sql(station_id, actor)
    photos, photo_values = photos_sql(station_id, actor)
    pairs = f"{alike} UNION {photos}"
    parts.append(
        (
            f"SELECT type, 'pair' AS noun, one, two, idx FROM ({pairs}) AS pairs",  # noqa: S608
            [*alike_values, *photo_values],
        )
    )
    texts = [
        f"SELECT * FROM ({text} LIMIT {MATTERS_MAX}) AS {name}"  # noqa: S608
        for (text, _), name in zip(
            parts, ("hazards", "inspections", "sites", "likely"), strict=True
        )
    ]
    return " UNION ALL ".join(texts), [value for _, values in parts for value in values]


def count_matters(connection: Connection, station_id: str, actor: Actor) -> dict[str, int]:
    """How many matters of each type wait, in one statement."""
    matters, values = matters_sql(station_id, actor)
    found: dict[str, int] = dict(
        run(
            connection,
            f"SELECT type, count(*) FROM ({matters}) AS matters GROUP BY type",  # noqa: S608
            values,
        )
    )
    return {type_: int(found.get(type_, 0)) for type_ in TYPES}


def reused_photos(
    connection: Connection,
    station_id: str,
    pairs: Sequence[PhotoPair],
    rows: Mapping[str, JsonRow],
) -> dict[str, list[dict[str, Any]]]:
    """For each of these rows the photos it shares with an earlier visit, and where that was.

    `rows`: hazards and inspections by id. Two statements at most three, none without pairs.
    """
    pairs = [pair for pair in pairs if not pair.likely_same and pair.subject in rows]
    if not pairs:
        return {}
    unknown = {pair.other for pair in pairs if pair.other not in rows}
    others = dict(rows)
    for noun in ("hazard", "inspection"):
        others |= rows_by_id(connection, station_id, noun, unknown)
    sites = rows_by_id(connection, station_id, "site", (row.get("site") for row in others.values()))
    told: dict[str, list[dict[str, Any]]] = {}
    for pair in pairs:
        own, other = rows[pair.subject], others.get(pair.other)
        if other is None or _later(other, pair.other_sha256, own, pair.sha256):
            continue
        site = sites.get(str(other.get("site"))) or {}
        told.setdefault(pair.subject, []).append(
            {
                "sha256": pair.sha256,
                "other": pair.other,
                "other_sha256": pair.other_sha256,
                "day": day_of(other),
                "site": site.get("name") or "",
            }
        )
    return told


def _later(one: JsonRow, one_photo: str, other: JsonRow, other_photo: str) -> bool:
    """Ids are made in time too, so that of two uses at one moment one is the later."""
    return (used_at(one, one_photo), one["id"]) > (used_at(other, other_photo), other["id"])


def used_at(row: JsonRow, sha256: str) -> str:
    """When by the phone a row's photo was used; the row's own time where it does not say."""
    photos: Iterable[Mapping[str, Any]] = row.get("photos") or ()
    at = next((photo.get("at") for photo in photos if photo.get("sha256") == sha256), None)
    return str(at or row.get("at") or "")


def day_of(row: JsonRow) -> str:
    """The day a hazard was found or an inspection was made."""
    return str(row.get("found_on") or row.get("day") or "")
