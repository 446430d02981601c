"""One answer against its answer rule: read it, judge it. One judge per answer type.

It knows nothing of other items, conditions or levels (rules.py does); today is an argument.
pwa/src/rules/judges.ts is the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from app.checklists.checklist import AnswerRule, Item, Reason, VerdictCode
from app.checklists.days import (
    Day,
    age_text,
    due,
    micro_text,
    number_text,
    parse_day,
    parse_duration,
    parse_number,
)
from app.checklists.expression import Value, micro

Judged = Literal["pass", "fail"]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as read: at most one of na, choice, number, day, option, unmeasured is set."""

    given: bool = False
    understood: bool = True
    na: bool = False
    choice: Judged | None = None
    number: float | None = None
    day: Day | None = None
    option: str | None = None
    unmeasured: bool = False
    judged: Judged | None = None
    blanks: Mapping[str, str] = field(default_factory=dict)

    @property
    def value(self) -> Value:
        """What a condition sees; an unmeasured answer is unknown."""
        if self.na:
            return "na"
        if self.number is not None:
            return self.number
        return self.day.iso if self.day is not None else self.choice or self.option


@dataclass(slots=True)
class Judgement:
    verdict: VerdictCode
    reasons: list[Reason] = field(default_factory=list)
    limit: str | None = None
    previous: str | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    minimum: float | None = None
    maximum: float | None = None
    max_increase: float | None = None


def _read_blanks(raw: object) -> dict[str, str]:
    read = {}
    for name, value in raw.items() if isinstance(raw, Mapping) else []:
        if isinstance(value, list):
            read[name] = "、".join(part for part in value if isinstance(part, str))
        elif isinstance(value, str):
            read[name] = value
        elif (number := parse_number(value)) is not None:
            read[name] = number_text(number, 0)
    return {name: text for name, text in read.items() if text}


def _read_value(rule: AnswerRule, raw: object) -> dict[str, Any] | None:
    """The fields of Answer that a plain value sets, or None when it makes no sense here."""
    if raw == "na":
        return {"na": True}
    if rule["type"] == "pass_fail_na":
        return {"choice": raw} if raw in ("pass", "fail") else None
    if rule["type"] == "number":
        number = parse_number(raw)
        return None if number is None else {"number": number}
    if rule["type"] == "date":
        day = parse_day(raw)
        return None if day is None else {"day": day}
    return {"option": raw} if raw in rule.get("options", []) else None


def read_answer(item: Item, raw: object) -> Answer:
    """A plain value, or an object {value | unmeasured | unknown, judged, blanks}; never raises."""
    if raw is None:
        return Answer()
    wrapped: Mapping[str, Any] = raw if isinstance(raw, Mapping) else {"value": raw}
    blanks = _read_blanks(wrapped.get("blanks"))
    judged = wrapped.get("judged")
    judged = judged if judged in ("pass", "fail") else None
    if wrapped.get("unmeasured") is True or wrapped.get("unknown") is True:
        return Answer(given=True, unmeasured=True, judged=judged, blanks=blanks)
    value = wrapped.get("value")
    if value is None:
        return Answer(blanks=blanks)
    read = _read_value(item["answer"], value)
    if read is None:
        return Answer(understood=False, blanks=blanks)
    return Answer(given=True, judged=judged, blanks=blanks, **read)


def _judgement(verdict: VerdictCode, code: str, **params: str) -> Judgement:
    return Judgement(verdict, [{"code": code, "params": params}])


def _figures(rule: AnswerRule, **millionths: int) -> dict[str, str]:
    noun = rule.get("noun")
    texts = {name: micro_text(each, rule.get("decimals", 0)) for name, each in millionths.items()}
    return {"noun": f"{noun} " if noun else "", "unit": rule.get("unit_label", ""), **texts}


def _judge_increase(
    rule: AnswerRule, value: int, limits: Limits, before: Answer | None
) -> Judgement:
    if before is None or before.number is None:
        return _judgement("reading", "no_previous")
    limit, previous = micro(limits.max_increase or 0), micro(before.number)
    increase = value - previous
    code = "increase_over" if increase > limit else "increase_within"
    if increase <= 0:
        code = "increase_none"
    figures = _figures(rule, previous=previous, increase=increase, limit=limit)
    judged = _judgement("fail" if increase > limit else "pass", code, **figures)
    judged.previous = figures["previous"]
    return judged


def _judge_number(
    rule: AnswerRule, answer: Answer, limits: Limits, before: Answer | None
) -> Judgement:
    value = micro(answer.number or 0)
    for limit, outside, code in (
        (limits.minimum, -1, "below_min"),
        (limits.maximum, 1, "above_max"),
    ):
        bound = parse_number(limit)
        if bound is not None and (value - micro(bound)) * outside > 0:
            figures = _figures(rule, value=value, limit=micro(bound))
            judged = _judgement("fail", code, **figures)
            judged.limit = figures["limit"]
            return judged
    if rule.get("compare") == "previous":
        return _judge_increase(rule, value, limits, before)
    if rule.get("max_from") and limits.maximum is None:
        return _judgement("reading", "limit_missing", hint=rule.get("limit_hint", ""))
    return _judgement("pass", "within_limits", **_figures(rule, value=value))


def _judge_expiry(day: Day, today: Day) -> Judgement:
    days = (day.last - today.last).days
    if days < 0:
        code = "expired" if day.exact else "expired_month"
        return _judgement("fail", code, value=day.text, days=str(-days))
    code = "not_expired" if day.exact else "not_expired_month"
    if day.exact and days == 0:
        code = "expires_today"
    return _judgement("pass", code, value=day.text, days=str(days))


def _judge_date(rule: AnswerRule, answer: Answer, today: Day) -> Judgement:
    day = answer.day
    duration = parse_duration(rule.get("max_age", ""))
    if day is None or rule.get("not_expired") or duration is None:
        return _judge_expiry(day or today, today)
    in_future = day.last > today.last if day.exact else day.months > today.months
    if in_future:
        return _judgement("unmeasured", "date_in_future")
    figures = {"age": age_text(day, today.last, duration), "limit": duration.text}
    if today.last > due(day, duration):
        return _judgement("fail", "too_old", **figures)
    return _judgement("pass", "in_age", **figures)


def _judge_given(
    item: Item, answer: Answer, limits: Limits, before: Answer | None, today: Day
) -> Judgement:
    rule = item["answer"]
    if answer.na:
        return _judgement("na", "answered_na")
    if answer.unmeasured:
        if rule.get("unknown") == "fail":
            return _judgement("fail", "date_unknown_fails")
        return _judgement("unmeasured", "date_unknown" if rule["type"] == "date" else "unmeasured")
    if item.get("role") == "reading":
        return _judgement("reading", "reading")
    if answer.choice is not None:
        return _judgement(answer.choice, f"answered_{answer.choice}")
    if answer.number is not None:
        return _judge_number(rule, answer, limits, before)
    if answer.day is not None:
        return _judge_date(rule, answer, today)
    fails = answer.option in rule.get("fail_options", [])
    code = "option_fails" if fails else "option_passes"
    return _judgement("fail" if fails else "pass", code, value=answer.option or "")


def _with_own_eyes(item: Item, answer: Answer, judged: Judgement) -> Judgement:
    """What the inspector saw may make a verdict worse, and decide where the rule cannot."""
    undecided = judged.verdict in ("reading", "unmeasured")
    if item.get("role") == "reading" or answer.choice is not None:
        return judged
    worse = answer.judged == "fail" and judged.verdict == "pass"
    if answer.judged is not None and (undecided or worse):
        judged.verdict = answer.judged
        judged.reasons.append({"code": f"judged_{answer.judged}", "params": {}})
    return judged


def judge(
    item: Item, answer: Answer, limits: Limits, before: Answer | None, today: Day
) -> Judgement:
    if not answer.understood:
        return _judgement("unanswered", "answer_not_understood")
    if not answer.given:
        return _judgement("unanswered", "unanswered")
    return _with_own_eyes(item, answer, _judge_given(item, answer, limits, before, today))
