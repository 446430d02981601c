"""What goes wrong on the way in: a clear sentence each time, and nothing lost.

A refusal of the whole request stores nothing and releases nothing on the phone; a bad line never
sinks its batch, and its bytes are kept.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import logging
import re
import socket
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from app.batches import api as batches
from app.clock import instant, new_id
from app.db import run
from tests.api.handover import (
    batch_bytes,
    envelope,
    found,
    hazard_body,
    headers,
    noted,
    post,
    row_of,
    send,
    sha256,
)
from tests.api.township import API, PHOTOS, Phone, Township, copy_township


@pytest.fixture(scope="module")
def township(
    first_township: Township, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Township]:
    made = copy_township(first_township, tmp_path_factory.mktemp("wire"))
    yield made
    made.services.database.close()


@pytest.fixture
def ana(township: Township) -> Phone:
    return township.phone("ana")


def count_facts(township: Township) -> int:
    with township.services.database.read() as connection:
        return int(run(connection, "SELECT count(*) FROM fact")[0][0])


def kept_bytes(township: Township, line: bytes) -> bytes:
    with township.services.database.read() as connection:
        rows = run(connection, "SELECT bytes FROM fact WHERE sha256 = ?", (sha256(line),))
    return bytes(rows[0][0])


def refused(township: Township, answer: Any, status: int, code: str) -> None:
    """A problem with this code, said in Chinese."""
    assert (answer.status_code, answer.json["code"]) == (status, code), answer.text
    assert answer.mimetype == "application/problem+json"
    assert re.search("[\u4e00-\u9fff]", answer.json["detail"]), answer.json["detail"]
    assert "{" not in answer.json["detail"]


def raw_post(phone: Phone, body: bytes, **more: str) -> Any:
    sent = {**headers(phone, body, packed=False), **more}
    return phone.client.post(f"{API}/sync/batches", data=body, headers=sent)


def test_a_body_that_is_not_json_is_told_so(township: Township, ana: Phone):
    before = count_facts(township)
    refused(township, post(ana, b"hello, this is no batch\n"), 400, "not-json")
    refused(township, post(ana, b"hello\nworld\nagain\n"), 400, "not-json")
    refused(township, post(ana, b""), 400, "not-json")
    refused(township, post(ana, b'{"a":1}\n'), 400, "not-a-batch")
    assert count_facts(township) == before


def test_a_gzip_bomb_costs_no_memory_and_stores_nothing(township: Township, ana: Phone):
    bomb = gzip.compress(b"0" * 200_000_000, 9)
    assert len(bomb) < 1_000_000
    answer = ana.client.post(f"{API}/sync/batches", data=bomb, headers=headers(ana, bomb))
    refused(township, answer, 413, "gzip-bomb")


def test_what_is_not_gzip_or_has_something_behind_it_is_refused(township: Township, ana: Phone):
    for body in (b"not gzip at all", gzip.compress(b"x") + b"tail"):
        answer = ana.client.post(f"{API}/sync/batches", data=body, headers=headers(ana, body))
        refused(township, answer, 400, "not-gzip")
    cut = gzip.compress(batch_bytes(ana, [found(ana)]))[:-20]
    answer = ana.client.post(f"{API}/sync/batches", data=cut, headers=headers(ana, cut))
    refused(township, answer, 400, "body-cut-short")


def test_an_encoding_we_do_not_know_is_named(township: Township, ana: Phone):
    answer = raw_post(ana, batch_bytes(ana, [found(ana)]), **{"Content-Encoding": "br"})
    refused(township, answer, 415, "not-acceptable-encoding")


def test_one_wrong_fact_of_fifty_does_not_sink_the_others(township: Township, ana: Phone):
    facts = [found(ana) for _ in range(50)]
    body = hazard_body(ana)
    del body["finding"]
    facts[17] = ana.fact("hazard.found", new_id(), body)
    receipt = send(ana, facts)
    assert receipt["exceptions"] == [[17, "quarantined:malformed"]]
    assert kept_bytes(township, facts[17]) == facts[17]


def test_a_line_that_is_no_fact_is_kept_byte_for_byte(township: Township, ana: Phone):
    lines = [
        b"\xff\xfe not even utf-8",
        b'{"id":"cut',
        b"[" * 100_000,
        b'{"a":' * 30 + b"1" + b"}" * 30,
        found(ana).replace(b'"v":1', b'"v":1,"v":2'),
        found(ana).replace(b'"offset_ms":0', b'"offset_ms":NaN'),
        found(ana).replace("连接软管超过 2 米".encode(), rb"\ud800"),
        found(ana).replace(b'"offset_ms":0', b'"offset_ms":123456789012345678901234567890'),
        b"x" * 200_000,
    ]
    receipt = send(ana, [*lines, found(ana)])
    reasons = dict(receipt["exceptions"])
    assert set(reasons) == set(range(len(lines)))
    assert set(reasons.values()) <= {"quarantined:unreadable", "quarantined:malformed"}
    for line in lines:
        assert kept_bytes(township, line) == line


def test_an_unknown_kind_is_taken_and_kept_for_later(township: Township, ana: Phone):
    hazard = new_id()
    send(ana, [found(ana, hazard)])
    receipt = send(ana, [ana.fact("hazard.photographed_from_space", hazard, {"height_km": 400})])
    assert receipt["exceptions"] == [[0, "admitted:unknown_kind"]]
    assert row_of(ana, "hazard", hazard)["unknown"] == 1


def test_a_fact_for_another_station_is_kept_apart(township: Township, ana: Phone):
    line = found(ana, station=new_id())
    assert send(ana, [line])["exceptions"] == [[0, "quarantined:foreign_station"]]
    assert kept_bytes(township, line) == line


def test_a_fact_in_bens_name_from_anas_phone_is_kept_apart(township: Township, ana: Phone):
    line = found(ana, author=township.people["ben"])
    assert send(ana, [line])["exceptions"] == [[0, "quarantined:wrong_author"]]


def test_a_revoked_phone_hands_over_into_quarantine_and_the_chief_lets_it_count(
    township: Township,
):
    ana, chen = township.phone("ana"), township.desk("chen")
    hazard = new_id()
    line = found(ana, hazard)
    assert chen.post(f"/enrolments/{ana.enrolment}/revocation").status_code in (200, 204)
    answer = post(ana, batch_bytes(ana, [line]))
    assert answer.status_code == 200
    assert answer.json["revoked"] is True
    receipt = json.loads(answer.json["receipt"])
    assert receipt["exceptions"] == [[0, "quarantined:revoked"]]
    changes = ana.get("/sync/changes").json
    assert changes["control"]["revoked"] is True
    assert changes["rows"] == []
    admitted = {
        "id": new_id(),
        "kind": "ledger.admitted",
        "subject": hazard,
        "after": [],
        "body": {"fact_sha256": sha256(line), "reason": "手机丢了，记录是真的"},
    }
    assert chen.post("/decisions", {"facts": [admitted]}).status_code == 200
    assert row_of(ana, "hazard", hazard)["state"] == "submitted"


def test_a_wrong_signature_sets_the_facts_aside_with_their_bytes(township: Township, ana: Phone):
    line = found(ana)
    plain = batch_bytes(ana, [line])
    head, signed, rest = plain.split(b"\n", 2)
    forged = {**json.loads(signed), "signature": ana.key.sign("something else")}
    answer = post(ana, b"\n".join([head, json.dumps(forged).encode(), rest]))
    assert json.loads(answer.json["receipt"])["exceptions"] == [[0, "quarantined:bad_signature"]]
    assert kept_bytes(township, line) == line


def test_facts_that_do_not_match_the_manifest_are_sent_again(township: Township, ana: Phone):
    line = found(ana)
    plain = batch_bytes(ana, [line]).replace("超过 2 米".encode(), "超过 3 米".encode())
    refused(township, post(ana, plain), 400, "manifest-mismatch")


def test_an_envelope_with_anything_wrong_is_refused_by_name(township: Township, ana: Phone):
    for more in (
        {"facts": 2},
        {"n_max": -1},
        {"sent_at": "yesterday"},
        {"batch": "1"},
        {"privates": "0"},
        {"offset_ms": "0"},
    ):
        plain = batch_bytes(ana, [found(ana)])
        head = json.loads(plain.split(b"\n", 1)[0]) | more
        wrong = json.dumps(head).encode() + b"\n" + plain.split(b"\n", 1)[1]
        refused(township, post(ana, wrong), 400, "not-a-batch")
    wire = batch_bytes(ana, [found(ana)], wire=99)
    refused(township, post(ana, wire), 400, "unsupported-wire")
    ben = envelope(township.phone("ben"), 1)["enrolment"]
    answer = post(ana, batch_bytes(ana, [found(ana)], enrolment=ben))
    refused(township, answer, 403, "wrong-enrolment")
    plain = batch_bytes(ana, [])
    many = plain.replace(b'"facts": 0', b'"facts": 2001')
    refused(township, post(ana, many), 413, "too-large")


def test_a_body_changed_on_the_way_or_without_its_digest_is_refused(township: Township, ana: Phone):
    body = batch_bytes(ana, [found(ana)])
    other = base64.b64encode(hashlib.sha256(b"other").digest()).decode()
    answer = raw_post(ana, body, **{"Content-Digest": f"sha-256=:{other}:"})
    refused(township, answer, 400, "digest-mismatch")
    for wrong in ("", "md5=:AAAA:", "sha-256=:****:"):
        answer = raw_post(ana, body, **{"Content-Digest": wrong})
        refused(township, answer, 400, "digest-required")


def test_a_phone_whose_clock_is_three_days_off_loses_nothing(township: Township, ana: Phone):
    hazard = new_id()
    wrong = instant(township.clock.now + timedelta(days=3))
    line = found(ana, hazard, at=wrong, offset_ms=3 * 86_400_000)
    receipt = send(ana, [line], sent_at=wrong, offset_ms=3 * 86_400_000)
    assert receipt["exceptions"] == []
    assert receipt["time"] == instant(township.clock.now)
    row = row_of(ana, "hazard", hazard)
    assert (row["at"], row["offset_ms"]) == (wrong, 3 * 86_400_000)


def test_too_much_set_aside_in_a_day_is_told_to_wait_and_stores_nothing(
    make_township: Callable[..., Township],
):
    township = make_township(GI_QUARANTINE_LINES_PER_DAY_MAX="5")
    ana = township.phone("ana")
    bad = [found(ana, station=new_id()) for _ in range(8)]
    assert len(send(ana, bad[:5])["exceptions"]) == 5
    before = count_facts(township)
    answer = post(ana, batch_bytes(ana, [bad[5], found(ana)]))
    refused(township, answer, 429, "quarantine-full")
    assert answer.headers["Retry-After"]
    assert count_facts(township) == before
    township.clock.forward(days=1)
    more = [found(ana, station=new_id()) for _ in range(8)]
    assert len(send(ana, more)["exceptions"]) == 8, "its first batch gets in, however bad"
    again = post(ana, batch_bytes(ana, [found(ana, station=new_id())]))
    refused(township, again, 429, "quarantine-full")


def test_a_full_disk_is_said_before_anything_is_written(make_township: Callable[..., Township]):
    township = make_township(GI_DISK_FREE_MB_MIN="9999999")
    ana = township.phone("ana")
    before = count_facts(township)
    refused(township, post(ana, batch_bytes(ana, [found(ana)])), 507, "disk-full")
    assert count_facts(township) == before
    assert township.app.test_client().get("/readyz").status_code == 503


def test_deep_nesting_surrogates_and_double_keys_in_json_are_refused(township: Township):
    client = township.app.test_client()

    def login(body: bytes) -> Any:
        return client.post(f"{API}/session", data=body, content_type="application/json")

    refused(township, login(b"[" * 100_000), 400, "json-too-deep")
    for body in (
        b'{"login":"a","login":"b","password":"c"}',
        b'{"login":"\\ud800","password":"c"}',
        b'{"login":NaN,"password":"c"}',
        b'{"login":99999999999999999999,"password":"c"}',
        b"\xff",
    ):
        refused(township, login(body), 400, "not-json")
    assert login(b'{"login":"[[[[[[[[[[[[[[[[[[[[[[[[[[[[","password":"x"}').status_code == 401


def test_unknown_addresses_methods_and_types_are_problems_too(township: Township):
    client = township.app.test_client()
    refused(township, client.get("/api/v1/nothing"), 404, "not-found")
    refused(township, client.put("/healthz"), 405, "method-not-allowed")
    refused(township, client.get("/api/v1/session"), 401, "unauthorised")
    answer = client.post(f"{API}/session", data=b"login=a", content_type="text/plain")
    refused(township, answer, 415, "unsupported-media-type")
    english = client.get("/api/v1/nothing", headers={"Accept-Language": "en"})
    assert english.json["detail"].isascii()


def test_a_fault_of_ours_tells_a_number_and_logs_nobodys_data(
    township: Township, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def fail(*_args: Any, **_more: Any) -> None:
        raise RuntimeError("boom")

    ana = township.phone("ana")
    line = found(ana, body=hazard_body(ana, finding="厨房灶台旁的秘密"))
    monkeypatch.setattr(batches, "append", fail)
    logging.getLogger("grid_inspector").propagate = True
    try:
        answer = post(ana, batch_bytes(ana, [line]))
    finally:
        logging.getLogger("grid_inspector").propagate = False
    refused(township, answer, 500, "internal")
    assert answer.headers["X-Request-Id"] in caplog.text
    assert "秘密" not in caplog.text


def test_every_answer_carries_the_security_headers_of_its_kind(township: Township, ana: Phone):
    client = township.app.test_client()
    for answer in (client.get("/healthz"), client.get("/api/v1/none"), ana.get("/sync/changes")):
        assert answer.headers["Content-Security-Policy"] == (
            "default-src 'none'; frame-ancestors 'none'"
        )
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "max-age" in answer.headers["Strict-Transport-Security"]
    for page in (client.get("/api/v1/docs"), client.get("/")):
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["X-Frame-Options"] == "DENY"
        assert page.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "camera=(self)" in page.headers["Permissions-Policy"]
        assert "max-age" in page.headers["Strict-Transport-Security"]


def test_the_first_notes_stay_when_a_later_one_is_wrong(township: Township, ana: Phone):
    hazard = new_id()
    send(ana, [found(ana, hazard), noted(ana, hazard)])
    bad = ana.fact("hazard.noted", hazard, {"text": 5})
    assert send(ana, [bad])["exceptions"] == [[0, "quarantined:malformed"]]
    assert row_of(ana, "hazard", hazard)["facts"] == 2


def test_a_decision_cut_off_on_its_way_is_answered_like_any_other_bad_body(township: Township):
    chen, before = township.desk("chen"), count_facts(township)
    answer = chen.call(
        "POST", "/decisions", data=b'{"facts":[',
        headers={"Content-Type": "application/json"}, environ_overrides={"CONTENT_LENGTH": "5000"},
    )  # fmt: skip
    assert answer.status_code == 400
    assert answer.json["code"] == "body-cut-short"
    assert count_facts(township) == before


class _FellSilent(io.RawIOBase):
    """What is left of a request when no byte comes for as long as the server waits."""

    def readable(self) -> bool:
        return True

    def readinto(self, _into: Any) -> int:
        raise BlockingIOError


def test_nobody_waits_for_the_goodbye_of_a_phone_that_fell_silent(ana: Phone):
    """gunicorn would, for two seconds, and let nobody else in meanwhile."""
    photo = (PHOTOS / "plain.jpg").read_bytes()
    ana.find_hazard(photo)
    batch = gzip.compress(batch_bytes(ana, [found(ana)]))
    for method, path, body, sent in (
        ("POST", "/sync/batches", batch, headers(ana, batch)),
        ("PUT", f"/photos/{sha256(photo)}", photo, ana.bearer),
    ):
        ours, phones = socket.socketpair()
        with ours, phones:
            answer = ana.client.open(
                f"{API}{path}", method=method, headers=sent,
                environ_overrides={"gunicorn.socket": ours, "wsgi.input": _FellSilent(),
                                   "CONTENT_LENGTH": str(len(body))},
            )  # fmt: skip
            assert (answer.status_code, answer.json["code"]) == (400, "body-cut-short")
            ours.settimeout(1)
            assert ours.recv(1) == b"", f"{path}: somebody still waits for what the phone may say"
