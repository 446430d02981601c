"""The canonical order of the facts about one subject: causal first, then by SHA-256 of their bytes.

It depends on the facts alone, never on arrival or on clocks. Ancestors are bit sets over the
canonical order, so that "did the author know of it" is one `and`. This module must not know any
kind.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

from sync.fact import Fact


@dataclass(frozen=True, slots=True)
class Ordered:
    facts: tuple[Fact, ...]  # every fact once, descendants behind their ancestors
    ancestors: tuple[int, ...]  # ancestors[i] has bit j when facts[j] is an ancestor of facts[i]
    missing: frozenset[str]  # ids named in `after` that are not here (yet)
    cyclic: int  # bit set of facts that claim to follow one another

    def knows(self, later: int, earlier: int) -> bool:
        """Whether the author of facts[later] had seen facts[earlier]."""
        return bool(self.ancestors[later] >> earlier & 1)

    def frontier(self, among: int) -> list[int]:
        """Of a bit set of facts those that no other of them follows, in canonical order."""
        found = []
        while among:
            # A descendant always stands behind its ancestors, so the last one left is in the
            # frontier.
            last = among.bit_length() - 1
            found.append(last)
            among &= ~(self.ancestors[last] | 1 << last)
        return found[::-1]

    def heads(self) -> list[str]:
        """The ids of the facts that no other fact follows."""
        return [self.facts[place].id for place in self.frontier((1 << len(self.facts)) - 1)]


def order(facts: Iterable[Fact]) -> Ordered:
    """Order any facts: duplicates count once, facts in a cycle count as not knowing each other."""
    distinct = list({fact.sha256: fact for fact in facts}.values())
    if len(distinct) == 1 and not distinct[0].after:  # most subjects most of the time
        return Ordered(tuple(distinct), (0,), frozenset(), 0)
    nodes: dict[str, list[int]] = {}
    for node, fact in enumerate(distinct):
        nodes.setdefault(fact.id, []).append(node)
    before = [{node for id_ in fact.after for node in nodes.get(id_, ())} for fact in distinct]
    missing = frozenset(id_ for fact in distinct for id_ in fact.after if id_ not in nodes)
    cyclic = _break_cycles(before)
    sequence = _sequence(distinct, before)
    place_of = {node: place for place, node in enumerate(sequence)}
    ancestors: list[int] = []
    for node in sequence:
        known = 0
        for earlier in before[node]:
            place = place_of[earlier]
            known |= ancestors[place] | 1 << place
        ancestors.append(known)
    return Ordered(
        facts=tuple(distinct[node] for node in sequence),
        ancestors=tuple(ancestors),
        missing=missing,
        cyclic=sum(1 << place_of[node] for node in cyclic),
    )


def _sequence(facts: list[Fact], before: list[set[int]]) -> list[int]:
    """Kahn's algorithm; of all facts that may come next, the one with the smallest hash comes."""
    waiting = [len(each) for each in before]
    followers: list[list[int]] = [[] for _ in facts]
    for node, earlier in enumerate(before):
        for each in earlier:
            followers[each].append(node)
    ready = [(facts[node].sha256, node) for node, count in enumerate(waiting) if count == 0]
    heapify(ready)
    sequence = []
    while ready:
        node = heappop(ready)[1]
        sequence.append(node)
        for follower in followers[node]:
            waiting[follower] -= 1
            if waiting[follower] == 0:
                heappush(ready, (facts[follower].sha256, follower))
    return sequence


def _break_cycles(before: list[set[int]]) -> set[int]:
    """Take out of `before` every edge inside a cycle; the nodes that stood in one are returned."""
    cyclic: set[int] = set()
    for knot in _knots(before):
        inside = set(knot)
        cyclic |= inside
        for node in knot:
            before[node] -= inside
    return cyclic


def _knots(before: list[set[int]]) -> list[list[int]]:
    """Strongly connected components of several nodes, and self-loops (Tarjan, no recursion)."""
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    stack: list[int] = []
    on_stack: set[int] = set()
    knots: list[list[int]] = []
    for root in range(len(before)):
        if root in index:
            continue
        work = [(root, iter(before[root]))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            node, rest = work[-1]
            step = next(rest, None)
            if step is not None:
                if step not in index:
                    index[step] = low[step] = len(index)
                    stack.append(step)
                    on_stack.add(step)
                    work.append((step, iter(before[step])))
                elif step in on_stack:
                    low[node] = min(low[node], index[step])
                continue
            work.pop()
            if work:
                low[work[-1][0]] = min(low[work[-1][0]], low[node])
            if low[node] == index[node]:
                knot = _pop_knot(stack, on_stack, node)
                if len(knot) > 1 or node in before[node]:
                    knots.append(knot)
    return knots


def _pop_knot(stack: list[int], on_stack: set[int], node: int) -> list[int]:
    knot = []
    while True:
        each = stack.pop()
        on_stack.discard(each)
        knot.append(each)
        if each == node:
            return knot
