"""The SQL that finds two records which are likely the same thing, or photos used in two visits.

Every statement starts from an index of the few rows it is about: open hazards by what they say of
their site, photos that several facts name, twins by their look. The order of the tables is written
down (CROSS JOIN), since SQLite would else begin with all uses of all photos. It must not know HTTP.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from app.actor import Actor
from app.auth.scope import scope_sql
from app.db import run
from app.rows import Condition, all_of

PAIRS_MAX = 500
"""Of one question about a page's subjects; the rest waits until some are answered."""


@dataclass(frozen=True, slots=True)
class PhotoPair:
    """Two uses of one photo, or of two that look almost the same, nobody has answered about."""

    likely_same: bool  # two open hazards of one site; else a photo from another visit
    subject: str
    other: str
    sha256: str
    other_sha256: str


def alike_sql(station_id: str, actor: Actor) -> Condition:
    """Open hazards of one site and item, from different visits: (type, one, two, idx)."""
    (scope_a, mine), (scope_b, theirs) = _scope(actor, "ha"), _scope(actor, "hb")
    return (
        "SELECT 'same' AS type, ha.id AS one, hb.id AS two,"  # noqa: S608 - pieces of our own
        f" {_LATER} AS idx FROM hazard ha"
        " CROSS JOIN hazard hb WHERE hb.station_id = ha.station_id AND hb.site_id = ha.site_id"
        # Not by the key, which SQLite would take for its order: that reads every pair of hazards.
        " AND hb.alike = ha.alike AND hb.id || '' > ha.id"
        " AND ha.station_id = ? AND ha.alike IS NOT NULL AND hb.alike IS NOT NULL"
        " AND (ha.inspection_id IS NULL OR hb.inspection_id IS NULL"
        " OR ha.inspection_id <> hb.inspection_id)"
        " AND COALESCE(ha.settled, '') NOT LIKE '%' || hb.id || '%'"
        " AND COALESCE(hb.settled, '') NOT LIKE '%' || ha.id || '%'"
        f" AND {scope_a} AND {scope_b}",
        [station_id, *mine, *theirs],
    )


def photos_sql(station_id: str, actor: Actor) -> Condition:
    """Photos of different visits: (type same or photo, one, two, idx), each pair once."""
    once = (
        "(ua.subject_id < ub.subject_id OR (ua.subject_id = ub.subject_id AND ua.role = 'after'))"
    )
    condition, values = _photo_conditions(actor)
    columns = f"SELECT {_TYPE} AS type, ua.subject_id AS one, ub.subject_id AS two, {_IDX} AS idx"
    parts = [
        f"{columns} FROM {start}{_SIDES} WHERE {first}.station_id = ? AND {joined}"
        f" AND {once} AND {condition}"
        for start, first, joined in (
            (f"photo p CROSS JOIN {_USES}", "p", _SHARED),
            (f"photo_twin t CROSS JOIN {_USES}", "t", _TWINS),
        )
    ]
    return " UNION ".join(parts), [station_id, *values, station_id, *values]


def photo_pairs(
    connection: Connection, station_id: str, actor: Actor, subjects: Iterable[str]
) -> list[PhotoPair]:
    """What photos of these hazards and inspections have in common with other visits' photos."""
    wanted = sorted(set(subjects))
    if not wanted:
        return []
    condition, values = _photo_conditions(actor)
    columns = f"SELECT {_TYPE} AS type, ua.subject_id, ub.subject_id, ua.sha256, ub.sha256"
    once = "(ua.subject_id <> ub.subject_id OR ua.role = 'after')"
    parts = [
        f"{columns} FROM photo_use ua CROSS JOIN {with_} CROSS JOIN photo_use ub{_SIDES}"
        f" WHERE ua.station_id = ? AND ua.subject_id = ANY(?) AND {joined}"
        f" AND {once} AND {condition}"
        for with_, joined in (("photo p", _SHARED), ("photo_twin t", _TWINS))
    ]
    found = run(
        connection,
        " UNION ".join(parts) + " ORDER BY 2, 3, 4, 5 LIMIT ?",
        (station_id, wanted, *values, station_id, wanted, *values, PAIRS_MAX),
    )
    return [PhotoPair(type_ == "same", *rest) for type_, *rest in found]


def _photo_conditions(actor: Actor) -> Condition:
    """What makes two uses a question: other visits, not void, not answered, both in scope."""
    scopes = [
        scope_sql(
            actor,
            area=f"COALESCE(h{side}.area_id, i{side}.area_id)",
            author=f"COALESCE(h{side}.author_id, i{side}.author_id)",
        )
        for side in "ab"
    ]
    return all_of([(_QUESTION, []), *scopes])


def _scope(actor: Actor, alias: str) -> Condition:
    return scope_sql(actor, area=f"{alias}.area_id", author=f"{alias}.author_id")


def _side(side: str) -> str:
    return (
        f" LEFT JOIN hazard h{side} ON h{side}.station_id = u{side}.station_id"
        f" AND h{side}.id = u{side}.subject_id"
        f" LEFT JOIN inspection i{side} ON i{side}.station_id = u{side}.station_id"
        f" AND i{side}.id = u{side}.subject_id"
    )


def _of(side: str, name: str) -> str:
    return f"COALESCE(h{side}.{name}, i{side}.{name})"


def _answered(side: str, about: str) -> str:
    settled = f"COALESCE(h{side}.settled, i{side}.settled, '')"
    return f"{settled} LIKE '%' || {about} || '%'"


_USES = "photo_use ua CROSS JOIN photo_use ub"
_SIDES = _side("a") + _side("b")
_SHARED = (
    "p.station_id = ua.station_id AND p.sha256 = ua.sha256 AND p.shared IS NOT NULL"
    " AND ub.station_id = ua.station_id AND ub.sha256 = ua.sha256"
)
_TWINS = (
    "t.station_id = ua.station_id AND t.sha256 = ua.sha256"
    " AND ub.station_id = ua.station_id AND ub.sha256 = t.other"
)
_LATER = "CASE WHEN ha.changed_idx > hb.changed_idx THEN ha.changed_idx ELSE hb.changed_idx END"
_IDX = (
    f"CASE WHEN {_of('a', 'changed_idx')} > {_of('b', 'changed_idx')}"
    f" THEN {_of('a', 'changed_idx')} ELSE {_of('b', 'changed_idx')} END"
)
_OPEN = "NOT IN ('closed', 'void')"
_TYPE = (
    f"CASE WHEN ha.site_id = hb.site_id AND ha.id <> hb.id AND ha.state {_OPEN}"
    f" AND hb.state {_OPEN} THEN 'same' ELSE 'photo' END"
)
_PAIR = (
    "CASE WHEN ua.sha256 < ub.sha256 THEN ua.sha256 || ':' || ub.sha256"
    " ELSE ub.sha256 || ':' || ua.sha256 END"
)
_VISIT_A, _VISIT_B = (f"COALESCE(h{side}.inspection_id, u{side}.subject_id)" for side in "ab")
# Several photos of one visit may show the same thing; a photo "after" that is the one "before" is
# another matter, also within one hazard.
_QUESTION = (
    "ua.role NOT IN ('signature', 'paper') AND ub.role NOT IN ('signature', 'paper')"
    f" AND ({_VISIT_A} <> {_VISIT_B} OR (ua.subject_id = ub.subject_id"
    " AND ua.sha256 = ub.sha256 AND ua.role = 'after' AND ub.role = 'before'))"
    f" AND {_of('a', 'state')} <> 'void' AND {_of('b', 'state')} <> 'void'"
    f" AND NOT {_answered('a', 'ub.subject_id')} AND NOT {_answered('b', 'ua.subject_id')}"
    f" AND NOT {_answered('a', _PAIR)} AND NOT {_answered('b', _PAIR)}"
)
