"""The fold: the admitted facts of one subject become its row, state, conflicts and flags.

One pure function of a set of facts: not of their order, batches or duplicates (I2), and total on
any input. Adding a lifecycle is one module and one line in _FINISH. It must not know where rows are
kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from sync.folding import Entry, Folding, Row, station_day
from sync.issuing import finish_document
from sync.kinds import KINDS, SHAPES, subject_type
from sync.kinds.declare import Shape
from sync.kinds.site import WHOSE
from sync.lifecycle import finish_hazard
from sync.reviewing import finish_inspection

__all__ = ["FOLD_VERSION", "Entry", "Folded", "Row", "fold", "fold_subject", "type_of"]

# Raised by every release whose fold gives other rows for the same facts (I8).
FOLD_VERSION: Final = 4
UNKNOWN_TYPE: Final = "unknown"


@dataclass(frozen=True, slots=True)
class Folded:
    row: Row
    state: str
    conflicts: list[dict[str, Any]]
    incomplete: bool  # a fact that others follow, or the one that made the subject, has not arrived
    flags: list[dict[str, str]]
    heads: list[str]


def fold_subject(entries: Iterable[Entry]) -> Folded:
    """Fold facts about one subject whose type is told by the facts themselves."""
    known = list(entries)
    return fold(type_of(known), known)


def type_of(entries: Iterable[Entry]) -> str:
    """The type of the subject these facts are about, independent of the order they came in.

    Usually all agree. If a broken phone used one id for two things, the fact that makes a subject
    decides before others, and then the smallest hash.
    """
    votes = []
    for entry in entries:
        about = subject_type(entry.fact.kind)
        if about is not None:
            creates = about in SHAPES and entry.fact.kind in SHAPES[about].creates
            votes.append((not creates, about not in SHAPES, entry.fact.sha256, about))
    return min(votes)[3] if votes else UNKNOWN_TYPE


def fold(subject_type_: str, entries: Iterable[Entry]) -> Folded:
    """The row of one subject. Never raises, whatever the facts; no facts at all is an error."""
    shape = SHAPES.get(subject_type_) or Shape(subject_type_, subject_type_, frozenset(), ())
    folding = Folding(shape, entries)
    if not folding.facts:
        raise ValueError("a subject without facts has no row")
    root = folding.root()
    row = folding.row
    row["id"], row["type"] = folding.facts[0].subject, subject_type_
    state = _FINISH.get(subject_type_, _finish_plain)(folding)
    _tell_root(folding, root)
    if "photos" in row:
        folding.unite_photos()
    if root is None and shape.creates:
        state = "incomplete"
    row["state"] = state
    incomplete = state == "incomplete" or bool(folding.ordered.missing)
    heads = folding.heads()
    row |= {
        "heads": heads,
        "conflicts": folding.conflicts,
        "flags": folding.flags,
        "incomplete": incomplete,
        "redacted": folding.redacted(),
        "unknown": sum(kind is None for kind in folding.kinds),
        "facts": len(folding.facts),
    }
    return Folded(row, state, folding.conflicts, incomplete, folding.flags, heads)


def _tell_root(folding: Folding, root: int | None) -> None:
    """Who said it first, when and where: shown, and never used to decide anything."""
    row = folding.row
    if root is None or "author" not in row:
        return
    fact = folding.facts[root]
    told = {"author": fact.author, "at": fact.at, "offset_ms": fact.offset_ms, "where": fact.where}
    row.update((name, value) for name, value in told.items() if name in row)


def _finish_plain(folding: Folding) -> str:
    folding.settle_fields()
    return "known"


def _finish_enrolment(folding: Folding) -> str:
    folding.settle_fields()
    return str(folding.row["state"] or "incomplete")


def _finish_site(folding: Folding) -> str:
    folding.settle_fields()
    root = folding.root()
    if root is not None:
        folding.row["registered_at"] = folding.facts[root].at
        folding.row["registered_by"] = folding.facts[root].author
    changed = _changed_hands_on(folding)
    if changed is not None:  # the few rows it holds for say it; all others stay as they are
        folding.row["changed_hands_on"] = changed
    return "retired" if folding.mask("site.retired") else "active"


def _changed_hands_on(folding: Folding) -> str | None:
    """The last day on which somebody put another name, owner or credit code where they knew one.

    Written into an empty field it is the file that got fuller, not the place that changed hands.
    """
    days = [
        station_day(folding.facts[place].at, folding.facts[place].offset_ms)
        for place in folding.places(folding.mask("site.amended"))
        if any(folding.replaces(place, name) for name in WHOSE)
    ]
    return max(filter(None, days), default=None)


_FINISH: Final[dict[str, Callable[[Folding], str]]] = {
    "site": _finish_site,
    "inspection": finish_inspection,
    "hazard": finish_hazard,
    "document": finish_document,
    "enrolment": _finish_enrolment,
}

assert set(_FINISH) <= set(SHAPES), "a lifecycle for a subject nobody declared"
assert all(subject_type(name) in {*SHAPES, None} for name in KINDS), "a kind without a shape"
