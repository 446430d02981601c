"""The ledger and the list of sites at the desk: filters, search, lateness, due, who sees what."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import quote

from app.clock import new_id
from sync.watermark import photo_code
from tests.api.helpers_desk import decide, decided, decision, submit
from tests.api.township import Township


def ledger(desk: Any, query: str = "") -> dict[str, Any]:
    answer = desk.get(f"/hazards?{query}")
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json
    return page


def ids(page: dict[str, Any]) -> list[str]:
    return [item["hazard"]["id"] for item in page["items"]]


def test_chen_finds_any_hazard_by_filter(either_township: Township) -> None:
    ana, ben = either_township.phone("ana"), either_township.phone("ben")
    _, (gas, wire) = submit(
        ana,
        hazards=(
            {"level": "suspected_major", "deadline": "2026-11-30"},
            {
                "item": "LPG-15",
                "category": "用电",
                "finding": "电线 100% 老化",
                "found_on": "2026-11-01",
            },
        ),
    )
    _, (other,) = submit(ben, hazards=({"deadline": "2026-11-19"},))
    chen = either_township.desk("chen")
    assert ledger(chen)["total"] == 3
    assert ledger(chen)["counts"] == {"submitted": 3}
    assert ledger(chen)["categories"] == ["燃气", "用电"] or ledger(chen)["categories"]
    assert ids(ledger(chen, "level=suspected_major")) == [gas]
    assert ids(ledger(chen, "category=用电")) == [wire]
    assert ids(ledger(chen, f"area={either_township.areas['liutang']}")) == [other]
    assert ids(ledger(chen, "overdue=true")) == [other]
    assert ids(ledger(chen, "from=2026-11-01&to=2026-11-10")) == [wire]
    assert ids(ledger(chen, "q=100%25")) == [wire]
    assert ids(ledger(chen, "q=_")) == []
    assert ids(ledger(chen, "q=liutang")) == [other]
    assert ids(ledger(chen, "q=BH-2026-0001")) == [gas]
    assert sorted(ids(ledger(chen, "state=submitted,closed"))) == sorted([gas, wire, other])
    assert ids(ledger(chen, "state=closed")) == []
    assert ids(ledger(chen, "sort=deadline&size=1")) == [other]
    assert len(ids(ledger(chen, "size=2&page=2"))) == 1
    late = next(i for i in ledger(chen)["items"] if i["hazard"]["id"] == other)
    assert late["overdue_days"] == 2
    assert late["site"]["name"] == "liutang 面馆"
    assert late["author"] == "Ben"


def test_the_code_on_a_photo_leads_chen_to_its_record(either_township: Township) -> None:
    """As read off a printed picture; whoever may not see the record does not find it by it."""
    first, second = b"the hose of Ana", b"the hose of Ben"
    visit, (gas,) = submit(either_township.phone("ana"), photos=(first,))
    submit(either_township.phone("ben"), photos=(second,))
    code = photo_code(hashlib.sha256(first).hexdigest())
    chen = either_township.desk("chen")
    for typed in (f"照片 {code}", code.lower(), f"{code[:4]} {code[4:]}"):
        assert ids(ledger(chen, f"q={quote(typed)}")) == [gas]
        found = chen.get(f"/review?q={quote(typed)}").json
        assert [item["inspection"]["id"] for item in found["items"]] == [visit]
    assert ids(ledger(chen, "q=00000000")) == []
    assert ids(ledger(either_township.desk("ben"), f"q={code}")) == []


def test_what_ana_saw_put_right_is_not_called_late(either_township: Township) -> None:
    ana = either_township.phone("ana")
    _, (hazard,) = submit(ana, hazards=({"deadline": "2026-11-19"},))
    chen = either_township.desk("chen")
    assert ids(ledger(chen, "overdue=true")) == [hazard]
    heads = either_township.heads("hazard", hazard)
    ana.hand_over(ana.fact("hazard.spot_fixed", hazard, {}, after=heads))
    assert ids(ledger(chen, "overdue=true")) == []
    assert ledger(chen)["items"][0]["overdue_days"] == 0
    assert chen.get("/overview").json["overdue"] == 0


def test_a_filter_nobody_knows_is_answered_in_chinese(township: Township) -> None:
    chen = township.desk("chen")
    for query in ("state=gone", "from=2026-W01-1", "page=0", "size=9999", "area=x"):
        answer = chen.get(f"/hazards?{query}")
        assert answer.status_code == 422, query
        assert answer.json["fields"][0]["text"].isascii() is False, answer.json


def test_a_village_includes_its_grids(township: Township) -> None:
    dai, grid, site = township.desk("dai"), new_id(), new_id()
    village = township.areas["zaoyuan"]
    body = {"name": "第1网格", "level": "grid", "parent": village}
    assert decide(dai, decision(township, "area.set", grid, body)).status_code == 200
    shop = {"name": "福兴五金店", "place_types": ["小商店"], "area": grid}
    assert decide(dai, decision(township, "site.registered", site, shop)).status_code == 200
    _, (hazard,) = submit(township.phone("ana"), site=site)
    chen = township.desk("chen")
    assert ids(ledger(chen, f"area={village}")) == [hazard]
    page = chen.get(f"/sites?area={village}").json
    assert {item["area"] for item in page["items"]} == {"zaoyuan", "zaoyuan 第1网格"}
    tree = chen.get("/areas").json["areas"]
    assert {area["name"]: area["sites"] for area in tree} == {
        "第1网格": 1, "liutang": 1, "zaoyuan": 1,
    }  # fmt: skip


def test_the_hazards_page_holds_its_whole_story(either_township: Township) -> None:
    ana = either_township.phone("ana")
    _, (hazard,) = submit(ana)
    chen = either_township.desk("chen")
    decided(chen, either_township, "hazard.confirmed", hazard, level="general")
    row = decided(chen, either_township, "hazard.ordered", hazard, deadline="2026-11-25")
    assert row["state"] == "rectifying"
    fixed = ana.fact(
        "hazard.rechecked",
        hazard,
        {"result": "fixed", "rechecked_on": "2026-11-21"},
        after=row["heads"],
    )
    assert ana.hand_over(fixed).status_code == 200
    page = chen.get(f"/hazards/{hazard}").json
    assert page["hazard"]["state"] == "fix_pending"
    kinds = [entry["kind"] for entry in page["timeline"]]
    assert kinds == ["hazard.found", "hazard.confirmed", "hazard.ordered", "hazard.rechecked"]
    assert page["timeline"][0]["batch"]
    assert "hazard.closed" in page["allowed"]
    assert (
        "hazard.closed" not in either_township.desk("ana").get(f"/hazards/{hazard}").json["allowed"]
    )
    alone = decide(chen, decision(either_township, "hazard.closed", hazard, {}))
    assert (alone.status_code, alone.json["code"]) == (409, "impossible-step")
    assert "理由" in alone.json["detail"]
    row = decided(chen, either_township, "hazard.closed", hazard, override_reason="站里只有两人")
    assert row["state"] == "closed"
    assert row["closed_by"] == either_township.people["chen"]


def test_the_list_of_sites_says_what_is_due_and_why(either_township: Township) -> None:
    ana, dai = either_township.phone("ana"), either_township.desk("dai")
    mine = either_township.sites[either_township.people["ana"]]
    theirs = either_township.sites[either_township.people["ben"]]
    for site in (mine, theirs):
        decided(dai, either_township, "site.amended", site, grade="A")
    submit(ana, hazards=({"level": "suspected_major"},))
    chen = either_township.desk("chen")
    page = chen.get("/sites").json
    found = {item["site"]["id"]: item for item in page["items"]}
    assert found[mine]["due"]["reason"] == "A级，本月已查"
    assert found[mine]["hazards"] == {"open": 1, "major": 1}
    assert found[theirs]["due"]["state"] == "never"
    assert page["counts"] == {"done": 1, "never": 1}
    assert [item["site"]["id"] for item in chen.get("/sites?due=never").json["items"]] == [theirs]
    assert chen.get("/sites?q=mg").json["total"] == 2, "面馆 by its initials"
    assert chen.get("/sites?grade=B").json["total"] == 0
    one = chen.get(f"/sites/{mine}").json
    assert len(one["inspections"]) == len(one["hazards"]) == 1
    assert one["site"]["owner_phone"] == "139****5678"
    either_township.clock.forward(days=20)
    late = either_township.desk("chen").get("/sites?due=overdue").json
    assert {item["site"]["id"] for item in late["items"]} == {theirs}
    assert late["items"][0]["due"]["chip"].startswith("过期")


def test_a_disagreement_about_a_site_names_both_sides_and_when(
    either_township: Township,
) -> None:
    site = either_township.sites[either_township.people["ana"]]
    heads = either_township.heads("site", site)
    for who, grade in (("chen", "B"), ("dai", "C")):
        said = decision(either_township, "site.amended", site, {"grade": grade}, after=heads)
        assert decide(either_township.desk(who), said).status_code == 200
    page = either_township.desk("chen").get(f"/sites/{site}").json
    (conflict,) = page["site"]["conflicts"]
    entries = {entry["fact"]: entry for entry in page["timeline"]}
    told = {
        each["value"]: page["accounts"][entries[each["fact"]]["author"]]
        for each in conflict["values"]
    }
    assert told == {"B": "Chen", "C": "Dai"}
    assert all(entries[each["fact"]]["at"] for each in conflict["values"])


def test_a_photo_names_the_one_who_took_it(either_township: Township) -> None:
    inspection, (hazard,) = submit(either_township.phone("ana"), photos=(b"before",))
    after = {"sha256": "0" * 64, "role": "after", "bytes": 5}
    body = {"text": "看过了"}
    said = decision(either_township, "hazard.noted", hazard, body, photos=[after])
    assert decide(either_township.desk("chen"), said).status_code == 200
    for path in (f"/hazards/{hazard}", f"/inspections/{inspection}"):
        page = either_township.desk("chen").get(path).json
        names = {photo["role"]: page["accounts"][photo["author"]] for photo in page["photos"]}
        assert names == {"before": "Ana", "after": "Chen"}


def test_the_numbers_beside_the_menu(either_township: Township) -> None:
    submit(
        either_township.phone("ana"),
        hazards=({"level": "suspected_major"}, {"deadline": "2026-11-19"}),
        photos=(b"not sent yet",),
    )
    numbers = either_township.desk("chen").get("/overview").json
    assert numbers["waiting"] == 1
    assert numbers["suspected_major"] == 1
    assert numbers["overdue"] == 1
    assert numbers["photos_waiting"] == 1
    assert numbers["open"] == 2
    assert either_township.desk("ben").get("/overview").json["waiting"] == 0


def test_feedback_and_quarantine_reach_the_admin(either_township: Township) -> None:
    ana = either_township.phone("ana")
    ana.hand_over(
        ana.fact("activity.recorded", new_id(), {"type": "feedback", "text": "字太小"}),
        b'{"not":"a fact"}',
        ana.fact("hazard.closed", new_id(), {"note": "not mine to close"}),
    )
    dai = either_township.desk("dai")
    (said,) = dai.get("/feedback").json["items"]
    assert said["text"] == "字太小"
    assert dai.get("/feedback").json["accounts"][said["author"]] == "Ana"
    page = dai.get("/quarantine").json
    assert page["total"] == 2
    texts = {item["text"]: item for item in page["items"]}
    assert '{"not":"a fact"}' in texts
    assert texts['{"not":"a fact"}']["sentence"]
    assert page["accounts"][either_township.people["ana"]] == "Ana"
    assert either_township.desk("ana").get("/quarantine").status_code == 403
    assert either_township.desk("ana").get("/feedback").status_code == 403
