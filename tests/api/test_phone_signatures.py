"""Whose phone wrote it: no token writes without the key, and the key shows years later (I7)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from app.db import run
from tests.api.evidence import a_day, check, tamper
from tests.api.handover import batch_bytes, found, noted, post, send
from tests.api.township import Phone, PhoneKey, Township


def table(township: Township, query: str) -> list[Any]:
    with township.services.database.read() as connection:
        return run(connection, query)


def thief(phone: Phone) -> Phone:
    """Whoever read the token over the air, or out of a backup: all of the phone but its key."""
    return replace(phone, key=PhoneKey())


def test_a_stolen_token_alone_writes_nothing_that_counts(township: Township):
    ana = township.phone("ana")
    hazard = ana.find_hazard()
    stolen = thief(ana)
    lines = [noted(stolen, hazard, "已经改好了"), found(stolen)]
    receipt = send(stolen, lines)
    assert receipt["exceptions"] == [
        [0, "quarantined:bad_signature"], [1, "quarantined:bad_signature"]
    ]  # fmt: skip
    assert table(township, "SELECT count(*) FROM hazard")[0][0] == 1
    row = json.loads(table(township, "SELECT row FROM hazard")[0][0])
    assert row["facts"] == 1
    assert check(township).breaks == []


def test_a_batch_whose_lines_were_exchanged_on_the_way_is_refused_whole(township: Township):
    ana = township.phone("ana")
    plain = batch_bytes(ana, [found(ana)])
    head, manifest, _fact = plain.rstrip(b"\n").split(b"\n")
    answer = post(ana, b"\n".join([head, manifest, found(ana)]) + b"\n")
    assert answer.status_code in (400, 422)
    assert table(township, "SELECT count(*) FROM batch")[0][0] == 0


def test_what_a_phone_signed_is_kept_and_fits_the_key_the_log_names(either_township: Township):
    township = either_township
    a_day(township)
    ana = township.phone("ana")
    repeated = found(ana)
    send(ana, [repeated])
    send(ana, [repeated, found(ana)])  # one line is here already, under an earlier batch
    send(ana, [repeated])  # nothing new at all
    report = check(township)
    assert report.breaks == []
    assert report.batches_signed == table(township, "SELECT count(*) FROM batch")[0][0] - 1
    assert report.batches_unsigned == 0


def give_a_fact_to_ben(township: Township) -> None:
    """Forged under Ben's enrolment, with the batch row a phone would have left."""
    tamper(
        township,
        ("UPDATE batch SET enrolment_id = (SELECT enrolment_id FROM enrolment"
         " WHERE enrolment.enrolment_id <> batch.enrolment_id LIMIT 1)", ()),
    )  # fmt: skip


def change_the_key(township: Township) -> None:
    tamper(township, ("UPDATE enrolment SET public_key = ?", (PhoneKey().public_key,)))


def drop_a_signature(township: Township) -> None:
    tamper(
        township,
        ("UPDATE batch SET phone_signature = NULL WHERE batch_id = (SELECT batch_id FROM fact"
         " WHERE batch_id IS NOT NULL ORDER BY seq DESC LIMIT 1)", ()),
    )  # fmt: skip


def drop_a_batch(township: Township) -> None:
    tamper(township, ("DELETE FROM batch WHERE fact_count = 1", ()))


def forge_a_signature(township: Township) -> None:
    signature = PhoneKey().sign("something else")
    tamper(township, ("UPDATE batch SET phone_signature = ?", (signature,)))


def cut_a_batch_loose(township: Township) -> None:
    tamper(township, ("UPDATE fact SET batch_id = NULL WHERE batch_id IS NOT NULL", ()))


FORGERIES: dict[Callable[[Township], None], str] = {
    give_a_fact_to_ben: "was not signed with the key of phone",
    change_the_key: "its key is not the one the log names",
    drop_a_signature: "is gone",
    drop_a_batch: "is gone",
    forge_a_signature: "was not signed with the key of phone",
    cut_a_batch_loose: "came with no batch",
}


@pytest.mark.parametrize("how", FORGERIES, ids=lambda how: how.__name__)
def test_a_forged_sender_is_found_out(how: Callable[[Township], None], township: Township):
    ana, _ = a_day(township)
    send(ana, [found(ana)])
    assert check(township).breaks == []
    how(township)
    assert any(FORGERIES[how] in words for words in check(township).breaks), check(township).breaks


def test_batches_from_before_signatures_were_kept_are_counted_not_blamed(township: Township):
    ana, _ = a_day(township)
    tamper(township, ("UPDATE batch SET sent_at = NULL, n_max = NULL, phone_signature = NULL", ()))
    send(ana, [found(ana)])
    report = check(township)
    assert report.breaks == []
    assert (report.batches_signed, report.batches_unsigned) == (1, 3)
