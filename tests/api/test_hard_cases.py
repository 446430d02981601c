"""Cases that decide whether people may trust the ledger: each ends with every link and row checked.

The people of township.py do what goes wrong in real life, and `sound` asks afterwards whether the
log still verifies and a rebuild would change nothing.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

from app.clock import new_id
from app.db import run
from app.domains import JOB_KINDS
from app.exports.formats import FORMATS
from app.hazards.words import STATE_WORDS, word
from app.jobs.runner import run_waiting
from app.ledger.incoming import DeskFact
from tests.api.handover import found, hazard_body, noted, private_line, row_of, send, sha256
from tests.api.helpers_desk import decide, decided, decision, submit
from tests.api.sound import sound
from tests.api.township import API, Phone, Township


def ledger_fact(kind: str, subject: str, **body: Any) -> dict[str, Any]:
    """A decision about another fact."""
    return {"id": new_id(), "kind": kind, "subject": subject, "after": [], "body": body}


def test_a_fact_changed_under_its_own_id_overwrites_nothing_and_is_never_counted(
    township: Township,
):
    ana, chen, hazard = township.phone("ana"), township.desk("chen"), new_id()
    first = found(ana, hazard)
    send(ana, [first])
    other = json.dumps({**json.loads(first), "body": hazard_body(ana, finding="别的")}).encode()
    assert send(ana, [other])["exceptions"] == [[0, "quarantined:id_reused"]]
    answer = decide(chen, ledger_fact("ledger.admitted", hazard, fact_sha256=sha256(other)))
    assert (answer.status_code, answer.json["reason"]) == (409, "never_admitted")
    assert "原样留着" in answer.json["detail"]
    assert row_of(ana, "hazard", hazard)["finding"] == hazard_body(ana)["finding"]
    sound(township)


def test_chen_is_not_told_that_something_was_admitted_when_nothing_was(township: Township):
    ana, chen, hazard = township.phone("ana"), township.desk("chen"), new_id()
    line = found(ana, hazard)
    send(ana, [line])
    for named, reason in ((sha256(line), "already_admitted"), ("0" * 64, "no_such_fact")):
        answer = decide(chen, ledger_fact("ledger.admitted", hazard, fact_sha256=named))
        assert (answer.status_code, answer.json["reason"]) == (409, reason)
    gone = {"fact_sha256": "0" * 64, "basis": "本人申请", "approver": "陈站长"}
    answer = decide(township.desk("dai"), ledger_fact("ledger.redacted", hazard, **gone))
    assert (answer.status_code, answer.json["reason"]) == (409, "no_such_fact")
    sound(township)


def test_chen_makes_nobody_an_admin_by_admitting_what_a_phone_sent(township: Township):
    ana, chen = township.phone("ana"), township.people["chen"]
    grant = {"roles": ["admin", "chief"], "areas": []}
    line = ana.fact("grant.set", chen, grant, after=township.heads("account", chen))
    assert send(ana, [line])["exceptions"] == [[0, "quarantined:desk_only"]]
    admit = ledger_fact("ledger.admitted", chen, fact_sha256=sha256(line))
    answer = decide(township.desk("chen"), admit)
    assert (answer.status_code, answer.json["code"]) == (403, "role-needed")
    own = township.phone("chen")
    by_phone = own.fact("ledger.admitted", chen, {"fact_sha256": sha256(line)})
    assert send(own, [by_phone])["exceptions"] == [[0, "quarantined:desk_only"]]
    again = ledger_fact("ledger.admitted", chen, fact_sha256=sha256(by_phone))
    assert decide(township.desk("chen"), again).json["reason"] == "never_admitted"
    assert row_of(ana, "account", chen)["roles"] == ["chief"]
    sound(township)


def test_a_hazard_let_out_of_quarantine_lies_where_its_site_lies(township: Township):
    """Its site is named only by the quarantined fact, and that village's people must see it."""
    ana, chen, hazard = township.phone("ana"), township.desk("chen"), new_id()
    assert chen.post(f"/enrolments/{ana.enrolment}/revocation").status_code == 200
    line = found(ana, hazard)
    send(ana, [line])
    admit = ledger_fact("ledger.admitted", hazard, fact_sha256=sha256(line))
    assert decide(chen, admit).status_code == 200
    assert chen.get(f"/hazards?area={township.areas['zaoyuan']}").json["total"] == 1
    sound(township)


def test_ana_and_ben_on_one_phone_are_two_enrolments_and_never_sign_for_each_other(
    township: Township,
):
    ana, client = township.phone("ana"), township.app.test_client()
    claimed = client.post(
        f"{API}/enrolments/claim", json=ana.key.claim_body(township.code("ben"))
    ).json
    ben = Phone(
        township, client, ana.key, township.people["ben"], claimed["enrolment"], claimed["token"]
    )
    assert ben.enrolment != ana.enrolment
    assert send(ben, [found(ben)])["exceptions"] == []
    assert send(ana, [found(ana)])["exceptions"] == []
    assert send(ben, [found(ana)])["exceptions"] == [[0, "quarantined:wrong_author"]]
    sound(township)


def test_two_people_may_share_a_telephone_number(township: Township):
    dai = township.desk("dai")
    for login in ("wang1", "wang2"):
        body = {"login": login, "active": True}
        fact = {"id": new_id(), "kind": "account.set", "subject": new_id(), "after": []}
        private = {"name": "王芳", "phone": "13800002210"}
        assert decide(dai, {**fact, "body": body, "private": private}).status_code == 200
    sound(township)


def test_a_fact_that_follows_one_not_here_yet_waits_for_nothing(township: Township):
    ana, hazard, missing = township.phone("ana"), new_id(), new_id()
    send(ana, [found(ana, hazard, after=[missing])])
    row = row_of(ana, "hazard", hazard)
    assert (row["state"], row["incomplete"]) == ("submitted", True)
    send(ana, [noted(ana, hazard, id=missing)])
    assert row_of(ana, "hazard", hazard)["incomplete"] is False
    itself = new_id()
    assert send(ana, [found(ana, id=itself, after=[itself])])["exceptions"] == []
    sound(township)


def test_a_forged_private_line_sets_nothing(township: Township):
    ana, hazard, fact_id = township.phone("ana"), new_id(), new_id()
    true, forged = (private_line(fact_id, {"fix_owner": name}) for name in ("王芳", "李四"))
    line = found(ana, hazard, id=fact_id, private=sha256(true))
    send(ana, [line])
    send(ana, [line], [forged])
    assert row_of(ana, "hazard", hazard)["fix_owner"] is None
    send(ana, [line], [true])
    assert row_of(ana, "hazard", hazard)["fix_owner"] == "王芳"
    sound(township)


def test_a_private_line_decides_nothing_and_brings_no_batch_down(township: Township):
    """Where admission does not look, nothing may be said that rules: area, grade, level."""
    ana, site = township.phone("ana"), township.sites[township.people["ana"]]
    sly = ({"area": township.areas["liutang"], "grade": "C"}, {"high_risk": False})
    for fields in sly:
        fact_id = new_id()
        private = private_line(fact_id, fields)
        line = ana.fact("site.amended", site, {}, id=fact_id, private=sha256(private))
        assert send(ana, [line], [private])["exceptions"] == [[0, "quarantined:malformed"]]
    assert row_of(ana, "site", site)["area"] == township.areas["zaoyuan"]
    for fields in ({"level": 5}, {"finding": {"a": 1}}, {"level": "general"}, {"fix_owner": 5}):
        fact_id = new_id()
        private = private_line(fact_id, fields)
        line = found(ana, id=fact_id, private=sha256(private))
        verdicts = [verdict for _, verdict in send(ana, [line], [private])["exceptions"]]
        assert verdicts == ["quarantined:malformed"]
    sound(township)


def test_a_late_private_line_takes_nothing_back_of_what_was_found(township: Township):
    """I5: a hazard must not vanish because its finder sends a bad private line afterwards."""
    ana = township.phone("ana")
    for fields in ({"level": 5}, {"finding": "没有问题", "level": "general"}, {"fix_owner": 5}):
        fact_id, hazard = new_id(), new_id()
        private = private_line(fact_id, fields)
        body = hazard_body(ana, level="suspected_major")
        line = found(ana, hazard, body=body, id=fact_id, private=sha256(private))
        send(ana, [line])
        send(ana, [line], [private])
        row = row_of(ana, "hazard", hazard)
        assert (row["state"], row["level"]) == ("submitted", "suspected_major")
        assert row["finding"] == body["finding"]
        assert [flag["reason"] for flag in row["flags"]] == ["private_malformed"]
        sound(township)


def test_nothing_ana_sends_from_her_phone_decides_like_a_chief(township: Township):
    ana, hazard = township.phone("ana"), new_id()
    send(ana, [found(ana, hazard)])
    site = township.sites[ana.account]
    judgements = [
        ana.fact("hazard.confirmed", hazard, {"level": "general"}),
        ana.fact("hazard.closed", hazard, {}),
        ana.fact("hazard.voided", hazard, {"reason": "误报"}),
        ana.fact("hazard.ordered", hazard, {"deadline": "2026-12-01"}),
        ana.fact("site.retired", site, {"reason": "关门"}),
    ]
    verdicts = {verdict for _, verdict in send(ana, judgements)["exceptions"]}
    assert verdicts == {"quarantined:missing_role"}
    grant = {"roles": ["admin"], "areas": []}
    ruling = [
        ana.fact("grant.set", ana.account, grant),
        ana.fact("ledger.admitted", hazard, {"fact_sha256": "0" * 64}),
        ana.fact("area.set", township.areas["liutang"], {"name": "改", "level": "town"}),
        ana.fact("enrolment.set", ana.enrolment, {"account": ana.account, "state": "claimed"}),
    ]
    assert {v for _, v in send(ana, ruling)["exceptions"]} == {"quarantined:desk_only"}
    moved = {"area": township.areas["liutang"]}
    after = township.heads("site", site)
    send(ana, [ana.fact("site.amended", site, moved, after=after)])
    assert row_of(ana, "site", site)["area"] == township.areas["zaoyuan"]
    assert row_of(ana, "hazard", hazard)["state"] == "submitted"
    sound(township)


def test_a_close_from_a_page_that_had_not_seen_the_failed_recheck_leaves_it_open(
    township: Township,
):
    ana, chen = township.phone("ana"), township.desk("chen")
    _, (hazard,) = submit(ana)
    decided(chen, township, "hazard.confirmed", hazard, level="general")

    def recheck(result: str, after: list[str]) -> None:
        body = {"result": result, "rechecked_on": "2026-11-21"}
        send(ana, [ana.fact("hazard.rechecked", hazard, body, after=after)])

    recheck("fixed", township.heads("hazard", hazard))
    shown = township.heads("hazard", hazard)
    recheck("not_fixed", shown)
    close = decision(township, "hazard.closed", hazard, {"override_reason": "只有一个人"})
    assert decide(chen, {**close, "after": shown}).status_code == 200
    row = row_of(ana, "hazard", hazard)
    assert row["state"] == "review_failed"
    assert [conflict["type"] for conflict in row["conflicts"]] == ["outcome"]
    sound(township)


def test_a_grid_that_goes_to_another_village_takes_its_sites_along(township: Township):
    ana, dai = township.phone("ana"), township.desk("dai")
    grid, site = new_id(), township.sites[ana.account]
    body = {"name": "第一网格", "level": "grid", "parent": township.areas["zaoyuan"]}
    township.record(DeskFact(new_id(), "area.set", grid, body))
    decided(township.desk("chen"), township, "site.amended", site, area=grid)
    cursor = ana.get("/sync/changes").json["cursor"]
    decided(dai, township, "area.set", grid, **{**body, "parent": township.areas["liutang"]})
    told = ana.get(f"/sync/changes?after={cursor}")
    assert (told.status_code, told.json["code"]) == (409, "scope-changed")
    rows = {row["id"] for row in township.phone("ben").get("/sync/changes").json["rows"]}
    assert site in rows
    sound(township)


def test_days_and_years_begin_at_midnight_of_the_station(township: Township):
    ana, chen = township.phone("ana"), township.desk("chen")
    days = []
    for at in ("2026-11-20T15:59:59.999Z", "2026-11-20T16:00:00.000Z"):
        inspection, _ = submit(ana, hazards=(), started_at=at, finished_at=at)
        days.append(row_of(ana, "inspection", inspection)["day"])
    assert days == ["2026-11-20", "2026-11-21"]
    numbers = []
    for second in (59, 61):
        minute, second = 59 + second // 60, second % 60
        at = datetime(2026, 12, 31, 15 + minute // 60, minute % 60, second, tzinfo=UTC)
        township.clock.now = at
        hazard = new_id()
        send(ana, [found(ana, hazard, body=hazard_body(ana, deadline="2027-01-01"))])
        numbers.append(row_of(ana, "hazard", hazard)["number"])
    assert numbers == ["BH-2026-0001", "BH-2027-0001"]
    late = []
    for at in (datetime(2027, 1, 1, 15, 59, tzinfo=UTC), datetime(2027, 1, 1, 16, 1, tzinfo=UTC)):
        township.clock.now = at
        chen = township.desk("chen")
        late.append(chen.get("/hazards?overdue=true").json["total"])
    assert late == [0, 2]
    sound(township)


def test_a_bad_fact_between_two_hazards_takes_no_ledger_number(township: Township):
    ana, hazards = township.phone("ana"), [new_id(), new_id()]
    bad = found(ana, body={"site": 5})
    send(ana, [found(ana, hazards[0]), bad, found(ana, hazards[1])])
    numbers = [row_of(ana, "hazard", hazard)["number"] for hazard in hazards]
    assert numbers == ["BH-2026-0001", "BH-2026-0002"]
    sound(township)


def test_ana_sees_on_her_phone_what_was_set_aside_and_ben_does_not(township: Township):
    ana = township.phone("ana")
    send(ana, [found(ana, body={"site": 5}), b"not json"])

    def aside(phone: Phone) -> list[str]:
        facts = phone.get("/sync/changes").json["facts"]
        return [fact["verdict"] for fact in facts if fact["verdict"].startswith("quarantined")]

    assert aside(ana) == ["quarantined:malformed", "quarantined:unreadable"]
    assert aside(township.phone("ben")) == []
    sound(township)


def test_work_kept_for_a_year_is_taken_as_if_it_came_today(township: Township):
    ana = township.phone("ana")
    line = found(ana)
    township.clock.forward(days=400)
    assert send(ana, [line])["exceptions"] == []
    sound(township)


def test_an_unfinished_hazard_is_listed_and_named_in_chinese(township: Township):
    ana, chen = township.phone("ana"), township.desk("chen")
    send(ana, [noted(ana, new_id())])
    with township.services.database.read() as connection:
        assert run(connection, "SELECT state FROM hazard") == [("incomplete",)]
    assert chen.get("/hazards?state=incomplete").json["total"] == 1
    assert word(STATE_WORDS, "incomplete") == "未交齐"
    sound(township)


WRONG_FORMS: tuple[tuple[str, str, Any], ...] = (
    ("POST", "/decisions", []),
    ("POST", "/decisions", {}),
    ("POST", "/decisions", {"facts": 5}),
    ("POST", "/decisions", {"facts": [{"id": 5, "kind": [], "body": 3}]}),
    ("POST", "/exports", {"format": 5, "filters": 7, "more": 1}),
    ("POST", "/enrolments", {"account": "x"}),
    ("POST", "/unmask", {"subject": 5}),
    ("POST", "/session", {"login": 5, "password": []}),
    ("POST", "/passwords", {}),
    ("GET", "/hazards?overdue=maybe&page=x&size=9999&from=z", None),
    ("GET", "/ledger/consistency?from=a", None),
    ("GET", "/ledger/proof", None),
)


def test_a_wrong_form_is_explained_in_chinese_down_to_the_field(township: Township):
    chen = township.desk("chen")
    english = []
    for method, path, body in WRONG_FORMS:
        answer = chen.call(method, path, **({} if body is None else {"json": body}))
        assert answer.status_code == 422, (path, answer.text)
        said = [answer.json["detail"], *(each["text"] for each in answer.json["fields"])]
        english += [(path, words) for words in said if not re.search("[\u4e00-\u9fff]", words)]
    assert english == []


def test_a_photo_given_up_at_the_desk_is_missing_with_a_reason(township: Township):
    """Nobody waits for it any more; the reason stands beside it."""
    ana, chief = township.phone("ana"), township.desk("chen")
    picture = b"no phone has this any more"
    _, (hazard,) = submit(ana, photos=(picture,))
    lost = sha256(picture)
    said = ledger_fact("photo.lost", hazard, sha256=lost, reason="手机丢了")
    answer = decide(chief, {**said, "after": township.heads("hazard", hazard)})
    (row,) = answer.json["rows"]
    assert [(photo["sha256"], photo["lost"]) for photo in row["photos"]] == [(lost, "手机丢了")]
    page = chief.get(f"/hazards/{hazard}").json
    assert page["hazard"]["state"] == "submitted"
    assert page["photos"][0]["held"] is False
    sound(township)


def test_a_number_emptied_at_the_desk_is_gone_and_stays_gone(township: Township):
    """A private field, said as null; the history is rebuilt to the same."""
    chief, site = township.desk("chen"), township.sites[township.phone("ana").account]
    for phone, shown in (("13812342210", "138****2210"), (None, None)):
        said = decision(township, "site.amended", site, {}, private={"owner_phone": phone})
        assert decide(chief, said).status_code == 200
        assert chief.get(f"/sites/{site}").json["site"]["owner_phone"] == shown
    sound(township)


def test_what_has_not_its_first_fact_yet_stands_in_no_list_s_way(township: Township):
    """An amendment may come before what it amends; a list, a page or an export is there for it."""
    ana, chen, dai = township.phone("ana"), township.desk("chen"), township.desk("dai")
    site, inspection, hazard = new_id(), new_id(), new_id()
    lines = [
        ana.fact("site.amended", site, {"note": "门朝南"}),
        ana.fact("inspection.corrected", inspection, {"remark": "补一句"}),
        noted(ana, hazard),
    ]
    assert send(ana, lines)["exceptions"] == []
    pages = ["sites", "inspections", "hazards", "review", "matters", "overview", "activities"]
    pages += [f"sites/{site}", f"inspections/{inspection}", f"hazards/{hazard}"]
    asked = {page: chen.get(f"/{page}").status_code for page in pages}
    assert {page: code for page, code in asked.items() if code not in (200, 404)} == {}
    assert {ana.get("/sync/snapshot").status_code, ana.get("/sync/changes").status_code} == {200}
    made = [dai.post("/exports", {"format": format_}).json["id"] for format_ in FORMATS]
    run_waiting(township.services, JOB_KINDS)
    states = {id_: dai.get(f"/exports/{id_}").json for id_ in made}
    assert {state["state"] for state in states.values()} == {"done"}, states
    sound(township)
