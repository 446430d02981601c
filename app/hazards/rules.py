"""What follows from a hazard's row alone: projection columns, whether it is late, which steps fit.

The steps offered on the desk are a convenience; the fold in `sync/` stays the judge.
This module must not know SQL, HTTP or the clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from sync.lifecycle import closing_fault

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
    return [kind for kind, (needed, fits) in _STEPS.items() if needed & held and fits(row)]


def _open(row: Mapping[str, Any]) -> bool:
    return row.get("state") not in FINISHED


def _reviewable(row: Mapping[str, Any]) -> bool:
    return _open(row) and row.get("review") != "returned"


def _orderable(row: Mapping[str, Any]) -> bool:
    return _open(row) and row.get("review") == "confirmed" and row.get("work") != "recheck_fixed"


def _fixable_on_spot(row: Mapping[str, Any]) -> bool:
    return _open(row) and row.get("work") == "none"


def _reportable(row: Mapping[str, Any]) -> bool:
    return _open(row) and row.get("work") in ("ordered", "recheck_failed", "reopened", "none")


def _recheckable(row: Mapping[str, Any]) -> bool:
    done = ("fix_reported", "ordered", "recheck_failed", "reopened", "spot_fixed")
    return _open(row) and row.get("work") in done


def _closable(row: Mapping[str, Any]) -> bool:
    fault = closing_fault(str(row.get("review")), str(row.get("work")))
    return _open(row) and fault is None


def _closed(row: Mapping[str, Any]) -> bool:
    return row.get("state") == "closed"


def _not_void(row: Mapping[str, Any]) -> bool:
    return row.get("state") != "void"


_CHIEF = frozenset({"chief"})
_ORDERS = frozenset({"chief", "certified_inspector"})
_WATCHES = frozenset({"inspector", "certified_inspector", "chief"})
_ANYBODY = _WATCHES | {"admin"}
_STEPS: dict[str, tuple[frozenset[str], Callable[[Mapping[str, Any]], bool]]] = {
    "hazard.confirmed": (_CHIEF, _reviewable),
    "hazard.returned": (_CHIEF, _reviewable),
    "hazard.ordered": (_ORDERS, _orderable),
    "hazard.spot_fixed": (_WATCHES, _fixable_on_spot),
    "hazard.fix_reported": (_WATCHES, _reportable),
    "hazard.rechecked": (_WATCHES, _recheckable),
    "hazard.closed": (_CHIEF, _closable),
    "hazard.reopened": (_CHIEF, _closed),
    "hazard.voided": (_CHIEF, _open),
    "hazard.linked": (_CHIEF, _not_void),
    "hazard.noted": (_ANYBODY, _not_void),
}
