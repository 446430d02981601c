"""The review queue: submissions, and hazards that came without one, with what to look at twice.

Whether a submission waits, was returned or is done follows from its own state and those of its
hazards, in one condition of reading.py. A hazard that no inspection brings before the chief stands
in the queue by itself while it waits or went back; once decided, it is found in the hazard ledger.
A page costs a constant number of statements. It must not know HTTP.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from app.actor import Actor
from app.db import run
from app.hazards.reading import ALONE, ALONE_STATES, same_site_hazards
from app.inspections.reading import TAB
from app.inspections.rules import doubts_of
from app.inspections.store import checklist_titles, hazards_of, unusual_verdicts
from app.matters.reading import photo_pairs, reused_photos
from app.rows import (
    Condition,
    account_names,
    all_of,
    any_of,
    area_paths,
    contains,
    photos_of,
    rows_by_id,
    showing_photo,
    visible,
)

TABS = ("waiting", "returned", "done")
_FROM = " FROM inspection i LEFT JOIN site s ON s.station_id = i.station_id AND s.id = i.site_id"
_FROM_ALONE = " FROM hazard h LEFT JOIN site s ON s.station_id = h.station_id AND s.id = h.site_id"
_RECEIVED_ALONE = (
    "(SELECT min(l.received_at) FROM fact f JOIN log_entry l ON l.fact_seq = f.seq"
    " WHERE f.station_id = h.station_id AND f.subject_id = h.id)"
)
_HAZARD_KEYS = (
    "id", "number", "state", "level", "item", "finding", "spot", "category", "deadline",
    "disposition", "confirmed_by", "recheck_result", "conflicts", "flags", "i",
)  # fmt: skip


def list_review(
    connection: Connection,
    station_id: str,
    actor: Actor,
    *,
    tab: str,
    q: str | None,
    page: int,
    size: int,
) -> dict[str, Any]:
    """One page of the queue, newest first, with counts of all tabs."""
    where, values = _conditions(station_id, actor, q, "i")
    alone_where, alone_values = _conditions(station_id, actor, q, "h")
    counts = _counts(connection, (where, values), (alone_where, alone_values))
    ids = run(
        connection,
        f"SELECT i.id AS id, i.received_at AS received_at, 0 AS alone{_FROM}"
        f" WHERE {where} AND {TAB} = ?"
        f" UNION ALL SELECT h.id, {_RECEIVED_ALONE}, 1{_FROM_ALONE}"
        f" WHERE {alone_where} AND h.state = ANY(?) AND {ALONE}"
        " ORDER BY received_at DESC, id LIMIT ? OFFSET ?",
        (*values, tab, *alone_values, list(ALONE_STATES.get(tab, ())), size, (page - 1) * size),
    )
    return {
        "items": _items(connection, station_id, actor, ids),
        "total": counts.get(tab, 0),
        "counts": {name: counts.get(name, 0) for name in TABS},
        "page": page,
        "size": size,
    }


def _conditions(station_id: str, actor: Actor, q: str | None, alias: str) -> Condition:
    conditions: list[Condition] = [(f"{alias}.station_id = ?", [station_id]), visible(actor, alias)]
    if q:
        conditions.append(any_of([contains("s.search", q), *_by_photo(station_id, alias, q)]))
    return all_of(conditions)


def _by_photo(station_id: str, alias: str, q: str) -> list[Condition | None]:
    """The code of a photo finds what it belongs to, and that of a hazard its visit as well."""
    own = showing_photo(station_id, (f"{alias}.id",), q)
    of_hazard = showing_photo(station_id, ("n.id",), q)
    if alias != "i" or of_hazard is None:
        return [own]
    text, values = of_hazard
    visits = (
        "i.id IN (SELECT n.inspection_id FROM hazard n"  # noqa: S608
        f" WHERE n.station_id = ? AND {text})"
    )
    return [own, (visits, [station_id, *values])]


def _counts(connection: Connection, whole: Condition, alone: Condition) -> dict[str, int]:
    """How many stand in each tab, hazards by themselves included."""
    where, values = whole
    counts: dict[str, int] = dict(
        run(connection, f"SELECT {TAB} AS tab, count(*){_FROM} WHERE {where} GROUP BY tab", values)
    )
    where, values = alone
    states = [state for told in ALONE_STATES.values() for state in told]
    by_state: dict[str, int] = dict(
        run(
            connection,
            f"SELECT h.state, count(*){_FROM_ALONE}"
            f" WHERE {where} AND h.state = ANY(?) AND {ALONE} GROUP BY h.state",
            (*values, states),
        )
    )
    for tab, told in ALONE_STATES.items():
        counts[tab] = counts.get(tab, 0) + sum(by_state.get(state, 0) for state in told)
    return counts


def _items(
    connection: Connection, station_id: str, actor: Actor, ids: list[tuple[Any, ...]]
) -> list[dict[str, Any]]:
    inspections = rows_by_id(
        connection, station_id, "inspection", (i for i, _, one in ids if not one)
    )
    alone = rows_by_id(connection, station_id, "hazard", (i for i, _, one in ids if one))
    hazards = hazards_of(connection, station_id, list(inspections))
    hazards |= {id_: [row] for id_, row in alone.items()}
    rows = [{**(inspections.get(id_) or alone[id_]), "received_at": at} for id_, at, _ in ids]
    every = [hazard for found in hazards.values() for hazard in found]
    subjects = [*inspections, *(hazard["id"] for hazard in every)]
    pairs = photo_pairs(connection, station_id, actor, subjects)
    same = same_site_hazards(connection, station_id, actor, every, pairs)
    known = inspections | {hazard["id"]: hazard for hazard in every}
    reused = reused_photos(connection, station_id, pairs, known)
    sites = rows_by_id(connection, station_id, "site", (row.get("site") for row in rows))
    people = account_names(connection, station_id, (row.get("author") for row in rows))
    photos = photos_of(connection, station_id, subjects)
    verdicts = unusual_verdicts(connection, station_id, subjects)
    titles = checklist_titles(connection, station_id, rows)
    paths = area_paths(connection, station_id)
    items = []
    for row in rows:
        mine = hazards.get(row["id"], [])
        own = [*dict.fromkeys([row["id"], *(hazard["id"] for hazard in mine)])]
        photos_of_it = [photo for subject in own for photo in photos.get(subject, ())]
        site = sites.get(str(row.get("site")))
        items.append(
            {
                **_named(row, by_itself=row["id"] in alone),
                "site": site,
                "area": paths.get(str((site or {}).get("area")), ""),
                "author": people.get(str(row.get("author")), ""),
                "checklist": titles.get((row.get("checklist"), row.get("checklist_version"))),
                "hazards": [_brief(hazard) for hazard in mine],
                "photos_waiting": len({p["sha256"] for p in photos_of_it if not p["held"]}),
                "doubts": doubts_of(
                    {"offset_ms": row.get("offset_ms")} if row["id"] in alone else row,
                    mine,
                    photos=photos_of_it,
                    verdicts=[word for subject in own for word in verdicts.get(subject, ())],
                    same=same,
                    reused=reused,
                ),
            }
        )
    return items


def _named(row: dict[str, Any], *, by_itself: bool) -> dict[str, Any]:
    """What an item is about: an inspection without its answers, or one hazard."""
    if by_itself:
        return {"inspection": None, "hazard": {**_brief(row), "received_at": row["received_at"]}}
    return {"inspection": {k: v for k, v in row.items() if k != "answers"}, "hazard": None}


def _brief(hazard: dict[str, Any]) -> dict[str, Any]:
    return {key: hazard.get(key) for key in _HAZARD_KEYS}
