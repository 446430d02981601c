"""What follows from a hazard's row alone: projection columns, whether it is late, which steps fit.

The steps offered on the desk are a convenience; the fold in `sync/` stays the judge.
This module must not know SQL, HTTP or the clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

FINISHED = frozenset({"closed", "void"})
WAITS_FOR_OWNER = frozenset(
    {
        "submitted",
        "returned",
        "confirmed_general",
        "confirmed_major",
        "rectifying",
        "review_failed",
        "reopened",
    }
)
"""States in which the owner has not yet said that it is put right; only these can be late."""

CERTIFIED = frozenset({"certified_inspector", "chief"})


def overdue_days(row: Mapping[str, Any], as_of: date) -> int | None:
    """Whole days past the deadline on `as_of`; 0 when in time or no longer the owner's turn."""
    deadline = row.get("deadline")
    if not deadline:
        return None
    try:
        late = (as_of - date.fromisoformat(str(deadline))).days
    except ValueError:
        return None
    return max(late, 0) if row.get("state") in WAITS_FOR_OWNER else 0


def allowed_steps(row: Mapping[str, Any], roles: Iterable[str]) -> list[str]:
    """The kinds this actor may put to this hazard now, in the order a desk shows them."""
    held = frozenset(roles)
    state = str(row.get("state"))
    return [kind for kind, fits in _STEPS.items() if fits(row, state, held)]


def _review(_row: Mapping[str, Any], state: str, held: frozenset[str]) -> bool:
    return "chief" in held and state not in FINISHED | {"returned"}


def _confirm(row: Mapping[str, Any], state: str, held: frozenset[str]) -> bool:
    return "chief" in held and state not in FINISHED and bool(row)


def _order(row: Mapping[str, Any], state: str, held: frozenset[str]) -> bool:
    return bool(CERTIFIED & held) and state not in FINISHED and bool(row.get("confirmed_by"))


def _spot_fix(_row: Mapping[str, Any], state: str, _held: frozenset[str]) -> bool:
    return state in WAITS_FOR_OWNER


def _recheck(row: Mapping[str, Any], state: str, _held: frozenset[str]) -> bool:
    return state in {"fix_pending", "rectifying", "review_failed", "reopened"} and bool(row)


def _close(row: Mapping[str, Any], state: str, held: frozenset[str]) -> bool:
    if "chief" not in held:
        return False
    if state == "fix_pending":
        return row.get("recheck_result") == "fixed"
    return state == "spot_fixed" and bool(row.get("confirmed_by"))


def _reopen(_row: Mapping[str, Any], state: str, held: frozenset[str]) -> bool:
    return "chief" in held and state == "closed"


def _void(_row: Mapping[str, Any], state: str, held: frozenset[str]) -> bool:
    return "chief" in held and state not in FINISHED


def _link(_row: Mapping[str, Any], state: str, held: frozenset[str]) -> bool:
    return "chief" in held and state != "void"


def _note(_row: Mapping[str, Any], state: str, _held: frozenset[str]) -> bool:
    return state != "void"


_STEPS = {
    "hazard.confirmed": _confirm,
    "hazard.returned": _review,
    "hazard.ordered": _order,
    "hazard.spot_fixed": _spot_fix,
    "hazard.fix_reported": _recheck,
    "hazard.rechecked": _recheck,
    "hazard.closed": _close,
    "hazard.reopened": _reopen,
    "hazard.voided": _void,
    "hazard.linked": _link,
    "hazard.noted": _note,
}
