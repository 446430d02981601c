"""The log's tree against RFC 6962's known roots, its proofs, and everything a forger might try."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.merkle import (
    EMPTY_ROOT,
    STORED_LEVELS,
    Frontier,
    append_leaves,
    consistency_proof,
    frontier_from_text,
    inclusion_proof,
    leaf_hash,
    log_leaf,
    root_at,
    subtree_from,
    verify_consistency,
    verify_inclusion,
)
from tests.unit.sync.making import vector

VECTOR = vector("merkle.json")
LEAVES = [leaf_hash(str(number).encode()) for number in range(70_000)]
GROWN = append_leaves(Frontier(), LEAVES)
STORED = {(level, index): node for level, index, node in GROWN.nodes}
SUBTREE = subtree_from(lambda index: LEAVES[index], lambda *place: STORED.get(place))


def unhex(path: list[str]) -> list[bytes]:
    return [bytes.fromhex(each) for each in path]


def test_the_known_tree_of_certificate_transparency_has_its_known_roots():
    frontier = Frontier()
    assert frontier.root() == EMPTY_ROOT == bytes.fromhex(VECTOR["roots"][0])
    for size, entry in enumerate(VECTOR["inputs"], start=1):
        frontier = frontier.append(leaf_hash(bytes.fromhex(entry)))
        assert frontier.root().hex() == VECTOR["roots"][size]
    assert VECTOR["roots"][8].startswith("5dc9da79a70659a9ad559cb701ded9a2")  # as published


def test_the_entry_of_the_log_covers_fact_verdict_and_time():
    case = VECTOR["log_leaf"]
    entry = log_leaf(case["fact_sha256"], case["verdict"], case["received_at"])
    assert leaf_hash(entry).hex() == case["leaf_hash"]


@pytest.mark.parametrize("case", VECTOR["inclusion"], ids=lambda c: f"{c['index']} in {c['size']}")
def test_inclusion_vectors_hold(case: dict[str, Any]):
    root, leaf = bytes.fromhex(case["root"]), bytes.fromhex(case["leaf"])
    assert verify_inclusion(leaf, case["index"], case["size"], unhex(case["path"]), root)
    assert not verify_inclusion(
        leaf_hash(b"x"), case["index"], case["size"], unhex(case["path"]), root
    )


@pytest.mark.parametrize(
    "case", VECTOR["consistency"], ids=lambda c: f"{c['older']} before {c['newer']}"
)
def test_consistency_vectors_hold(case: dict[str, Any]):
    older, newer = bytes.fromhex(case["older_root"]), bytes.fromhex(case["newer_root"])
    path = unhex(case["path"])
    assert verify_consistency(case["older"], older, case["newer"], newer, path)
    if 0 < case["older"] < case["newer"]:
        assert not verify_consistency(case["older"], leaf_hash(b"x"), case["newer"], newer, path)
        assert not verify_consistency(case["older"], older, case["newer"], leaf_hash(b"x"), path)
        assert not verify_consistency(case["older"], older, case["newer"], newer, [*path, older])


@given(st.data())
def test_every_entry_can_be_proved_and_no_other_passes_for_it(data: st.DataObject):
    size = data.draw(st.integers(1, len(LEAVES)))
    index = data.draw(st.integers(0, size - 1))
    path, root = inclusion_proof(index, size, SUBTREE), root_at(size, SUBTREE)
    assert verify_inclusion(LEAVES[index], index, size, path, root)
    other = data.draw(st.integers(0, size - 1))
    if other != index:
        assert not verify_inclusion(LEAVES[other], index, size, path, root)
        assert not verify_inclusion(LEAVES[index], other, size, path, root)
    if path:
        broken = list(path)
        place = data.draw(st.integers(0, len(path) - 1))
        broken[place] = bytes([broken[place][0] ^ 1]) + broken[place][1:]
        assert not verify_inclusion(LEAVES[index], index, size, broken, root)
        assert not verify_inclusion(LEAVES[index], index, size, path[:-1], root)


@given(st.data())
def test_every_older_log_is_proved_a_beginning_of_the_newer(data: st.DataObject):
    newer = data.draw(st.integers(1, len(LEAVES)))
    older = data.draw(st.integers(0, newer))
    path = consistency_proof(older, newer, SUBTREE)
    roots = root_at(older, SUBTREE), root_at(newer, SUBTREE)
    assert verify_consistency(older, roots[0], newer, roots[1], path)
    forged = root_at(older, subtree_from(lambda i: leaf_hash(b"forged%d" % i), lambda *_: None)) \
        if 0 < older <= 300 else None  # fmt: skip
    if forged is not None:
        assert not verify_consistency(older, forged, newer, roots[1], path)


def test_growing_in_pieces_equals_growing_at_once_and_survives_being_stored():
    whole = append_leaves(Frontier(), LEAVES[:1000])
    pieces, nodes = Frontier(), []
    for start in range(0, 1000, 137):
        grown = append_leaves(pieces, LEAVES[start : min(start + 137, 1000)])
        pieces = frontier_from_text(grown.frontier.size, grown.frontier.to_text())
        nodes += grown.nodes
    assert pieces == whole.frontier
    assert tuple(nodes) == whole.nodes
    assert pieces.root() == root_at(1000, SUBTREE)


def test_the_stored_nodes_are_the_complete_subtrees_and_nothing_else():
    assert {level for level, _ in STORED} == {8, 16}
    assert STORED_LEVELS == (8, 16, 24)
    assert len(STORED) == len(LEAVES) // 256 + len(LEAVES) // 65536
    plain = subtree_from(lambda index: LEAVES[index], lambda *_: None)
    assert all(plain(*place) == node for place, node in list(STORED.items())[::40])


def test_a_proof_reads_a_bounded_part_of_the_log():
    read: list[int] = []

    def leaf(index: int) -> bytes:
        read.append(index)
        return LEAVES[index]

    subtree = subtree_from(leaf, lambda *place: STORED.get(place))
    inclusion_proof(12_345, len(LEAVES), subtree)
    assert len(read) < 600


@pytest.mark.parametrize(("size", "text"), [(1, ""), (2, "00" * 64), (1, "zz"), (3, "00" * 33)])
def test_a_frontier_that_cannot_be_is_refused(size: int, text: str):
    with pytest.raises(ValueError):
        frontier_from_text(size, text)


def test_a_proof_of_what_is_not_there_is_refused():
    with pytest.raises(ValueError):
        inclusion_proof(5, 5, SUBTREE)
    with pytest.raises(ValueError):
        consistency_proof(6, 5, SUBTREE)
