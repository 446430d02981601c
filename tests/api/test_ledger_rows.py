"""What the ledger's facts come to: rows that can be made again, and roles lost in between (I8)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.clock import new_id
from app.db import run
from app.ledger.incoming import DeskFact
from tests.api.evidence import a_day, check, rebuilt
from tests.api.handover import found, noted, row_of, send
from tests.api.township import Township


@pytest.fixture
def township(either_township: Township) -> Township:
    return either_township


def test_every_row_is_what_its_facts_say_also_after_a_change_of_roles(township: Township):
    _, hazard = a_day(township)
    township.grant("ana", ["inspector", "chief"], [])
    township.grant("chen", ["inspector"], [township.areas["liutang"]])
    report = rebuilt(township, apply=False)
    assert (report.differing, report.extra) == (0, [])
    assert report.subjects > 10
    assert hazard


def test_rows_thrown_away_come_back_word_for_word(township: Township):
    ana, _ = a_day(township)
    tables = ("hazard", "inspection", "site", "area", "account", "enrolment_row")

    def rows() -> dict[str, list[tuple[Any, ...]]]:
        with township.services.database.read() as connection:
            return {
                table: sorted(
                    (row[0], json.dumps(json.loads(row[1]), sort_keys=True))
                    for row in run(connection, f"SELECT id, row FROM {table}")
                )
                for table in tables
            }

    before = rows()

    def forget(connection: Any) -> None:
        for table in (*tables, "subject"):
            run(connection, f"DELETE FROM {table}")

    township.services.database.in_transaction(forget)
    rebuilt(township, apply=True)
    assert rows() == before
    assert ana.get("/sync/changes").status_code == 200
    assert rebuilt(township, apply=False).differing == 0


def test_a_row_changed_by_hand_is_shown_and_put_right(township: Township):
    ana, hazard = a_day(township)

    def cheat(connection: Any) -> None:
        row = row_of(ana, "hazard", hazard) | {"state": "closed"}
        run(connection, "UPDATE hazard SET row = ? WHERE id = ?", (json.dumps(row), hazard))

    township.services.database.in_transaction(cheat)
    report = rebuilt(township, apply=False)
    assert report.differing == 1
    assert report.differences[0].fields["state"] == ("closed", "submitted")
    rebuilt(township, apply=True)
    assert row_of(ana, "hazard", hazard)["state"] == "submitted"


def test_a_redaction_destroys_the_name_and_leaves_the_log_whole(township: Township):
    ana, hazard = a_day(township)
    with township.services.database.read() as connection:
        target = run(connection, "SELECT fact_sha256, bytes FROM private_line"
                                 " WHERE fact_sha256 IN (SELECT sha256 FROM fact"
                                 " WHERE kind = 'hazard.found')")  # fmt: skip
    assert row_of(ana, "hazard", hazard)["fix_owner"] == "王芳"
    body = {"fact_sha256": target[0][0], "basis": "本人申请", "approver": "陈站长"}
    township.record(DeskFact(new_id(), "ledger.redacted", hazard, body))
    row = row_of(ana, "hazard", hazard)
    assert (row["fix_owner"], row["redacted"]) == (None, True)
    assert check(township, []).breaks == []
    assert rebuilt(township, apply=False).differing == 0
    with township.services.database.read() as connection:
        raw = run(connection, "SELECT bytes FROM fact WHERE sha256 = ?", (target[0][0],))[0][0]
    send(ana, [bytes(raw)], [bytes(target[0][1])])
    assert row_of(ana, "hazard", hazard)["fix_owner"] is None


def test_ledger_numbers_are_given_once_in_order_without_gaps(township: Township):
    ana = township.phone("ana")
    hazards = [new_id() for _ in range(5)]
    send(ana, [found(ana, hazard) for hazard in hazards])
    send(ana, [noted(ana, hazard) for hazard in reversed(hazards)])
    numbers = [row_of(ana, "hazard", hazard)["number"] for hazard in hazards]
    assert numbers == [f"BH-2026-{seq:04d}" for seq in range(1, 6)]
    later = new_id()
    send(ana, [found(ana, later)])
    assert row_of(ana, "hazard", later)["number"] == "BH-2026-0006"


def test_a_judgement_made_with_a_role_since_lost_counts_if_the_phone_had_not_heard(
    township: Township,
):
    township.grant("ana", ["inspector", "chief"], [])
    ana = township.phone("ana")
    hazard = new_id()
    send(ana, [found(ana, hazard)])
    cursor = ana.get("/sync/changes").json["cursor"]
    township.grant("ana", ["inspector"], [township.areas["zaoyuan"]])
    confirmed = ana.fact("hazard.confirmed", hazard, {"level": "general"})
    voided = ana.fact("hazard.voided", hazard, {"reason": "误报"})
    assert send(ana, [confirmed], acknowledged=cursor)["exceptions"] == []
    assert send(ana, [voided])["exceptions"] == [[0, "quarantined:missing_role"]]


def test_an_older_cursor_brings_a_lost_role_back_to_nobody(township: Township):
    township.grant("ana", ["inspector", "chief"], [])
    ana = township.phone("ana")
    hazard = new_id()
    send(ana, [found(ana, hazard)])
    before = ana.get("/sync/changes").json["cursor"]
    township.grant("ana", ["inspector"], [township.areas["zaoyuan"]])
    heard = ana.get("/sync/snapshot").json["cursor"]
    send(ana, [noted(ana, hazard)], acknowledged=heard)
    voided = ana.fact("hazard.voided", hazard, {"reason": "误报"})
    assert send(ana, [voided], acknowledged=before)["exceptions"] == [
        [0, "quarantined:missing_role"]
    ]


def test_a_role_taken_away_counts_for_a_week_and_no_longer(township: Township):
    """Whoever is out for a week keeps the week's work; a phone that stays silent keeps no role."""
    township.grant("ana", ["inspector", "chief"], [])
    ana, chen = township.phone("ana"), township.desk("chen")
    hazard = new_id()
    send(ana, [found(ana, hazard)])
    cursor = ana.get("/sync/changes").json["cursor"]
    assert [item["old_roles"] for item in chen.get("/enrolments").json["items"]] == [[]]
    township.grant("ana", ["inspector"], [township.areas["zaoyuan"]])
    (phone,) = chen.get("/enrolments").json["items"]
    assert phone["old_roles"] == ["chief"]
    assert phone["old_roles_until"] == "2026-11-28T02:00:00.000Z"
    township.clock.forward(days=7)
    in_time = ana.fact("hazard.confirmed", hazard, {"level": "general"})
    assert send(ana, [in_time], acknowledged=cursor)["exceptions"] == []
    township.clock.forward(minutes=1)
    too_late = ana.fact("hazard.voided", hazard, {"reason": "误报"})
    assert send(ana, [too_late, in_time], acknowledged=cursor)["exceptions"] == [
        [0, "quarantined:missing_role"]
    ]
    listed = township.desk("chen").get("/enrolments").json["items"]
    assert [item["old_roles"] for item in listed] == [[]]
    assert rebuilt(township, apply=False).differing == 0, "what was admitted stays admitted"


def test_a_phone_that_heard_of_the_removal_or_was_stopped_is_not_named(township: Township):
    for name in ("ana", "ben"):
        township.grant(name, ["inspector", "chief"], [])
    ana, ben, chen = township.phone("ana"), township.phone("ben"), township.desk("chen")
    township.clock.forward(minutes=1)
    for name in ("ana", "ben"):
        township.grant(name, ["inspector"], [township.areas["zaoyuan"]])
    township.clock.forward(minutes=1)
    after = township.phone("ana")

    def named() -> set[str]:
        items = chen.get("/enrolments").json["items"]
        return {item["enrolment"] for item in items if item["old_roles"]}

    assert named() == {ana.enrolment, ben.enrolment}, "and not the one enrolled afterwards"
    assert after.enrolment not in named()
    send(ana, [found(ana)], acknowledged=ana.get("/sync/snapshot").json["cursor"])
    assert named() == {ben.enrolment}
    chen.post(f"/enrolments/{ben.enrolment}/revocation")
    assert named() == set()


def test_a_cursor_kept_back_brings_a_lost_role_back_in_no_later_batch_either(township: Township):
    township.grant("ana", ["inspector", "chief"], [])
    ana, hazard = township.phone("ana"), new_id()
    send(ana, [found(ana, hazard)])
    before = ana.get("/sync/changes").json["cursor"]
    township.grant("ana", ["inspector"], [township.areas["zaoyuan"]])
    heard = ana.get("/sync/snapshot").json["cursor"]
    send(ana, [noted(ana, hazard)], acknowledged=heard)
    send(ana, [noted(ana, hazard)], acknowledged=before)
    voided = ana.fact("hazard.voided", hazard, {"reason": "误报"})
    assert send(ana, [voided], acknowledged=before)["exceptions"] == [
        [0, "quarantined:missing_role"]
    ]
