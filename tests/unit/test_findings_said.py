"""A sentence with a gap, as lists, papers and the review say it; the phone runs the same table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.hazards.rules import open_blanks, said_finding

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "finding.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["why"])
def test_phone_and_station_say_a_gap_alike(case: dict[str, Any]) -> None:
    assert said_finding(case["finding"], case["item"]) == case["said"]
    assert open_blanks(case["finding"], case["item"]) == case["open"]
