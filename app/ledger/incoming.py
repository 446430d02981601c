"""Facts on their way into the ledger: lines as they came, and facts a desk has the server write.

Bytes are kept exactly; nothing here decides whether a fact is admitted. It must not know SQL.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.clock import instant
from app.plain_json import plain_object
from sync.admission import Author
from sync.fact import Fact, PrivateLine, parse_fact, parse_private
from sync.outcome import Refusal

ALL_ROLES = frozenset({"inspector", "certified_inspector", "chief", "admin"})


@dataclass(frozen=True, slots=True)
class Incoming:
    """One line handed over: the fact in it, or why it holds none."""

    raw: bytes
    sha256: str
    fact: Fact | None
    refusal: Refusal | None = None
    private: PrivateLine | None = None


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose hand the facts come from, and by which batch."""

    author: Author
    whole: bool = False  # every area of the station
    batch_id: str | None = None
    acknowledged_idx: int | None = None


@dataclass(slots=True)
class DeskFact:
    """What a person decided at the desk, before the server gives it its envelope."""

    id: str
    kind: str
    subject: str
    body: Mapping[str, Any]
    after: Iterable[str] = ()
    private: Mapping[str, Any] | None = None
    photos: list[dict[str, Any]] = field(default_factory=list)


def read_incoming(lines: Iterable[bytes], private_lines: Iterable[bytes]) -> list[Incoming]:
    """The lines of a batch, each with the private line that names it."""
    privates: dict[str, PrivateLine] = {}
    for line in private_lines:
        private = parse_private(line)
        if isinstance(private, PrivateLine):
            privates.setdefault(private.fact, private)
    found = []
    for line in lines:
        parsed = parse_fact(line, plain_object(line))
        if isinstance(parsed, Refusal):
            found.append(Incoming(line, hashlib.sha256(line).hexdigest(), None, parsed))
        else:
            private_line = privates.get(parsed.id) if parsed.private else None
            found.append(Incoming(line, parsed.sha256, parsed, None, private_line))
    return found


def desk_incoming(
    facts: Iterable[DeskFact],
    *,
    station_id: str,
    author_id: str,
    now: datetime,
    salts: Iterable[str],
) -> list[Incoming]:
    """Desk facts in their envelopes. `salts`: one 32-digit hex text for each private part.

    The same request repeated later has other bytes under the same id, so callers look the id up
    first and answer what stands (I1).
    """
    salt = iter(salts)
    found = []
    for each in facts:
        private: PrivateLine | None = None
        envelope: dict[str, Any] = {
            "id": each.id,
            "kind": each.kind,
            "v": 1,
            "station": station_id,
            "subject": each.subject,
            "after": list(each.after),
            "author": author_id,
            "at": instant(now),
            "offset_ms": None,
            "where": None,
            "photos": each.photos,
        }
        if each.private:
            line = _line({"fact": each.id, "salt": next(salt), "fields": dict(each.private)})
            parsed = parse_private(line)
            if isinstance(parsed, Refusal):
                raise ValueError(f"private part of {each.kind}: {parsed}")
            private = parsed
            envelope["private"] = private.sha256
        raw = _line({**envelope, "body": dict(each.body)})
        fact = parse_fact(raw)
        if isinstance(fact, Refusal):
            found.append(Incoming(raw, hashlib.sha256(raw).hexdigest(), None, fact))
        else:
            found.append(Incoming(raw, fact.sha256, fact, None, private))
    return found


def desk_author(account_id: str, roles: Iterable[str], areas: Iterable[str] = ()) -> Author:
    """The author of facts made at the desk."""
    held = frozenset(roles)
    return Author(
        account=account_id,
        enrolment=None,
        revoked=False,
        signature_ok=True,
        roles=held,
        roles_acknowledged=held,
        areas=frozenset(areas),
    )


def server_sender(account_id: str) -> Sender:
    """The server's own hand (set-up, claims, imports by the command line) in an account's name."""
    return Sender(desk_author(account_id, ALL_ROLES), whole=True)


def _line(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
