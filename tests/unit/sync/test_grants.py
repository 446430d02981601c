"""A role lost while a phone could not know: a week's work counts, a silent phone keeps none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sync.grants import acknowledged_roles, granted, unheard_losses
from tests.unit.sync.making import make

NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
WEEK = timedelta(days=7)


def instant(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def grant(index: int, at: datetime, *roles: str, after: tuple[str, ...] = ()) -> Any:
    body = {"roles": list(roles), "areas": []}
    fact = make(f"g{index}", "grant.set", body, subject="ana", after=after)
    return index, instant(at), fact


LOST = granted([grant(3, NOON, "chief"), grant(8, NOON + WEEK, "inspector", after=("g3",))])


def test_a_removal_counts_from_when_it_was_logged_not_from_the_cursor():
    removed = NOON + WEEK
    assert acknowledged_roles(LOST, 5, removed + WEEK) == {"chief"}
    assert acknowledged_roles(LOST, 5, removed + WEEK + timedelta(seconds=1)) == set()
    assert acknowledged_roles(LOST, 3, removed) == set(), "not held yet at that cursor"
    assert acknowledged_roles(LOST, 9, removed) == {"inspector"}


def test_a_role_given_back_and_taken_again_counts_from_the_last_removal():
    again = granted(
        [
            grant(3, NOON, "chief"),
            grant(8, NOON + WEEK, "inspector", after=("g3",)),
            grant(9, NOON + 2 * WEEK, "chief", after=("g8",)),
            grant(12, NOON + 3 * WEEK, "inspector", after=("g9",)),
        ]
    )
    assert acknowledged_roles(again[:3], 5, NOON + 9 * WEEK) == {"chief"}, "held again"
    assert acknowledged_roles(again, 10, NOON + 4 * WEEK) == {"chief"}
    assert acknowledged_roles(again, 10, NOON + 5 * WEEK) == set()


def test_of_two_grants_side_by_side_the_one_with_fewer_roles_is_what_was_held():
    beside = granted([grant(3, NOON, "inspector"), grant(4, NOON, "chief", "inspector")])
    assert acknowledged_roles(beside, 9, NOON) == {"inspector"}


def test_a_phone_may_have_pulled_more_than_it_acknowledged():
    removed = NOON + WEEK
    assert unheard_losses(LOST, 0, removed) == {"chief": removed + WEEK}
    assert unheard_losses(LOST, 8, removed) == {"chief": removed + WEEK}
    assert unheard_losses(LOST, 9, removed) == {}
    assert unheard_losses(LOST, 0, removed + 2 * WEEK) == {}
