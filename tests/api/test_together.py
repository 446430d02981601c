"""Small work that waits for the same gate shares a commit, and nobody pays for a neighbour."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, event

from app.db import Database, run
from tests.api.test_photos import PLAIN, kept
from tests.api.test_photos_whole import Seen, held_receipt
from tests.api.township import Township

WAIT_S_MAX = 20.0


class Refused(Exception):
    """What one caller's work ends with."""


def with_table(township: Township) -> Database:
    database = township.services.database
    with database.write() as connection:
        run(connection, "CREATE TABLE try_together (n integer PRIMARY KEY)")
    return database


def put(number: int) -> Callable[[Connection], int]:
    def work(connection: Connection) -> int:
        run(connection, "INSERT INTO try_together VALUES (?)", (number,))
        return number

    return work


def seen_in(database: Database) -> set[int]:
    with database.read() as connection:
        return {n for (n,) in run(connection, "SELECT n FROM try_together")}


def all_at_once(works: list[Callable[[], Any]]) -> list[Any]:
    """What each gave back or raised, in their order."""
    ends: list[Any] = [None] * len(works)

    def one(place: int) -> None:
        try:
            ends[place] = works[place]()
        except Exception as error:
            ends[place] = error

    threads = [threading.Thread(target=one, args=(place,)) for place in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_S_MAX)
    assert not any(thread.is_alive() for thread in threads), "somebody waits for ever"
    return ends


def test_everybody_finds_their_own_work_committed_when_it_returns(
    either_township: Township,
) -> None:
    database = with_table(either_township)

    def one(number: int) -> bool:
        return database.in_shared_transaction(put(number)) == number and number in seen_in(database)

    for first in range(0, 60, 20):
        ends = all_at_once([lambda n=n: one(n) for n in range(first, first + 20)])
        assert ends == [True] * 20
    assert seen_in(database) == set(range(60))


def test_work_that_fails_takes_no_neighbour_with_it(either_township: Township) -> None:
    database = with_table(either_township)

    def slow(connection: Connection) -> int:
        time.sleep(0.2)  # so that the others gather behind it
        return put(100)(connection)

    def refused(connection: Connection) -> int:
        put(50)(connection)
        raise Refused

    def clash(connection: Connection) -> int:
        return put(100)(connection)

    def later(work: Callable[[Connection], int]) -> Any:
        time.sleep(0.05)
        return database.in_shared_transaction(work)

    works = [put(1), put(2), refused, put(3), clash, put(4)]
    ends = all_at_once(
        [lambda: database.in_shared_transaction(slow), *(lambda w=w: later(w) for w in works)]
    )
    assert [ends[0], ends[1], ends[2], ends[4], ends[6]] == [100, 1, 2, 3, 4]
    assert isinstance(ends[3], Refused)
    assert isinstance(ends[5], Exception)
    assert seen_in(database) == {1, 2, 3, 4, 100}
    assert database.in_shared_transaction(put(5)) == 5, "and it goes on"


def test_nobody_is_told_of_a_commit_that_failed(either_township: Township) -> None:
    database = with_table(either_township)

    def broken(_connection: Connection) -> None:
        raise OSError("the disk is gone")

    event.listen(database.engine, "commit", broken)
    try:
        ends = all_at_once([lambda n=n: database.in_shared_transaction(put(n)) for n in range(8)])
    finally:
        event.remove(database.engine, "commit", broken)
    assert all(isinstance(end, OSError) for end in ends)
    assert seen_in(database) == set()
    assert database.in_shared_transaction(put(9)) == 9


def test_photos_that_wait_for_the_gate_share_a_commit(township: Township) -> None:
    ana = township.phone("ana")
    photos = [PLAIN + bytes([number]) for number in range(8)]
    ana.find_hazard(*photos)
    database = township.services.database
    assert ana.whole(photos[0]).status_code == 204, "notes that the phone was seen, now and then"
    with Seen(township) as seen:

        def hold() -> None:
            with database.write():
                until = time.monotonic() + WAIT_S_MAX
                while time.monotonic() < until and not all(
                    kept(township, photo) for photo in photos
                ):
                    time.sleep(0.01)
                time.sleep(0.3)  # from the last file to the queue

        answers = all_at_once([hold, *(lambda p=p: ana.whole(p) for p in photos[1:])])[1:]
    for photo, answer in zip(photos[1:], answers, strict=True):
        assert held_receipt(township, photo, answer)["bytes"] == len(photo), "signed for it alone"
    assert seen.commits <= 3, "the holder's, and at most two for seven photos"


def test_a_group_that_cannot_have_the_gate_is_told_so_and_the_next_one_can(
    township: Township,
) -> None:
    database = Database(township.services.database.url, gate_wait_s_max=0.2)
    with_table(township)
    with township.services.database.write():
        ends = all_at_once([lambda n=n: database.in_shared_transaction(put(n)) for n in range(3)])
    assert [type(end).__name__ for end in ends] == ["GateBusy"] * 3
    assert seen_in(database) == set()
    assert database.in_shared_transaction(put(7)) == 7
    database.close()
