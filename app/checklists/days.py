"""Days, months and ages as people count them, and figures as people write them.

A date is known to the day (2024-09-10) or to the month (2024-09, counted to its last day).
Pure: today is an argument. pwa/src/rules/days.ts is the same.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

from app.checklists.expression import micro

YEAR_MIN = 1900
YEAR_MAX = 2200
MONTHS_SHOWN_MAX = 36
NUMBER_MAX = 1e9

_DATE = re.compile(r"([0-9]{4})-([0-9]{2})(?:-([0-9]{2}))?")
_DURATION = re.compile(r"P(?:([0-9]{1,3})Y)?(?:([0-9]{1,4})M)?(?:([0-9]{1,5})D)?")


@dataclass(frozen=True, slots=True)
class Day:
    """A day, or a whole month when `exact` is false (then `last` is the month's last day)."""

    last: date
    exact: bool

    @property
    def months(self) -> int:
        return self.last.year * 12 + self.last.month - 1

    @property
    def iso(self) -> str:
        return self.last.isoformat() if self.exact else self.last.isoformat()[:7]

    @property
    def text(self) -> str:
        month = f"{self.last.year}年{self.last.month}月"
        return f"{month}{self.last.day}日" if self.exact else month


@dataclass(frozen=True, slots=True)
class Duration:
    months: int
    days: int

    @property
    def text(self) -> str:
        years, months = divmod(self.months, 12)
        parts = [(years, "年"), (months, "个月"), (self.days, "天")]
        return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 天"


def parse_day(text: object) -> Day | None:
    found = _DATE.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return None
    year, month, day = int(found[1]), int(found[2]), int(found[3] or 0)
    if not (YEAR_MIN <= year <= YEAR_MAX and 1 <= month <= 12):
        return None
    month_days = calendar.monthrange(year, month)[1]
    if found[3] is None:
        return Day(date(year, month, month_days), exact=False)
    return Day(date(year, month, day), exact=True) if 1 <= day <= month_days else None


def parse_duration(text: str) -> Duration | None:
    found = _DURATION.fullmatch(text)
    if found is None or text == "P":
        return None
    years, months, days = (int(part or 0) for part in found.groups())
    return Duration(years * 12 + months, days)


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or its last day: 31 August and 6 months is 28 February."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def due(start: Day, duration: Duration) -> date:
    """The last day on which something from `start` is still within `duration`."""
    month_end = add_months(start.last, duration.months)
    if not start.exact:
        month_end = month_end.replace(day=calendar.monthrange(month_end.year, month_end.month)[1])
    return month_end + timedelta(days=duration.days)


def age_text(start: Day, today: date, limit: Duration) -> str:
    """Whole months until three years, then years; odd days where only they pass the limit."""
    months = Day(today, exact=True).months - start.months
    if not start.exact:
        return _months_text(months)
    if add_months(start.last, months) > today:
        months -= 1
    days = (today - add_months(start.last, months)).days
    if months == 0:
        return f"已 {days} 天" if days else "不到 1 天"
    odd = months == limit.months and days > 0
    return _months_text(months) + (f"零 {days} 天" if odd else "")


def _months_text(months: int) -> str:
    if months < 1:
        return "不到 1 个月"
    if months <= MONTHS_SHOWN_MAX:
        return f"已 {months} 个月"
    years, rest = divmod(months, 12)
    return f"已 {years} 年 {rest} 个月" if rest else f"已 {years} 年"


def parse_number(value: object) -> float | None:
    """A finite number people could have read off something; true and false are none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if -NUMBER_MAX <= value <= NUMBER_MAX else None


def micro_text(millionths: int, decimals: int) -> str:
    """2300000 with one decimal is 2.3; more digits than asked for are kept, never rounded away."""
    whole, rest = divmod(abs(millionths), 1_000_000)
    digits = f"{rest:06d}"
    kept = max(decimals, len(digits.rstrip("0")))
    sign = "-" if millionths < 0 else ""
    return f"{sign}{whole}.{digits[:kept]}" if kept else f"{sign}{whole}"


def number_text(number: float, decimals: int) -> str:
    return micro_text(micro(number), decimals)
