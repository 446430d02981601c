"""Ana's phone was enrolled anew while it still held work: it is hers, and arrives as hers."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest

from app.clock import new_id
from app.db import run
from tests.api.handover import batch_bytes, found, noted, post, row_of, send
from tests.api.township import Phone, Township, statements_noted

PHOTO = {"sha256": "ab" * 32, "role": "before", "bytes": 5}


@pytest.fixture
def township(either_township: Township) -> Township:
    return either_township


def two_enrolments(township: Township, name: str = "ana") -> tuple[Phone, Phone]:
    """The same person's phone before and after it was enrolled anew."""
    before = township.phone(name)
    township.clock.forward(minutes=5)
    return before, township.phone(name)


def test_work_from_before_is_hers_although_the_server_s_clock_was_set_back_meanwhile(
    township: Township,
):
    before = township.phone("ana")
    township.clock.now -= timedelta(days=400)
    now = township.phone("ana")
    assert send(now, [found(before)])["exceptions"] == []
    assert send(before, [found(now)])["exceptions"] == [[0, "quarantined:wrong_author"]]


def numbers(township: Township, phone: Phone) -> tuple[int, int]:
    """How many facts the phone announced under this enrolment, how many are here without a gap."""
    query = "SELECT n_announced, n_received FROM enrolment WHERE enrolment_id = ?"
    with township.services.database.read() as connection:
        return tuple(run(connection, query, (phone.enrolment,))[0])  # type: ignore[return-value]


def test_what_ana_wrote_before_is_admitted_and_counts_under_its_own_numbers(township: Township):
    before, now = two_enrolments(township)
    hazard = new_id()
    send(before, [found(before)])
    unsent = [found(before, hazard), noted(before, hazard)]
    own = [found(now), found(now)]
    assert send(now, [*unsent, *own])["exceptions"] == []
    assert row_of(now, "hazard", hazard)["facts"] == 2
    assert numbers(township, before) == (3, 3)
    assert numbers(township, now) == (2, 2)
    assert send(now, [*unsent, *own])["exceptions"] == [], "handed over again, nothing changes"
    assert numbers(township, before) == (3, 3)


def test_a_hole_in_the_older_numbers_is_noticed_and_a_number_used_twice_too(township: Township):
    before, now = two_enrolments(township)
    one, _lost, three = found(before), found(before), found(before)
    send(before, [one])
    assert send(now, [three])["exceptions"] == []
    assert numbers(township, before) == (3, 1)
    before.n = 0
    again, beside = found(before), found(now)
    receipt = send(now, [again, beside])
    assert receipt["exceptions"] == [[0, "admitted:number_reused"]]


def test_roles_are_asked_for_as_ever(township: Township):
    before, now = two_enrolments(township)
    hazard = new_id()
    closing = before.fact("hazard.closed", hazard, {})
    assert send(now, [found(before, hazard), closing])["exceptions"] == [
        [1, "quarantined:missing_role"]
    ]


def test_what_a_revoked_enrolment_wrote_waits_for_chen_and_has_arrived(township: Township):
    before, now = two_enrolments(township)
    township.desk("chen").post(f"/enrolments/{before.enrolment}/revocation")
    lines = [found(before), found(now)]
    assert send(now, lines)["exceptions"] == [[0, "quarantined:revoked"]]
    assert numbers(township, before) == (1, 1)
    kept = township.desk("chen").get("/quarantine").json["items"]
    assert [item["enrolment"] for item in kept] == [before.enrolment]


def test_nobody_hands_over_for_somebody_else_or_for_a_later_enrolment(township: Township):
    before, now = two_enrolments(township)
    ben_before, _ben_now = two_enrolments(township, "ben")
    forged = found(ben_before, enrolment=before.enrolment)
    posing = found(before, author=township.people["ben"])
    assert send(now, [found(ben_before), forged, posing])["exceptions"] == [
        [0, "quarantined:wrong_author"],
        [1, "quarantined:wrong_author"],
        [2, "quarantined:wrong_author"],
    ]
    assert send(before, [found(now)])["exceptions"] == [[0, "quarantined:wrong_author"]]
    assert numbers(township, ben_before) == (0, 0)


def test_a_lost_receipt_still_names_the_photos_of_older_work(township: Township):
    before, now = two_enrolments(township)
    answer = post(now, batch_bytes(now, [found(before, photos=[PHOTO])]))
    batch = json.loads(answer.json["receipt"])["batch"]
    arrived = "UPDATE photo SET state = 'held' WHERE sha256 = ?"
    township.services.database.in_transaction(lambda c: run(c, arrived, (PHOTO["sha256"],)))
    assert now.get(f"/sync/receipts/{batch}").json["photos"]["held"] == [PHOTO["sha256"]]


def statements_of(township: Township, phone: Phone, lines: list[bytes]) -> list[str]:
    seen: list[str] = []

    def note(_c: Any, _k: Any, text: str, *_rest: Any) -> None:
        if "log_node" not in text and not text.startswith("ANALYZE"):
            seen.append(text)

    with statements_noted(township, note):
        assert send(phone, lines)["exceptions"] == []
    return seen


def test_older_work_costs_the_same_statements_however_much_and_plain_work_none(township: Township):
    before, now = two_enrolments(township)
    send(now, [found(now)])
    plain = statements_of(township, now, [found(now)])
    few = statements_of(township, now, [found(before)])
    many = statements_of(township, now, [found(before) for _ in range(60)])
    assert len(few) == len(many)
    assert not any("enrolment.set" in text for text in plain)
    assert len(few) - len(plain) <= 4


def test_a_phone_revoked_after_it_was_enrolled_anew_still_gives_the_photos_it_promised(
    township: Township,
):
    before, now = two_enrolments(township)
    body = b"taken under the older enrolment"
    sha256 = hashlib.sha256(body).hexdigest()
    send(before, [found(before, photos=[{**PHOTO, "sha256": sha256, "bytes": len(body)}])])
    answer = township.desk("chen").post(f"/enrolments/{now.enrolment}/revocation")
    assert answer.status_code == 200
    assert now.get(f"/photos/{sha256}", "HEAD").status_code == 204
    assert now.whole(body).status_code == 204
