"""Gathering activities for an export, oldest day first, in the look `sources.py` has taken.

It must not know how a file is laid out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.activities.reading import (
    entry_lines,
    filter_conditions,
    form_key,
    published_forms,
    titles,
)
from app.db import run
from app.exports.activities import ActivityLine
from app.exports.ledger import cells_of
from app.exports.shape import Found, Look
from app.exports.store import ROWS_MAX, Made, Names, photos_by_subject, write_spool
from app.rows import Condition, account_names, all_of, read_row
from app.watermarks import Around, facts_with_photos, words_of

PHOTO_ROLE = "before"  # how photos of neither side of a repair are filed


def find_activities(look: Look, wanted: Mapping[str, Any]) -> Found:
    """The activities of a filter, spooled, with how many there are of each sort."""
    forms = published_forms(look.connection, look.station_id)
    called = titles(forms.values())
    conditions = filter_conditions(look.station_id, look.actor, wanted)
    where, values = all_of(conditions)
    found = run(
        look.connection,
        f"SELECT a.id FROM activity a WHERE {where} ORDER BY a.day, a.id LIMIT ?",  # noqa: S608
        (*values, ROWS_MAX),
    )
    ids = [str(each) for (each,) in found]
    names = Names(look.connection, look.station_id)

    def made(chunk: list[str], first: int) -> Iterator[Made]:
        for line in _lines(look, chunk, names, forms, called, first=first):
            yield cells_of(line, look.wish.columns), line.captions

    rows = write_spool(look.path, ids, made, reached=look.reached)
    return Found(rows, _words(look, wanted, called), _counts(look, conditions, called))


def _lines(
    look: Look,
    ids: list[str],
    names: Names,
    forms: Mapping[str, Any],
    called: Mapping[str, str],
    *,
    first: int,
) -> Iterator[ActivityLine]:
    connection, station_id = look.connection, look.station_id
    found = run(
        connection,
        "SELECT id, row, changed_idx, received_at, day FROM activity"
        " WHERE station_id = ? AND id = ANY(?) ORDER BY day, id",
        (station_id, ids),
    )
    rows = [(read_row(text, idx), at, day) for _, text, idx, at, day in found]
    photos = photos_by_subject(connection, station_id, ids) if look.wish.photos else {}
    brought = facts_with_photos(connection, station_id, ids) if look.wish.photos else {}
    names.know((row for row, *_ in rows), {fact["author"] for fact in brought.values()})
    for position, (row, received, day) in enumerate(rows, start=first):
        shown = photos.get(row["id"], {}).get(PHOTO_ROLE, [])
        around = Around(row, "", "", names.station)
        yield ActivityLine(
            position=position,
            row=row,
            day=day,
            title=called.get(str(row.get("kind")), str(row.get("kind") or "")),
            entries=entry_lines(row, forms.get(form_key(row), {})),
            author=names.people.get(str(row.get("author")), ""),
            noted=_moment(look, row.get("at")),
            received=_moment(look, received),
            photos=shown,
            captions={
                sha256: words_of(sha256, fact, names.people, around)
                for sha256 in shown
                if (fact := brought.get((row["id"], sha256))) is not None
            },
        )


def _moment(look: Look, instant: str | None) -> str:
    """As the station's clock on the wall shows it."""
    try:
        moment = datetime.fromisoformat(instant or "").astimezone(ZoneInfo(look.zone))
    except (ValueError, OverflowError):
        return instant or ""
    return moment.strftime("%Y-%m-%d %H:%M")


def _counts(look: Look, conditions: list[Condition], called: Mapping[str, str]) -> str:
    where, values = all_of(conditions)
    found = run(
        look.connection,
        f"SELECT a.kind, count(*) FROM activity a WHERE {where} GROUP BY a.kind"  # noqa: S608
        " ORDER BY count(*) DESC, a.kind",
        values,
    )
    return "，".join(f"{called.get(kind, kind)} {count} 条" for kind, count in found)


def _words(look: Look, wanted: Mapping[str, Any], called: Mapping[str, str]) -> str:
    """The filter in words, for the file's own statement."""
    parts = []
    if wanted.get("type"):
        parts.append("种类：" + called.get(wanted["type"], wanted["type"]))
    if wanted.get("author"):
        name = account_names(look.connection, look.station_id, [wanted["author"]])
        parts.append("记录人：" + name.get(wanted["author"], "不明"))
    if wanted.get("from_") or wanted.get("to"):
        parts.append(f"日期：{wanted.get('from_') or '最早'} 至 {wanted.get('to') or '最近'}")
    return " · ".join(parts)
