"""再试一次: a line that was set aside is judged anew by today's rules, never by its own word."""

from __future__ import annotations

from typing import Any

from app.clock import new_id
from app.ledger.rebuild import rebuild
from app.ledger.store import read_station
from tests.api.handover import found, row_of, send, sha256
from tests.api.township import Desk, Township


def try_again(desk: Desk, *hashes: str) -> dict[str, tuple[bool, str]]:
    answer = desk.post("/quarantine/trials", {"facts": list(hashes)})
    assert answer.status_code == 200, answer.text
    return {each["sha256"]: (each["passed"], each["sentence"]) for each in answer.json["items"]}


def set_aside(desk: Desk) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = desk.get("/quarantine").json["items"]
    return items


def test_what_ana_decided_too_early_counts_once_she_holds_the_role(either_township: Township):
    township = either_township
    ana, chen, hazard = township.phone("ana"), township.desk("chen"), new_id()
    first = found(ana, hazard)
    decided = ana.fact("hazard.confirmed", hazard, {"level": "general"})
    send(ana, [first, decided])
    (item,) = set_aside(chen)
    assert (item["reason"], item["may_retry"]) == ("missing_role", True)
    assert "权限" in item["advice"]
    passed, sentence = try_again(chen, sha256(decided))[sha256(decided)]
    assert not passed and sentence.startswith("还是不能收") and "权限" in sentence
    assert len(set_aside(chen)) == 1
    township.grant("ana", ["inspector", "chief"])
    assert try_again(chen, sha256(decided))[sha256(decided)][0]
    assert set_aside(chen) == []
    assert row_of(ana, "hazard", hazard)["state"] == "confirmed_general"
    assert try_again(chen, sha256(decided)) == {sha256(decided): (True, "已经收进台账了。")}
    kinds = [each["kind"] for each in chen.get(f"/hazards/{hazard}").json["timeline"]]
    assert kinds.count("ledger.admitted") == 1, "pressed twice, written once"
    with township.services.database.read() as connection:
        station = read_station(connection, township.station_id)
        assert station is not None
        assert rebuild(connection, station, apply=False).differing == 0


def test_a_line_in_somebody_elses_name_stays_out_however_often_it_is_tried(township: Township):
    """The fact names Ana and her phone; but it came by Ben's, and that is what counts."""
    ana, ben, chen = township.phone("ana"), township.phone("ben"), township.desk("chen")
    forged = found(ben, author=ana.account, enrolment=ana.enrolment, n=1)
    send(ben, [forged])
    assert set_aside(chen)[0]["reason"] == "wrong_author"
    passed, sentence = try_again(chen, sha256(forged))[sha256(forged)]
    assert not passed and "署名" in sentence


def test_a_phone_that_was_stopped_and_an_unsigned_list_are_not_made_right_by_trying(
    township: Township,
):
    ana, ben, chen = township.phone("ana"), township.phone("ben"), township.desk("chen")
    chen.post(f"/enrolments/{ana.enrolment}/revocation")
    stopped = found(ana)
    send(ana, [stopped])
    ben.key = ana.key
    unsigned = found(ben)
    send(ben, [unsigned])
    told = try_again(chen, sha256(stopped), sha256(unsigned))
    assert [passed for passed, _ in told.values()] == [False, False]
    assert "注销" in told[sha256(stopped)][1]
    assert "人看过" in told[sha256(unsigned)][1]


def test_one_that_passes_does_not_wait_for_one_that_does_not(township: Township):
    ana, chen, hazard = township.phone("ana"), township.desk("chen"), new_id()
    good = ana.fact("hazard.confirmed", hazard, {"level": "general"})
    bad = found(ana, station=new_id())
    send(ana, [found(ana, hazard), good, bad, b"no fact at all"])
    township.grant("ana", ["inspector", "chief"])
    told = try_again(chen, sha256(good), sha256(bad), sha256(b"no fact at all"))
    assert [passed for passed, _ in told.values()] == [True, False, False]
    assert len(set_aside(chen)) == 2


def test_dai_reads_what_it_says_and_has_the_exact_bytes(township: Township):
    ana, dai = township.phone("ana"), township.desk("dai")
    wrong = found(ana, body={"finding": 7, "spot": "后厨"})
    broken = b'{"id": "\xff'
    send(ana, [wrong, broken])
    items = {each["sha256"]: each for each in set_aside(dai)}
    assert items[sha256(wrong)]["readable"]["body"] == {"finding": 7, "spot": "后厨"}
    assert items[sha256(broken)]["readable"] is None
    for line in (wrong, broken):
        answer = dai.get(f"/quarantine/{sha256(line)}/bytes")
        assert answer.data == line
        assert "attachment" in answer.headers["Content-Disposition"]


def test_what_counts_already_is_nothing_to_try_or_to_download_here(township: Township):
    ana, dai = township.phone("ana"), township.desk("dai")
    fine = found(ana)
    send(ana, [fine])
    assert dai.get(f"/quarantine/{sha256(fine)}/bytes").status_code == 404
    assert dai.post("/quarantine/trials", {"facts": [sha256(fine)]}).status_code == 404
    assert dai.post("/quarantine/trials", {"facts": ["x"]}).status_code == 422
