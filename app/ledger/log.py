"""The log as a table: appending entries with the head they give, and proofs read from it.

The Merkle tree itself is in sync/merkle.py; complete subtrees of some heights are kept in log_node,
so that a proof reads a few hundred leaves at most. It must not know what a fact says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from app.db import run
from app.ledger import store
from app.ledger.store import Station
from sync.merkle import (
    STORED_LEVELS,
    Frontier,
    Subtree,
    append_leaves,
    frontier_from_text,
    leaf_hash,
    log_leaf,
    subtree_from,
)

BLOCK_LEVEL = STORED_LEVELS[0]
STATISTICS_FROM_ENTRIES = 64


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One new entry."""

    idx: int
    fact_seq: int
    sha256: str
    verdict: str
    admitted: bool


def empty_head() -> tuple[str, str]:
    """Root and frontier of a log without entries."""
    empty = Frontier()
    return empty.root().hex(), empty.to_text()


def extend_log(
    connection: Connection, station: Station, entries: Sequence[LogEntry], received_at: str
) -> tuple[int, str]:
    """Append entries, keep completed subtrees, move the station's head; the new size and root."""
    store.insert_log(
        connection,
        [
            (station.id, each.idx, each.fact_seq, each.sha256, each.verdict, each.admitted,
             received_at)
            for each in entries
        ],
    )  # fmt: skip
    grown = append_leaves(
        frontier_from_text(station.size, station.frontier),
        [leaf_hash(log_leaf(each.sha256, each.verdict, received_at)) for each in entries],
    )
    nodes = [(station.id, level, index, found.hex()) for level, index, found in grown.nodes]
    store.insert_nodes(connection, nodes)
    size, root = grown.frontier.size, grown.frontier.root().hex()
    store.save_head(connection, station.id, size=size, root=root, frontier=grown.frontier.to_text())
    if _grew_fourfold(station.size, size):
        store.refresh_statistics(connection)
    return size, root


def _grew_fourfold(before: int, after: int) -> bool:
    """Whether the log passed a power of four: the moments to tell the planner what it holds."""
    return (
        after >= STATISTICS_FROM_ENTRIES
        and (before.bit_length() + 1) // 2 != (after.bit_length() + 1) // 2
    )


def subtrees(connection: Connection, station_id: str) -> Subtree:
    """Complete subtrees of a station's log for proofs, read in blocks and kept for this call."""
    blocks: dict[int, list[bytes]] = {}
    nodes: dict[tuple[int, int], dict[int, bytes]] = {}

    def leaf(index: int) -> bytes:
        block = index >> BLOCK_LEVEL
        if block not in blocks:
            blocks[block] = _leaves(connection, station_id, block)
        return blocks[block][index - (block << BLOCK_LEVEL)]

    def stored(level: int, index: int) -> bytes | None:
        group = (level, index >> BLOCK_LEVEL)
        if group not in nodes:
            nodes[group] = _nodes(connection, station_id, *group)
        return nodes[group].get(index)

    return subtree_from(leaf, stored)


def _leaves(connection: Connection, station_id: str, block: int) -> list[bytes]:
    start = block << BLOCK_LEVEL
    rows = run(
        connection,
        "SELECT idx, fact_sha256, verdict, received_at FROM log_entry"
        " WHERE station_id = ? AND idx >= ? AND idx < ?",
        (station_id, start, start + (1 << BLOCK_LEVEL)),
    )
    return [leaf_hash(log_leaf(*row[1:])) for row in sorted(rows)]


def _nodes(connection: Connection, station_id: str, level: int, group: int) -> dict[int, bytes]:
    start = group << BLOCK_LEVEL
    rows = run(
        connection,
        "SELECT idx, hash FROM log_node"
        " WHERE station_id = ? AND level = ? AND idx >= ? AND idx < ?",
        (station_id, level, start, start + (1 << BLOCK_LEVEL)),
    )
    return {idx: bytes.fromhex(found) for idx, found in rows}
