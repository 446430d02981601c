"""Numbers and lists that belong to no single noun: photos on their way, feedback, quarantine.

It must not know HTTP.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection

from app.actor import Actor
from app.auth.scope import scope_sql
from app.db import run
from app.decisions.rules import Named, may_admit
from app.rows import account_names
from sync.admission import parse_verdict
from sync.problems import QUARANTINE_WORDS

TEXT_CHARS_SHOWN_MAX = 4_000


def count_photos_waiting(connection: Connection, station_id: str, actor: Actor) -> int:
    """Photos that facts of the scope declared and that have not arrived."""
    scope, values = scope_sql(actor, area="s.area_id", author="s.author_id")
    found = run(
        connection,
        "SELECT count(DISTINCT p.sha256) FROM photo p"  # noqa: S608 - pieces of our own
        " JOIN photo_use u ON u.station_id = p.station_id AND u.sha256 = p.sha256"
        " JOIN subject s ON s.station_id = u.station_id AND s.subject_id = u.subject_id"
        f" WHERE p.station_id = ? AND p.state = 'wanted' AND {scope}",
        (station_id, *values),
    )
    return int(found[0][0])


def count_quarantined(connection: Connection, station_id: str) -> int:
    found = run(
        connection,
        "SELECT count(*) FROM log_entry WHERE station_id = ? AND NOT admitted",
        (station_id,),
    )
    return int(found[0][0])


def list_feedback(
    connection: Connection, station_id: str, *, page: int, size: int
) -> dict[str, Any]:
    """意见反馈, newest first."""
    where = "station_id = ? AND row LIKE ?"
    values = [station_id, '%"kind":"feedback"%']
    total = run(connection, f"SELECT count(*) FROM activity WHERE {where}", values)[0][0]  # noqa: S608
    found = run(
        connection,
        f"SELECT row, changed_idx, received_at FROM activity WHERE {where}"  # noqa: S608
        " ORDER BY received_at DESC, id LIMIT ? OFFSET ?",
        (*values, size, (page - 1) * size),
    )
    items = [{**json.loads(text), "i": idx, "received_at": at} for text, idx, at in found]
    return {
        "items": items,
        "accounts": account_names(connection, station_id, (item.get("author") for item in items)),
        "total": total,
        "page": page,
        "size": size,
    }


def list_quarantine(
    connection: Connection, station_id: str, roles: Iterable[str], *, page: int, size: int
) -> dict[str, Any]:
    """What was handed over and could not be admitted: why, from whom, when, and its text.

    `roles`: of whoever asks; each item says whether they may let it count.
    """
    held = frozenset(roles)
    total = count_quarantined(connection, station_id)
    found = run(
        connection,
        "SELECT l.idx, l.verdict, l.received_at, f.sha256, f.fact_id, f.kind, f.subject_id,"
        " COALESCE(f.author_id, e.account_id), f.enrolment_id, f.batch_id, e.label, f.bytes"
        " FROM log_entry l"
        " JOIN fact f ON f.seq = l.fact_seq"
        " LEFT JOIN enrolment e ON e.station_id = f.station_id"
        " AND e.enrolment_id = f.enrolment_id"
        " WHERE l.station_id = ? AND NOT l.admitted ORDER BY l.idx DESC LIMIT ? OFFSET ?",
        (station_id, size, (page - 1) * size),
    )
    items = [_quarantined(*row, held=held) for row in found]
    return {
        "items": items,
        "accounts": account_names(connection, station_id, (item["author"] for item in items)),
        "total": total,
        "page": page,
        "size": size,
    }


def _quarantined(
    idx: int,
    verdict: str,
    received_at: str,
    sha256: str,
    fact: str | None,
    kind: str | None,
    subject: str | None,
    author: str | None,
    enrolment: str | None,
    batch: str | None,
    device: str | None,
    raw: bytes,
    *,
    held: frozenset[str],
) -> dict[str, Any]:
    reason = parse_verdict(verdict).reason or ""
    text = bytes(raw).decode("utf-8", "replace")
    named = Named(verdict, admitted=False, kind=kind or "")
    return {
        "i": idx,
        "sha256": sha256,
        "reason": reason,
        "sentence": QUARANTINE_WORDS.get(reason, ("不能收录，原样保留。", ""))[0],
        "may_admit": subject is not None and may_admit(named, held),
        "received_at": received_at,
        "fact": fact,
        "kind": kind,
        "subject": subject,
        "author": author,
        "enrolment": enrolment,
        "device": device,
        "batch": batch,
        "text": text[:TEXT_CHARS_SHOWN_MAX],
        "cut": len(text) > TEXT_CHARS_SHOWN_MAX,
        "bytes": len(bytes(raw)),
    }
