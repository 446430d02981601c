"""Roles that were taken away while a phone could not know it: for how long they still count.

A judgement made offline counts if its author held the role at the cursor their phone last
acknowledged, but not for ever: a phone that never acknowledges would keep the role for good.
This module must not know how grants are looked up, nor read a clock; the station's time comes in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from sync.fact import Fact
from sync.fold import Entry, fold
from sync.limits import ROLE_GRACE_DAYS

ROLE_GRACE = timedelta(days=ROLE_GRACE_DAYS)


@dataclass(frozen=True, slots=True)
class Granted:
    """The roles an account held from one place in the log to the next."""

    index: int
    received_at: str
    roles: frozenset[str]


def granted(grants: Iterable[tuple[int, str, Fact]]) -> list[Granted]:
    """What an account held after each of its admitted `grant.set` facts, in the log's order.

    Folded, as the account's row is: of grants that did not know of each other the fewest roles.
    """
    told: list[Granted] = []
    entries: list[Entry] = []
    for index, received_at, fact in sorted(grants, key=lambda grant: grant[0]):
        entries.append(Entry(fact))
        roles = fold("account", entries).row["roles"] or ()
        told.append(Granted(index, received_at, frozenset(roles)))
    return told


def acknowledged_roles(held: Sequence[Granted], cursor: int, now: datetime) -> frozenset[str]:
    """The roles held at a cursor, less those whose removal was logged longer ago than the grace."""
    known = [each.roles for each in held if each.index < cursor]
    if not known:
        return frozenset()
    return frozenset(role for role in known[-1] if _in_grace(held, role, now))


def unheard_losses(held: Sequence[Granted], cursor: int, now: datetime) -> dict[str, datetime]:
    """Lost roles that a phone which acknowledged no more than this may still use, and until when.

    It may have pulled more than it acknowledged, so any cursor before the removal is possible.
    """
    lost = {role: gone for each in held for role in each.roles if (gone := _lost(held, role))}
    return {
        role: datetime.fromisoformat(gone.received_at) + ROLE_GRACE
        for role, gone in lost.items()
        if gone.index >= cursor and _in_grace(held, role, now)
    }


def _in_grace(held: Sequence[Granted], role: str, now: datetime) -> bool:
    gone = _lost(held, role)
    return gone is None or now - datetime.fromisoformat(gone.received_at) <= ROLE_GRACE


def _lost(held: Sequence[Granted], role: str) -> Granted | None:
    """The grant that took a role away; None while it is held or was never held."""
    gone: Granted | None = None
    for before, after in pairwise(held):
        if role in after.roles:
            gone = None
        elif role in before.roles:
            gone = after
    return gone
