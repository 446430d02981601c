"""Which steps make sense from where a row stands: the guard of the desk, and the buttons it shows.

The fold keeps an impossible step and flags it; the desk asks here first, so that nobody at a desk
makes one by mistake. It must not know the facts behind a row: a row is all that a page has.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from sync.fact import Fact
from sync.fold import Row
from sync.kinds import KINDS, SHAPES, subject_type
from sync.lifecycle import closing_fault
from sync.outcome import Refusal

# (row, body or None when only the button is asked for) -> word of problems.STEP_WORDS, or None.
Guard = Callable[[Row, Mapping[str, Any] | None], str | None]


def impossible(type_: str, row: Row | None, fact: Fact) -> Refusal | None:
    """Why a fact is no possible next step for a subject whose row stands so; None when it is one.

    `row` is None for a subject nothing is known of yet. Unknown kinds and notes are always
    possible.
    """
    kind = KINDS.get(fact.kind)
    if kind is None:
        return None
    if subject_type(fact.kind) not in (type_, None):
        return Refusal("foreign_kind")
    word = _fault(fact.kind, type_, row, fact.body)
    return None if word is None else Refusal(word)


def allowed_kinds(row: Row, roles: Collection[str]) -> list[str]:
    """The kinds that somebody with these roles may author next about the subject of a row."""
    type_ = row["type"]
    creates = SHAPES[type_].creates if type_ in SHAPES else frozenset()
    return [
        kind.name
        for kind in KINDS.values()
        if subject_type(kind.name) == type_
        and kind.name not in creates
        and (kind.stance == "observation" or kind.roles & set(roles))
        and _fault(kind.name, type_, row, None) is None
    ]


def _fault(kind: str, type_: str, row: Row | None, body: Mapping[str, Any] | None) -> str | None:
    guard = _GUARDS.get(kind)
    if guard is None:
        return None
    if row is None or row["state"] == "incomplete":
        return _NOT_YET[type_]
    return guard(row, body)


_NOT_YET: Final = {
    "hazard": "not_found_yet",
    "inspection": "not_submitted_yet",
    "site": "not_registered_yet",
    "document": "not_issued_yet",
}


def _open(row: Row, _body: Mapping[str, Any] | None) -> str | None:
    if row["state"] == "closed":
        return "already_closed"
    return "already_void" if row["state"] == "void" else None


def disputed_endings(row: Row) -> set[str]:
    """The endings (closed, void) that somebody said and somebody else, not knowing, denied."""
    return {
        ending for conflict in row.get("conflicts") or () for ending in conflict.get("endings", ())
    }


def _amendable(row: Row, body: Mapping[str, Any] | None) -> str | None:
    """A closed hazard stays as it is, but for saying which of two values it has."""
    over = _open(row, body)
    if over == "already_closed" and body:
        disputed = {each.get("field") for each in row["conflicts"] if each["type"] == "field"}
        if body.keys() - {"reason"} <= disputed - {"level"}:
            return None
    return over


def _waiting(row: Row, body: Mapping[str, Any] | None) -> str | None:
    over = _open(row, body)
    if over is None and row["review"] != "submitted":
        return "not_waiting"
    return over


def _returned(row: Row, body: Mapping[str, Any] | None) -> str | None:
    over = _open(row, body)
    if over is None and row["review"] != "returned":
        return "not_returned"
    return over


def _fixable_on_spot(row: Row, body: Mapping[str, Any] | None) -> str | None:
    over = _open(row, body)
    if over is None and row["work"] not in ("none", "spot_fixed"):
        return "not_waiting"
    return over


def _not_void(row: Row, _body: Mapping[str, Any] | None) -> str | None:
    return "already_void" if row["state"] == "void" else None


def _closable(row: Row, body: Mapping[str, Any] | None) -> str | None:
    fault = _open(row, body) or closing_fault(row["review"], row["work"], row["level"])
    if fault == "not_rechecked" and "closed" in disputed_endings(row):
        # One side saw it fixed: whoever has seen both sides may say so, with a reason.
        said = body is None or (body.get("override_reason") or "").strip()
        return None if said else "override_needed"
    if fault is None and body is not None and row["work"] == "recheck_fixed":
        alone = row["author"] is not None and row["rechecked_by"] == row["author"]
        if alone and not (body.get("override_reason") or "").strip():
            return "override_needed"
    return fault


def _reopenable(row: Row, _body: Mapping[str, Any] | None) -> str | None:
    over = row["state"] in ("closed", "void") or disputed_endings(row)
    return None if over else "not_closed"


def _reviewable(row: Row, body: Mapping[str, Any] | None) -> str | None:
    if row["state"] == "accepted":
        return "already_reviewed"
    return _not_void(row, body)


def _retirable(row: Row, _body: Mapping[str, Any] | None) -> str | None:
    return "already_retired" if row["state"] == "retired" else None


_GUARDS: Final[dict[str, Guard]] = {
    "hazard.amended": _amendable,
    "hazard.returned": _waiting,
    "hazard.resubmitted": _returned,
    "hazard.confirmed": _open,
    "hazard.ordered": _open,
    "hazard.spot_fixed": _fixable_on_spot,
    "hazard.fix_reported": _open,
    "hazard.rechecked": _not_void,
    "hazard.closed": _closable,
    "hazard.reopened": _reopenable,
    "hazard.voided": _not_void,
    "inspection.corrected": _not_void,
    "inspection.reviewed": _reviewable,
    "inspection.voided": _not_void,
    "document.voided": _not_void,
    "site.retired": _retirable,
}
