"""The due rule, case by case, from the vectors the phone runs too."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.sites.rules import due, period_for

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "due.json").read_text(encoding="utf-8")
)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


@pytest.mark.parametrize("case", VECTORS["due"], ids=lambda case: case["why"])
def test_the_list_tells_ana_when_a_site_is_due_and_why(case: dict[str, Any]) -> None:
    told = due(
        case["grade"],
        _day(case["last_inspected_on"]),
        date.fromisoformat(case["registered_on"]),
        date.fromisoformat(case["today"]),
        period=case["period"],
    )
    assert told.as_json() == case["expect"]


@pytest.mark.parametrize("case", VECTORS["period_for"], ids=lambda case: case["why"])
def test_a_site_is_visited_as_often_as_its_strictest_checklist_asks(case: dict[str, Any]) -> None:
    period = period_for(case["grade"], high_risk=case["high_risk"], frequencies=case["frequencies"])
    assert period == case["expect"]
