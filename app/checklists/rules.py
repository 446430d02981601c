"""The rule evaluator: answers on a checklist -> verdicts, a summary, the hazards to record.

Pure: no clock (today is an argument), no files, no database; the answer rules are in judges.py.
pwa/src/rules/evaluate.ts is the same; tests/vectors/rules/ holds both together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.checklists.checklist import (
    Answers,
    Applies,
    Blank,
    Checklist,
    Evaluation,
    Fields,
    HazardToFind,
    Item,
    Level,
    Reason,
    Summary,
    Verdict,
    VerdictCode,
    VerdictNotice,
)
from app.checklists.days import Day, number_text, parse_day, parse_number
from app.checklists.expression import (
    Expression,
    ExpressionError,
    NameKind,
    Value,
    names,
    parse,
)
from app.checklists.expression import (
    evaluate as evaluate_expression,
)
from app.checklists.judges import Answer, Judgement, Limits, judge, read_answer
from app.checklists.sentences import (
    SENTENCES,
    basis_text,
    fill,
    fill_finding,
    gaps,
    sentence_of,
)


@dataclass(slots=True)
class _Case:
    """One filled checklist under evaluation; `states` remembers what was decided already."""

    category: str
    items: Mapping[str, Item]
    answers: Mapping[str, Answer]
    site: Fields
    settings: Fields
    previous: Mapping[str, Answer]
    today: Day
    states: dict[str, tuple[Applies, Reason | None]] = field(default_factory=dict)

    def look_up(self, kind: NameKind, name: str) -> Value:
        if kind != "item":
            value = (self.site if kind == "site" else self.settings).get(name)
            return value if isinstance(value, bool | int | float | str) else None
        if name not in self.items:
            return None
        applies = self.applies(name)[0]
        if applies != "yes":
            return "na" if applies == "no" else None
        return self.answers[name].value

    def truth(self, text: str) -> bool | None:
        expression = _parsed(text)
        return None if expression is None else evaluate_expression(expression, self.look_up)

    def applies(self, name: str) -> tuple[Applies, Reason | None]:
        if name not in self.states:
            # a cycle cannot be published; met anyway, it is cut here instead of never ending
            self.states[name] = ("yes", None)
            self.states[name] = self._applies(self.items[name])
        return self.states[name]

    def _applies(self, item: Item) -> tuple[Applies, Reason | None]:
        unsure: Reason | None = None
        for condition, excludes in ((item.get("applies_if"), False), (item.get("na_if"), True)):
            if condition is None:
                continue
            truth = self.truth(condition)
            if truth is excludes:
                return "no", _reason(_excluded_by(condition))
            if truth is None:
                waits_for = self._unanswered(condition)
                if waits_for is not None:
                    return "pending", _reason("pending", item=_short(waits_for))
                unsure = _reason("condition_unknown")
        return "yes", unsure

    def _unanswered(self, condition: str) -> Item | None:
        """The first item of the condition that an answer could still be given to."""
        expression = _parsed(condition)
        for name in names(expression) if expression is not None else []:
            if name.kind == "item" and name.name in self.items:
                applies = self.applies(name.name)[0]
                open_answer = applies == "yes" and not self.answers[name.name].given
                if applies == "pending" or open_answer:
                    return self.items[name.name]
        return None


def _parsed(text: str) -> Expression | None:
    """A condition this app cannot read decides nothing: the item is asked."""
    try:
        return parse(text)
    except ExpressionError:
        return None


def _reason(code: str, **params: str) -> Reason:
    return {"code": code, "params": params}


def _short(item: Item) -> str:
    return item["answer"].get("noun") or item["text"]


def _excluded_by(condition: str) -> str:
    expression = _parsed(condition)
    by_answers = expression is not None and any(name.kind == "item" for name in names(expression))
    return "not_applicable" if by_answers else "not_applicable_file"


def _limits(case: _Case, item: Item) -> Limits:
    """The item's own limits; a station's figures where the item allows; the site's file for one."""
    rule = item["answer"]
    own: Any = case.settings.get("limits") if rule.get("configurable") else None
    station = own.get(item["id"]) if isinstance(own, Mapping) else None
    station = station if isinstance(station, Mapping) else {}
    source = rule.get("max_from")
    site_max = parse_number(case.site.get(source.removeprefix("site."))) if source else None

    def limit(theirs: object, own: float | None) -> float | None:
        number = parse_number(theirs)
        return own if number is None else number

    return Limits(
        minimum=limit(station.get("min"), rule.get("min")),
        maximum=site_max if source else limit(station.get("max"), rule.get("max")),
        max_increase=limit(station.get("max_increase"), rule.get("max_increase")),
    )


def _level(case: _Case, item: Item) -> Level:
    base = item.get("level", "general")
    raised = "level_if" in item and case.truth(item["level_if"]) is True
    return "suspected_major" if raised else base


def _notices(case: _Case, item: Item, reasons: list[Reason]) -> list[VerdictNotice]:
    told: list[VerdictNotice] = [
        {"code": "notice", "text": notice["text"]}
        for notice in item.get("notices", [])
        if case.truth(notice["if"]) is True
    ]
    warnings = ("condition_unknown", "date_in_future", "limit_missing", "no_previous")
    for reason in reasons:
        if reason["code"] in warnings:
            text = fill(SENTENCES[reason["code"]], reason["params"])
            told.append({"code": reason["code"], "text": text})
    return told


def _verdict(case: _Case, item: Item) -> tuple[Verdict, Judgement]:
    applies, why = case.applies(item["id"])
    answer = case.answers[item["id"]]
    if applies != "yes":
        code: VerdictCode = "na" if applies == "no" else "unanswered"
        judgement = Judgement(code, [why] if why else [])
    else:
        judgement = judge(
            item, answer, _limits(case, item), case.previous.get(item["id"]), case.today
        )
        if why is not None and judgement.verdict == "unanswered":
            judgement.reasons.append(why)
    level = _level(case, item) if judgement.verdict == "fail" else None
    if level == "suspected_major":
        judgement.reasons.append(_reason("level_suspected"))
    notices = _notices(case, item, judgement.reasons) if applies == "yes" else []
    said = [notice["text"] for notice in notices if notice["code"] == "notice"]
    sentence = "；".join([part for part in (sentence_of(judgement.reasons), *said) if part])
    verdict: Verdict = {
        "item": item["id"],
        "applies": applies,
        "verdict": judgement.verdict,
        "level": level,
        "reasons": judgement.reasons,
        "notices": notices,
        "sentence": sentence,
    }
    return verdict, judgement


def value_text(item: Item, answer: Answer) -> str | None:
    """The answer as it stands in a sentence: 2.3, 2024年9月, 在用."""
    if answer.number is not None:
        return number_text(answer.number, item["answer"].get("decimals", 0))
    if answer.day is not None:
        return answer.day.text
    return answer.option


def _figure(case: _Case, item: Item, judgement: Judgement, gap: str) -> str | None:
    """What the evaluation itself knows of a gap: the value, its limit, another item's value."""
    if gap == "value":
        return value_text(item, case.answers[item["id"]])
    if gap in ("limit", "previous"):
        return judgement.limit if gap == "limit" else judgement.previous
    other = case.items.get(gap)
    if other is None or case.applies(gap)[0] != "yes":
        return None
    return value_text(other, case.answers[gap])


def _template(item: Item, judgement: Judgement) -> str:
    finding = item["finding"]
    codes = [reason["code"] for reason in judgement.reasons]
    if "date_unknown_fails" in codes:
        return finding.get("if_unknown", finding["template"])
    if "judged_fail" in codes:
        return finding.get("if_judged", finding["template"])
    return finding["template"]


def _measured_blank(case: _Case, item: Item, gap: str) -> Blank:
    """A figure that should have been measured and was not: then it is a gap to fill like others."""
    of = case.items.get(gap, item)
    labels = {"limit": "限量", "previous": "上次读数"}
    label = labels.get(gap) or of["answer"].get("noun") or of["answer"].get("meaning") or "读数"
    number = of["answer"]["type"] == "number"
    return {"id": gap, "label": label, "type": "number" if number else "text"}


def _hazard(case: _Case, item: Item, verdict: Verdict, judgement: Judgement) -> HazardToFind:
    answer = case.answers[item["id"]]
    template = _template(item, judgement)
    declared = {blank["id"]: blank for blank in item["finding"].get("blanks", [])}
    known, blanks = dict(answer.blanks), []
    for gap in gaps(template):
        text = _figure(case, item, judgement, gap)
        if text is not None:
            known[gap] = text
        elif gap not in known:
            blanks.append(declared.get(gap) or _measured_blank(case, item, gap))
    return {
        "item": item["id"],
        "level": verdict["level"] or "general",
        "level_note": item.get("level_note"),
        "category": item.get("category", case.category),
        "finding": {
            "template": template,
            "known": {gap: known[gap] for gap in gaps(template) if gap in known},
            "blanks": blanks,
            "text": fill_finding(template, known, blanks),
        },
        "measures": item.get("measures", []),
        "deadline_days": item.get("deadline_days", 0),
        "basis": item["basis"],
        "basis_text": basis_text(item["basis"]),
        "photo": item.get("photo", "none"),
        "handoff": item.get("handoff"),
    }


def _summary(verdicts: list[Verdict]) -> Summary:
    def count(code: VerdictCode) -> int:
        return sum(1 for verdict in verdicts if verdict["verdict"] == code)

    asked = [verdict for verdict in verdicts if verdict["applies"] == "yes"]
    remaining = sum(1 for verdict in asked if verdict["verdict"] == "unanswered")
    return {
        "items": len(verdicts),
        "asked": len(asked),
        "answered": len(asked) - remaining,
        "remaining": remaining,
        "pending": sum(1 for verdict in verdicts if verdict["applies"] == "pending"),
        "pass": count("pass"),
        "fail": count("fail"),
        "na": count("na"),
        "reading": count("reading"),
        "unmeasured": count("unmeasured"),
        "suspected_major": sum(1 for v in verdicts if v["level"] == "suspected_major"),
    }


def evaluate(
    checklist: Checklist,
    answers: Answers,
    *,
    site: Fields,
    settings: Fields,
    previous: Answers,
    today: str,
) -> Evaluation:
    """Judge every item; `previous` are the answers of the last inspection of the same site."""
    day = parse_day(today)
    if day is None or not day.exact:
        raise ValueError(f"today must be a day like 2026-11-21, not {today!r}")
    items = {item["id"]: item for item in checklist["items"]}
    case = _Case(
        category=checklist["category"],
        items=items,
        answers={name: read_answer(item, answers.get(name)) for name, item in items.items()},
        site=site,
        settings=settings,
        previous={name: read_answer(item, previous.get(name)) for name, item in items.items()},
        today=day,
    )
    judged = [_verdict(case, item) for item in items.values()]
    verdicts = [verdict for verdict, _ in judged]
    hazards = [
        _hazard(case, items[verdict["item"]], verdict, judgement)
        for verdict, judgement in judged
        if verdict["verdict"] == "fail"
    ]
    return {"verdicts": verdicts, "summary": _summary(verdicts), "hazards": hazards}
