"""Reading the ledger's rows for pages: by id, within a scope, with their photos and history.

Every function is one statement for any number of ids, so that a page costs a constant number.
Phones are masked here, once, before a row can leave. It must not know what a page looks like.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection

from app.actor import Actor, areas_below
from app.auth.masking import masked
from app.auth.scope import scope_sql, visible_areas
from app.db import run
from sync.watermark import hash_prefix

JsonRow = dict[str, Any]
Condition = tuple[str, list[Any]]
_TABLES = frozenset({"area", "site", "inspection", "hazard", "checklist", "setting", "account"})
TIMELINE_ENTRIES_MAX = 1_000
LIKE_ESCAPE = "!"


def read_row(text: str, idx: int) -> JsonRow:
    """A stored row as it may leave the server."""
    row: JsonRow = masked(orjson.loads(text))
    row["i"] = idx
    return row


def rows_by_id(
    connection: Connection, station_id: str, table: str, ids: Iterable[str | None]
) -> dict[str, JsonRow]:
    """Rows of one noun by id; unknown ids are simply not there."""
    wanted = sorted({str(each) for each in ids if each})
    if not wanted:
        return {}
    assert table in _TABLES
    found = run(
        connection,
        f"SELECT id, row, changed_idx FROM {table} WHERE station_id = ? AND id = ANY(?)",  # noqa: S608
        (station_id, wanted),
    )
    return {str(subject): read_row(text, idx) for subject, text, idx in found}


def account_names(
    connection: Connection, station_id: str, ids: Iterable[str | None]
) -> dict[str, str]:
    """Who is who on a page: id to name."""
    rows = rows_by_id(connection, station_id, "account", ids)
    return {
        subject: str(row.get("name") or row.get("login") or "") for subject, row in rows.items()
    }


def visible(actor: Actor, alias: str) -> Condition:
    """The condition for rows this actor may see: their areas, and what they wrote (I11)."""
    return scope_sql(actor, area=f"{alias}.area_id", author=f"{alias}.author_id")


def visible_sites(actor: Actor, alias: str) -> Condition:
    """Sites lie in an area; nobody sees one outside theirs because they once registered it."""
    areas = visible_areas(actor)
    return ("1 = 1", []) if areas is None else (f"{alias}.area_id = ANY(?)", [sorted(areas)])


def area_and_below(connection: Connection, station_id: str, area_id: str) -> list[str]:
    """An area with everything inside it."""
    pairs = run(connection, "SELECT id, parent_id FROM area WHERE station_id = ?", (station_id,))
    return sorted(areas_below(dict(pairs), frozenset({area_id})))


def area_paths(connection: Connection, station_id: str) -> dict[str, str]:
    """Every area's name with its village before it: 幸福村 第3网格."""
    found = run(
        connection,
        "SELECT id, name, level, parent_id FROM area WHERE station_id = ?",
        (station_id,),
    )
    names = {subject: (name, level, parent) for subject, name, level, parent in found}
    paths: dict[str, str] = {}
    for subject, (name, level, parent) in names.items():
        above = names.get(parent) if level == "grid" else None
        paths[subject] = f"{above[0]} {name}" if above else name
    return paths


def contains(column: str, text: str) -> Condition:
    """A search for a piece of text, in which % and _ mean themselves."""
    escaped = text.lower()
    for sign in (LIKE_ESCAPE, "%", "_"):
        escaped = escaped.replace(sign, LIKE_ESCAPE + sign)
    return f"{column} LIKE ? ESCAPE '{LIKE_ESCAPE}'", [f"%{escaped}%"]


def showing_photo(station_id: str, columns: Sequence[str], text: str) -> Condition | None:
    """Subjects with the photo whose code (as on its watermark) was typed; None: it is no code."""
    prefix = hash_prefix(text)
    if prefix is None:
        return None
    photos = (
        "(SELECT u.subject_id FROM photo_use u"
        " WHERE u.station_id = ? AND u.sha256 >= ? AND u.sha256 < ?)"
    )
    after = prefix + "g"  # beyond every hash that begins so
    return (
        " OR ".join(f"{column} IN {photos}" for column in columns),
        [station_id, prefix, after] * len(columns),
    )


def any_of(conditions: Sequence[Condition | None]) -> Condition:
    """Conditions joined by OR; None is none."""
    asked = [each for each in conditions if each is not None]
    return f"({' OR '.join(text for text, _ in asked)})", [v for _, values in asked for v in values]


def all_of(conditions: Sequence[Condition]) -> Condition:
    """Conditions joined by AND, values in their order."""
    texts = [text for text, _ in conditions]
    return " AND ".join(texts), [value for _, values in conditions for value in values]


def photos_of(
    connection: Connection, station_id: str, subjects: Iterable[str]
) -> dict[str, list[JsonRow]]:
    """The photos of each subject in the order they were declared, with how far each has come."""
    wanted = sorted(set(subjects))
    if not wanted:
        return {}
    found = run(
        connection,
        "SELECT u.subject_id, u.sha256, u.role, p.state, p.condition, p.width, p.height,"
        " p.received, p.bytes_total, p.declared_at, p.held_at, f.author_id"
        " FROM photo_use u JOIN photo p ON p.station_id = u.station_id AND p.sha256 = u.sha256"
        " JOIN fact f ON f.station_id = u.station_id AND f.sha256 = u.fact_sha256"
        " WHERE u.station_id = ? AND u.subject_id = ANY(?) ORDER BY p.declared_at, u.sha256",
        (station_id, wanted),
    )
    photos: dict[str, list[JsonRow]] = {}
    seen: set[tuple[str, str, str]] = set()
    for (
        subject, sha256, role, state, condition, width, height, received, total, at, held, author
    ) in found:  # fmt: skip
        if (subject, sha256, role) in seen:
            continue
        seen.add((subject, sha256, role))
        photos.setdefault(subject, []).append(
            {
                "sha256": sha256,
                "role": role,
                "subject": subject,
                "held": state == "held",
                "condition": condition,
                "width": width,
                "height": height,
                "received": received,
                "bytes": total,
                "at": at,
                "held_at": held,
                "author": author,
            }
        )
    return photos


def timeline(connection: Connection, station_id: str, subject: str) -> list[JsonRow]:
    """Everything recorded about one subject, in the order of the log, quarantined included."""
    found = run(
        connection,
        "SELECT l.idx, l.verdict, l.admitted, l.received_at, f.sha256, f.batch_id, f.bytes, p.bytes"
        " FROM fact f JOIN log_entry l ON l.fact_seq = f.seq"
        " LEFT JOIN private_line p ON p.station_id = f.station_id AND p.fact_sha256 = f.sha256"
        " WHERE f.station_id = ? AND f.subject_id = ? ORDER BY l.idx LIMIT ?",
        (station_id, subject, TIMELINE_ENTRIES_MAX),
    )
    return [_entry(*row) for row in found]


def facts_named(connection: Connection, station_id: str, ids: Iterable[str]) -> dict[str, JsonRow]:
    """Single facts by their ids, as entries of a history."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    found = run(
        connection,
        "SELECT l.idx, l.verdict, l.admitted, l.received_at, f.sha256, f.batch_id, f.bytes, p.bytes"
        " FROM fact f JOIN log_entry l ON l.fact_seq = f.seq"
        " LEFT JOIN private_line p ON p.station_id = f.station_id AND p.fact_sha256 = f.sha256"
        " WHERE f.station_id = ? AND f.fact_id = ANY(?) ORDER BY l.idx",
        (station_id, wanted),
    )
    entries = (_entry(*row) for row in found)
    return {str(entry["fact"]): entry for entry in entries if entry["admitted"]}


def _entry(
    idx: int,
    verdict: str,
    admitted: object,
    received_at: str,
    sha256: str,
    batch: str | None,
    raw: bytes,
    private: bytes | None,
) -> JsonRow:
    fact = _parsed(raw)
    fields = _parsed(private).get("fields") if private else None
    body = {**(fact.get("body") or {}), **(fields if isinstance(fields, dict) else {})}
    return {
        "fact": fact.get("id"),
        "sha256": sha256,
        "i": idx,
        "kind": fact.get("kind"),
        "author": str(fact.get("author") or ""),
        "at": fact.get("at"),
        "offset_ms": fact.get("offset_ms"),
        "received_at": received_at,
        "verdict": verdict,
        "admitted": bool(admitted),
        "batch": batch,
        "enrolment": fact.get("enrolment"),
        "where": fact.get("where"),
        "body": masked(body),
        "photos": fact.get("photos") or [],
        "redacted": "private" in fact and private is None,
    }


def _parsed(raw: bytes | memoryview) -> JsonRow:
    """A stored line as an object; a quarantined line may be anything at all."""
    try:
        value = json.loads(bytes(raw))
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
