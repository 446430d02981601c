"""The fold, case by case, from tests/vectors/fold_*.json. Every kind stands in one of them.

A case lists only what it promises; each is folded forwards, backwards and twice over.
"""

from __future__ import annotations

from typing import Any

import pytest

from sync.fold import fold, fold_subject
from sync.kinds import FAMILIES
from tests.unit.sync.making import VECTORS, entry_of, expand, vector

FILES = sorted(VECTORS.glob("fold_*.json"))
CASES = [
    pytest.param(case, id=f"{path.stem}: {case['why']}")
    for path in FILES
    for case in vector(path.name)["cases"]
]


def shown(case: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
    return {field: row.get(field, "no such field") for field in case["row"]}


@pytest.mark.parametrize("case", CASES)
def test_the_fold_keeps_its_promise(case: dict[str, Any]):
    entries = [entry_of(each) for each in case["facts"]]
    folded = fold(case["type"], entries)
    assert shown(case, folded.row) == expand(case["row"])
    if "conflicts" in case:
        assert unordered(folded.conflicts) == unordered(told(case, folded.conflicts))
    if "flags" in case:
        assert unordered(folded.flags) == unordered(expand(case["flags"]))
    assert fold_subject(reversed(entries)).row == folded.row
    assert fold_subject([*entries, *entries]).row == folded.row


def told(case: dict[str, Any], found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A case may leave values open with "any": which of two comes last depends on hashes."""
    wanted = [dict(each) for each in expand(case["conflicts"])]
    for each, actual in zip(wanted, found, strict=False):
        for key in ("values", "kept"):
            if each.get(key) == "any":
                each[key] = actual[key]
    return wanted


def unordered(found: list[dict[str, Any]]) -> list[Any]:
    """Facts side by side stand in the order of their hashes, which no case should depend on."""
    return sorted(
        repr(
            {
                key: sorted(map(repr, value)) if isinstance(value, list) else value
                for key, value in sorted(each.items())
            }
        )
        for each in found
    )


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__)
def test_every_kind_has_a_vector(family: Any):
    name = family.__name__.rpartition(".")[2]
    shown_kinds = {
        fact["kind"]
        for path in FILES
        for case in vector(path.name)["cases"]
        for fact in case["facts"]
    }
    assert (VECTORS / f"fold_{name}.json").exists()
    assert {kind.name for kind in family.KINDS} - shown_kinds == set()
