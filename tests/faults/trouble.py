"""What people hand over while the server is in trouble, and the question whether it is there.

A piece is a batch, a whole photo, a photo in parts or a desk decision over the wire; handed over
once, it is done or put off with a problem of the catalogue that says when to come again, and
nothing else. It must not know what the trouble is.
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime

from app.clock import new_id
from app.db import run
from tests.api.handover import batch_bytes, found
from tests.api.helpers_desk import decision
from tests.api.township import Desk, Phone
from tests.faults.line import (
    Reply,
    ask,
    batch_request,
    part_request,
    place_request,
    request_bytes,
    whole_request,
)
from tests.faults.station import Behind, picture, visit

SILENCE_S_MAX = 40  # longer than anything may wait for a lock or a gate
PHOTO_BYTES = 90_000
PART_BYTES = 40_000
PHONES = 2
SAID_CHARS = 4_000  # of the server's log, shown with a failure
LATER = {
    "disk-full": 507,
    "disk-unwritable": 503,
    "database-busy": 503,
    "store-read-only": 503,
    "store-unreachable": 503,
}


@dataclass(slots=True)
class Piece:
    """One thing to hand over. `send` tries once; `there` counts copies of it, `whole` are one."""

    name: str
    send: Callable[[], Reply]
    there: Callable[[], int]
    whole: int = 1
    said: list[str] = field(default_factory=list)  # what each yes acknowledged, without signature


def _acknowledged(reply: Reply) -> str:
    """The receipt's text, or that of a photo's short one without its signature."""
    if "photo-held" in reply.headers:
        return reply.headers["photo-held"].rpartition(" ")[0]
    return reply.headers.get("photo-receipt") or str(reply.json.get("receipt"))


@dataclass(slots=True)
class Trouble:
    """People at a station, and a count of what they were told."""

    behind: Behind
    chance: random.Random
    phones: list[Phone] = field(init=False)
    desk: Desk = field(init=False)
    told: Counter[str] = field(default_factory=Counter)
    _mutex: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        township = self.behind.township
        # The server runs by the real clock: the session made here must be good there.
        township.clock.now = datetime.now(UTC)
        self.phones = [township.phone("ana") for _ in range(PHONES)]
        self.desk = township.desk("chen")

    # --- asking ---

    def ask(self, sent: bytes) -> Reply:
        """One request; any answer but yes or a well-formed "later" fails."""
        begun = time.monotonic()
        reply = ask(self.behind.port, sent, wait_s=SILENCE_S_MAX)
        took = time.monotonic() - begun  # a refused line is over at once, a silent one is not
        assert reply is not None, f"no answer after {took:.1f} s: {self._said()[-SAID_CHARS:]}"
        head = sent.startswith(b"HEAD")  # has no body, so no code
        code = "" if head else reply.code
        with self._mutex:
            self.told[f"{reply.status} {code}".strip()] += 1
        if reply.status in (200, 204):
            return reply
        if head:
            assert reply.status in LATER.values(), reply
        else:
            assert LATER.get(code) == reply.status, f"{sent[:60]!r}: {reply}"
            assert reply.json["retry"] is True
        assert int(reply.headers["retry-after"]) > 0, reply
        return reply

    def hand_over(self, pieces: Iterable[Piece], *, at_once: int = 1) -> list[Piece]:
        """Every piece once; those that were acknowledged."""

        def one(piece: Piece) -> Piece | None:
            reply = piece.send()
            if reply.status not in (200, 204):
                return None
            piece.said.append(_acknowledged(reply))
            return piece

        with ThreadPoolExecutor(at_once) as people:
            return [piece for piece in people.map(one, pieces) if piece is not None]

    def after(self, pieces: list[Piece], *, refused_is_gone: bool = True) -> None:
        """The trouble is over: what was acknowledged is there, the rest goes through, all once."""
        for piece in pieces:
            copies = piece.there()
            if piece.said:
                assert copies == piece.whole, f"{piece.name} was acknowledged: {copies} there"
            elif refused_is_gone:
                assert copies == 0, f"{piece.name} was refused, yet {copies} of it are there"
            else:
                assert copies in (0, piece.whole), f"half of {piece.name} is there: {copies}"
        for piece in pieces:  # twice: a repetition gets the same answer
            again = self.hand_over([piece, piece])
            assert len(again) == 2, f"{piece.name} was put off although all was well: {self.told}"
            assert len(set(piece.said)) == 1, f"{piece.name}: another receipt"
            assert piece.there() == piece.whole, f"{piece.name} is not there exactly once"

    def put_off(self) -> int:
        """How many answers said "later"."""
        return sum(n for told, n in self.told.items() if told.startswith("5"))

    # --- pieces ---

    def round(self) -> list[Piece]:
        """Two batches, a whole photo, a photo in parts, a decision; what they rest on is there."""
        ana, second = self.phones
        whole, parted = picture(self.chance, PHOTO_BYTES), picture(self.chance, PHOTO_BYTES)
        hazard = new_id()
        first = batch_request(ana, visit(ana, [whole, parted])[0])
        ready = [first, batch_request(ana, batch_bytes(ana, [found(ana, hazard)]))]
        assert [self.ask(sent).status for sent in ready] == [200, 200], self.told
        pieces = [self.batch(ana), self.whole(ana, whole), self.batch(second)]
        return [*pieces, self.parts(ana, parted), self.decision(hazard)]

    def batch(self, phone: Phone) -> Piece:
        """A new small visit."""
        plain, facts = visit(phone)
        sent = batch_request(phone, plain)
        return Piece("batch", lambda: self.ask(sent), lambda: self.behind.stored(facts), len(facts))

    def whole(self, phone: Phone, photo: bytes) -> Piece:
        """A declared photo in one request."""
        sent = whole_request(phone, photo)
        return Piece("photo", lambda: self.ask(sent), lambda: int(self.behind.held(photo)))

    def parts(self, phone: Phone, photo: bytes) -> Piece:
        """A declared photo in parts, from where the station stands."""

        def send() -> Reply:
            reply = self.ask(place_request(phone, photo))
            while reply.status == 204:
                epoch = reply.headers["upload-epoch"]
                sent = part_request(phone, photo, reply.offset, PART_BYTES, epoch)
                reply = self.ask(sent)
            return reply

        return Piece("parts", send, lambda: int(self.behind.held(photo)))

    def decision(self, hazard: str) -> Piece:
        """Chen confirms a hazard; his page sends the same again."""
        township = self.behind.township
        fact = decision(township, "hazard.confirmed", hazard, {"level": "general"})
        cookie = self.desk.client.get_cookie("gi_session")
        headers = {
            "Cookie": f"gi_session={cookie.value}",
            "X-CSRF": self.desk.csrf,
            "Content-Type": "application/json",
        }
        body = json.dumps({"facts": [fact]}).encode()
        sent = request_bytes("POST", "/decisions", headers, body)
        return Piece("decision", lambda: self.ask(sent), lambda: self.facts_named(fact["id"]))

    def facts_named(self, fact_id: str) -> int:
        """How many facts of the log have this id."""
        with self.behind.township.services.database.read() as connection:
            rows = run(
                connection,
                "SELECT f.sha256 FROM fact f JOIN log_entry l ON l.fact_seq = f.seq WHERE"
                " f.fact_id = ?",
                (fact_id,),
            )
        return len(rows)

    # --- at the end ---

    def all_is_well(self) -> None:
        """The ledger verifies, the file is sound, nothing unforeseen was met, it is ready."""
        self.behind.check_ledger()
        said = self._said()
        assert "Traceback" not in said, said[-SAID_CHARS:]
        ready = self.ready()
        assert ready.status == 200, ready

    def _said(self) -> str:
        return (self.behind.served.data / "gunicorn.log").read_text(errors="replace")

    def ready(self) -> Reply:
        """What a monitor is told."""
        sent = b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        reply = ask(self.behind.port, sent, wait_s=SILENCE_S_MAX)
        assert reply is not None
        return reply
