"""The canonical order: from tests/vectors/order.json, and on any tangle of facts at all."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.fact import Fact
from sync.order import Ordered, order
from tests.unit.sync.making import id_of, make, vector


def note(name: str, after: list[str], text: str = "x") -> Fact:
    return make(name, "hazard.noted", {"text": text}, after=after)


def ids(names: list[str]) -> list[str]:
    return [id_of(name) for name in names]


def ancestors_of(found: Ordered, name: str) -> set[str]:
    place = next(i for i, fact in enumerate(found.facts) if fact.id == id_of(name))
    return {fact.id for i, fact in enumerate(found.facts) if found.knows(place, i)}


@pytest.mark.parametrize(
    "case", [pytest.param(each, id=each["why"]) for each in vector("order.json")["cases"]]
)
def test_facts_stand_where_they_belong(case: dict[str, Any]):
    facts = [note(name, after) for name, after in case["facts"].items()]
    for found in (order(facts), order(reversed(facts)), order([*facts, *facts])):
        assert len(found.facts) == len(facts)
        if "order" in case:
            assert [fact.id for fact in found.facts] == ids(case["order"])
        assert found.missing == frozenset(ids(case["missing"]))
        cyclic = {fact.id for i, fact in enumerate(found.facts) if found.cyclic >> i & 1}
        assert cyclic == set(ids(case["cyclic"]))
        if "heads" in case:
            assert set(found.heads()) == set(ids(case["heads"]))
        for name, known in case.get("ancestors", {}).items():
            assert ancestors_of(found, name) == set(ids(known))


@given(st.data())
def test_any_tangle_is_ordered_the_same_however_it_arrives(data: st.DataObject):
    names = [f"f{i}" for i in range(data.draw(st.integers(1, 9)))]
    pick = st.lists(st.sampled_from([*names, "gone"]), max_size=3, unique=True)
    facts = [note(name, data.draw(pick)) for name in names]
    found = order(facts)
    again = order(data.draw(st.permutations(facts)))
    assert again == found
    for i, fact in enumerate(found.facts):
        assert all(not found.ancestors[i] >> j & 1 for j in range(i, len(found.facts)))
        named = {fact.id for j, fact in enumerate(found.facts) if found.knows(i, j)}
        if not found.cyclic >> i & 1:
            assert set(fact.after) - {id_of("gone")} <= named


def test_of_two_beside_each_other_the_smaller_hash_stands_first():
    facts = [note(f"f{i}", []) for i in range(20)]
    hashes = [fact.sha256 for fact in order(facts).facts]
    assert hashes == sorted(hashes)


def test_one_id_with_two_contents_keeps_both_in_their_place():
    root, one, other = note("a", []), note("b", ["a"], "one"), note("b", ["a"], "other")
    child = note("c", ["b"])
    found = order([child, other, one, root])
    assert {fact.sha256 for fact in found.facts[1:3]} == {one.sha256, other.sha256}
    assert ancestors_of(found, "c") == {id_of("a"), id_of("b")}


def test_the_longest_line_and_the_largest_knot_are_ordered_in_no_time():
    line = [note(f"l{i}", [f"l{i - 1}"] if i else []) for i in range(2000)]
    ring = [note(f"r{i}", [f"r{(i + 1) % 2000}"]) for i in range(2000)]
    start = time.perf_counter()
    assert order(line).heads() == [id_of("l1999")]
    assert order(ring).cyclic.bit_count() == 2000
    assert time.perf_counter() - start < 5
