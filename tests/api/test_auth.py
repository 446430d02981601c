"""Signing in at the desk: sessions, guessing, one-time links, unmasking, who may do what."""

from __future__ import annotations

import re
import threading
from typing import Any

import pytest

from app.auth import store
from app.auth.passwords import hash_password, weakness
from app.auth.tokens import hash_token
from tests.api.township import API, PASSWORD, Township


def try_password(township: Township, password: str, login: str = "ana", **more: Any) -> Any:
    """One attempt from a fresh browser."""
    client = township.app.test_client()
    return client.post(f"{API}/session", json={"login": login, "password": password}, **more)


def test_chen_signs_in_and_sees_who_she_is(township: Township) -> None:
    answer = try_password(township, PASSWORD, login=" CHEN ")
    assert answer.status_code == 200
    assert answer.json["account"]["login"] == "chen"
    assert answer.json["roles"] == ["chief"]
    assert answer.json["station"]["id"] == township.station_id
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "Secure" in cookie
    assert "SameSite=Strict" in cookie
    desk = township.desk("chen")
    again = desk.get("/session")
    assert again.json["csrf"] == desk.csrf
    assert again.json["account"] == answer.json["account"]
    assert again.json["account"]["phone"] == "138****2210"


def test_a_wrong_password_and_an_unknown_login_look_the_same(township: Township) -> None:
    wrong = try_password(township, "Wrong-2026x", login="ana")
    unknown = try_password(township, "Wrong-2026x", login="nobody")
    switched_off = try_password(township, PASSWORD, login="eli")
    assert wrong.status_code == unknown.status_code == switched_off.status_code == 401
    assert wrong.json == unknown.json == switched_off.json
    assert "还可以试 4 次" in wrong.json["detail"]


def test_a_wrong_password_ten_times_says_how_long_to_wait(township: Township) -> None:
    answers = [try_password(township, "Wrong-2026x") for _ in range(10)]
    assert [a.status_code for a in answers] == [401] * 4 + [429] * 6
    assert "请等 1 分钟再试" in answers[4].json["detail"]
    assert int(answers[9].headers["Retry-After"]) in range(50, 62)
    assert try_password(township, PASSWORD).status_code == 429, "also the right one has to wait"
    township.clock.forward(seconds=62)
    assert try_password(township, PASSWORD).status_code == 200
    assert try_password(township, "Wrong-2026x").status_code == 401, "the slate was wiped"


def test_guessing_makes_nobody_wait_longer_than_a_quarter_of_an_hour(township: Township) -> None:
    waits = []
    for _ in range(12):
        answer = try_password(township, "Wrong-2026x")
        waits.append(int(answer.headers.get("Retry-After", 0)))
        township.clock.forward(seconds=waits[-1])
    assert waits[4] < waits[5] < waits[6]
    assert max(waits) <= 15 * 60 + 1
    assert try_password(township, PASSWORD).status_code == 200


def test_bens_guesses_do_not_lock_out_chen(township: Township) -> None:
    for _ in range(6):
        try_password(township, "Wrong-2026x", login="ben")
    assert try_password(township, PASSWORD, login="chen").status_code == 200


def test_of_eight_guesses_at_once_each_one_counts(either_township: Township) -> None:
    """Checked as slowly as a real password, so that all eight are under way at once."""
    township, slow = either_township, hash_password(PASSWORD)
    township.services.database.in_transaction(
        lambda c: store.set_password(
            c, township.station_id, township.people["ana"],
            password_hash=slow, now=township.clock.now,
        )
    )  # fmt: skip
    answers: list[int] = []
    start = threading.Barrier(8)

    def guess() -> None:
        start.wait()
        answers.append(try_password(either_township, "Wrong-2026x").status_code)

    threads = [threading.Thread(target=guess) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [401] * 4 + [429] * 4


def test_a_change_without_the_sessions_word_is_refused(township: Township) -> None:
    desk = township.desk("dai")
    path = f"{API}/accounts/{township.people['ana']}/password-links"
    assert desk.client.post(path).json["code"] == "csrf"
    assert desk.client.post(path, headers={"X-CSRF": "x" * 43}).json["code"] == "csrf"
    cross = {"X-CSRF": desk.csrf, "Sec-Fetch-Site": "cross-site"}
    assert desk.client.post(path, headers=cross).json["code"] == "csrf"
    assert desk.post(f"/accounts/{township.people['ana']}/password-links").status_code == 200


def test_another_sites_form_cannot_sign_anybody_in(township: Township) -> None:
    client = township.app.test_client()
    form = client.post(f"{API}/session", data={"login": "ana", "password": PASSWORD})
    assert form.status_code == 415
    text = client.post(
        f"{API}/session",
        data=f'{{"login":"ana","password":"{PASSWORD}"}}',
        content_type="text/plain",
    )
    assert text.status_code == 415
    cross = try_password(township, PASSWORD, headers={"Sec-Fetch-Site": "cross-site"})
    assert cross.status_code == 403
    assert not client.get(f"{API}/session").headers.get("Set-Cookie")


def test_a_desk_left_alone_for_eight_hours_is_signed_out(township: Township) -> None:
    desk = township.desk("chen")
    township.clock.forward(hours=7.9)
    assert desk.get("/session").status_code == 200
    township.clock.forward(hours=8.1)
    assert desk.get("/session").status_code == 401


def test_a_desk_in_use_stays_signed_in_until_the_month_is_over(
    township: Township, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.auth.authenticator.SEEN_EVERY_S", 0.0)
    desk = township.desk("chen")
    for _ in range(30 * 24 // 6 - 1):
        township.clock.forward(hours=6)
        assert desk.get("/session").status_code == 200
    township.clock.forward(hours=7)
    assert desk.get("/session").status_code == 401


def test_signing_out_ends_the_session_for_good(township: Township) -> None:
    desk = township.desk("chen")
    token = desk.client.get_cookie("gi_session").value
    assert desk.call("DELETE", "/session").status_code == 204
    desk.client.set_cookie("gi_session", token)
    assert desk.get("/session").status_code == 401


def test_switching_an_account_off_ends_its_sessions_at_once(township: Township) -> None:
    desk = township.desk("ben")
    township.set_account("ben", active=False)
    assert desk.get("/session").status_code == 401


def test_a_role_taken_away_counts_with_the_next_click(township: Township) -> None:
    desk = township.desk("chen")
    assert desk.get("/accounts").status_code == 200
    township.grant("chen", ["inspector"], [township.areas["zaoyuan"]])
    assert desk.get("/accounts").json["code"] == "role-needed"


def new_link(township: Township, name: str) -> str:
    """The token in a fresh password link."""
    answer = township.desk("dai").post(f"/accounts/{township.people[name]}/password-links")
    assert answer.status_code == 200, answer.text
    url: str = answer.json["url"]
    assert url.startswith("https://anjian.example/desk/#/password/")
    return url.rsplit("/", 1)[1]


def set_password(township: Township, token: str, password: str) -> Any:
    """Use a link."""
    client = township.app.test_client()
    return client.post(f"{API}/passwords", json={"token": token, "password": password})


def test_a_one_time_link_sets_a_password_once(township: Township) -> None:
    old_desk = township.desk("ana")
    token = new_link(township, "ana")
    assert set_password(township, token, "Baiyang.88x").json == {"login": "ana"}
    assert old_desk.get("/session").status_code == 401, "older sessions ended"
    assert try_password(township, "Baiyang.88x").status_code == 200
    assert try_password(township, PASSWORD).status_code == 401
    assert set_password(township, token, "Other-2026x").json["code"] == "link-expired"
    assert set_password(township, "x" * 43, "Other-2026x").json["code"] == "link-unknown"


def test_a_link_is_good_for_a_day_and_void_when_a_newer_one_is_made(township: Township) -> None:
    first = new_link(township, "ana")
    second = new_link(township, "ana")
    assert set_password(township, first, "Baiyang.88x").json["code"] == "link-expired"
    township.clock.forward(hours=25)
    assert set_password(township, second, "Baiyang.88x").json["code"] == "link-expired"


def test_a_link_lets_somebody_in_who_was_made_to_wait(township: Township) -> None:
    for _ in range(6):
        try_password(township, "Wrong-2026x")
    set_password(township, new_link(township, "ana"), "Baiyang.88x")
    assert try_password(township, "Baiyang.88x").status_code == 200


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("Kort-1", "太短"),
        ("x" * 129 + "A1", "太长"),
        ("alllowercase", "太简单"),
        ("12345678901", "太简单"),
        ("P@ssw0rd", "太常见"),
        ("Qwer1234!", "太常见"),
        ("Admin@123", "太常见"),
        ("Ana-2026xyz", "登录名"),
    ],
)
def test_a_weak_password_is_refused_with_its_reason(
    township: Township, password: str, says: str
) -> None:
    token = new_link(township, "ana")
    answer = set_password(township, token, password)
    assert answer.status_code == 422
    assert says in answer.json["detail"]
    assert set_password(township, token, "Baiyang.88x").status_code == 200, "the link is unspent"


def test_a_long_sentence_in_chinese_is_a_good_password() -> None:
    assert weakness("枣园村第3网格Anquan", login="ana") is None


def test_no_secret_lies_in_the_database(township: Township) -> None:
    desk = township.desk("ana")
    cookie = desk.client.get_cookie("gi_session").value
    link, code = new_link(township, "ben"), township.code("ben")
    phone = township.phone("ana")
    township.services.database.checkpoint()
    database = township.services.database.path
    assert database is not None
    content = database.read_bytes()
    assert hash_token(cookie).encode() in content
    for secret in (cookie, link, code, code.replace("-", ""), phone.token, PASSWORD):
        assert secret.encode() not in content


def test_only_the_admin_hands_out_passwords(township: Township) -> None:
    path = f"/accounts/{township.people['ana']}/password-links"
    assert township.desk("chen").post(path).json["code"] == "role-needed"
    assert township.desk("ana").post(path).json["code"] == "role-needed"
    assert township.desk("dai").post("/accounts/nobody/password-links").status_code == 404


def test_a_number_is_masked_until_somebody_says_why(township: Township) -> None:
    ana_site = township.sites[township.people["ana"]]
    chen, ben = township.desk("chen"), township.desk("ben")
    rows = chen.get("/accounts").json["items"]
    assert {row["phone"] for row in rows} == {"138****2210"}
    asked = {"subject": ana_site, "field": "owner_phone", "reason": "通知复查时间"}
    assert chen.post("/unmask", asked).json == {"value": "13912345678"}
    (entry,) = chen.get("/access-log").json["items"]
    assert entry["account"] == township.people["chen"]
    assert entry["subject"] == ana_site
    assert entry["reason"] == "通知复查时间"
    assert township.desk("ana").post("/unmask", asked).status_code == 403
    township.grant("ana", ["certified_inspector"], [township.areas["zaoyuan"]])
    township.grant("ben", ["certified_inspector"], [township.areas["liutang"]])
    foreign, missing = (
        ben.post("/unmask", asked),
        ben.post("/unmask", {**asked, "subject": asked["subject"][:-1] + "0"}),
    )
    assert foreign.status_code == missing.status_code == 404
    assert foreign.json == missing.json
    assert chen.post("/unmask", {**asked, "field": "owner_name"}).status_code == 404
    assert chen.post("/unmask", {**asked, "reason": ""}).status_code == 422
    assert township.desk("ana").post("/unmask", asked).status_code == 200
    assert len(chen.get("/access-log").json["items"]) == 2


def test_refusals_speak_chinese_and_english_when_asked(township: Township) -> None:
    chinese = try_password(township, "Wrong-2026x").json["detail"]
    english = try_password(township, "Wrong-2026x", headers={"Accept-Language": "en"})
    assert re.search("[\u4e00-\u9fff]", chinese)
    assert not re.search("[\u4e00-\u9fff]", english.json["detail"])
