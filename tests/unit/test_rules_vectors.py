"""The rule evaluator and the condition language against the vectors shared with vitest.

A vector names only what it promises: keys it does not name may be anything.
It must not know how the evaluator works inside.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from app.checklists.checklist import Checklist
from app.checklists.expression import ExpressionError, parse
from app.checklists.expression import evaluate as truth_of
from app.checklists.load import bundled
from app.checklists.rules import evaluate
from app.checklists.sentences import SENTENCES
from app.checklists.validate import validate

VECTORS = Path(__file__).parents[1] / "vectors"
FILES = sorted((VECTORS / "rules").glob("*.json"))
EXPRESSIONS = json.loads((VECTORS / "expressions.json").read_text())["cases"]

# what the rules say by word only; nobody reads a sentence about these
SILENT = {
    *("answered_pass", "answered_fail", "answered_na"),
    *("reading", "unanswered", "option_passes"),
}


def _checklist(named: str | Checklist) -> Checklist:
    if not isinstance(named, str):
        return named
    return next(checklist for checklist in bundled() if checklist["id"] == named)


def _cases() -> Iterator[Any]:
    for file in FILES:
        content = json.loads(file.read_text())
        for case in content["cases"]:
            whole = {"today": content["today"], "checklist": content["checklist"], **case}
            yield pytest.param(whole, id=f"{file.stem}: {case['why']}")


def _evaluated(case: Mapping[str, Any]) -> dict[str, Any]:
    evaluation = evaluate(
        _checklist(case["checklist"]),
        case["answers"],
        site=case.get("site", {}),
        settings=case.get("settings", {}),
        previous=case.get("previous", {}),
        today=case["today"],
    )
    verdicts = {
        verdict["item"]: {
            **verdict,
            "reasons": [reason["code"] for reason in verdict["reasons"]],
            "notices": [notice["code"] for notice in verdict["notices"]],
        }
        for verdict in evaluation["verdicts"]
    }
    return {**evaluation, "verdicts": verdicts}


def _named(actual: Any, expected: Any) -> Any:
    """Of `actual`, the part that `expected` names."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        return {key: _named(actual.get(key), each) for key, each in expected.items()}
    if isinstance(expected, list) and isinstance(actual, list) and len(actual) == len(expected):
        return [_named(mine, each) for mine, each in zip(actual, expected, strict=True)]
    return actual


CASES = list(_cases())


@pytest.mark.parametrize("case", CASES)
def test_the_phone_and_the_station_judge_alike(case: dict[str, Any]) -> None:
    assert _named(_evaluated(case), case["expect"]) == case["expect"]


@pytest.mark.parametrize("case", CASES)
def test_every_item_has_one_verdict_and_every_failed_one_a_hazard(case: dict[str, Any]) -> None:
    got, items = _evaluated(case), _checklist(case["checklist"])["items"]
    assert list(got["verdicts"]) == [item["id"] for item in items]
    failed = [name for name, verdict in got["verdicts"].items() if verdict["verdict"] == "fail"]
    assert [hazard["item"] for hazard in got["hazards"]] == failed
    assert got["summary"]["fail"] == len(failed)
    assert all(verdict["level"] != "major" for verdict in got["verdicts"].values())
    for code in ("pass", "fail", "na", "reading", "unmeasured"):
        assert got["summary"][code] <= got["summary"]["items"]
    if got["summary"]["remaining"] == 0 and case["checklist"] != "cycle":
        assert got["summary"]["pending"] == 0, "nothing left to answer, yet an item still waits"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_inline_checklist_of_a_vector_could_be_published(file: Path) -> None:
    inline = json.loads(file.read_text())["checklist"]
    # two files break a rule on purpose: a cycle, and a condition this app cannot read
    if isinstance(inline, str) or file.stem in ("cycle", "conditions"):
        return
    assert [str(problem) for problem in validate(inline)] == []


def test_every_sentence_the_evaluator_can_say_is_promised_by_a_vector() -> None:
    said: set[str] = set()
    for file in FILES:
        content = json.loads(file.read_text())
        for case in content["cases"]:
            whole = {"today": content["today"], "checklist": content["checklist"], **case}
            for verdict in _evaluated(whole)["verdicts"].values():
                said |= set(verdict["reasons"])
    assert said - SILENT == set(SENTENCES)


@pytest.mark.parametrize("case", EXPRESSIONS, ids=lambda case: case["why"])
def test_a_condition_means_the_same_everywhere(case: dict[str, Any]) -> None:
    if "error" in case:
        with pytest.raises(ExpressionError) as caught:
            parse(case["text"])
        assert (caught.value.code, caught.value.position) == tuple(case["error"].values())
        assert caught.value.zh
        assert caught.value.en
        return
    values = case["values"]

    def look_up(kind: str, name: str) -> Any:
        return values.get(name if kind == "item" else f"{kind}.{name}")

    assert truth_of(parse(case["text"]), look_up) is case["expect"]
