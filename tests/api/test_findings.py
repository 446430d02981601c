"""Phones as witnesses against their station: what one reports reaches those who answer for it."""

from __future__ import annotations

from typing import Any

from app.clock import instant
from tests.api.township import API, Phone, Township


def head(phone: Phone) -> dict[str, Any]:
    found: dict[str, Any] = phone.get("/ledger/head").json
    return found


def doubt(phone: Phone, **more: Any) -> Any:
    body = {"kind": "rewritten", "at": instant(phone.township.clock.now), "kept": None,
            "shown": None, **more}  # fmt: skip
    return phone.client.post(f"{API}/sync/doubts", json=body, headers=phone.bearer)


def gauge(township: Township, name: str) -> int:
    text = township.app.test_client().get("/metrics").text
    return int(next(line.split()[1] for line in text.splitlines() if line.startswith(f"{name} ")))


def test_a_phone_s_alarm_reaches_the_chief_with_what_the_station_had_signed(township: Township):
    ana = township.phone("ana")
    kept = head(ana)
    shown = {**kept, "root": "0" * 64}
    assert doubt(ana, kept=kept, shown=shown).json == {"noted": True}
    chen = township.desk("chen")
    assert chen.get("/overview").json["findings"] == 1
    assert gauge(township, "gi_log_alarms") == 1
    (item,) = chen.get("/findings").json["items"]
    assert item["kind"] == "log"
    assert item["about"] == ana.enrolment
    assert item["detail"]["account"] == ana.account
    assert item["detail"]["proven"] is True
    assert chen.get("/findings").json["accounts"][ana.account] == "Ana"
    assert township.desk("ana").get("/overview").json["findings"] == 0


def test_what_the_station_never_signed_is_shown_as_unproven(township: Township):
    ana = township.phone("ana")
    forged = {**head(ana), "size": 99_999}
    assert doubt(ana, kept=forged, shown=head(ana)).status_code == 200
    (item,) = township.desk("chen").get("/findings").json["items"]
    assert item["detail"]["proven"] is False


def test_the_same_phone_is_one_line_however_often_it_reports(township: Township):
    ana, ben = township.phone("ana"), township.phone("ben")
    for _ in range(3):
        doubt(ana, kept=head(ana), shown=head(ana))
    doubt(ben)
    assert township.desk("dai").get("/findings").json["total"] == 2


def test_an_alarm_that_was_read_stays_until_the_phone_says_that_its_log_is_back(
    township: Township,
):
    ana = township.phone("ana")
    doubt(ana, kept=head(ana), shown=head(ana))
    chen = township.desk("chen")
    about = {"kind": "log", "about": ana.enrolment}
    assert chen.post("/findings/seen", about).json == {"noted": True}
    assert chen.get("/overview").json["findings"] == 0
    (item,) = chen.get("/findings").json["items"]
    assert item["seen_by"] == township.people["chen"]
    doubt(ana, kind="settled")
    assert chen.get("/findings").json["items"] == []
    assert gauge(township, "gi_log_alarms") == 0
    doubt(ana)  # a second alarm is news again
    assert chen.get("/overview").json["findings"] == 1


def test_a_finding_that_is_not_there_cannot_be_read(township: Township):
    answer = township.desk("chen").post("/findings/seen", {"kind": "log", "about": "nobody"})
    assert answer.status_code == 404


def test_a_phone_that_was_stopped_is_still_a_witness(township: Township):
    ana = township.phone("ana")
    kept = head(ana)
    township.desk("dai").post(f"/enrolments/{ana.enrolment}/revocation")
    assert doubt(ana, kept=kept).status_code == 200
