"""The overlay, from the vectors the phone runs too; undisputed, it shows what the fold will."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest

from sync.fold import Entry, fold
from sync.overlay import overlay
from tests.unit.sync.making import entry_of, vector

CASES = [pytest.param(case, id=case["why"]) for case in vector("overlay.json")["cases"]]
FOLD_CASES = [
    pytest.param(case, id=case["why"])
    for name in ("fold_hazard.json", "fold_inspection.json", "fold_site.json", "fold_document.json")
    for case in vector(name)["cases"]
]
# What only the station can say, or says more sparingly than a phone that has not been answered.
STATION_ONLY = {
    "heads",
    "conflicts",
    "flags",
    "incomplete",
    "unknown",
    "redacted",
    "links",
    "issued_fact",
    "pending",
}


@pytest.mark.parametrize("case", CASES)
def test_the_phone_shows_what_was_promised(case: dict[str, Any]):
    before = json.dumps(case["row"])
    assert overlay(case["row"], case["facts"]) == case["expect"]
    assert json.dumps(case["row"]) == before, "the station's row itself is never touched"


def as_own(entry: Entry) -> dict[str, Any]:
    fact = json.loads(entry.fact.raw)
    return fact | {"body": {**fact["body"], **(entry.fields or {})}}


@pytest.mark.parametrize("case", FOLD_CASES)
def test_in_a_line_of_facts_the_phone_shows_what_the_station_will(case: dict[str, Any]):
    entries = [entry_of(each) for each in case["facts"]]
    in_line = all(later.fact.after == (earlier.fact.id,) for earlier, later in pairwise(entries))
    folded = fold(case["type"], entries)
    redacted = any(each.fact.private and each.fields is None for each in entries)
    if not in_line or entries[0].fact.after or folded.flags or redacted:
        return  # only the station folds what is disputed
    shown = overlay(None, map(as_own, entries))
    assert shown is not None
    for field in set(folded.row) - STATION_ONLY:
        assert shown[field] == folded.row[field], field
