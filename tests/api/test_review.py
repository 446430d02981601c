"""The chief's review: what waits, what to look at twice, deciding, returning, deciding twice."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.clock import new_id
from tests.api.helpers_desk import (
    counted_statements,
    decide,
    decided,
    decision,
    hazard_body,
    submit,
)
from tests.api.township import PHOTOS, Township


def queue(desk: Any, tab: str = "waiting", more: str = "") -> list[dict[str, Any]]:
    answer = desk.get(f"/review?tab={tab}{more}")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json["items"]
    return items


def codes(item: dict[str, Any]) -> list[str]:
    return [doubt["code"] for doubt in item["doubts"]]


def test_anas_submission_waits_for_chen_with_its_hazards(either_township: Township) -> None:
    inspection, (hazard,) = submit(either_township.phone("ana"))
    chen = either_township.desk("chen")
    (item,) = queue(chen)
    assert item["inspection"]["id"] == inspection
    assert item["author"] == "Ana"
    assert item["area"] == "zaoyuan"
    assert item["site"]["owner_phone"] == "139****5678"
    assert [each["id"] for each in item["hazards"]] == [hazard]
    assert item["hazards"][0]["number"] == "BH-2026-0001"
    assert codes(item) == []
    assert chen.get("/review?q=mian&tab=waiting").json["total"] == 0
    assert chen.get("/review?q=面馆").json["total"] == 1
    page = chen.get(f"/inspections/{inspection}").json
    assert page["hazards"][0]["allowed"]
    assert [entry["kind"] for entry in page["timeline"]] == ["inspection.submitted"]
    assert page["accounts"][either_township.people["ana"]] == "Ana"


def test_chen_accepts_and_confirms_and_the_queue_is_empty(either_township: Township) -> None:
    inspection, (hazard,) = submit(either_township.phone("ana"))
    chen = either_township.desk("chen")
    answer = decide(
        chen,
        decision(either_township, "hazard.confirmed", hazard, {"level": "general"}),
        decision(either_township, "inspection.reviewed", inspection, {"outcome": "accepted"}),
    )
    assert answer.status_code == 200, answer.text
    states = {row["type"]: row["state"] for row in answer.json["rows"]}
    assert states == {"hazard": "confirmed_general", "inspection": "accepted"}
    assert queue(chen) == []
    assert chen.get("/review?tab=done").json["counts"] == {"waiting": 0, "returned": 0, "done": 1}


def test_a_returned_hazard_waits_with_its_author_until_ana_sends_it_again(
    township: Township,
) -> None:
    phone = township.phone("ana")
    inspection, (hazard,) = submit(phone)
    chen = township.desk("chen")
    row = decided(
        chen,
        township,
        "hazard.returned",
        hazard,
        remarks=[{"field": "spot", "text": "二楼楼梯口还是后门"}],
    )
    assert row["state"] == "returned"
    assert [item["inspection"]["id"] for item in queue(chen, "returned")] == [inspection]
    assert queue(chen) == []
    again = phone.fact("hazard.resubmitted", hazard, {"spot": "后门"}, after=row["heads"])
    assert phone.hand_over(again).status_code == 200
    (item,) = queue(chen)
    assert item["hazards"][0]["spot"] == "后门"


def test_the_same_request_again_changes_nothing(either_township: Township) -> None:
    _, (hazard,) = submit(either_township.phone("ana"))
    chen = either_township.desk("chen")
    fact = decision(
        either_township, "hazard.confirmed", hazard, {"level": "general", "measure": "换管"},
        private={"fix_owner": "张某"},
    )  # fmt: skip
    first = decide(chen, fact)
    either_township.clock.forward(seconds=5)
    second = decide(chen, fact)
    assert first.status_code == second.status_code == 200, second.text
    assert first.json == second.json
    history = chen.get(f"/hazards/{hazard}").json["timeline"]
    assert [entry["kind"] for entry in history] == ["hazard.found", "hazard.confirmed"]
    other = decide(chen, {**fact, "body": {"level": "general", "measure": "停用"}})
    assert other.status_code == 409
    assert other.json["code"] == "fact-id-reused"


def test_a_stale_page_makes_a_conflict_and_overwrites_nothing(township: Township) -> None:
    _, (hazard,) = submit(township.phone("ana"))
    chen = township.desk("chen")
    stale = decision(
        township, "hazard.returned", hazard, {"remarks": [{"field": "spot", "text": "哪里"}]}
    )
    decided(chen, township, "hazard.confirmed", hazard, level="general")
    answer = decide(chen, stale)
    assert answer.status_code == 200, answer.text
    (row,) = answer.json["rows"]
    assert row["state"] == "submitted"
    assert row["conflicts"]
    assert "conflict" in codes(queue(chen)[0])


def test_a_step_that_makes_no_sense_is_refused_in_a_sentence(township: Township) -> None:
    _, (hazard,) = submit(township.phone("ana"))
    chen = township.desk("chen")
    answer = decide(chen, decision(township, "hazard.closed", hazard, {}))
    assert answer.status_code == 409
    assert answer.json["code"] == "impossible-step"
    assert "复查" in answer.json["detail"]
    assert len(chen.get(f"/hazards/{hazard}").json["timeline"]) == 1


def test_confirm_and_close_in_one_tap_works_for_what_was_fixed_on_the_spot(
    township: Township,
) -> None:
    phone = township.phone("ana")
    _, (hazard,) = submit(phone)
    heads = township.heads("hazard", hazard)
    phone.hand_over(phone.fact("hazard.spot_fixed", hazard, {"note": "当场换了"}, after=heads))
    chen = township.desk("chen")
    answer = decide(
        chen,
        decision(township, "hazard.confirmed", hazard, {"level": "general"}),
        decision(township, "hazard.closed", hazard, {"note": "照片清楚"}),
    )
    assert answer.status_code == 200, answer.text
    assert answer.json["rows"][0]["state"] == "closed"
    assert answer.json["rows"][0]["conflicts"] == []


def test_one_impossible_step_takes_nothing_of_the_request(township: Township) -> None:
    inspection, (hazard,) = submit(township.phone("ana"))
    chen = township.desk("chen")
    answer = decide(
        chen,
        decision(township, "inspection.reviewed", inspection, {"outcome": "accepted"}),
        decision(township, "hazard.closed", hazard, {}),
    )
    assert answer.status_code == 409
    assert queue(chen)[0]["inspection"]["state"] == "submitted"


def test_major_needs_all_five_settled_and_says_which_are_missing(township: Township) -> None:
    _, (hazard,) = submit(township.phone("ana"), hazards=({"level": "suspected_major"},))
    chen = township.desk("chen")
    fact = decision(township, "hazard.confirmed", hazard, {"level": "major", "measure": "停用"})
    answer = decide(chen, fact)
    assert answer.status_code == 422
    assert answer.json["code"] == "invalid-input"
    paths = {each["path"] for each in answer.json["fields"]}
    assert "facts[0].private.fix_owner" in paths
    assert "facts[0].body.fund_wan" in paths
    assert all("填" in each["text"] for each in answer.json["fields"])


def test_ana_may_not_decide_and_ben_does_not_see_her_village(township: Township) -> None:
    inspection, (hazard,) = submit(township.phone("ana"))
    ana, ben = township.desk("ana"), township.desk("ben")
    answer = decide(ana, decision(township, "hazard.confirmed", hazard, {"level": "general"}))
    assert (answer.status_code, answer.json["code"]) == (403, "role-needed")
    assert queue(ben) == []
    assert ben.get(f"/inspections/{inspection}").status_code == 404
    assert ben.get(f"/hazards/{hazard}").status_code == 404
    note = decide(ben, decision(township, "hazard.noted", hazard, {"text": "看看"}))
    assert note.status_code == 404
    assert ben.get("/hazards").json["total"] == 0
    assert ben.get(f"/sites/{township.sites[township.people['ana']]}").status_code == 404


def test_what_to_look_at_twice_stands_beside_the_submission(township: Township) -> None:
    photo = (PHOTOS / "small.jpg").read_bytes()
    ana = township.phone("ana")
    submit(ana)
    township.clock.forward(hours=1)
    three_hours = 3 * 3600 * 1000
    second, _ = submit(
        ana,
        hazards=({"found_on": "2026-11-20"},),
        photos=(photo,),
        offset_ms=three_hours,
    )
    ben = township.phone("ben")
    township.clock.forward(hours=1)
    outside, _ = submit(ben, site=township.sites[township.people["ana"]], hazards=())
    chen = township.desk("chen")
    items = {item["inspection"]["id"]: item for item in queue(chen)}
    assert codes(items[second]) == ["same_hazard", "clock", "photos_waiting"]
    texts = [doubt["text"] for doubt in items[second]["doubts"]]
    assert texts == ["可能和 BH-2026-0001 是同一条", "手机时间快 3 小时", "照片 1 张在路上"]
    assert items[second]["photos_waiting"] == 1
    assert codes(items[outside]) == ["outside_area"]


def test_a_sentence_an_older_phone_left_open_is_taken_and_shown_to_the_chief(
    township: Township,
) -> None:
    left_open = {"finding": "软管【情形】", "item": "LPG-16"}
    _, (hazard,) = submit(township.phone("ana"), hazards=(left_open,))
    chen = township.desk("chen")
    (item,) = queue(chen)
    assert {"code": "blank_open", "text": "隐患里有空没填：情形"} in item["doubts"]
    assert chen.get(f"/hazards/{hazard}").json["hazard"]["finding"] == "软管【情形】"


def test_two_hazards_told_apart_are_not_asked_about_again(township: Township) -> None:
    ana = township.phone("ana")
    _, (first,) = submit(ana)
    _, (second,) = submit(ana)
    chen = township.desk("chen")
    assert [each["id"] for each in chen.get(f"/hazards/{second}").json["same_site"]] == [first]
    decided(chen, township, "hazard.linked", second, other=first, relation="not_same")
    assert chen.get(f"/hazards/{second}").json["same_site"] == []
    assert all("same_hazard" not in codes(item) for item in queue(chen))


@pytest.mark.parametrize("path", ["/review", "/hazards", "/inspections", "/sites"])
def test_a_page_costs_the_same_statements_however_many_rows(township: Township, path: str) -> None:
    ana, chen = township.phone("ana"), township.desk("chen")
    submit(ana)
    chen.get(path)  # the first request of a session also notes that she was seen
    with counted_statements(township) as few:
        assert chen.get(path).status_code == 200
    for _ in range(5):
        submit(ana, hazards=({}, {"item": "LPG-15"}))
    with counted_statements(township) as many:
        assert chen.get(path).status_code == 200
    assert len(many) == len(few), many


def test_the_last_admin_cannot_lock_everybody_out(township: Township) -> None:
    dai = township.desk("dai")
    account = township.people["dai"]
    answer = decide(
        dai, decision(township, "grant.set", account, {"roles": ["chief"], "areas": []})
    )
    assert (answer.status_code, answer.json["code"]) == (409, "impossible-step")
    assert "管理员" in answer.json["detail"]
    assert dai.get("/session").json["roles"] == ["admin"]


def test_two_people_never_share_a_login(township: Township) -> None:
    dai = township.desk("dai")
    fact = decision(
        township,
        "account.set",
        new_id(),
        {"login": " Ana ", "active": True},
        private={"name": "又一个"},
    )
    answer = decide(dai, fact)
    assert (answer.status_code, answer.json["code"]) == (409, "login-taken")


def test_a_suspected_major_hazard_closed_on_a_phone_is_put_before_chen(township: Township) -> None:
    """Nothing handed over is refused, so the ledger itself has to keep it open and say why."""
    ana, chen_phone = township.phone("ana"), township.phone("chen")
    inspection, (hazard,) = submit(ana, hazards=({"level": "suspected_major"},))
    chen = township.desk("chen")
    decided(chen, township, "inspection.reviewed", inspection, outcome="accepted")
    after = township.heads("hazard", hazard)
    recheck = {"result": "fixed", "rechecked_on": "2026-11-21"}
    fixed = chen_phone.fact("hazard.rechecked", hazard, recheck, after=after)
    closed = chen_phone.fact("hazard.closed", hazard, {}, after=[json.loads(fixed)["id"]])
    assert chen_phone.hand_over(fixed, closed).status_code == 200
    (item,) = queue(chen)
    assert (item["hazards"][0]["state"], item["hazards"][0]["level"]) == (
        "submitted",
        "suspected_major",
    )
    assert {"code": "not_confirmed", "text": "还没有确认等级，请先确认"} in item["doubts"]
    assert chen.get("/overview").json["suspected_major"] == 1
    decided(chen, township, "hazard.confirmed", hazard, level="general")
    assert decided(chen, township, "hazard.closed", hazard)["state"] == "closed"


def test_a_hazard_without_an_inspection_stands_in_the_queue_by_itself(
    either_township: Township,
) -> None:
    township = either_township
    ana, chen, ben = township.phone("ana"), township.desk("chen"), township.desk("ben")
    inspection, (with_it,) = submit(ana)
    township.clock.forward(minutes=1)
    hazard = ana.find_hazard(b"photo on its way")
    first, second = queue(chen)
    assert (first["inspection"], first["hazard"]["id"]) == (None, hazard)
    assert first["hazard"]["received_at"] == "2026-11-21T02:01:00.000Z"
    assert (first["author"], first["area"]) == ("Ana", "zaoyuan")
    assert [each["id"] for each in first["hazards"]] == [hazard]
    assert first["photos_waiting"] == 1
    assert "photos_waiting" in codes(first)
    assert (second["inspection"]["id"], second["hazard"]) == (inspection, None)
    assert [each["id"] for each in second["hazards"]] == [with_it]
    page = chen.get("/review?size=1&page=2").json
    assert (page["total"], page["counts"]["waiting"]) == (2, 2)
    assert [item["inspection"]["id"] for item in page["items"]] == [inspection]
    overview = chen.get("/overview").json
    assert (overview["waiting"], overview["alone_waiting"]) == (2, 1)
    assert queue(ben) == []
    assert [item["hazard"]["id"] for item in queue(chen, more="&q=面馆") if item["hazard"]] == [
        hazard
    ]
    assert queue(chen, more="&q=别处") == []

    decided(chen, township, "hazard.returned", hazard, remarks=[{"field": "spot", "text": "在哪"}])
    assert [item["hazard"]["id"] for item in queue(chen, "returned")] == [hazard]
    assert len(queue(chen)) == 1
    decided(chen, township, "hazard.confirmed", hazard, level="general")
    decided(chen, township, "hazard.ordered", hazard, deadline="2026-11-30")
    counts = chen.get("/review").json["counts"]
    assert (counts["waiting"], counts["returned"], counts["done"]) == (1, 0, 0)


def test_a_hazard_whose_inspection_has_not_arrived_is_not_overlooked(township: Township) -> None:
    ana, chen = township.phone("ana"), township.desk("chen")
    inspection, hazard = new_id(), new_id()
    site = township.sites[ana.account]
    body = hazard_body(site, inspection=inspection)
    assert ana.hand_over(ana.fact("hazard.found", hazard, body)).status_code == 200
    (item,) = queue(chen)
    assert item["hazard"]["id"] == hazard
    assert chen.get("/overview").json["alone_waiting"] == 1
    now = "2026-11-21T02:00:00.000Z"
    late = {
        "site": site, "checklist": "cl-lpg-restaurant", "checklist_version": 1,
        "checklist_sha256": "0" * 64, "method": "routine", "started_at": now, "finished_at": now,
        "answers": [], "hazards": [hazard], "attendance": "absent",
    }  # fmt: skip
    assert ana.hand_over(ana.fact("inspection.submitted", inspection, late)).status_code == 200
    (item,) = queue(chen)
    assert (item["inspection"]["id"], item["hazard"]) == (inspection, None)
    assert [each["id"] for each in item["hazards"]] == [hazard]
    assert chen.get("/overview").json["alone_waiting"] == 0
