"""Enrolling phones: codes, claims, lost replies, races, revocation, the list and the sheet."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from typing import Any

import pytest

from app.auth.tokens import CODE_ALPHABET, new_code, read_code
from app.clock import new_id
from tests.api.township import API, PhoneKey, Township


def claim(township: Township, body: dict[str, str], address: str = "10.0.0.1") -> Any:
    """A claim from a fresh browser."""
    client = township.app.test_client()
    network = {"REMOTE_ADDR": address}
    return client.post(f"{API}/enrolments/claim", json=body, environ_overrides=network)


def facts_of(township: Township, kind: str) -> list[dict[str, Any]]:
    """Every fact of a kind in the ledger, in order."""
    with township.services.database.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT f.bytes, l.verdict FROM fact f JOIN log_entry l"
            " ON l.fact_seq = f.seq"
            f" WHERE f.kind = '{kind}' ORDER BY l.idx"
        ).all()
    return [{**json.loads(bytes(row[0])), "verdict": row[1]} for row in rows]


def test_chen_hands_out_a_code_and_ana_claims_it(township: Township) -> None:
    chen = township.desk("chen")
    made = chen.post("/enrolments", {"account": township.people["ana"]}).json
    assert made["url"] == f"https://anjian.example/field/#/enrol/{made['code']}"
    assert made["qr_svg"].startswith("<svg")
    assert "style" not in made["qr_svg"]
    key = PhoneKey()
    claimed = claim(township, key.claim_body(made["code"])).json
    assert claimed["account"]["id"] == township.people["ana"]
    assert claimed["account"]["areas"] == [township.areas["zaoyuan"]]
    assert claimed["station"]["timezone"] == "Asia/Shanghai"
    assert claimed["server_key"] == township.services.signer.public_key
    assert claimed["head"]["size"] >= 1
    (fact,) = facts_of(township, "enrolment.set")
    assert fact["subject"] == claimed["enrolment"]
    assert fact["author"] == township.people["chen"]
    assert fact["body"]["state"] == "claimed"
    assert fact["verdict"] == "admitted"


def test_a_code_has_fifty_bits_and_forgives_how_it_is_typed() -> None:
    assert len(CODE_ALPHABET) ** 10 >= 2**50
    code = new_code(lambda size: bytes(range(3, 3 + size)))
    assert read_code(f" {code[:5].lower()} - {code[5:].lower()} ") == code
    assert read_code("o1iL0-00000") == "0111000000"
    assert read_code("ABCDE") is None
    assert read_code("ABCDE-FGHJ!") is None


def test_a_code_is_typed_in_small_letters_without_its_dash(township: Township) -> None:
    code, key = township.code("ana"), PhoneKey()
    body = key.claim_body(code) | {"code": code.lower().replace("-", "")}
    assert claim(township, body).status_code == 200


def test_looking_at_the_sheet_claims_nothing(township: Township) -> None:
    chen = township.desk("chen")
    code = chen.post("/enrolments", {"account": township.people["ana"]}).json["code"]
    for _ in range(2):
        sheet = chen.get(f"/enrolments/{code}/sheet")
        assert sheet.status_code == 200
    assert sheet.content_type == "text/html; charset=utf-8"
    assert code in sheet.text
    assert "不要用微信打开" in sheet.text
    assert "style-src 'sha256-" in sheet.headers["Content-Security-Policy"]
    assert "script" not in sheet.text
    style = sheet.text.split("<style>")[1].split("</style>")[0]
    allowed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"'sha256-{allowed}'" in sheet.headers["Content-Security-Policy"]
    assert claim(township, PhoneKey().claim_body(code)).status_code == 200
    assert chen.get(f"/enrolments/{code}/sheet").json["code"] == "code-used"
    assert chen.get("/enrolments/00000-00000/sheet").json["code"] == "code-unknown"


def test_a_lost_reply_costs_ana_nothing(township: Township) -> None:
    code, key = township.code("ana"), PhoneKey()
    first = claim(township, key.claim_body(code)).json
    township.clock.forward(hours=100)
    second = claim(township, key.claim_body(code))
    assert second.status_code == 200, "also after the code's time, since it was claimed in time"
    assert second.json["enrolment"] == first["enrolment"]
    assert second.json["token"] != first["token"]
    assert len(facts_of(township, "enrolment.set")) == 1
    client = township.app.test_client()
    for token, status in ((first["token"], 401), (second.json["token"], 200)):
        bearer = {"Authorization": f"Bearer {token}"}
        assert client.get(f"{API}/sync/changes", headers=bearer).status_code == status


def test_a_code_used_twice_is_refused_with_what_to_do(township: Township) -> None:
    code = township.code("ana")
    assert claim(township, PhoneKey().claim_body(code)).status_code == 200
    again = claim(township, PhoneKey().claim_body(code))
    assert again.status_code == 409
    assert again.json["code"] == "code-used"
    assert "重新发一个" in again.json["detail"]


def test_an_expired_code_says_so(township: Township) -> None:
    code, key = township.code("ana"), PhoneKey()
    township.clock.forward(hours=73)
    answer = claim(township, key.claim_body(code))
    assert (answer.status_code, answer.json["code"]) == (410, "code-expired")
    assert re.search("[\u4e00-\u9fff]", answer.json["detail"])


def test_an_expired_code_used_twice_says_so_twice_and_claims_nothing(township: Township) -> None:
    code, key = township.code("ana"), PhoneKey()
    township.clock.forward(hours=73)
    for _ in range(2):
        assert claim(township, key.claim_body(code)).json["code"] == "code-expired"
    chen = township.desk("chen")
    assert chen.get("/enrolments").json["items"] == []
    assert claim(township, key.claim_body(township.code("ana"))).status_code == 200


def test_a_code_already_used_stays_used_after_it_expired(township: Township) -> None:
    code = township.code("ana")
    assert claim(township, PhoneKey().claim_body(code)).status_code == 200
    township.clock.forward(hours=73)
    answer = claim(township, PhoneKey().claim_body(code))
    assert answer.status_code in (409, 410)
    assert len(township.desk("chen").get("/enrolments").json["items"]) == 1


def test_guessing_codes_is_slowed_down(township: Township) -> None:
    answers = [claim(township, PhoneKey().claim_body("00000-0000Z")) for _ in range(12)]
    assert [a.status_code for a in answers] == [404] * 10 + [429] * 2
    code = township.code("ana")
    assert claim(township, PhoneKey().claim_body(code)).status_code == 429
    township.clock.forward(minutes=16)
    assert claim(township, PhoneKey().claim_body(code)).status_code == 200


def test_a_proof_for_another_key_or_code_claims_nothing(township: Township) -> None:
    code, key = township.code("ana"), PhoneKey()
    good = key.claim_body(code)
    for wrong in (
        good | {"public_key": PhoneKey().public_key},
        good | {"proof": key.claim_body("00000-00000")["proof"]},
        good | {"proof": "AAAA"},
        good | {"public_key": "AAAA"},
    ):
        assert claim(township, wrong).json["code"] == "proof-mismatch"
    assert claim(township, good).status_code == 200


def test_of_two_phones_racing_one_code_exactly_one_wins(either_township: Township) -> None:
    for _ in range(4):
        code, start = either_township.code("ana"), threading.Barrier(4)
        answers: list[int] = []

        def race(
            number: int, body: dict[str, str], start: Any = start, answers: Any = answers
        ) -> None:
            start.wait()
            # From networks of their own: claims of one address wait for each other anyway.
            answers.append(claim(either_township, body, f"10.0.1.{number}").status_code)

        bodies = [PhoneKey().claim_body(code) for _ in range(4)]
        threads = [threading.Thread(target=race, args=each) for each in enumerate(bodies)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(answers) == [200, 409, 409, 409]
    assert len(facts_of(either_township, "enrolment.set")) == 4


def test_one_phone_tapping_twice_is_one_enrolment(either_township: Township) -> None:
    code, key, start = either_township.code("ana"), PhoneKey(), threading.Barrier(3)
    answers: list[Any] = []

    def tap(number: int) -> None:
        start.wait()
        answers.append(claim(either_township, key.claim_body(code), f"10.0.2.{number}"))

    threads = [threading.Thread(target=tap, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [a.status_code for a in answers] == [200] * 3
    assert len({a.json["enrolment"] for a in answers}) == 1


def test_a_revoked_phone_still_hands_over_its_work(township: Township) -> None:
    ana, chen = township.phone("ana"), township.desk("chen")
    before = ana.find_hazard(b"x")
    revoked = chen.post(f"/enrolments/{ana.enrolment}/revocation")
    assert revoked.status_code == 200
    assert revoked.json["revoked_at"]
    after = new_id()
    body = {
        "site": township.sites[ana.account],
        "finding": "灭火器过期",
        "level": "general",
        "disposition": "on_spot",
        "found_on": "2026-11-21",
        "source": "routine",
    }
    answer = ana.hand_over(ana.fact("hazard.found", after, body))
    assert answer.status_code == 200, "never refused"
    assert answer.json["revoked"] is True
    receipt = json.loads(answer.json["receipt"])
    assert receipt["exceptions"] == [[0, "quarantined:revoked"]]
    changes = ana.get("/sync/changes").json
    assert changes["control"]["revoked"] is True
    assert changes["rows"] == []
    assert changes["facts"] == []
    assert before not in json.dumps(changes)
    facts = facts_of(township, "enrolment.set")
    assert [fact["body"]["state"] for fact in facts] == ["claimed", "revoked"]
    assert facts[1]["author"] == township.people["chen"]
    assert {fact["verdict"] for fact in facts} == {"admitted"}
    again = chen.post(f"/enrolments/{ana.enrolment}/revocation")
    assert again.json["revoked_at"] == revoked.json["revoked_at"]
    assert len(facts_of(township, "enrolment.set")) == 2


def test_a_revoked_phone_is_enrolled_anew_with_a_new_code_only(township: Township) -> None:
    code, key = township.code("ana"), PhoneKey()
    enrolment = claim(township, key.claim_body(code)).json["enrolment"]
    township.desk("chen").post(f"/enrolments/{enrolment}/revocation")
    assert claim(township, key.claim_body(code)).json["code"] == "code-used"
    anew = claim(township, key.claim_body(township.code("ana")))
    assert anew.json["enrolment"] != enrolment


def test_the_phone_of_a_switched_off_account_counts_as_revoked(township: Township) -> None:
    ben = township.phone("ben")
    township.set_account("ben", active=False)
    answer = ben.hand_over(ben.fact("activity.recorded", new_id(), {"type": "other", "text": "x"}))
    assert answer.status_code == 200
    assert answer.json["revoked"] is True
    assert "quarantined" in answer.json["receipt"]


def test_the_list_tells_what_a_phone_still_holds(township: Township) -> None:
    ana, chen = township.phone("ana"), township.desk("chen")
    ana.find_hazard()
    township.clock.forward(hours=3)
    ana.fact("activity.recorded", new_id(), {"type": "other", "text": "没有交上来"})
    late = ana.fact("activity.recorded", new_id(), {"type": "other", "text": "交上来了"})
    assert ana.hand_over(late).status_code == 200
    township.code("ben")
    listed = chen.get("/enrolments").json
    (phone,) = listed["items"]
    assert phone["account_name"] == "Ana"
    assert phone["label"] == "Ana 的手机"
    assert phone["n_announced"] == 3
    assert phone["n_received"] == 1
    assert phone["missing"] == 2
    assert phone["last_seen_at"] == "2026-11-21T05:00:00.000Z"
    assert phone["app"] == "0.1.0"
    (code,) = listed["codes"]
    assert code["account_name"] == "Ben"


def test_a_chief_makes_no_phone_for_an_admin(township: Township) -> None:
    chen, dai = township.desk("chen"), township.desk("dai")
    asked = {"account": township.people["dai"]}
    assert chen.post("/enrolments", asked).json["code"] == "role-needed"
    code = dai.post("/enrolments", asked).json["code"]
    assert chen.get(f"/enrolments/{code}/sheet").status_code == 403
    assert dai.get(f"/enrolments/{code}/sheet").status_code == 200


@pytest.mark.parametrize("account", ["eli", None])
def test_no_code_for_somebody_who_left_or_never_was(
    township: Township, account: str | None
) -> None:
    asked = {"account": township.people[account] if account else new_id()}
    answer = township.desk("chen").post("/enrolments", asked)
    assert answer.json["code"] == ("account-inactive" if account else "not-found")
