"""Most photos come whole, in one request: few bytes around them, few statements, a true receipt."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from app.keys import signature_fits
from app.photos.rules import RECEIPT_PURPOSE, receipt_text
from tests.api.test_photos import LARGE, PLAIN, head, kept, receipt, send, sha, work
from tests.api.township import Township, digest_header

VECTORS = Path(__file__).parent.parent / "vectors" / "photo_receipt.json"
# Finding out who asks takes three, the photo one; then it is held and its pictures are ordered.
STATEMENTS_MAX = 6
TRANSACTIONS_MAX = 2


def held_receipt(township: Township, data: bytes, answer: Any) -> dict[str, Any]:
    """The receipt as the phone puts it together, its signature checked with the station's key."""
    condition, epoch, time, signature = answer.headers["Photo-Held"].split(" ")
    station = township.station_id
    text = receipt_text(
        sha(data), len(data), condition, station=station, time=time, epoch=int(epoch)
    )
    message = (RECEIPT_PURPOSE + text).encode()
    assert signature_fits(township.services.signer.public_key, message, signature)
    read: dict[str, Any] = json.loads(text)
    return read


def test_the_text_of_a_receipt_is_the_one_the_phone_puts_together() -> None:
    table = json.loads(VECTORS.read_text())
    for case in table["cases"]:
        condition, epoch, time, _signature = case["held"].split(" ")
        text = receipt_text(
            case["sha256"], case["bytes"], condition,
            station=table["station"], time=time, epoch=int(epoch),
        )  # fmt: skip
        assert text == case["text"], case["why"]


def test_anas_whole_photo_is_held_and_its_receipt_is_the_one_she_can_ask_for(
    either_township: Township,
) -> None:
    ana = either_township.phone("ana")
    ana.find_hazard(PLAIN)
    answer = ana.whole(PLAIN)
    assert (answer.status_code, answer.data) == (204, b"")
    told = held_receipt(either_township, PLAIN, answer)
    assert told["condition"] == "ok"
    assert kept(either_township, PLAIN) == PLAIN
    assert json.loads(head(ana, PLAIN).headers["Photo-Receipt"]) == told
    assert receipt(either_township, send(ana, PLAIN)) == told, "an older app's way"
    assert held_receipt(either_township, PLAIN, ana.whole(PLAIN)) == told, "a lost answer"
    work(either_township)
    assert ana.get(f"/photos/{sha(PLAIN)}/thumbnail").status_code == 200


def test_bytes_that_changed_on_their_way_count_for_nothing(township: Township) -> None:
    ana = township.phone("ana")
    ana.find_hazard(PLAIN)
    changed = PLAIN[:-9] + b"x" + PLAIN[-8:]
    for answer in (
        ana.whole(changed, sha256=sha(PLAIN)),
        ana.whole(PLAIN[:-1], sha256=sha(PLAIN)),
        ana.whole(PLAIN, Content_Digest=digest_header(b"other")),
    ):
        assert answer.status_code == 400
        assert answer.json["code"] == "digest-mismatch"
        assert answer.json["retry"] is True
    assert ana.whole(b"", sha256=sha(PLAIN)).json["code"] == "photo-empty"
    assert kept(township, PLAIN) is None
    before = head(ana, PLAIN)
    assert (before.headers["Upload-Offset"], before.headers["Upload-Epoch"]) == ("0", "0")
    assert [*(township.folder / "photos").rglob("*#*")] == [], "nothing half-written stays"
    assert ana.whole(PLAIN).status_code == 204


def test_a_whole_photo_ends_what_came_of_it_in_parts(either_township: Township) -> None:
    ana = either_township.phone("ana")
    ana.find_hazard(LARGE)
    part = ana.part(sha(LARGE), LARGE[:40_000], offset=0, length=len(LARGE))
    assert part.status_code == 204
    assert held_receipt(either_township, LARGE, ana.whole(LARGE))["bytes"] == len(LARGE)
    assert kept(either_township, LARGE) == LARGE
    with either_township.services.database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM photo_part").scalar() == 0
    late = ana.part(sha(LARGE), LARGE[40_000:], offset=40_000, length=len(LARGE))
    assert receipt(either_township, late)["bytes"] == len(LARGE)


def test_one_photo_four_times_at_once_is_one_photo(either_township: Township) -> None:
    phone = either_township.phone("ana")
    phone.find_hazard(PLAIN)
    start, answers = threading.Barrier(4), []

    def race() -> None:
        start.wait()
        answers.append(phone.whole(PLAIN))

    threads = [threading.Thread(target=race) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [a.status_code for a in answers] == [204] * 4
    receipts = [held_receipt(either_township, PLAIN, a) for a in answers]
    assert all(each == receipts[0] for each in receipts)
    assert kept(either_township, PLAIN) == PLAIN
    with either_township.services.database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM job").scalar() == 1


def test_a_photo_that_nobody_declared_is_refused_before_its_bytes_are_read(
    township: Township,
) -> None:
    ana, ben = township.phone("ana"), township.phone("ben")
    ana.find_hazard(PLAIN)
    assert ben.whole(PLAIN).json["code"] == "photo-not-declared", "somebody else's"
    assert ana.whole(LARGE).json["code"] == "photo-not-declared"
    too_long = ana.whole(bytes(1024 * 1024 + 1), sha256=sha(PLAIN))
    assert too_long.status_code == 413
    assert kept(township, LARGE) is None


class Seen:
    """Statements and transactions of what happens meanwhile."""

    def __init__(self, township: Township) -> None:
        self._engines = township.services.database.engines
        self.statements: list[str] = []
        self.commits = self.rollbacks = 0

    def _statement(self, _c: Any, _cursor: Any, text: str, *_more: Any) -> None:
        if not text.startswith(("BEGIN", "PRAGMA")):
            self.statements.append(text)

    def _commit(self, _c: Any) -> None:
        self.commits += 1

    def _rollback(self, _c: Any) -> None:
        self.rollbacks += 1

    def __enter__(self) -> Seen:
        self._each(event.listen)
        return self

    def __exit__(self, *_: object) -> None:
        self._each(event.remove)

    def _each(self, do: Callable[..., None]) -> None:
        for engine in self._engines:
            do(engine, "before_cursor_execute", self._statement)
            do(engine, "commit", self._commit)
            do(engine, "rollback", self._rollback)


@pytest.mark.parametrize("others", [0, 30])
def test_a_photo_takes_few_statements_and_one_commit(
    either_township: Township, others: int
) -> None:
    ana = either_township.phone("ana")
    photos = [PLAIN + bytes([number]) for number in range(others)]
    for first in range(0, others, 10):
        ana.find_hazard(*photos[first : first + 10])
    ana.find_hazard(PLAIN, LARGE)
    assert ana.whole(PLAIN).status_code == 204, "notes that the phone was seen, now and then"
    with Seen(either_township) as seen:
        assert ana.whole(LARGE).status_code == 204
    assert len(seen.statements) <= STATEMENTS_MAX, "\n".join(seen.statements)
    assert seen.commits == 1
    assert seen.commits + seen.rollbacks <= TRANSACTIONS_MAX


def test_a_body_costs_a_piece_of_memory_while_it_comes(township: Township) -> None:
    """Many slow phones at once: none of them may hold a whole photo of the station's memory."""
    ana = township.phone("ana")
    data = (LARGE * 4)[: 1024 * 1024]
    ana.find_hazard(data)
    longest = [0]

    class Pieces:
        """A body that says how much was asked of it at once."""

        def __init__(self) -> None:
            self.left = data

        def read(self, size: int = -1) -> bytes:
            assert size >= 0, "all at once"
            longest[0] = max(longest[0], size)
            piece, self.left = self.left[:size], self.left[size:]
            return piece

    answer = ana.client.put(
        f"/api/v1/photos/{sha(data)}",
        headers=ana.bearer,
        environ_overrides={
            "wsgi.input": Pieces(), "wsgi.input_terminated": True,
            "CONTENT_LENGTH": str(len(data)),
        },
    )  # fmt: skip
    assert answer.status_code == 204, answer.text
    assert 0 < longest[0] <= 64 * 1024 < len(data)
