"""From a subject's admitted facts to its row: the fold, and what the server knows beside it.

The write path and the rebuild both come through here, so that they cannot differ. It must not read
or write the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from app.ledger.series import SERIES_OF
from app.ledger.store import Stored, SubjectRow
from app.plain_json import plain_object
from app.projections import Context, Projection
from sync.admission import parse_verdict
from sync.fact import Fact, PrivateLine, parse_fact, parse_private
from sync.fold import UNKNOWN_TYPE, Entry, fold, type_of

OPEN_TO_ALL = frozenset({"area", "account", "checklist", "setting"})
SCOPE_KIND = "grant.set"
TYPE_CHARS_MAX = 20


@dataclass(frozen=True, slots=True)
class Known:
    """An admitted fact with its place in the log."""

    fact: Fact
    private: PrivateLine | None
    idx: int
    verdict: str
    received_at: str


@dataclass(frozen=True, slots=True)
class Made:
    """A subject's row as it is to be stored."""

    subject_id: str
    type: str
    row: dict[str, Any]
    changed_idx: int
    site_id: str | None
    author_id: str | None
    received_at: str


def known_from(stored: Stored) -> Known | None:
    """A stored fact read again; None when its bytes hold no fact (it cannot be folded)."""
    fact = parse_fact(stored.raw, plain_object(stored.raw))
    if not isinstance(fact, Fact):
        return None
    line = parse_private(stored.private) if stored.private is not None else None
    private = line if isinstance(line, PrivateLine) else None
    return Known(fact, private, stored.idx, stored.verdict, stored.received_at)


def entry(known: Known, *, checked: bool = False) -> Entry:
    """A known fact as the fold takes it."""
    fields = known.private.fields if known.private is not None else None
    return Entry(known.fact, fields, parse_verdict(known.verdict).flags, checked)


def kind_of(known: Iterable[Known]) -> str | None:
    """The type of a subject by its facts; None while no fact tells."""
    return clipped(type_of(map(entry, known)))


def clipped(kind: str) -> str | None:
    """A type as it is stored."""
    return None if kind == UNKNOWN_TYPE else kind[:TYPE_CHARS_MAX]


def make_row(
    subject_id: str,
    subject_type: str,
    known: Sequence[Known],
    *,
    number: str | None,
    changed_at_least: int = -1,
    folded: dict[str, Any] | None = None,
) -> Made:
    """The row of one subject: the fold's, with ledger number and place in the log."""
    if folded is None:
        folded = fold(subject_type, map(entry, known)).row
    row: dict[str, Any] = dict(folded)
    first = min(known, key=lambda each: each.idx)
    changed = max(*(each.idx for each in known), changed_at_least)
    row["type"] = subject_type
    row["id"] = subject_id
    row["i"] = changed
    if subject_type in SERIES_OF:
        row["number"] = number
    if subject_type == "account":
        grants = [each.idx for each in known if each.fact.kind == SCOPE_KIND]
        row["scope_i"] = max(grants, default=0)
    return Made(
        subject_id=subject_id,
        type=subject_type,
        row=row,
        changed_idx=changed,
        site_id=subject_id if subject_type == "site" else row.get("site"),
        author_id=first.fact.author,
        received_at=first.received_at,
    )


def projected(
    made: Made, projection: Projection, station_id: str, place: SubjectRow
) -> tuple[Any, ...]:
    """The tuple to upsert into the projection's table."""
    context = Context(place.site_id, place.area_id, made.author_id, made.received_at)
    text = orjson.dumps(made.row).decode()
    return projection.values(station_id, made.subject_id, made.changed_idx, made.row, text, context)
