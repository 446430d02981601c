"""Lines that break between real phones and a real gunicorn: a sample of `tests.faults.wire`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.line import Line, ask, batch_request, request_bytes, whole_request
from tests.faults.proxy import Fault, Proxy
from tests.faults.station import Behind, behind_gunicorn, picture, temporary_folder, visit
from tests.faults.wire import HOWS, Wire, cases

SEED = 20261122
CASES = 60
SLOW_BYTES_PER_S = 5_000
SILENCE_S = 3


@pytest.fixture(scope="module")
def behind() -> Iterator[Behind]:
    """One station for all, with few threads, so that a thread held for ever would be missed."""
    with temporary_folder() as folder:
        few = {"GI_THREADS": "4", "GI_SILENCE_S": str(SILENCE_S)}
        with behind_gunicorn(folder, **few) as made:
            yield made


@pytest.fixture(scope="module")
def wire(behind: Behind) -> Iterator[Wire]:
    with Proxy(behind.port) as proxy:
        yield Wire(behind, proxy, SEED)


def test_wherever_the_line_breaks_ana_is_told_nothing_untrue_and_all_arrives_once(wire: Wire):
    chosen = cases(wire, 0)
    wire.chance.shuffle(chosen)
    kinds = {(case.what, case.how, case.up is None): case for case in chosen}
    few = list(kinds.values())
    for case in [*few, *chosen[: CASES - len(few)]]:
        wire.run(case)
    assert wire.answered["400 body-cut-short"] > 0
    assert {case.how for case in few} == set(HOWS)


def test_a_request_that_is_sent_twice_at_once_counts_once(wire: Wire):
    for _ in range(5):
        wire.twice()


def test_five_kilobytes_a_second_are_enough_and_hold_up_nobody(wire: Wire, behind: Behind):
    photo = picture(wire.chance, 9_000)
    plain, facts = visit(wire.phone, [photo])
    wire.proxy.plan(Fault(bytes_per_s=SLOW_BYTES_PER_S))
    wire.proxy.plan(Fault(bytes_per_s=SLOW_BYTES_PER_S))
    slow = Line(wire.phone, wire.proxy.port)
    slow.batch_until_receipt(batch_request(wire.phone, plain))
    reply = slow.ask(whole_request(wire.phone, photo))
    assert reply is not None and reply.status == 204
    assert behind.stored(facts) == len(facts) and behind.held(photo)


def test_phones_that_fell_silent_give_their_threads_back(wire: Wire, behind: Behind):
    sent = batch_request(wire.phone, visit(wire.phone)[0])
    for _ in range(16):  # more than there are threads
        wire.proxy.plan(Fault(up_bytes=len(sent) // 2, how="silence"))
        assert ask(wire.proxy.port, sent, wait_s=0.02) is None
    question = request_bytes("GET", "/sync/changes", wire.phone.bearer)
    reply = ask(behind.port, question, wait_s=20 * SILENCE_S)
    assert reply is not None and reply.status == 200


def test_after_all_of_it_the_ledger_is_whole_and_the_server_met_nothing_unforeseen(
    wire: Wire, behind: Behind
):
    behind.check_ledger()
    assert "Traceback" not in (behind.served.data / "gunicorn.log").read_text()
