"""Counties write their papers' numbers in their own way; the desk shows one as it will be given."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.ledger.series import DOCUMENTS, document_writer
from app.ledger.store import Station
from tests.guards.house import ROOT

VECTORS = json.loads((ROOT / "tests" / "vectors" / "document_number.json").read_text("utf-8"))


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["why"])
def test_a_number_is_written_as_it_was_shown(case: dict[str, Any]):
    station = Station("s", case["code"], case["station"], "Asia/Shanghai", 1, 0, "", "")
    given = document_writer(station, case["parts"] or {})(case["year"], case["count"])
    assert given == case["expect"]
    assert DOCUMENTS.year_and_count(given) == (case["year"], case["count"])
    assert len(given) <= 40
