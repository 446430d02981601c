"""The append-only log of a station as a Merkle tree (RFC 6962): heads, and proofs that hold against
them.

Hashes are 32 bytes. A tree is never held whole: appending needs a frontier of at most 64 hashes,
and a proof asks for complete subtrees through a function, which a store answers from what it kept
and from leaves. Its twin for phones is pwa/src/lib/merkle.ts. It must not know where nodes are
kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

EMPTY_ROOT: Final = hashlib.sha256(b"").digest()
# Complete subtrees of these heights are stored, so that a proof reads at most 255 leaves per part.
STORED_LEVELS: Final = (8, 16, 24)

# The hash of the complete subtree over leaves [index << level, (index + 1) << level).
Subtree = Callable[[int, int], bytes]


def leaf_hash(entry: bytes) -> bytes:
    return hashlib.sha256(b"\0" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


def log_leaf(fact_sha256: str, verdict_text: str, received_at: str) -> bytes:
    """The entry that stands in the log for a fact: its hash, its verdict, when it was received."""
    return b"\0".join((b"gi1", fact_sha256.encode(), verdict_text.encode(), received_at.encode()))


# --- growing ---


@dataclass(frozen=True, slots=True)
class Frontier:
    """All that appending needs: how many leaves, and the complete subtrees from left to right."""

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def append(self, leaf: bytes) -> Frontier:
        return append_leaves(self, (leaf,)).frontier

    def root(self) -> bytes:
        if not self.hashes:
            return EMPTY_ROOT
        found = self.hashes[-1]
        for left in self.hashes[-2::-1]:
            found = node_hash(left, found)
        return found

    def to_text(self) -> str:
        """As a station keeps it: the hashes in hex, one after another."""
        return "".join(each.hex() for each in self.hashes)


@dataclass(frozen=True, slots=True)
class Grown:
    frontier: Frontier
    nodes: tuple[tuple[int, int, bytes], ...]  # (level, index, hash) completed at STORED_LEVELS


def frontier_from_text(size: int, text: str) -> Frontier:
    """The frontier a station kept; ValueError when it cannot be one of that size."""
    hashes = tuple(bytes.fromhex(text[start : start + 64]) for start in range(0, len(text), 64))
    if len(hashes) != size.bit_count() or any(len(each) != 32 for each in hashes):
        raise ValueError(f"a frontier of {len(hashes)} hashes does not fit a log of {size}")
    return Frontier(size, hashes)


def append_leaves(frontier: Frontier, leaves: Iterable[bytes]) -> Grown:
    """The frontier after these leaf hashes, and the stored nodes they completed."""
    size, hashes = frontier.size, list(frontier.hashes)
    nodes = []
    for leaf in leaves:
        found, level = leaf, 0
        while size >> level & 1:
            found = node_hash(hashes.pop(), found)
            level += 1
            if level in STORED_LEVELS:
                nodes.append((level, size >> level, found))
        hashes.append(found)
        size += 1
    return Grown(Frontier(size, tuple(hashes)), tuple(nodes))


# --- proving ---


def subtree_from(
    leaf: Callable[[int], bytes], stored: Callable[[int, int], bytes | None]
) -> Subtree:
    """Any complete subtree, from stored nodes where there are some, from leaf hashes below."""

    def subtree(level: int, index: int) -> bytes:
        if level == 0:
            return leaf(index)
        if level in STORED_LEVELS:
            found = stored(level, index)
            if found is not None:
                return found
        return node_hash(subtree(level - 1, index * 2), subtree(level - 1, index * 2 + 1))

    return subtree


def root_at(size: int, subtree: Subtree) -> bytes:
    """The root the log had when it held that many leaves."""
    return _range_hash(0, size, subtree) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, subtree: Subtree) -> list[bytes]:
    """The path that proves leaf `index` is in the log of that size."""
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a log of {size}")
    path = []
    low, high = 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append(_range_hash(middle, high, subtree))
            high = middle
        else:
            path.append(_range_hash(low, middle, subtree))
            low = middle
    return path[::-1]


def consistency_proof(older: int, newer: int, subtree: Subtree) -> list[bytes]:
    """The path that proves the log of size `older` is a beginning of the one of size `newer`."""
    if not 0 <= older <= newer:
        raise ValueError(f"a log of {older} is no beginning of one of {newer}")
    if older in (0, newer):
        return []
    path = []
    low, high, whole = 0, newer, True  # whole: the older log so far is exactly a left part
    while older != high:
        middle = low + _split(high - low)
        if older <= middle:
            path.append(_range_hash(middle, high, subtree))
            high = middle
        else:
            path.append(_range_hash(low, middle, subtree))
            low, whole = middle, False
    if not whole:
        path.append(_range_hash(low, high, subtree))
    return path[::-1]


def _split(count: int) -> int:
    """The largest power of two smaller than a count."""
    return 1 << (count - 1).bit_length() - 1


def _range_hash(low: int, high: int, subtree: Subtree) -> bytes:
    count = high - low
    if count & (count - 1) == 0:  # RFC 6962 splits so that such a range is always aligned
        level = count.bit_length() - 1
        return subtree(level, low >> level)
    middle = low + _split(count)
    return node_hash(_range_hash(low, middle, subtree), _range_hash(middle, high, subtree))


# --- checking (RFC 9162, 2.1.3.2 and 2.1.4.2) ---


def verify_inclusion(
    leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes
) -> bool:
    """Whether a path shows that a leaf hash stands at an index of the log with this root."""
    if not 0 <= index < size:
        return False
    own, last, found = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if own & 1 or own == last:
            found = node_hash(sibling, found)
            while not own & 1 and own:
                own, last = own >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        own, last = own >> 1, last >> 1
    return last == 0 and found == root


def verify_consistency(
    older: int, older_root: bytes, newer: int, newer_root: bytes, path: Sequence[bytes]
) -> bool:
    """Whether a path shows that the older log is a beginning of the newer one."""
    if not 0 <= older <= newer:
        return False
    if older == newer:
        return not path and older_root == newer_root
    if older == 0:
        return not path and older_root == EMPTY_ROOT
    full = [older_root, *path] if older & (older - 1) == 0 else list(path)
    if not full:
        return False
    own, last = older - 1, newer - 1
    while own & 1:
        own, last = own >> 1, last >> 1
    was, now = full[0], full[0]
    for sibling in full[1:]:
        if last == 0:
            return False
        if own & 1 or own == last:
            was, now = node_hash(sibling, was), node_hash(sibling, now)
            while not own & 1 and own:
                own, last = own >> 1, last >> 1
        else:
            now = node_hash(now, sibling)
        own, last = own >> 1, last >> 1
    return last == 0 and was == older_root and now == newer_root
