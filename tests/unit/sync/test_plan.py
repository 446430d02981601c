"""The plan of a batch: once only, ids and numbers for ever, a bad line never sinks the rest."""

from __future__ import annotations

import hashlib
from typing import Any

from sync.admission import Verdict, quarantined, refused
from sync.outcome import Refusal
from sync.plan import Arrived, Known, plan_batch
from tests.unit.sync.making import FOUND, id_of, make


def found(name: str, text: str = "软管", n: int | None = None, **more: Any) -> Arrived:
    if n is not None:
        more |= {"n": n, "enrolment": id_of("phone")}
    fact = make(name, "hazard.found", FOUND | {"finding": text}, subject=f"hazard {name}", **more)
    return Arrived(fact.sha256, fact, Verdict("admitted"))


def unreadable(line: bytes) -> Arrived:
    sha256 = hashlib.sha256(line).hexdigest()
    return Arrived(sha256, None, refused(Refusal("unreadable", "not JSON")))


def test_a_bad_line_of_fifty_sinks_nothing():
    batch = [found(f"f{i}") for i in range(49)]
    batch.insert(20, unreadable(b"{"))
    plan = plan_batch(batch, Known(size=100))
    assert [each.index for each in plan.logged] == list(range(100, 150))
    assert plan.exceptions == [(20, "quarantined:unreadable")]
    assert len(plan.touched) == 49


def test_a_batch_handed_over_again_changes_nothing_and_gets_the_same_verdicts():
    batch = [found("a"), found("b"), unreadable(b"{")]
    first = plan_batch(batch, Known())
    verdicts = {each.sha256: each.verdict.text for each in first.logged}
    ids = {each.fact.id: each.sha256 for each in first.logged if each.fact}
    again = plan_batch(batch, Known(size=3, verdicts=verdicts, ids=ids))
    assert again.logged == ()
    assert again.touched == ()
    assert again.verdicts == first.verdicts


def test_a_line_twice_in_one_batch_is_logged_once():
    plan = plan_batch([found("a"), found("a")], Known())
    assert len(plan.logged) == 1
    assert plan.verdicts == ("admitted", "admitted")


def test_the_same_id_with_other_bytes_is_kept_apart():
    one, other = found("a", "软管"), found("a", "另一句")
    plan = plan_batch([one, other], Known())
    assert plan.verdicts == ("admitted", "quarantined:id_reused")
    assert len(plan.logged) == 2, "both are stored"
    assert plan.touched == (id_of("hazard a"),)
    later = plan_batch([other], Known(size=1, ids={id_of("a"): one.sha256}))
    assert later.verdicts == ("quarantined:id_reused",)


def test_a_restored_phone_that_uses_a_number_twice_loses_neither_fact():
    plan = plan_batch([found("a", n=7), found("b", n=7)], Known())
    assert plan.verdicts == ("admitted", "admitted:number_reused")
    assert len(plan.touched) == 2


def test_a_quarantined_fact_touches_no_row():
    fact = make("a", "hazard.closed", {})
    plan = plan_batch([Arrived(fact.sha256, fact, quarantined("missing_role"))], Known())
    assert plan.touched == ()
    assert len(plan.logged) == 1


def test_what_the_ledgers_own_facts_ask_for_is_named():
    target, other = "ab" * 32, "cd" * 32
    admitted = make("x", "ledger.admitted", {"fact_sha256": target}, author="chief")
    redacted = make(
        "y", "ledger.redacted", {"fact_sha256": other, "basis": "申请", "approver": "局"}
    )
    arrived = [Arrived(each.sha256, each, Verdict("admitted")) for each in (admitted, redacted)]
    plan = plan_batch(arrived, Known(size=5))
    assert plan.admitted_after_all == {target: 5}
    assert plan.redacted == {other: 6}
