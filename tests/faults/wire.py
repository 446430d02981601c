"""`python -m tests.faults.wire --cases 2000`: lines that break anywhere in a batch or a photo.

Every boundary of a batch and of a photo, and as many places between them as asked for; broken in
four ways; replies lost in the same classes, requests sent twice. After each case: nothing half
stored, no answer of success to a cut body, then the phone's own repetition, exactly once, and the
same receipt for ever.
"""

from __future__ import annotations

import argparse
import itertools
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

from tests.api.township import Phone
from tests.faults.line import (
    Line,
    Reply,
    ask,
    batch_request,
    part_request,
    place_request,
    request_bytes,
    whole_request,
)
from tests.faults.proxy import Fault, How, Proxy
from tests.faults.station import (
    Behind,
    behind_gunicorn,
    picture,
    receipt_of,
    temporary_folder,
    visit,
)

HOWS: tuple[How, ...] = ("end", "reset", "half", "silence")
DOUBLINGS = 50
SILENCE_S_MAX = 0.25  # how long a phone of these tests listens to a dead line
PHOTO_BYTES = 90_000
PARTS_BYTES = 40_000
REPLY_BYTES = 700  # about a batch's; the classes below lie in its head and in its body


@dataclass(frozen=True, slots=True)
class Case:
    """Where and how one line breaks. `up`/`down`: after so many bytes; None: not there."""

    name: str
    what: str  # batch | packed | whole | part | last part
    up: int | None
    down: int | None
    how: How

    def fault(self) -> Fault:
        """For the proxy."""
        return Fault(self.up, self.down, self.how)


def boundaries(sent: bytes) -> Iterator[tuple[str, int]]:
    """Named places in a request: of its head, and of its lines where its body has lines."""
    head = sent.index(b"\r\n\r\n") + 4
    yield from [("before the first byte", 0), ("after one byte", 1), ("in the request line", 12)]
    yield from [("in the headers", head // 2), ("before the head's last byte", head - 1)]
    yield from [("after the head", head), ("after the body's first byte", head + 1)]
    if sent[head : head + 1] == b"{":
        at = head
        for number, line in enumerate(sent[head:].splitlines(keepends=True)):
            name = ("envelope", "manifest")[number] if number < 2 else f"line {number - 1}"
            yield from [
                (f"in the {name}", at + len(line) // 2),
                (f"after the {name}", at + len(line) - 1),
            ]
            at += len(line)
    yield from [
        (f"at {part}/4 of the body", head + (len(sent) - head) * part // 4) for part in (1, 2, 3)
    ]
    yield from [("before the last byte", len(sent) - 1), ("after the last byte", len(sent))]


def reply_places() -> list[tuple[str, int]]:
    """Places in a reply; 0 is after the commit and before its first byte."""
    places = [("lost after the commit", 0), ("after one byte", 1), ("in the status line", 10)]
    return [*places, ("in the reply's headers", 120), ("in the reply's body", REPLY_BYTES - 250)]


class Wire:
    """A phone, a proxy and a station; `run` does one case and raises when anything is not right."""

    def __init__(self, behind: Behind, proxy: Proxy, seed: int) -> None:
        self.behind, self.proxy = behind, proxy
        self.phone: Phone = behind.township.phone("ana")
        self.chance = random.Random(seed)
        self.clean = Line(self.phone, behind.port)
        self.answered: Counter[str] = Counter()

    def through(self, fault: Fault, sent: bytes) -> Reply | None:
        """One request over the bad line."""
        self.proxy.plan(fault)
        patience = {"wait_s": SILENCE_S_MAX} if fault.how == "silence" else {}
        reply = ask(self.proxy.port, sent, **patience)
        self.answered["no answer" if reply is None else f"{reply.status} {reply.code}".strip()] += 1
        return reply

    def run(self, case: Case) -> None:
        """One case."""
        if case.what in ("batch", "packed"):
            self._batch(case)
        else:
            self._photo(case)

    def sample(self, what: str) -> bytes:
        """A request of this sort, to count its bytes; of a photo nobody will send."""
        photo = picture(self.chance, PHOTO_BYTES)
        if what in ("batch", "packed"):
            return batch_request(self.phone, visit(self.phone)[0], packed=what == "packed")
        return self._photo_request(what, photo)

    # --- batches ---

    def _batch(self, case: Case) -> None:
        plain, facts = visit(self.phone)
        sent = batch_request(self.phone, plain, packed=case.what == "packed")
        up = None if case.up is None else min(case.up, len(sent))
        cut = up is not None and up < len(sent)
        reply = self.through(Fault(up, case.down, case.how), sent)
        if cut:
            self._nothing_taken(reply, facts)
        first = self._receipt_there(plain)
        stored = self.behind.stored(facts)
        if stored and not first:  # committed between the two looks: nobody waited for an answer
            first = self._receipt_there(plain)
        assert stored == (len(facts) if first else 0), f"{stored} of {len(facts)} facts stored"
        if reply is not None and reply.status == 200:
            assert reply.json["receipt"] == first, "another receipt than the one that is kept"
        if case.down is not None:
            assert first, "the server had answered, so it had committed"
        again = self.clean.batch_until_receipt(sent)
        assert first in (None, again), "a repetition got another receipt"
        assert self.clean.batch_until_receipt(sent) == again
        assert receipt_of(again)["count"] == len(facts)
        assert self.behind.stored(facts) == len(facts), "not exactly once"

    def _nothing_taken(self, reply: Reply | None, facts: list[bytes]) -> None:
        if reply is not None:
            assert 400 <= reply.status < 500, f"a cut body was answered {reply.status}"
        assert self.behind.stored(facts) == 0, "a cut body left something behind"

    def _receipt_there(self, plain: bytes) -> str | None:
        batch = str(receipt_of(plain.split(b"\n", 1)[0].decode())["batch"])
        sent = request_bytes("GET", f"/sync/receipts/{batch}", self.phone.bearer)
        reply = self.clean.ask(sent)
        assert reply is not None and reply.status in (200, 404), reply
        return str(reply.json["receipt"]) if reply.status == 200 else None

    # --- photos ---

    def _photo_request(self, what: str, photo: bytes, epoch: str | None = None) -> bytes:
        if what == "whole":
            return whole_request(self.phone, photo)
        offset = 0 if what == "part" else PHOTO_BYTES - PARTS_BYTES
        return part_request(self.phone, photo, offset, PARTS_BYTES, epoch)

    def _photo(self, case: Case) -> None:
        photo = picture(self.chance, PHOTO_BYTES)
        self.clean.batch_until_receipt(batch_request(self.phone, visit(self.phone, [photo])[0]))
        before = self._bring_near_the_end(photo) if case.what == "last part" else 0
        sent = self._photo_request(case.what, photo)
        up = None if case.up is None else min(case.up, len(sent))
        cut = up is not None and up < len(sent)
        reply = self.through(Fault(up, case.down, case.how), sent)
        completes = case.what != "part"
        if cut and reply is not None:
            assert 400 <= reply.status < 500, f"a cut body was answered {reply.status}"
        if cut:
            assert not self.behind.held(photo), "held although its bytes never came"
        if case.down is not None and completes:
            assert self.behind.held(photo), "the server had answered, so it had committed"
        self._then_the_rest(photo, before)

    def _bring_near_the_end(self, photo: bytes) -> int:
        near = PHOTO_BYTES - PARTS_BYTES
        reply = self.clean.ask(part_request(self.phone, photo, 0, near, None))
        assert reply is not None and (reply.status, reply.offset) == (204, near), reply
        return near

    def _then_the_rest(self, photo: bytes, before: int) -> None:
        """The phone asks, goes on where the station stands, and sends nothing it already has."""
        place = self.clean.ask(place_request(self.phone, photo))
        assert place is not None and place.status in (200, 204)
        stands = place.offset
        assert before <= stands <= len(photo)
        receipt, sent = self.clean.photo_until_held(photo)
        assert sent <= len(photo) - stands, "bytes went again that the station had"
        assert receipt_of(receipt)["bytes"] == len(photo)
        assert self.behind.held(photo)
        assert self.clean.photo_until_held(photo) == (receipt, 0), "another receipt"
        whole = self.clean.ask(whole_request(self.phone, photo))
        assert whole is not None and whole.status == 204, whole

    # --- twice at once ---

    def twice(self) -> None:
        """A batch and a whole photo that some box between sends twice at the same moment."""
        photo = picture(self.chance, PHOTO_BYTES)
        plain, facts = visit(self.phone, [photo])
        for sent in (batch_request(self.phone, plain), whole_request(self.phone, photo)):
            fault = Fault(twice=True)
            reply = self.through(fault, sent)
            assert reply is not None and reply.status in (200, 204), reply
            fault.over.wait(10)
            second = bytes(fault.second_reply)
            assert second.split(b" ", 2)[1] == str(reply.status).encode(), second[:200]
            if reply.status == 200:
                assert second.endswith(reply.body), "two receipts for one batch"
            else:
                assert reply.headers["photo-held"].encode().split()[2] in second
        assert self.behind.stored(facts) == len(facts)
        assert self.behind.held(photo)


def cases(wire: Wire, more: int) -> list[Case]:
    """All boundaries in all four ways, all places of a reply, and `more` places by chance."""
    made: list[Case] = []
    whats = ("batch", "packed", "whole", "part", "last part")
    sizes: dict[str, int] = {}
    for what in whats:
        sent = wire.sample(what)
        sizes[what] = len(sent)
        for (name, k), how in itertools.product(boundaries(sent), HOWS):
            made.append(Case(name, what, k, None, how))
        for (name, k), how in itertools.product(reply_places(), ("end", "reset")):
            made.append(Case(name, what, None, k, how))
    for number in range(more):
        what = whats[number % len(whats)]
        k, how = wire.chance.randrange(sizes[what] + 1), HOWS[wire.chance.randrange(4)]
        made.append(Case(f"after {k} bytes", what, k, None, how))
    return made


def run_all(wire: Wire, chosen: list[Case]) -> int:
    """How many did not hold; each is told as it fails."""
    started, failed = time.monotonic(), 0
    for done, case in enumerate(chosen, 1):
        try:
            wire.run(case)
        except AssertionError as error:
            failed += 1
            print(f"FAILED {case}: {error}", flush=True)
        if done % 200 == 0:
            print(f"{done} of {len(chosen)}, {time.monotonic() - started:.0f} s", flush=True)
    for _ in range(DOUBLINGS):
        wire.twice()
    return failed


def main() -> int:
    """Run them, tell what was answered, and say at the end how many held."""
    words = argparse.ArgumentParser(prog="python -m tests.faults.wire", description=__doc__)
    words.add_argument("--cases", type=int, default=2000, help="at least so many")
    words.add_argument("--seed", type=int, default=20261122)
    asked = words.parse_args()
    with ExitStack() as stack:
        folder = stack.enter_context(temporary_folder())
        # Silent phones come faster here than in any township.
        behind = stack.enter_context(behind_gunicorn(folder, GI_SILENCE_S="2"))
        wire = Wire(behind, stack.enter_context(Proxy(behind.port)), asked.seed)
        named = cases(wire, 0)
        chosen = [*named, *cases(wire, max(0, asked.cases - len(named)))[len(named) :]]
        failed = run_all(wire, chosen)
        behind.check_ledger()
        log = (behind.served.data / "gunicorn.log").read_text()
    print(f"answers over the bad line: {dict(wire.answered.most_common())}")
    faults = log.count("Traceback")
    print(f"{len(chosen)} cuts and {DOUBLINGS} doublings, {failed} failed, {faults} server faults")
    return 1 if failed or faults else 0


if __name__ == "__main__":
    sys.exit(main())
