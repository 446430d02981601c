"""Facts for tests: short names become ids, shorthand becomes real bytes read by the real parser.

The same name always makes the same id, so that vectors can name facts. It must not decide anything.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sync.fact import Fact, PrivateLine, parse_fact, parse_private
from sync.fold import Entry

VECTORS = Path(__file__).parents[2] / "vectors"
AT = "2026-11-21T02:31:05.123Z"


def vector(name: str) -> dict[str, Any]:
    return json.loads((VECTORS / name).read_text(encoding="utf-8"))


def id_of(name: str) -> str:
    """The id that a short name stands for; a real id stands for itself."""
    if len(name) == 36 and name.count("-") == 4:
        return name
    digits = hashlib.sha256(name.encode()).hexdigest()
    return f"{digits[:8]}-{digits[8:12]}-7{digits[13:16]}-8{digits[17:20]}-{digits[20:32]}"


def hash_of(name: str) -> str:
    return name if len(name) == 64 else hashlib.sha256(name.encode()).hexdigest()


def expand(value: Any) -> Any:
    """Shorthand inside bodies and rows: "id:hose" is an id, "sha:photo" is a hash."""
    if isinstance(value, str):
        if value.startswith("id:"):
            return id_of(value[3:])
        return hash_of(value[4:]) if value.startswith("sha:") else value
    if isinstance(value, Mapping):
        return {key: expand(each) for key, each in value.items()}
    return [expand(each) for each in value] if isinstance(value, list) else value


def envelope(name: str, kind: str, body: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    found = {
        "id": id_of(name),
        "kind": kind,
        "v": 1,
        "station": id_of("station"),
        "subject": id_of(more.pop("subject", "subject")),
        "after": [id_of(each) for each in more.pop("after", [])],
        "author": id_of(more.pop("author", "ana")),
        "at": more.pop("at", AT),
        "offset_ms": more.pop("offset_ms", None),
        "where": more.pop("where", None),
        "photos": [
            {"bytes": 1000, "role": "before"} | expand(each) for each in more.pop("photos", [])
        ],
    }
    return found | more | {"body": expand(body)}


def line_of(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def private_line(name: str, fields: Mapping[str, Any]) -> PrivateLine:
    found = parse_private(line_of({"fact": id_of(name), "salt": "0" * 32, "fields": fields}))
    assert isinstance(found, PrivateLine), found
    return found


def make(name: str, kind: str, body: Mapping[str, Any] | None = None, **more: Any) -> Fact:
    """A fact; `private` gives its private fields."""
    private = more.pop("private", None)
    if private:
        more["private"] = private_line(name, private).sha256
    found = parse_fact(line_of(envelope(name, kind, body or {}, **more)))
    assert isinstance(found, Fact), found
    return found


def entry(
    name: str,
    kind: str,
    body: Mapping[str, Any] | None = None,
    *,
    flags: tuple[str, ...] = (),
    redacted: bool = False,
    **more: Any,
) -> Entry:
    """A fact as the fold sees it."""
    private = more.get("private")
    fact = make(name, kind, body, **more)
    return Entry(fact, None if redacted or not private else dict(private), tuple(flags))


def entry_of(case: Mapping[str, Any]) -> Entry:
    """A vector's fact: {"name", "kind", "body", "after", "author", ...}."""
    given = dict(case)
    return entry(given.pop("name"), given.pop("kind"), given.pop("body", {}), **given)


FOUND = {
    "site": "id:restaurant",
    "finding": "软管超过两米",
    "level": "general",
    "disposition": "by_deadline",
    "found_on": "2026-11-21",
    "deadline": "2026-12-01",
}
SUBMITTED = {
    "site": "id:restaurant",
    "checklist": "lpg-restaurant",
    "checklist_version": 1,
    "checklist_sha256": "sha:lpg",
    "method": "routine",
    "started_at": "2026-11-21T02:00:00.000Z",
    "finished_at": "2026-11-21T02:31:05.123Z",
    "answers": [
        {"item": "LPG-01", "verdict": "pass", "source": "tapped"},
        {"item": "LPG-02", "value": 2.3, "verdict": "fail", "source": "measured"},
    ],
    "hazards": ["id:hose"],
    "attendance": "signed",
}
REGISTERED = {"name": "老王饭店", "place_types": ["餐饮"], "area": "id:grid-1"}
