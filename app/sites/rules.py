"""What follows from a site's row alone: its projection columns and when it is due.

The due rule is shared with the phone through `tests/vectors/due.json`.
This module must not know SQL, HTTP or the clock: today's date comes in as an argument.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

DUE_SOON_DAYS = 7
"""From this many days before the end of a period the list counts the days down."""
FIRST_VISIT_GRACE_DAYS = 7
"""A site registered in the last days of a period has until the end of the next one."""

PERIOD_OF_GRADE = {"A": "P1M", "B": "P3M", "C": "P6M"}
GRADE_WHEN_UNSET = "C"
_MONTHS = {"P1M": 1, "P3M": 3, "P6M": 6, "P1Y": 12}
_THIS_PERIOD = {"P1M": "本月", "P3M": "本季度", "P6M": "本半年", "P1Y": "今年"}


@dataclass(frozen=True, slots=True)
class Due:
    """`state` is overdue, due_soon, due, done or never; `reason` a sentence, `chip` two words."""

    state: str
    due_on: date
    days_left: int
    reason: str
    chip: str

    def as_json(self) -> dict[str, Any]:
        return {
            "state": self.state,
            "due_on": self.due_on.isoformat(),
            "days_left": self.days_left,
            "reason": self.reason,
            "chip": self.chip,
        }


def period_for(
    grade: str | None, *, high_risk: bool, frequencies: Iterable[Mapping[str, Any]]
) -> str:
    """The shortest period any checklist of the site's place types asks of this grade.

    A seasonal checklist counts with its normal period: seasons are declared by the township.
    """
    effective = effective_grade(grade, high_risk=high_risk)
    asked = [
        str(frequency.get("normal" if frequency.get("mode") == "seasonal" else effective))
        for frequency in frequencies
    ]
    known = [period for period in asked if _days(period)]
    return min(known, key=_days) if known else PERIOD_OF_GRADE[effective]


def effective_grade(grade: str | None, *, high_risk: bool) -> str:
    """High-risk sites count as A until somebody grades them; the others as C."""
    if grade in PERIOD_OF_GRADE:
        return str(grade)
    return "A" if high_risk else GRADE_WHEN_UNSET


def due(
    grade: str | None,
    last_inspected_on: date | None,
    registered_on: date,
    today: date,
    *,
    period: str | None = None,
) -> Due:
    """When the site is due next, and why, in words for the list.

    `last_inspected_on` may lie in the future (a phone's wrong clock): that counts as inspected.
    """
    period = period or PERIOD_OF_GRADE[effective_grade(grade, high_risk=False)]
    done = last_inspected_on is not None and last_inspected_on >= period_start(today, period)
    due_on = _due_on(last_inspected_on, registered_on, period)
    days_left = (due_on - today).days
    state = _state(done=done, never=last_inspected_on is None, days_left=days_left)
    rank = f"{grade}级" if grade in PERIOD_OF_GRADE else "未定级"
    what, chip = _words(state, period, days_left)
    if state == "overdue" and last_inspected_on is None:
        what = f"还没查过，{what}"
    return Due(state, due_on, days_left, f"{rank}，{what}", chip)


def period_start(day: date, period: str) -> date:
    """First day of the calendar period around `day`; in days, the earliest that still counts."""
    months = _MONTHS.get(period)
    if months is None:
        return day - timedelta(days=_days(period) - 1)
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def period_end(day: date, period: str) -> date:
    """Last day of the calendar period around `day`; in days, the last day on which it counts."""
    months = _MONTHS.get(period)
    if months is None:
        return day + timedelta(days=_days(period) - 1)
    start = period_start(day, period)
    index = start.year * 12 + start.month - 1 + months
    return date(index // 12, index % 12 + 1, 1) - timedelta(days=1)


def _due_on(last: date | None, registered_on: date, period: str) -> date:
    if last is None:
        return period_end(registered_on + timedelta(days=FIRST_VISIT_GRACE_DAYS), period)
    end = period_end(last, period)
    if period in _MONTHS:
        return period_end(end + timedelta(days=1), period)
    return end + timedelta(days=1)


def _state(*, done: bool, never: bool, days_left: int) -> str:
    if done:
        return "done"
    if days_left < 0:
        return "overdue"
    if never:
        return "never"
    return "due_soon" if days_left <= DUE_SOON_DAYS else "due"


def _words(state: str, period: str, days_left: int) -> tuple[str, str]:
    this = _THIS_PERIOD.get(period, f"每 {_days(period)} 天一次")
    left = "今天到期" if days_left == 0 else f"剩 {days_left} 天"
    if state == "done":
        return f"{this}已查", f"{this}已查" if period in _MONTHS else "已查"
    if state == "overdue":
        return f"过期 {-days_left} 天", f"过期 {-days_left} 天"
    if state == "never":
        return "还没查过", "还没查过"
    if state == "due_soon":
        return f"{this}还没查，{left}", left
    return f"{this}还没查", f"{this}要查"


def _days(period: str | None) -> int:
    """Length for comparing periods; 0 for what is no period known here."""
    if period in _MONTHS:
        return _MONTHS[str(period)] * 30
    digits = str(period)[1:-1] if period and period.startswith("P") and period.endswith("D") else ""
    return int(digits) if digits.isdigit() and len(digits) <= 4 else 0
