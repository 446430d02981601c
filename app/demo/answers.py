"""Filling a checklist as an inspector would: most items pass, a few fail, figures make sense.

The verdicts, findings, measures and levels come from the same rule evaluator as on the phone.
It must not know the ledger.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from app.checklists.checklist import Checklist, Evaluation, HazardToFind, Item
from app.checklists.days import parse_duration
from app.checklists.rules import evaluate

DAYS_PER_MONTH = 30
SPOTS = ("后厨", "一楼", "二楼楼梯口", "后门", "库房", "院内", "东墙", "配电箱旁", "门口", "值班室")


@dataclass(frozen=True, slots=True)
class Filled:
    """A filled checklist: the answers as a fact carries them, and the hazards to record."""

    answers: list[dict[str, Any]]
    hazards: list[HazardToFind]


def fill_checklist(
    checklist: Checklist,
    rng: Random,
    *,
    site: dict[str, Any],
    settings: dict[str, Any],
    today: date,
    failing: int,
    suspected_major: bool = False,
    repeat: Sequence[str] = (),
) -> Filled:
    """`failing` items go wrong where the checklist allows; `suspected_major` asks for a bad one.

    The items in `repeat` fail as well: what was wrong the last time still is.
    """
    values = {item["id"]: _good(item, rng, today) for item in checklist["items"]}
    context: dict[str, Any] = {"site": site, "settings": settings, "today": today.isoformat()}
    asked = _asked(checklist, values, context)
    chosen = _to_fail(asked, rng, failing, suspected_major=suspected_major)
    again = [item for item in asked if item["id"] in repeat and item not in chosen]
    for item in (*chosen, *again):
        values[item["id"]] = _bad(item, rng, today)
    judged = _evaluate(checklist, values, context)
    return Filled(_answers(checklist, values, judged), judged["hazards"])


def _evaluate(checklist: Checklist, values: dict[str, Any], context: dict[str, Any]) -> Evaluation:
    return evaluate(checklist, values, previous={}, **context)


def _asked(checklist: Checklist, values: dict[str, Any], context: dict[str, Any]) -> list[Item]:
    judged = _evaluate(checklist, values, context)
    asked = {verdict["item"] for verdict in judged["verdicts"] if verdict["applies"] == "yes"}
    return [item for item in checklist["items"] if item["id"] in asked]


def _to_fail(asked: list[Item], rng: Random, failing: int, *, suspected_major: bool) -> list[Item]:
    usual = [item for item in asked if "finding" in item and _can_fail(item)]
    major = [item for item in usual if item.get("level") == "suspected_major"]
    general = [item for item in usual if item.get("level") != "suspected_major"]
    chosen = rng.sample(general, min(failing, len(general)))
    if suspected_major and major:
        chosen.append(rng.choice(major))
    return chosen


def _can_fail(item: Item) -> bool:
    rule = item["answer"]
    if rule["type"] == "number":
        return "min" in rule or "max" in rule
    if rule["type"] == "choice":
        return bool(rule.get("fail_options"))
    return True


def _good(item: Item, rng: Random, today: date) -> Any:
    rule = item["answer"]
    if rule["type"] == "pass_fail_na":
        return "pass" if rng.random() < 0.93 else "na"
    if rule["type"] == "number":
        low, high = rule.get("min"), rule.get("max")
        if low is not None and high is not None:
            value = low + (high - low) * rng.uniform(0.2, 0.8)
        elif high is not None:
            value = high * rng.uniform(0.3, 0.8)
        else:
            value = (low or 1) * rng.uniform(1.0, 1.6)
        return _rounded(value, item)
    if rule["type"] == "date":
        if rule.get("not_expired"):
            return (today + timedelta(days=rng.randint(60, 500))).isoformat()
        days = _age_days(item)
        return (today - timedelta(days=int(days * rng.uniform(0.1, 0.7)))).isoformat()
    fine = [each for each in rule.get("options", []) if each not in rule.get("fail_options", [])]
    return rng.choice(fine) if fine else None


def _bad(item: Item, rng: Random, today: date) -> Any:
    rule = item["answer"]
    value: Any = "fail"
    if rule["type"] == "number":
        high = rule.get("max")
        value = high * rng.uniform(1.1, 1.6) if high is not None else (rule.get("min") or 2) * 0.5
        value = _rounded(value, item)
    elif rule["type"] == "date":
        late = rng.randint(20, 240)
        days = 0 if rule.get("not_expired") else _age_days(item)
        value = (today - timedelta(days=days + late)).isoformat()
    elif rule["type"] == "choice":
        value = rng.choice(rule["fail_options"])
    return {"value": value, "blanks": _blanks(item, rng)}


def _age_days(item: Item) -> int:
    duration = parse_duration(item["answer"].get("max_age", ""))
    return duration.months * DAYS_PER_MONTH + duration.days if duration else 365


def _rounded(value: float, item: Item) -> float | int:
    decimals = item["answer"].get("decimals", 0)
    return round(value, decimals) if decimals else round(value)


def _blanks(item: Item, rng: Random) -> dict[str, Any]:
    """The gaps of a finding filled with one of its chips."""
    filled: dict[str, Any] = {}
    for blank in item["finding"].get("blanks", []):
        options = blank.get("options", [])
        if options:
            filled[blank["id"]] = rng.choice(options)
        elif blank["type"] == "number":
            filled[blank["id"]] = rng.randint(1, 6)
        else:
            filled[blank["id"]] = blank.get("default") or rng.choice(SPOTS)
    return filled


def _answers(
    checklist: Checklist, values: dict[str, Any], judged: Evaluation
) -> list[dict[str, Any]]:
    verdicts = {verdict["item"]: verdict["verdict"] for verdict in judged["verdicts"]}
    answers = []
    for item in checklist["items"]:
        value = values[item["id"]]
        typed = item["answer"]["type"] in ("number", "date")
        source = "measured" if typed else ("tapped" if value != "pass" else "rest_pass")
        verdict = verdicts[item["id"]]
        answers.append(
            {
                "item": item["id"],
                "value": None if verdict == "na" and value != "na" else value,
                "verdict": verdict,
                "source": "tapped" if isinstance(value, dict) and not typed else source,
            }
        )
    return answers
