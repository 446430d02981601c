"""要定的事: disputes, doubles and reused photos reach the chief; each answer is a fact."""

from __future__ import annotations

from typing import Any

import pytest

from app.clock import new_id
from tests.api.helpers_desk import counted_statements, decide, decided, decision, submit
from tests.api.matters import (
    amended_twice,
    closed_and_not_fixed,
    columns,
    differing,
    matters,
    photo,
    photographed,
    sha,
)
from tests.api.township import Desk, Township

UPHELD = "两边都看过，维持销号"


def answer(desk: Desk, *facts: dict[str, Any]) -> dict[str, dict[str, Any]]:
    taken = decide(desk, *facts)
    assert taken.status_code == 200, taken.text
    return {row["id"]: row for row in taken.json["rows"]}


# --- two values, two endings --------------------------------------------------------------------


def test_two_values_stand_beside_each_other_with_who_and_when_until_the_chief_takes_one(
    either_township: Township,
) -> None:
    hazard, (hers, his) = amended_twice(either_township)
    chen = either_township.desk("chen")
    (item,) = matters(chen)
    assert item["type"] == "field"
    (conflict,) = item["conflicts"]
    assert {each["value"] for each in conflict["values"]} == {hers, his}
    said = {entry["fact"]: entry for entry in item["entries"]}
    authors = {said[each["fact"]]["author"] for each in conflict["values"]}
    assert authors == {either_township.people["ana"], either_township.people["chen"]}
    assert all(said[each["fact"]]["received_at"] for each in conflict["values"])
    assert chen.get("/overview").json["matters"] == {
        "outcome": 0,
        "field": 1,
        "same": 0,
        "photo": 0,
    }
    row = decided(chen, either_township, "hazard.amended", hazard, spot=hers)
    assert (row["spot"], row["conflicts"]) == (hers, [])
    assert matters(chen) == []
    row = decided(chen, either_township, "hazard.amended", hazard, spot=his)
    assert row["spot"] == his, "a decision is answered by the next one"
    assert differing(either_township) == 0


def test_a_dispute_about_words_can_be_settled_after_the_hazard_was_closed(
    township: Township,
) -> None:
    hazard, (hers, _) = amended_twice(township)
    chen, ben = township.desk("chen"), township.phone("ben")
    heads = township.heads("hazard", hazard)
    body = {"result": "fixed", "rechecked_on": "2026-11-21"}
    ben.hand_over(ben.fact("hazard.rechecked", hazard, body, after=heads))
    assert decided(chen, township, "hazard.closed", hazard)["state"] == "closed"
    assert [item["type"] for item in matters(chen)] == ["field"]
    refused = decide(chen, decision(township, "hazard.amended", hazard, {"finding": "别的"}))
    assert refused.json["code"] == "impossible-step"
    row = decided(chen, township, "hazard.amended", hazard, spot=hers)
    assert (row["state"], row["spot"], row["conflicts"]) == ("closed", hers, [])
    assert matters(chen) == []


@pytest.mark.parametrize("way", ["uphold", "reopen"])
def test_closed_and_not_fixed_is_decided_by_who_has_seen_both(township: Township, way: str) -> None:
    hazard = closed_and_not_fixed(township)
    chen = township.desk("chen")
    (item,) = matters(chen, "outcome")
    assert item["conflicts"][0]["endings"] == ["closed"]
    assert len(item["entries"]) >= 2
    (side,) = item["sides"]
    assert {"hazard.closed", "hazard.reopened"} <= set(side["allowed"])
    silent = decide(chen, decision(township, "hazard.closed", hazard, {}))
    assert silent.json["code"] == "impossible-step", "upholding takes a reason"
    if way == "uphold":
        row = decided(chen, township, "hazard.closed", hazard, override_reason=UPHELD)
        assert row["state"] == "closed"
    else:
        row = decided(chen, township, "hazard.reopened", hazard, reason="还没改好")
        assert row["state"] == "reopened"
    assert row["conflicts"] == []
    assert matters(chen) == []
    if way == "uphold":
        row = decided(chen, township, "hazard.reopened", hazard, reason="看错了")
        assert row["state"] == "reopened", "what was upheld can still be opened again"
    assert differing(township) == 0


def test_a_dispute_about_an_inspection_and_one_about_a_site_come_too(township: Township) -> None:
    phone, chen = township.phone("ana"), township.desk("chen")
    inspection, _ = submit(phone, hazards=())
    site = township.sites[township.people["ana"]]
    for subject, table, kinds in (
        (inspection, "inspection", "inspection.corrected"),
        (site, "site", "site.amended"),
    ):
        field = "remark" if table == "inspection" else "address"
        heads = township.heads(table, subject)
        answer(chen, decision(township, kinds, subject, {field: "甲"}))
        phone.hand_over(phone.fact(kinds, subject, {field: "乙"}, after=heads))
    found = {item["sides"][0]["row"]["type"]: item for item in matters(chen)}
    assert set(found) == {"inspection", "site"}
    assert found["site"]["sides"][0]["site"]["id"] == site
    decided(chen, township, "site.amended", site, address="甲")
    decided(chen, township, "inspection.corrected", inspection, remark="乙")
    assert matters(chen) == []


# --- likely the same ----------------------------------------------------------------------------


def merge(township: Township, desk: Desk, kept: str, double: str) -> dict[str, dict[str, Any]]:
    """是同一处: both know of each other, the later one is voided as a double of the kept one."""
    same = {"relation": "same"}
    return answer(
        desk,
        decision(township, "hazard.linked", kept, {"other": double, **same}),
        decision(township, "hazard.linked", double, {"other": kept, **same}),
        decision(
            township, "hazard.voided", double, {"reason": "和另一条是同一处", "duplicate_of": kept}
        ),
    )


def test_the_same_thing_reported_twice_becomes_one_with_both_histories_in_reach(
    either_township: Township,
) -> None:
    ana, chen = either_township.phone("ana"), either_township.desk("chen")
    first = photographed(ana, photo(1))
    second = photographed(ana, photo(2))
    (item,) = matters(chen, "same")
    assert [side["row"]["id"] for side in item["sides"]] == [first, second]
    assert [side["photos"][0]["sha256"] for side in item["sides"]] == [sha(photo(1)), sha(photo(2))]
    rows = merge(either_township, chen, first, second)
    assert (rows[second]["state"], rows[second]["duplicate_of"]) == ("void", first)
    assert matters(chen) == []
    (merged,) = chen.get(f"/hazards/{first}").json["merged"]
    assert merged["id"] == second
    assert merged["photos"][0]["sha256"] == sha(photo(2))
    assert chen.get(f"/hazards/{second}").status_code == 200
    answer(  # and back again
        chen,
        decision(either_township, "hazard.reopened", second, {"reason": "是两处"}),
        decision(
            either_township, "hazard.linked", second, {"other": first, "relation": "not_same"}
        ),
        decision(
            either_township, "hazard.linked", first, {"other": second, "relation": "not_same"}
        ),
    )
    page = chen.get(f"/hazards/{second}").json
    assert page["hazard"]["state"] == "reopened"
    assert page["same_site"] == [], "told apart once, never asked again"
    assert chen.get(f"/hazards/{first}").json["merged"] == []
    assert matters(chen) == []
    assert differing(either_township) == 0


def test_not_the_same_is_never_asked_again(township: Township) -> None:
    ana, chen = township.phone("ana"), township.desk("chen")
    _, (first,) = submit(ana)
    _, (second,) = submit(ana)
    assert [item["type"] for item in matters(chen)] == ["same"]
    decided(chen, township, "hazard.linked", second, other=first, relation="not_same")
    assert matters(chen) == []
    decided(chen, township, "hazard.noted", first, text="又看了一眼")
    assert matters(chen) == []


def test_two_findings_of_one_visit_are_two_and_other_items_or_sites_too(
    township: Township,
) -> None:
    ana, chen = township.phone("ana"), township.desk("chen")
    submit(ana, hazards=({"spot": "东"}, {"spot": "西"}))
    assert matters(chen) == []
    submit(ana, hazards=({"item": "LPG-14"},))
    submit(ana, site=township.sites[township.people["ben"]])
    assert matters(chen) == []
    submit(ana, hazards=({"item": "LPG-14", "checklist": "cl-other"},))
    assert matters(chen) == []


def test_almost_the_same_photo_at_one_place_makes_two_items_likely_the_same(
    either_township: Township,
) -> None:
    ana, ben, chen = (
        either_township.phone("ana"), either_township.phone("ben"), either_township.desk("chen"),
    )  # fmt: skip
    site = either_township.sites[ana.account]
    first = photographed(ana, photo(3))
    second = photographed(ben, photo(3, 60), site=site, hazards=({"item": "LPG-20"},))
    (item,) = matters(chen)
    assert item["type"] == "same"
    assert [side["row"]["id"] for side in item["sides"]] == [first, second]
    assert item["alike"] == [{"sha256": sha(photo(3, 60)), "other": sha(photo(3))}]
    (told,) = chen.get(f"/hazards/{second}").json["same_site"]
    assert (told["id"], told["why"]) == (first, ["photo"])
    merge(either_township, chen, first, second)
    assert matters(chen) == []


# --- photos from another visit ------------------------------------------------------------------


@pytest.mark.parametrize("quality", [88, 60], ids=["the same file", "saved again"])
def test_a_photo_of_an_earlier_visit_is_to_be_looked_at_and_asked_about_once(
    township: Township, quality: int
) -> None:
    ana, ben, chen = (
        township.phone("ana"), township.phone("ben"), township.desk("chen"),
    )  # fmt: skip
    first = photographed(ana, photo(4))
    second = photographed(ben, photo(4, quality))
    (item,) = matters(chen)
    assert item["type"] == "photo"
    assert [side["row"]["id"] for side in item["sides"]] == [first, second]
    queue = chen.get("/review").json["items"]
    (doubt,) = [d for each in queue for d in each["doubts"] if d["code"] == "photo_reused"]
    assert doubt["text"].startswith("建议核实：照片和 11月21日 zaoyuan 面馆的一张")
    (told,) = chen.get(f"/hazards/{second}").json["reused"]
    assert (told["other"], told["site"]) == (first, "zaoyuan 面馆")
    assert chen.get(f"/hazards/{first}").json["reused"] == [], "the first use is nobody's question"
    pair = {"sha256": sha(photo(4, quality)), "other": sha(photo(4))}
    fine = {**pair, "result": "fine"}
    row = decided(chen, township, "photo.checked", second, **fine)
    assert row["photos"][0]["checked"] == [{"other": pair["other"], "result": "fine"}]
    assert matters(chen) == []
    assert chen.get(f"/hazards/{second}").json["reused"] == []
    third = photographed(ana, photo(4, quality), hazards=({"item": "LPG-30"},))
    assert third in {side["row"]["id"] for item in matters(chen) for side in item["sides"]}
    assert differing(township) == 0


def test_a_photo_can_be_sent_back_in_the_same_decision(township: Township) -> None:
    ana, ben, chen = township.phone("ana"), township.phone("ben"), township.desk("chen")
    photographed(ana, photo(5))
    second = photographed(ben, photo(5))
    assert [item["type"] for item in matters(chen)] == ["photo"]
    pair = {"sha256": sha(photo(5)), "other": sha(photo(5)), "result": "retake"}
    remarks = [{"field": "photos", "text": "请到现场补拍一张"}]
    rows = answer(
        chen,
        decision(township, "photo.checked", second, pair),
        decision(township, "hazard.returned", second, {"remarks": remarks}),
    )
    assert rows[second]["state"] == "returned"
    assert matters(chen) == []


def test_a_photo_after_that_is_the_one_before_is_to_be_looked_at(township: Township) -> None:
    ana, chen = township.phone("ana"), township.desk("chen")
    hazard = photographed(ana, photo(6))
    heads = township.heads("hazard", hazard)
    named = [{"sha256": sha(photo(6)), "role": "after", "bytes": len(photo(6))}]
    body = {"fixed_on": "2026-11-21"}
    ana.hand_over(ana.fact("hazard.fix_reported", hazard, body, photos=named, after=heads))
    (item,) = matters(chen)
    assert (item["type"], len(item["sides"])) == ("photo", 1)
    assert item["alike"] == [{"sha256": sha(photo(6)), "other": sha(photo(6))}]
    fine = {"sha256": sha(photo(6)), "other": sha(photo(6)), "result": "fine"}
    decided(chen, township, "photo.checked", hazard, **fine)
    assert matters(chen) == []


def test_one_visit_may_show_a_thing_twice_and_signatures_look_alike(township: Township) -> None:
    ana, ben, chen = township.phone("ana"), township.phone("ben"), township.desk("chen")
    submit(ana, photos=(photo(7),), hazards=({}, {"item": "LPG-14"}))
    signed = [{"sha256": sha(photo(8)), "role": "signature", "bytes": len(photo(8))}]
    for phone in (ana, ben):
        body = {"text": "签字"}
        phone.hand_over(phone.fact("hazard.noted", new_id(), body, photos=signed))
    assert matters(chen) == []


# --- who sees what, at what cost ----------------------------------------------------------------


def test_a_chief_of_one_village_sees_what_both_sides_of_lie_there(
    either_township: Township,
) -> None:
    ana, ben = either_township.phone("ana"), either_township.phone("ben")
    photographed(ana, photo(9), hazards=({"item": "LPG-41"},))
    photographed(ben, photo(9), hazards=({"item": "LPG-41"},))
    for phone in (ana, ben):
        submit(phone, hazards=({"item": "LPG-40"},))
        submit(phone, hazards=({"item": "LPG-40"},))
    hazard, _ = amended_twice(either_township)
    assert len(matters(either_township.desk("chen"))) == 4
    either_township.grant("chen", ["chief"], [either_township.areas["liutang"]])
    (item,) = matters(either_township.desk("chen"))
    assert item["type"] == "same"
    assert {side["area"] for side in item["sides"]} == {"liutang"}
    either_township.grant("chen", ["chief"], [either_township.areas["zaoyuan"]])
    chen = either_township.desk("chen")
    assert sorted(item["type"] for item in matters(chen)) == ["field", "same"]
    assert chen.get("/overview").json["matters"] == {
        "outcome": 0,
        "field": 1,
        "same": 1,
        "photo": 0,
    }
    assert either_township.desk("ana").get("/matters").status_code == 403
    assert either_township.desk("ana").get("/overview").json["matters"] == {}
    refused = decide(
        either_township.desk("ana"),
        decision(either_township, "photo.checked", hazard,
                 {"sha256": sha(photo(9)), "other": sha(photo(9)), "result": "fine"}),
    )  # fmt: skip
    assert refused.json["code"] == "role-needed"


def test_a_page_costs_the_same_statements_however_much_it_shows(township: Township) -> None:
    ana, ben, chen = township.phone("ana"), township.phone("ben"), township.desk("chen")

    def cost() -> tuple[int, int, int]:
        counts = []
        chen.get("/overview")  # a session notes when it was last used
        for path in ("/matters", "/overview", "/review"):
            with counted_statements(township) as statements:
                assert chen.get(path).status_code == 200
            counts.append(len(statements))
        return counts[0], counts[1], counts[2]

    def more(seed: int) -> None:
        photographed(ana, photo(seed), hazards=({"item": f"LPG-{seed}"},))
        photographed(ben, photo(seed, 70), hazards=({"item": f"LPG-{seed}"},))
        submit(ana, hazards=({"item": f"LPG-{seed}"},))
        amended_twice(township)

    more(20)
    few = cost()
    for seed in (21, 22):
        more(seed)
    shown = matters(chen)
    assert len({item["key"] for item in shown}) == len(shown) >= 9
    assert cost() == few


def test_no_question_about_matters_reads_a_whole_table(township: Township) -> None:
    """The menu asks every minute: each look starts from an index of the few rows it is about."""
    ana, ben, chen = township.phone("ana"), township.phone("ben"), township.desk("chen")
    photographed(ana, photo(12))
    photographed(ben, photo(12, 70))
    amended_twice(township)
    with counted_statements(township) as statements:
        chen.get("/matters")
        chen.get("/review")
    asked = {text for text in statements if "photo_use ua" in text or "dispute" in text}
    assert len(asked) == 3
    with township.services.database.read() as connection:
        for text in asked:
            values = (township.station_id,) * text.count("?")
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values).all()
            read = [str(row[-1]) for row in plan if str(row[-1]).startswith(("SCAN", "SEARCH"))]
            own = ("json_each", "pairs", "matters", "hazards", "inspections", "sites", "likely")
            whole = [
                each
                for each in read
                if each.startswith("SCAN")
                and each.split()[1] not in own
                and "(subquery" not in each
            ]
            assert whole == [], text
            doubles = [each for each in read if " hb USING INDEX ix_hazard_alike" in each]
            assert all("site_id=? AND alike=?" in each for each in doubles)
            assert len(doubles) == text.count("hb.alike = ha.alike")
            firsts = [each for each in read if "photo_use" in each or " ua " in each]
            assert all("sha256=?" in each or "subject_id=?" in each for each in firsts), firsts


def test_photos_that_came_before_there_were_fingerprints_get_them_by_a_job(
    township: Township,
) -> None:
    from app.db import run
    from app.domains import JOB_KINDS
    from app.jobs.runner import run_waiting
    from app.jobs.store import enqueue

    ana, ben, chen = township.phone("ana"), township.phone("ben"), township.desk("chen")
    photographed(ana, photo(10))
    photographed(ben, photo(10, 60))
    database, before = township.services.database, matters(chen)

    def forget(connection: Any) -> None:
        run(connection, "UPDATE photo SET fingerprint = NULL")
        for table in ("photo_band", "photo_twin"):
            run(connection, f"DELETE FROM {table}")
        enqueue(
            connection,
            station_id=township.station_id,
            job_id=new_id(),
            kind="photos.fingerprints",
            params={},
            now=township.clock.now,
        )

    database.in_transaction(forget)
    assert matters(chen) == []
    run_waiting(township.services, JOB_KINDS)
    assert matters(chen) == before


def test_an_upgrade_finds_what_the_running_station_would_have_noted(
    either_township: Township,
) -> None:
    from app.migrate import downgrade, upgrade

    ana, ben, chen = (
        either_township.phone("ana"), either_township.phone("ben"), either_township.desk("chen"),
    )  # fmt: skip
    closed_and_not_fixed(either_township)
    amended_twice(either_township)
    photographed(ana, photo(11), hazards=({"item": "LPG-50"},))
    second = photographed(ben, photo(11), hazards=({"item": "LPG-51"},))
    decided(chen, either_township, "hazard.linked", second, other=new_id(), relation="not_same")
    before, database = columns(either_township), either_township.services.database
    assert any(dispute for _, dispute, _, _ in before["hazard"])
    database.in_transaction(lambda connection: downgrade(connection, to="0006"))
    database.in_transaction(upgrade)
    assert columns(either_township) == before
