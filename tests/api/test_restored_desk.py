"""What only the desk decided comes back too: any phone keeps it for the station, unread."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.clock import new_id
from app.ledger.incoming import DeskFact
from tests.api.handover import found, send
from tests.api.restoring import (
    back_up,
    changes,
    entrusted_line,
    lose_and_restore,
    moved,
    page_line,
    post_pulled,
    returning,
)
from tests.api.township import API, Phone, Township

Restore = Callable[[Township], Township]


@pytest.fixture
def restore(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Restore]:
    """Back to what `back_up(...)` saw, on the kind of database the lost one had."""
    restored: list[Township] = []

    def work(lost: Township) -> Township:
        url = f"sqlite:///{tmp_path / 'second.db'}"
        if not lost.services.database.sqlite:
            url = request.getfixturevalue("postgres_cluster").new_database()
        restored.append(lose_and_restore(lost, tmp_path / "backups", tmp_path / "second", url))
        return restored[-1]

    yield work
    for each in restored:
        each.services.database.close()


def newcomer(township: Township, name: str = "ding") -> tuple[Phone, dict[str, str]]:
    """Somebody who came after the backup, with a phone; the phone and the station's word for it."""
    village = sorted(township.areas.values())[0]
    township.set_account(name, staff_type="grid")
    township.grant(name, ["inspector"], [village])
    township.sites[township.people[name]] = next(iter(township.sites.values()))
    key, client = township.phone("ana").key, township.app.test_client()
    claim = key.claim_body(township.code(name), f"{name} 的手机")
    claimed = client.post(f"{API}/enrolments/claim", json=claim).json
    phone = Phone(township, client, key, township.people[name], claimed["enrolment"],
                  claimed["token"])  # fmt: skip
    return phone, claimed["statement"]


def accounts(township: Township) -> dict[str, dict[str, Any]]:
    return {each["login"]: each for each in township.desk("dai").get("/accounts").json["items"]}


def phones(township: Township) -> dict[str, dict[str, Any]]:
    listed = township.desk("dai").get("/enrolments").json["items"]
    return {each["enrolment"]: each for each in listed}


def publish(township: Township, version: int) -> str:
    """A checklist of which only the station's own fact tells; its subject."""
    content = {"title": "新的检查表", "items": [], "version": version}
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    body = {"checklist": "NEW", "version": version, "content": content,
            "sha256": hashlib.sha256(text.encode()).hexdigest()}  # fmt: skip
    subject = new_id()
    township.record(DeskFact(new_id(), "checklist.published", subject, body))
    return subject


def test_one_inspectors_phone_brings_back_people_roles_revocations_and_checklists(
    either_township: Township, restore: Restore, tmp_path: Path
):
    township = either_township
    ana, ben = township.phone("ana"), township.phone("ben")
    township.set_account("gone")
    before = changes(ana)["cursor"]
    back_up(township, tmp_path / "backups")
    ding, word = newcomer(township)
    township.set_account("gone", active=False)
    desk = township.desk("dai")
    assert desk.post(f"/enrolments/{ben.enrolment}/revocation").status_code == 200
    township.grant("chen", ["inspector"], [])
    checklist = publish(township, 4)
    page = changes(ana, before)
    had = accounts(township)

    second = restore(township)
    ben2, ding2 = moved(ben, second), moved(ding, second)
    assert changes(ben2)["control"]["revoked"] is False
    answer = post_pulled(moved(ana, second), [page_line(page), entrusted_line(page)])
    assert answer.json["refused"] == []
    told = accounts(second)
    assert told.keys() == had.keys()
    for login, account in had.items():
        kept = {name: account[name] for name in ("name", "roles", "areas", "active", "id")}
        assert {name: told[login][name] for name in kept} == kept, login
    assert changes(ben2)["control"]["revoked"] is True
    assert send(ben2, [found(ben2)])["exceptions"] == [[0, "quarantined:revoked"]]
    with second.services.database.read() as connection:
        rows = connection.exec_driver_sql("SELECT id FROM checklist").all()
    assert checklist in {row[0] for row in rows}
    # her phone has no token here, but it is in the list and can be switched off before it comes
    assert phones(second)[ding.enrolment]["account"] == ding.account
    assert returning(ding2, word).status_code == 200
    assert send(ding2, [found(ding2)])["exceptions"] == []
    again = post_pulled(moved(ana, second), [page_line(page), entrusted_line(page)])
    assert again.json["taken"] == 0


def test_a_phone_switched_off_after_it_was_enrolled_does_not_come_back(
    township: Township, restore: Restore, tmp_path: Path
):
    back_up(township, tmp_path / "backups")
    ding, word = newcomer(township)
    ana = township.phone("ana")
    revoked = township.desk("dai").post(f"/enrolments/{ding.enrolment}/revocation")
    assert revoked.status_code == 200
    page = changes(ana)
    second = restore(township)
    answer = post_pulled(moved(_again(ana, second), second), [entrusted_line(page)])
    assert answer.status_code == 200, answer.text
    assert phones(second)[ding.enrolment]["revoked_at"] is not None
    refused = returning(moved(ding, second), word)
    assert (refused.status_code, refused.json["code"]) == (403, "enrolment-revoked")


def _again(phone: Phone, township: Township) -> Phone:
    """Enrolled with the restored station by a code."""
    claim = phone.key.claim_body(township.code("ana"))
    claimed = township.app.test_client().post(f"{API}/enrolments/claim", json=claim).json
    return Phone(township, phone.client, phone.key, phone.account, claimed["enrolment"],
                 claimed["token"])  # fmt: skip


def test_somebody_new_whose_phone_is_the_only_one_brings_the_account_along(
    township: Township, restore: Restore, tmp_path: Path
):
    back_up(township, tmp_path / "backups")
    ding, word = newcomer(township)
    had = accounts(township)["ding"]
    line = found(ding)
    send(ding, [line])
    second = restore(township)
    assert "ding" not in accounts(second)
    ding2 = moved(ding, second)
    assert returning(ding2, word).status_code == 200
    told = accounts(second)["ding"]
    for name in ("id", "name", "roles", "areas", "active"):
        assert told[name] == had[name], name
    assert send(ding2, [line])["exceptions"] == []


def test_what_a_phone_keeps_for_the_station_it_cannot_read_nor_make_up(
    township: Township, restore: Restore, tmp_path: Path
):
    ana = township.phone("ana")
    before = changes(ana)["cursor"]
    back_up(township, tmp_path / "backups")
    newcomer(township)
    page = changes(ana, before)
    assert page["entrusted"]
    assert "ding" not in json.dumps(page, ensure_ascii=False).replace('"id"', "")
    second = restore(township)
    ana2, line = moved(ana, second), entrusted_line(page)
    text = line["text"]
    other = text[:-8] + ("AAAAAAAA" if text[-8:] != "AAAAAAAA" else "BBBBBBBB")
    for wrong in ({**line, "text": other}, {**line, "epoch": line["epoch"] + 1},
                  {**line, "text": "x"}, {**line, "text": None}):  # fmt: skip
        answer = post_pulled(ana2, [wrong]).json
        assert answer == {"taken": 0, "known": 0, "refused": [[1, "not-signed-here"]]}
    assert "ding" not in accounts(second)


def test_what_no_phone_kept_closed_is_named_with_what_to_do_about_it(
    either_township: Township, restore: Restore, tmp_path: Path
):
    """Phones of an older release keep only what they may read."""
    township = either_township
    chief = township.phone("chen")
    before = changes(chief)["cursor"]
    back_up(township, tmp_path / "backups")
    ding, word = newcomer(township)
    publish(township, 4)
    inspection = {"site": township.sites[ding.account], "checklist": "NEW", "checklist_version": 4,
                  "checklist_sha256": "0" * 64, "method": "routine", "answers": [], "hazards": [],
                  "started_at": "2026-11-21T02:00:00.000Z", "attendance": "signed",
                  "finished_at": "2026-11-21T02:10:00.000Z"}  # fmt: skip
    submitted = ding.fact("inspection.submitted", new_id(), inspection)
    hazard = new_id()
    send(ding, [submitted, found(ding, hazard), found(ding)])
    page = changes(chief, before)
    second = restore(township)
    assert "ding" not in accounts(second)
    post_pulled(moved(chief, second), [page_line(page)])
    told = _report(second)
    nameless = [(each["account"], each["facts"]) for each in told["named"]["nameless"]]
    assert nameless == [(ding.account, 3)]
    checklists = [(each["checklist"], each["version"]) for each in told["named"]["checklists"]]
    assert checklists == [("NEW", 4)]
    # what the report asks for, done: the same account again, the same version again
    made = {"id": new_id(), "kind": "account.set", "subject": ding.account, "after": [],
            "body": {"login": "ding", "active": True}, "private": {"name": "丁"}}  # fmt: skip
    assert second.desk("dai").post("/decisions", {"facts": [made]}).status_code == 200
    publish(second, 4)
    told = _report(second)
    assert (told["named"]["nameless"], told["named"]["checklists"]) == ([], [])
    bare = json.loads(word["text"])
    assert bare["kept"]
    assert returning(moved(ding, second), word).status_code == 200


def _report(township: Township) -> dict[str, Any]:
    report: dict[str, Any] = township.desk("dai").get("/restores").json["report"]
    return report


def test_whoever_may_sign_in_and_whatever_phone_was_not_seen_yet_is_listed_for_the_admin(
    either_township: Township, restore: Restore, tmp_path: Path
):
    township = either_township
    ana, ben = township.phone("ana"), township.phone("ben")
    before = changes(ana)["cursor"]
    back_up(township, tmp_path / "backups")
    newcomer(township)
    township.desk("dai").post(f"/enrolments/{ben.enrolment}/revocation")
    page = changes(ana, before)
    township.clock.forward(minutes=30)
    second = restore(township)
    told = _report(second)["named"]
    assert {each["login"] for each in told["people"]} == accounts(second).keys()
    came = {each["enrolment"]: each["came_back"] for each in told["phones"]}
    assert came == {ana.enrolment: False, ben.enrolment: False}
    assert told["decided"] == []

    post_pulled(moved(ana, second), [entrusted_line(page)])
    told = _report(second)["named"]
    came = {each["enrolment"]: each["came_back"] for each in told["phones"]}
    assert (came[ana.enrolment], ben.enrolment in came) == (True, False)
    said = [(each["kind"], each.get("state"), each["name"]) for each in told["decided"]]
    assert said == [
        ("account.set", None, "Ding"),
        ("grant.set", None, "Ding"),
        ("enrolment.set", "claimed", "Ana"),
        ("enrolment.set", "claimed", "Ding"),
        ("enrolment.set", "revoked", "Ben"),
    ]
    answer = second.desk("dai").get("/restores").json
    assert "手机带回来的决定" in answer["text"]
    assert [each["set_name"] for each in answer["history"]] == [answer["report"]["set_name"]]
