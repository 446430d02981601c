"""Trainings, drills, zero reports: forms that are data, read at the desk by sort and day."""

from __future__ import annotations

import csv
import hashlib
import io
from typing import Any

import pytest
from openpyxl import load_workbook

from app.activities.forms import bundled_forms, problems
from app.checklists.load import checklist_sha256
from app.checklists.store import publish_bundled
from app.clock import new_id
from app.domains import JOB_KINDS
from app.jobs.runner import run_waiting
from tests.api.handover import row_of, send
from tests.api.helpers_desk import counted_statements
from tests.api.sound import sound
from tests.api.township import PHOTOS, Phone, Township, statements_noted

TRAINING = next(form for form in bundled_forms() if form["type"] == "training")


def publish(township: Township) -> None:
    """The bundled checklists and forms."""
    township.services.database.in_transaction(
        lambda c: publish_bundled(
            c, township.station_id, township.people["dai"], now=township.clock.now, ids=new_id
        )
    )


def record(phone: Phone, day: str = "2026-11-21", **more: Any) -> str:
    """A training, handed over; its id."""
    body = {
        "type": "training",
        "form": TRAINING["id"],
        "form_version": 1,
        "form_sha256": checklist_sha256(TRAINING),
        "day": day,
        "entries": [{"item": "TR-01", "value": "液化气安全"}, {"item": "TR-04", "value": 35}],
        **more,
    }
    activity = new_id()
    receipt = send(phone, [phone.fact("activity.recorded", activity, body)])
    assert receipt["exceptions"] == []
    return activity


def test_a_form_reaches_phones_like_a_checklist_and_is_none_at_the_desk(township: Township):
    publish(township)
    ana = township.phone("ana")
    rows = [each["row"] for each in ana.get("/sync/changes").json["rows"]]
    forms = {row["checklist"]: row for row in rows if row["type"] == "checklist"}
    assert forms["ac-training"]["content"]["items"][0]["text"] == "讲什么"
    assert forms["ac-training"]["sha256"] == checklist_sha256(TRAINING)
    listed = township.desk("chen").get("/checklists").json["items"]
    assert not [each for each in listed if each["id"].startswith("ac-")]
    assert len(listed) == 12


def test_the_desk_reads_activities_by_sort_person_and_day_and_feedback_stays_apart(
    township: Township,
):
    publish(township)
    ana, ben, chen = township.phone("ana"), township.phone("ben"), township.desk("chen")
    first, second = record(ana), record(ben, "2026-11-22")
    zero = record(ana, "2026-11-22", type="zero_report", form="ac-zero-report", entries=[])
    words = {"type": "feedback", "text": "字太小"}
    send(ana, [ana.fact("activity.recorded", new_id(), words)])

    page = chen.get("/activities").json
    assert {each["id"] for each in page["items"]} == {first, second, zero}
    assert {each["type"]: each["title"] for each in page["types"]}["training"] == "安全培训"
    assert page["forms"]["ac-training/1"]["items"][3]["answer"]["unit_label"] == "人次"

    def ids(query: str) -> set[str]:
        return {each["id"] for each in chen.get(f"/activities?{query}").json["items"]}

    assert ids("type=zero_report") == {zero}
    assert ids(f"author={ana.account}") == {first, zero}
    assert ids("from=2026-11-22") == {second, zero}
    assert ids("to=2026-11-21&type=training") == {first}
    assert [each["text"] for each in chen.get("/feedback").json["items"]] == ["字太小"]
    own = township.desk("ana").get("/activities").json["items"]
    assert {each["id"] for each in own} == {first, zero}, "others' activities are not Ana's to read"
    sound(township)


def test_a_page_of_activities_costs_the_same_however_many_there_are(either_township: Township):
    township = either_township
    publish(township)
    ana, ben, chen = township.phone("ana"), township.phone("ben"), township.desk("chen")
    record(ana)
    chen.get("/session")  # the first question of a session writes down that it is in use
    costs = []
    for _round in range(2):
        with counted_statements(township) as statements:
            page = chen.get("/activities?size=3&from=2026-11-01").json
        costs.append((len(statements), len(page["items"])))
        made = [record(phone, f"2026-11-{day:02d}") for day in range(2, 9) for phone in (ana, ben)]
    assert (costs[0][0], costs[0][1], costs[1][1]) == (costs[1][0], 1, 3)

    seen: list[dict[str, Any]] = []
    pages = [chen.get(f"/activities?size=10&page={turn}").json for turn in range(1, 4)]
    for page in pages:
        assert page["total"] == 29
        seen += page["items"]
    days = [(each["day"], each["id"]) for each in seen]
    assert days == sorted(days, reverse=True)
    assert len(set(days)) == 29, "no activity is shown twice or passed over"
    assert set(made) <= {each["id"] for each in seen}
    named = chen.get(f"/activities?author={ana.account}&size=1").json
    assert set(named["accounts"]) == {ana.account, ben.account}, "the filter offers everybody"


QUESTIONS = {
    "": "ix_activity_day",
    "from=2026-11-01&to=2026-11-30": "ix_activity_day",
    "type=training": "ix_activity_kind",
    "author=01a20369-f5f9-7884-b113-30756101a33b": "ix_activity_author",
}


@pytest.mark.parametrize(("query", "index"), QUESTIONS.items())
def test_no_question_about_activities_reads_or_sorts_all_of_them(
    township: Township, query: str, index: str
):
    plans: list[str] = []

    def note(connection: Any, _cursor: Any, text: str, values: Any, *_rest: Any) -> None:
        if "ORDER BY a.day" in text:
            raw = connection.connection.execute(f"EXPLAIN QUERY PLAN {text}", values)
            plans.append("; ".join(row[3] for row in raw.fetchall()))

    desk = township.desk("chen")
    with statements_noted(township, note):
        assert desk.get(f"/activities?{query}").status_code == 200
    assert len(plans) == 1
    assert f"USING INDEX {index} " in plans[0]
    assert "SCAN" not in plans[0]
    assert "TEMP B-TREE" not in plans[0]


def exported(township: Township, desk: Any, format: str, **filters: str) -> bytes:
    """The finished file of an export."""
    asked = desk.post("/exports", {"format": format, "activities": filters})
    assert asked.status_code == 202, asked.text
    run_waiting(township.services, JOB_KINDS)
    answer = desk.get(f"/exports/{asked.json['id']}/file")
    assert answer.status_code == 200, answer.text
    return bytes(answer.data)


def lines_of(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))


def test_the_chief_exports_the_activities_of_a_month_with_how_many_of_each(
    either_township: Township,
):
    township = either_township
    publish(township)
    ana, ben, chen = township.phone("ana"), township.phone("ben"), township.desk("chen")
    record(ana, "2026-11-20")
    record(ben, "2026-11-02", entries=[{"item": "TR-01", "value": "=HYPERLINK(1)"}])
    record(ben, "2026-11-03", type="night_patrol", form="ac-night-patrol")
    record(ana, "2026-10-31")
    send(ana, [ana.fact("activity.recorded", new_id(), {"type": "feedback", "text": "字太小"})])
    month = {"from": "2026-11-01", "to": "2026-11-30"}
    rows = lines_of(exported(township, chen, "activities_csv", **month))
    heads = ["序号", "日期", "活动", "内容", "记录人"]
    assert rows[0][:5] == heads
    assert [row[:5] for row in rows[1:4]] == [
        ["1", "2026-11-02", "安全培训", "讲什么：=HYPERLINK(1)", "Ben"],
        ["2", "2026-11-03", "night_patrol", "TR-01：液化气安全；TR-04：35", "Ben"],
        ["3", "2026-11-20", "安全培训", "讲什么：液化气安全；参加人次：35 人次", "Ana"],
    ]
    assert rows[4] == []
    said = dict(row for row in rows[5:])
    assert said["条数"] == "3 条"
    assert said["各类"] == "安全培训 2 条，night_patrol 1 条"
    assert said["筛选条件"] == "日期：2026-11-01 至 2026-11-30"
    assert "电话" not in said
    narrow = {"type": "training", "author": ben.account}
    one = lines_of(exported(township, chen, "activities_csv", **narrow))
    assert [row[1] for row in one[1:2]] == ["2026-11-02"]
    assert ["筛选条件", "种类：安全培训 · 记录人：Ben"] in one


def test_whoever_may_not_read_an_activity_may_not_export_it(township: Township):
    publish(township)
    record(township.phone("ana"))
    township.grant("eli", ["chief"], [township.areas["liutang"]])
    township.set_account("eli", active=True)
    rows = lines_of(exported(township, township.desk("eli"), "activities_csv"))
    assert rows[1] == [], "the chief of a village reads their own, here and in the list"
    body = {"format": "activities_csv"}
    assert township.desk("ana").post("/exports", body).status_code == 403
    wrong = {**body, "activities": {"from": "gestern"}}
    assert township.desk("chen").post("/exports", wrong).status_code == 422


def test_photos_of_activities_stand_in_the_workbook(township: Township):
    publish(township)
    photo = (PHOTOS / "orientation_6.jpg").read_bytes()
    ana, chen = township.phone("ana"), township.desk("chen")
    sha256 = hashlib.sha256(photo).hexdigest()
    body = {"type": "training", "form": TRAINING["id"], "form_version": 1, "day": "2026-11-21",
            "form_sha256": checklist_sha256(TRAINING), "entries": []}  # fmt: skip
    named = [{"sha256": sha256, "role": "scene", "bytes": len(photo)}]
    send(ana, [ana.fact("activity.recorded", new_id(), body, photos=named)])
    assert ana.part(sha256, photo, offset=0, length=len(photo)).status_code == 200
    book = load_workbook(io.BytesIO(exported(township, chen, "activities_xlsx")))
    assert len(book["活动台账"]._images) == 1
    assert book["活动台账"]["F2"].value == "1 张"


def test_feedback_of_every_released_phone_is_taken_as_before(township: Township):
    ana = township.phone("ana")
    line = ana.fact("activity.recorded", new_id(), {"type": "other", "text": "路灯坏了"})
    assert send(ana, [line])["exceptions"] == []
    empty = ana.fact("activity.recorded", new_id(), {"type": "feedback"})
    assert send(ana, [empty])["exceptions"] == [[0, "quarantined:malformed"]]


def test_a_sort_of_activity_that_no_release_knows_is_kept_and_shown(township: Township):
    ana = township.phone("ana")
    patrol = record(ana, type="night_patrol", form="ac-night-patrol")
    assert row_of(ana, "activity", patrol)["kind"] == "night_patrol"
    page = township.desk("chen").get("/activities?type=night_patrol").json
    assert [each["id"] for each in page["items"]] == [patrol]
    assert {"type": "night_patrol", "title": "night_patrol"} in page["types"]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"colour": "red"}, "colour"),
        ({"items": []}, "items"),
        ({"id": "training"}, "id"),
        ({"quick": "都好"}, "quick"),
        ({"items": [{"id": "TR-01", "text": "讲什么", "answer": {"type": "choice"}}]}, "options"),
        ({"items": [{"id": "TR-01", "text": "讲什么", "answer": {"type": "essay"}}]}, "type"),
    ],
)
def test_a_form_with_a_fault_says_which(change: dict[str, Any], word: str):
    assert problems(TRAINING) == []
    assert any(word in each for each in problems({**TRAINING, **change}))
