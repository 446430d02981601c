"""What the watermark of a photo says, from the facts that brought it and the rows around it.

Read anew wherever a copy of a photo leaves the station; its lines are sync/watermark.py's. It must
not know pixels or files.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from app.actor import Actor
from app.db import run
from app.photos.stamp import Words
from app.rows import account_names, area_paths, read_row, rows_by_id, visible
from sync.kinds.places import told_of_photo
from sync.watermark import Shot, watermark_lines

Brought = dict[tuple[str, str], Mapping[str, Any]]
"""By subject and photo: the fact that brought it, as an object."""
_SHOWN_IN = ("hazard", "inspection", "document")


@dataclass(frozen=True, slots=True)
class Around:
    """What is known around the photos of one subject; empty where it is not."""

    row: Mapping[str, Any]
    site: str
    village: str
    station: str


def facts_with_photos(
    connection: Connection, station_id: str, subjects: Iterable[str], sha256: str | None = None
) -> Brought:
    """The first fact of each subject that names a photo, for every photo (or one)."""
    one = "" if sha256 is None else " AND u.sha256 = ?"
    found = run(
        connection,
        "SELECT u.subject_id, u.sha256, f.seq, f.bytes FROM photo_use u"  # noqa: S608
        " JOIN fact f ON f.station_id = u.station_id AND f.sha256 = u.fact_sha256"
        f" WHERE u.station_id = ? AND u.subject_id = ANY(?){one} ORDER BY f.seq DESC",
        (station_id, sorted(subjects), *([] if sha256 is None else [sha256])),
    )
    parsed: dict[int, Mapping[str, Any]] = {}
    brought: Brought = {}
    for subject, photo, seq, raw in found:  # from the last to the first, so that the first stays
        if seq not in parsed:
            parsed[seq] = json.loads(bytes(raw))
        brought[subject, photo] = parsed[seq]
    return brought


def words_of(
    sha256: str, fact: Mapping[str, Any], names: Mapping[str, str], around: Around
) -> Words:
    """The lines of a photo's watermark and what was drawn on it."""
    shot = shot_of(sha256, fact, names, around)
    return Words(watermark_lines(shot), marks_of(sha256, fact))


def shot_of(sha256: str, fact: Mapping[str, Any], names: Mapping[str, str], around: Around) -> Shot:
    """A photo as it is shown; what a desk's fact says has the station's own time."""
    told = told_of_photo(_named(fact, sha256))
    at_desk = fact.get("enrolment") is None
    return Shot(
        sha256=sha256,
        at=told.get("kept_at") or fact["at"],
        offset_ms=0 if at_desk else fact.get("offset_ms"),
        where=fact.get("where"),
        village=around.village,
        site=around.site,
        spot=around.row.get("spot"),
        inspector=names.get(fact["author"]),
        station=around.station,
        number=around.row.get("number"),
        source=told.get("source"),
    )


def marks_of(sha256: str, fact: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What was drawn on the photo, as the fact that brought it says."""
    marks: list[Mapping[str, Any]] = told_of_photo(_named(fact, sha256)).get("marks", [])
    return marks


def _named(fact: Mapping[str, Any], sha256: str) -> Mapping[str, Any]:
    return next((each for each in fact["photos"] if each["sha256"] == sha256), {})


def read_words(connection: Connection, actor: Actor, subject: str, sha256: str) -> Words | None:
    """What goes with the photo in one subject; None unless the actor may see that subject."""
    row = _seen_row(connection, actor, subject)
    fact = facts_with_photos(connection, actor.station_id, [subject], sha256).get((subject, sha256))
    if row is None or fact is None:
        return None
    station_id = actor.station_id
    sites = rows_by_id(connection, station_id, "site", [row.get("site")])
    site = sites.get(str(row.get("site")), {})
    ((station,),) = run(connection, "SELECT name FROM station WHERE id = ?", (station_id,))
    village = area_paths(connection, station_id).get(str(site.get("area")), "")
    around = Around(row, str(site.get("name") or ""), village, station)
    names = account_names(connection, station_id, [fact["author"]])
    return words_of(sha256, fact, names, around)


def _seen_row(connection: Connection, actor: Actor, subject: str) -> dict[str, Any] | None:
    for table in _SHOWN_IN:
        scope, values = visible(actor, "t")
        found = run(
            connection,
            f"SELECT t.row, t.changed_idx FROM {table} t"  # noqa: S608
            f" WHERE t.station_id = ? AND t.id = ? AND {scope}",
            (actor.station_id, subject, *values),
        )
        if found:
            return read_row(*found[0])
    return None
