"""What the desk's tests share: submissions as a phone makes them, decisions as a page makes them.

Built on the small township of township.py. It must not assert anything.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from app.clock import instant, new_id
from tests.api.township import statements_noted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.api.township import Desk, Phone, Township

API = "/api/v1"
CHECKLIST = "cl-lpg-restaurant"


def private_line(fact_id: str, fields: dict[str, Any]) -> bytes:
    """A private line with a salt of its own."""
    line = {"fact": fact_id, "salt": uuid.uuid4().hex, "fields": fields}
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode()


def hazard_body(site: str, **more: Any) -> dict[str, Any]:
    """A finding as the LPG checklist makes it."""
    return {
        "site": site,
        "checklist": CHECKLIST,
        "checklist_version": 1,
        "item": "LPG-13",
        "spot": "后厨",
        "finding": "连接软管长约2.3米，不在1.2到2.0米范围",
        "category": "燃气",
        "level": "general",
        "disposition": "by_deadline",
        "measure": "更换软管",
        "deadline": "2026-11-24",
        "found_on": "2026-11-21",
        "source": "routine",
        **more,
    }


def submit(
    phone: Phone,
    *,
    site: str | None = None,
    hazards: tuple[dict[str, Any], ...] = ({},),
    photos: tuple[bytes, ...] = (),
    offset_ms: int | None = 0,
    **more: Any,
) -> tuple[str, list[str]]:
    """Hand over one inspection with its hazards; (inspection id, hazard ids)."""
    site = site or phone.township.sites[phone.account]
    inspection, found = new_id(), [new_id() for _ in hazards]
    now = instant(phone.township.clock.now)
    body = {
        "site": site,
        "checklist": CHECKLIST,
        "checklist_version": 1,
        "checklist_sha256": "0" * 64,
        "method": "routine",
        "started_at": now,
        "finished_at": now,
        "answers": [
            {"item": "LPG-01", "value": None, "verdict": "pass", "source": "tapped"},
            {"item": "LPG-13", "value": 2.3, "verdict": "fail", "source": "measured"},
        ],
        "hazards": found,
        "attendance": "signed",
        **more,
    }
    named = [
        {"sha256": hashlib.sha256(p).hexdigest(), "role": "before", "bytes": len(p)} for p in photos
    ]
    lines = [phone.fact("inspection.submitted", inspection, body, offset_ms=offset_ms)]
    for hazard, changes in zip(found, hazards, strict=True):
        body = hazard_body(site, inspection=inspection, **changes)
        lines.append(phone.fact("hazard.found", hazard, body, photos=named, offset_ms=offset_ms))
    answer = phone.hand_over(*lines)
    assert answer.status_code == 200, answer.text
    return inspection, found


def decision(
    township: Township, kind: str, subject: str, body: dict[str, Any], **more: Any
) -> dict[str, Any]:
    """A fact as a page sends it, with the heads it showed."""
    family = kind.partition(".")[0]
    table = {"grant": "account", "photo": "hazard"}.get(family, family)
    fact = {
        "id": new_id(),
        "kind": kind,
        "subject": subject,
        "after": township.heads(table, subject),
        "body": body,
    }
    return {**fact, **more}


def decide(desk: Desk, *facts: dict[str, Any]) -> Any:
    """POST /decisions."""
    return desk.post("/decisions", {"facts": list(facts)})


def decided(desk: Desk, township: Township, kind: str, subject: str, **body: Any) -> dict[str, Any]:
    """One decision that is expected to be taken; the subject's row afterwards."""
    answer = decide(desk, decision(township, kind, subject, body))
    assert answer.status_code == 200, answer.text
    return next(row for row in answer.json["rows"] if row["id"] == subject)


@contextmanager
def counted_statements(township: Township) -> Iterator[list[str]]:
    """Every SQL statement the application runs meanwhile."""
    statements: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "INSERT", "UPDATE", "DELETE")):
            statements.append(statement)

    with statements_noted(township, note):
        yield statements


def unpacked(body: bytes) -> bytes:
    """A gzip body, for tests that look inside."""
    return gzip.decompress(body)
