"""What a phone gets of a subject whose first fact has not arrived: its own tests read the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sync.kinds import SHAPES

VECTORS = Path(__file__).resolve().parents[1] / "vectors" / "rows_incomplete.json"
ROWS = json.loads(VECTORS.read_text(encoding="utf-8"))["rows"]


@pytest.mark.parametrize("subject_type", sorted(ROWS))
def test_the_rows_the_phone_is_tried_with_have_the_fields_of_today(subject_type: str):
    fields = {name: value for name, value in ROWS[subject_type].items() if name != "state"}
    wanted = SHAPES[subject_type].empty()
    assert {name: fields[name] for name in wanted if name != "state"} == {
        name: value for name, value in wanted.items() if name != "state"
    }
    assert ROWS[subject_type]["state"] == "incomplete"
