"""The desk's guard: which steps fit a row, and that the fold flags none it lets through."""

from __future__ import annotations

from typing import Any

import pytest

from sync.fold import Entry, fold
from sync.kinds import KINDS
from sync.problems import STEP_WORDS
from sync.steps import allowed_kinds, impossible
from tests.unit.sync.making import FOUND, SUBMITTED, entry, make

CHIEF = {"author": "chief"}
BODIES: dict[str, dict[str, Any]] = {
    "hazard.amended": {"spot": "厨房"},
    "hazard.returned": {"remarks": [{"field": "spot", "text": "哪里"}]},
    "hazard.resubmitted": {"spot": "二楼"},
    "hazard.confirmed": {"level": "general"},
    "hazard.ordered": {"deadline": "2026-12-01"},
    "hazard.spot_fixed": {},
    "hazard.fix_reported": {"fixed_on": "2026-11-28"},
    "hazard.rechecked": {"result": "fixed", "rechecked_on": "2026-11-29"},
    "hazard.closed": {"override_reason": "只有一人"},
    "hazard.reopened": {"reason": "又坏"},
    "hazard.voided": {"reason": "重复"},
    "hazard.noted": {"text": "看过"},
    "hazard.linked": {"other": "id:other", "relation": "same"},
}


def line(*kinds: str) -> list[Entry]:
    """A finding and then these steps, each after the last."""
    entries = [entry("found", "hazard.found", FOUND)]
    for number, kind in enumerate(kinds):
        before = entries[-1].fact.id
        entries.append(
            entry(f"{number} {kind}", kind, BODIES[kind], after=[before], author="chief")
        )
    return entries


def allowed(*kinds: str, roles: tuple[str, ...] = ("chief",)) -> set[str]:
    return {kind[7:] for kind in allowed_kinds(fold("hazard", line(*kinds)).row, roles)}


def test_a_new_finding_can_be_confirmed_returned_or_voided_but_not_closed():
    steps = allowed()
    assert {"confirmed", "returned", "voided", "amended", "noted"} <= steps
    assert not steps & {"closed", "reopened", "resubmitted", "found"}


def test_an_inspector_is_offered_what_an_inspector_may_do():
    steps = allowed("hazard.confirmed", "hazard.ordered", roles=("inspector",))
    assert {"fix_reported", "rechecked", "noted", "amended"} == steps


def test_closing_is_offered_only_after_a_recheck_or_a_confirmed_fix_on_the_spot():
    assert "closed" not in allowed("hazard.confirmed")
    assert "closed" not in allowed("hazard.spot_fixed")
    assert "closed" in allowed("hazard.spot_fixed", "hazard.confirmed")
    assert "closed" in allowed("hazard.confirmed", "hazard.ordered", "hazard.rechecked")
    assert "closed" not in allowed("hazard.rechecked", "hazard.closed")


def test_a_suspected_major_hazard_is_not_closed_before_the_chief_says_what_it_is():
    """Major needs all five settled; closing must not be a way around that."""
    suspected = {**FOUND, "level": "suspected_major"}
    entries = [
        entry("found", "hazard.found", suspected),
        entry("r", "hazard.rechecked", BODIES["hazard.rechecked"], after=["found"], **CHIEF),
    ]
    row = fold("hazard", entries).row
    close = make("c", "hazard.closed", BODIES["hazard.closed"], after=["r"], **CHIEF)
    assert str(impossible("hazard", row, close)) == "not_confirmed"
    assert "hazard.closed" not in allowed_kinds(row, ["chief"])
    confirmed = entry("k", "hazard.confirmed", {"level": "general"}, after=["r"], **CHIEF)
    row = fold("hazard", [*entries, confirmed]).row
    assert impossible("hazard", row, close) is None


def test_what_is_closed_or_void_can_be_reopened_and_not_much_else():
    assert allowed("hazard.rechecked", "hazard.closed") == {
        "rechecked", "reopened", "voided", "linked", "noted",
    }  # fmt: skip
    assert allowed("hazard.voided") == {"reopened", "linked", "noted"}


def test_who_rechecked_alone_has_to_say_why():
    entries = [
        *line("hazard.confirmed"),
        entry("r", "hazard.rechecked", BODIES["hazard.rechecked"], after=["0 hazard.confirmed"]),
    ]
    row = fold("hazard", entries).row
    bare = make("c", "hazard.closed", {}, after=["r"], **CHIEF)
    explained = make("c", "hazard.closed", {"override_reason": "只有一人"}, after=["r"], **CHIEF)
    assert str(impossible("hazard", row, bare)) == "override_needed"
    assert impossible("hazard", row, explained) is None


def test_a_step_about_what_is_not_known_yet_is_told_so():
    assert str(impossible("hazard", None, make("c", "hazard.closed", {}))) == "not_found_yet"
    reviewed = make("r", "inspection.reviewed", {"outcome": "accepted"})
    assert str(impossible("inspection", None, reviewed)) == "not_submitted_yet"
    assert impossible("hazard", None, make("f", "hazard.found", FOUND)) is None
    assert (
        str(impossible("hazard", None, make("f", "site.retired", {"reason": "x"})))
        == "foreign_kind"
    )
    assert impossible("hazard", None, make("f", "balloon.inflated", {})) is None


def test_an_inspection_is_accepted_once():
    submitted = entry("s", "inspection.submitted", SUBMITTED)
    row = fold("inspection", [submitted]).row
    accept = make("r", "inspection.reviewed", {"outcome": "accepted"}, after=["s"], **CHIEF)
    assert impossible("inspection", row, accept) is None
    assert {"inspection.reviewed", "inspection.voided"} <= set(allowed_kinds(row, ["chief"]))
    accepted = fold("inspection", [submitted, Entry(accept)]).row
    again = make("r2", "inspection.reviewed", {"outcome": "returned"}, after=["r"], **CHIEF)
    assert str(impossible("inspection", accepted, again)) == "already_reviewed"


@pytest.mark.parametrize("first", BODIES)
def test_the_fold_flags_no_step_that_the_guard_lets_through(first: str):
    for walk in [(first,), *((first, second) for second in BODIES)]:
        before = line(*walk)
        row = fold("hazard", before).row
        for kind in allowed_kinds(row, ["chief"]):
            after = fold("hazard", line(*walk, kind))
            mine = after.heads[-1]
            assert [each for each in after.flags if each["fact"] == mine] == [], (walk, kind)


def test_every_word_a_guard_or_the_fold_can_say_has_a_sentence():
    flagged = {
        each["reason"]
        for first in BODIES
        for second in BODIES
        for each in fold("hazard", line(first, second)).flags
    }
    assert flagged <= set(STEP_WORDS)
    assert all(zh and en for zh, en in STEP_WORDS.values())
    assert set(BODIES) | {"hazard.found"} == {kind for kind in KINDS if kind.startswith("hazard.")}
