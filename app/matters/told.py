"""What a row tells of matters for the chief: disputes in it, and what he has already answered.

Pure: the projections of hazards, inspections and sites keep these in columns, so that the matters
are found through indexes. It must not know SQL.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Row = Mapping[str, Any]
SETTLED_BY_RULE = frozenset(
    {"level", "deadline", "disposition", "fund_wan", "contingency", "document_no"}
)
"""Judgements about a hazard that is closed: nobody makes them anew. Its words may be put right."""


def dispute_of(row: Row) -> str | None:
    """`outcome`, `field`, or None where nothing in the row waits for a decision."""
    types = {str(conflict["type"]) for conflict in open_conflicts(row)}
    return next((type_ for type_ in ("outcome", "field") if type_ in types), None)


def open_conflicts(row: Row) -> list[dict[str, Any]]:
    """The conflicts that a decision can still end."""
    conflicts = row.get("conflicts") or ()
    if not conflicts or row.get("state") == "void":
        return []
    over = row.get("type") == "hazard" and row.get("state") == "closed"
    return [each for each in conflicts if not (over and each.get("field") in SETTLED_BY_RULE)]


def answered_links(row: Row) -> Iterator[str]:
    """The other hazards this one was told apart from, or together with."""
    for link in row.get("links") or ():
        yield str(link["other"])


def answered_photos(row: Row) -> Iterator[str]:
    """The pairs of photos the chief has looked at beside each other."""
    for photo in row.get("photos") or ():
        for checked in photo.get("checked") or ():
            yield photo_pair(photo["sha256"], checked["other"])


def photo_pair(one: str, other: str) -> str:
    """One word for two photos, whichever is named first."""
    return f"{min(one, other)}:{max(one, other)}"


def words(each: Iterable[str]) -> str | None:
    """Words in one column; None for none, which is nearly always."""
    return " ".join(sorted(set(each))) or None
