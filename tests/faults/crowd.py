"""`python -m tests.faults.crowd --rounds 200 --events 2000`: many at once, on both databases.

Eight phones replay one batch at two workers at the same moment; four of them bring its facts in the
other order under another number. A puller looks on while eight phones write whose commits end late
and out of turn. Exactly one stored, one receipt, no deadlock; nothing pulled is missed or doubled.
"""

from __future__ import annotations

import argparse
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from tests.api.handover import batch_bytes, found, post, sha256
from tests.api.township import Phone
from tests.faults.line import Reply, ask, batch_request, request_bytes
from tests.faults.station import Behind, behind_gunicorn, temporary_folder
from tests.postgres import Cluster

PHONES = 8
FACTS_PER_BATCH = 10
TAIL_S_MAX = 0.012  # how much longer than its work a commit may take
TRIES_MAX = 30
DEADLOCK_WORDS = ("deadlock detected", "database is locked")


# --- the same batch, eight times at once ---


def replay_round(behind: Behind, phone: Phone) -> int:
    """One round; how often somebody was asked to come again."""
    facts = [found(phone) for _ in range(FACTS_PER_BATCH)]
    plain = batch_bytes(phone, facts)
    crossed = batch_bytes(phone, facts[::-1])
    requests = [batch_request(phone, each) for each in (plain, crossed)]
    start = threading.Barrier(PHONES)
    later: list[int] = []

    def one(number: int) -> str:
        start.wait()
        for tries in range(TRIES_MAX):
            reply = ask(behind.port, requests[number % 2])
            if reply is not None and reply.status == 200:
                later.append(tries)
                return str(reply.json["receipt"])
            assert reply is not None and reply.status == 503, reply
            time.sleep(0.05)
        raise AssertionError("no receipt")

    with ThreadPoolExecutor(PHONES) as phones:
        receipts = list(phones.map(one, range(PHONES)))
    assert len(set(receipts[0::2])) == len(set(receipts[1::2])) == 1, "two receipts for one batch"
    assert behind.stored(facts) == len(facts), "not exactly once"
    return sum(later)


def replay(behind: Behind, rounds: int, tell: Callable[[str], None]) -> int:
    """All rounds; how often somebody had to come again."""
    phone, later = behind.township.phone("ana"), 0
    for done in range(1, rounds + 1):
        later += replay_round(behind, phone)
        if done % 50 == 0:
            tell(f"{done} of {rounds} rounds")
    check(behind)
    return later


def check(behind: Behind) -> None:
    """The ledger is whole, and nobody ever waited in a circle."""
    behind.check_ledger()
    log = (behind.served.data / "gunicorn.log").read_text()
    assert not [word for word in (*DEADLOCK_WORDS, "Traceback") if word in log]


# --- a puller beside writers with slow tails ---


@contextmanager
def slow_tails(behind: Behind, seed: int) -> Iterator[None]:
    """Commits of this process (not of gunicorn's) take a while longer, each another while."""
    chance, engine = random.Random(seed), behind.township.services.database.engine

    def tail(_connection: Any) -> None:
        time.sleep(chance.random() * TAIL_S_MAX)

    event.listen(engine, "commit", tail)
    try:
        yield
    finally:
        event.remove(engine, "commit", tail)


def write_all(behind: Behind, phones: list[Phone], events: int) -> list[str]:
    """Every phone its share, half of the batches here with a slow tail, half at gunicorn."""
    batches = events // PHONES // FACTS_PER_BATCH
    written: list[str] = []

    def one(phone: Phone) -> None:
        for number in range(batches):
            facts = [found(phone) for _ in range(FACTS_PER_BATCH)]
            plain = batch_bytes(phone, facts)
            if number % 2:
                reply = ask(behind.port, batch_request(phone, plain))
                assert reply is not None and reply.status == 200, reply
            else:
                answer = post(phone, plain)
                assert answer.status_code == 200, answer.text
            written.extend(sha256(line) for line in facts)

    with ThreadPoolExecutor(PHONES) as writers:
        list(writers.map(one, phones))
    return written


def pull_page(behind: Behind, phone: Phone, cursor: str) -> dict[str, Any]:
    """What came after the cursor; from the beginning without one."""
    after = f"&after={cursor}" if cursor else ""
    sent = request_bytes("GET", f"/sync/changes?limit=40{after}", phone.bearer)
    reply: Reply | None = ask(behind.port, sent)
    assert reply is not None and reply.status == 200, reply
    return reply.json


def pulled_beside(behind: Behind, events: int, seed: int) -> tuple[int, int]:
    """(events written and seen, looks of the puller); AssertionError when one was missed."""
    township = behind.township
    chen, phones = township.phone("chen"), [township.phone("ana") for _ in range(PHONES)]
    seen: list[tuple[int, str]] = []
    looks, over = 0, threading.Event()
    cursor, more = "", True
    while more:  # what was there before
        page = pull_page(behind, chen, cursor)
        cursor, more = str(page["cursor"]), bool(page["more"])

    def puller() -> None:
        nonlocal looks, cursor
        while True:
            last = over.is_set()
            page = pull_page(behind, chen, cursor)
            looks, cursor = looks + 1, str(page["cursor"])
            seen.extend((each["i"], sha256(each["line"].encode())) for each in page["facts"])
            if last and not page["more"]:
                return

    with slow_tails(behind, seed), ThreadPoolExecutor(1) as watching:
        watch = watching.submit(puller)
        try:
            written = write_all(behind, phones, events)
        finally:
            over.set()
        watch.result(120)
    places = [place for place, _ in seen]
    assert places == sorted(set(places)), "out of order, or twice"
    missed = set(written) - {line for _, line in seen}
    assert not missed, f"{len(missed)} of {len(written)} never seen"
    assert len(seen) == len(written)
    check(behind)
    return len(written), looks


# --- the command ---


@contextmanager
def stations() -> Iterator[Iterator[tuple[str, Behind]]]:
    """A station on each database, one after the other."""
    with temporary_folder() as folder:
        cluster = Cluster(folder=folder / "pg")
        cluster.folder.mkdir()
        folder.chmod(0o755)  # PostgreSQL's own account goes through it

        def made() -> Iterator[tuple[str, Behind]]:
            with behind_gunicorn(folder / "sqlite") as behind:
                yield "sqlite", behind
            cluster.start()
            with behind_gunicorn(folder / "postgresql", cluster.new_database()) as behind:
                yield "postgresql", behind

        try:
            yield made()
        finally:
            cluster.stop()


def main() -> int:
    """Both parts on both databases."""
    words = argparse.ArgumentParser(prog="python -m tests.faults.crowd", description=__doc__)
    words.add_argument("--rounds", type=int, default=200, help="replays on each database")
    words.add_argument("--events", type=int, default=2000, help="written on each database")
    words.add_argument("--seed", type=int, default=20261122)
    asked = words.parse_args()
    said = []
    with stations() as both:
        for kind, behind in both:
            later = replay(
                behind, asked.rounds, lambda text, kind=kind: print(kind, text, flush=True)
            )
            print(f"{kind}: {asked.rounds} rounds of {PHONES} phones, {later} told to come again")
            events, looks = pulled_beside(behind, asked.events, asked.seed)
            print(f"{kind}: {events} events, all seen once and in order in {looks} looks")
            said.append(f"{kind} {asked.rounds * PHONES} deliveries, {events} events")
    print(f"{'; '.join(said)}; 0 lost, 0 doubled, 0 deadlocks")
    return 0


if __name__ == "__main__":
    sys.exit(main())
