"""Handing over: once and for all, receipts that can be checked, nothing lost on the way."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from app.batches.api import RECEIPT_PREFIX
from app.clock import new_id
from app.db import run
from app.keys import signature_fits
from app.ledger.incoming import DeskFact
from app.ledger.rebuild import rebuild
from app.ledger.store import read_station
from tests.api.handover import (
    batch_bytes,
    found,
    headers,
    noted,
    post,
    private_line,
    row_of,
    send,
    sha256,
)
from tests.api.helpers_desk import decide, decision, submit
from tests.api.township import API, Township, statements_noted


@pytest.fixture
def township(either_township: Township) -> Township:
    return either_township


def stored(township: Township, query: str, *values: Any) -> list[tuple[Any, ...]]:
    with township.services.database.read() as connection:
        return run(connection, query, values)


def test_anas_day_gets_a_receipt_her_phone_can_check(township: Township):
    ana = township.phone("ana")
    answer = post(ana, batch_bytes(ana, [found(ana), found(ana)]))
    text = answer.json["receipt"]
    key = township.services.signer.public_key
    assert signature_fits(key, (RECEIPT_PREFIX + text).encode(), answer.json["signature"])
    receipt = json.loads(text)
    assert receipt["count"] == 2
    assert receipt["exceptions"] == []
    size = stored(township, "SELECT log_size, log_root FROM station")[0]
    assert (receipt["log"]["size"], receipt["log"]["root"]) == size


def test_a_lost_reply_is_repeated_word_for_word_and_stores_nothing_twice(township: Township):
    ana = township.phone("ana")
    body = batch_bytes(ana, [found(ana), found(ana)])
    first = post(ana, body)
    before = stored(township, "SELECT count(*) FROM fact")
    township.clock.forward(days=40)
    again = post(ana, body)
    assert again.json["receipt"] == first.json["receipt"]
    assert stored(township, "SELECT count(*) FROM fact") == before
    batch = json.loads(first.json["receipt"])["batch"]
    assert ana.get(f"/sync/receipts/{batch}").json["receipt"] == first.json["receipt"]


def test_the_same_facts_in_another_batch_keep_their_verdicts(township: Township):
    ana = township.phone("ana")
    fact = found(ana)
    first = send(ana, [fact])
    again = send(ana, [fact, fact])
    assert again["count"] == 2
    assert again["exceptions"] == []
    assert again["log"] == first["log"]
    assert stored(township, "SELECT count(*) FROM fact WHERE sha256 = ?", sha256(fact)) == [(1,)]


def test_nobody_else_gets_anas_receipt(township: Township):
    ana, ben = township.phone("ana"), township.phone("ben")
    batch = send(ana, [found(ana)])["batch"]
    assert ben.get(f"/sync/receipts/{batch}").status_code == 404
    assert ana.get(f"/sync/receipts/{new_id()}").json["code"] == "receipt-unknown"


def test_a_batch_id_used_for_other_facts_is_refused_whole(township: Township):
    ana = township.phone("ana")
    batch = new_id()
    send(ana, [found(ana)], batch=batch)
    answer = post(ana, batch_bytes(ana, [found(ana)], batch=batch))
    assert (answer.status_code, answer.json["code"]) == (409, "batch-id-reused")


def test_the_same_id_with_other_bytes_is_kept_apart(township: Township):
    ana = township.phone("ana")
    hazard, fact_id = new_id(), new_id()
    first = found(ana, hazard, id=fact_id)
    second = noted(ana, hazard, id=fact_id)
    send(ana, [first])
    receipt = send(ana, [second])
    assert receipt["exceptions"] == [[0, "quarantined:id_reused"]]
    kept = stored(township, "SELECT bytes FROM fact WHERE sha256 = ?", sha256(second))
    assert bytes(kept[0][0]) == second
    assert row_of(ana, "hazard", hazard)["facts"] == 1


def test_a_number_used_twice_stores_both_and_says_so(township: Township):
    ana = township.phone("ana")
    first = found(ana)
    ana.n -= 1
    second = found(ana)
    receipt = send(ana, [first, second])
    assert receipt["exceptions"] == [[1, "admitted:number_reused"]]


def test_the_server_notices_a_hole_and_an_unsent_tail(township: Township):
    ana = township.phone("ana")
    one, two, three = found(ana), found(ana), found(ana)
    send(ana, [one, three], n_max=7)
    query = "SELECT n_announced, n_received FROM enrolment WHERE enrolment_id = ?"
    assert stored(township, query, ana.enrolment) == [(7, 1)]
    send(ana, [two], n_max=7)
    assert stored(township, query, ana.enrolment) == [(7, 3)]
    assert ana.get("/sync/changes").json["n_received"] == 3


def test_a_name_travels_in_the_private_line_and_can_be_told_from_a_forgery(township: Township):
    ana = township.phone("ana")
    good, forged = new_id(), new_id()
    good_id, forged_id = new_id(), new_id()
    true_line = private_line(good_id, {"fix_owner": "王芳", "fix_owner_phone": "13912345678"})
    false_line = private_line(forged_id, {"fix_owner": "赵六"})
    facts = [
        found(ana, good, id=good_id, private=sha256(true_line)),
        found(ana, forged, id=forged_id, private=sha256(true_line)),
    ]
    receipt = send(ana, facts, [true_line, false_line])
    assert receipt["exceptions"] == [[1, "quarantined:private_mismatch"]]
    assert row_of(ana, "hazard", good)["fix_owner"] == "王芳"
    assert "王芳" not in stored(township, "SELECT bytes FROM fact WHERE sha256 = ?",
                                sha256(facts[0]))[0][0].decode()  # fmt: skip


def test_a_private_line_that_comes_later_completes_the_row(township: Township):
    ana = township.phone("ana")
    hazard, fact_id = new_id(), new_id()
    line = private_line(fact_id, {"fix_owner": "王芳"})
    fact = found(ana, hazard, id=fact_id, private=sha256(line))
    assert send(ana, [fact])["exceptions"] == [[0, "admitted:private_missing"]]
    assert row_of(ana, "hazard", hazard)["redacted"] is True
    send(ana, [fact], [line])
    assert row_of(ana, "hazard", hazard)["fix_owner"] == "王芳"


def test_photos_named_by_facts_are_wanted_and_those_held_are_told(township: Township):
    ana = township.phone("ana")
    data = b"photo"
    photos = [{"sha256": sha256(data), "role": "before", "bytes": len(data)}]
    answer = post(ana, batch_bytes(ana, [found(ana, photos=photos)]))
    assert answer.json["photos"] == {"held": [], "partial": []}
    assert stored(township, "SELECT sha256, state FROM photo") == [(sha256(data), "wanted")]


def test_eight_deliveries_of_one_batch_at_once_store_it_once(township: Township):
    ana = township.phone("ana")
    facts = [found(ana) for _ in range(5)]
    plain = batch_bytes(ana, facts)
    body = gzip.compress(plain)
    answers: list[Any] = []
    gate = threading.Barrier(8)

    def deliver() -> None:
        client = township.app.test_client()
        gate.wait()
        answers.append(client.post(f"{API}/sync/batches", data=body, headers=headers(ana, body)))

    threads = [threading.Thread(target=deliver) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json["receipt"] for answer in answers}) == 1
    hashes = stored(township, "SELECT sha256 FROM fact WHERE enrolment_id = ?", ana.enrolment)
    assert sorted(hashes) == sorted((sha256(fact),) for fact in facts)


def test_two_phones_on_one_hazard_at_once_lose_nothing(township: Township):
    """Folding without seeing each other would lose one side's note from the row (design 7)."""
    ana, ben = township.phone("ana"), township.phone("ben")
    hazard = new_id()
    send(ana, [found(ana, hazard)])
    rounds = 12
    bodies = {
        phone.account: [
            gzip.compress(batch_bytes(phone, [noted(phone, hazard, f"{phone.account} {number}")]))
            for number in range(rounds)
        ]
        for phone in (ana, ben)
    }
    failures: list[str] = []

    def deliver(phone: Any) -> None:
        client = township.app.test_client()
        for body in bodies[phone.account]:
            answer = client.post(f"{API}/sync/batches", data=body, headers=headers(phone, body))
            if answer.status_code != 200:
                failures.append(answer.text)

    threads = [threading.Thread(target=deliver, args=(phone,)) for phone in (ana, ben)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    row = row_of(ana, "hazard", hazard)
    assert row["facts"] == 1 + 2 * rounds
    size = stored(township, "SELECT log_size FROM station")[0][0]
    indexes = [idx for (idx,) in stored(township, "SELECT idx FROM log_entry ORDER BY idx")]
    assert indexes == list(range(size))
    with township.services.database.read() as connection:
        station = read_station(connection, township.station_id)
        assert station is not None
        report = rebuild(connection, station, apply=False)
    assert (report.differing, report.extra) == (0, [])


def test_a_batch_costs_the_same_statements_whatever_its_length(township: Township):
    ana = township.phone("ana")
    send(ana, [found(ana)])  # the first contact also notes that the phone was seen
    counts = []
    photo = {"role": "before", "bytes": 5}
    for length in (1, 20, 200):
        facts = [
            found(ana, photos=[{"sha256": sha256(f"{length} {number}".encode()), **photo}])
            for number in range(length)
        ]
        statements: list[str] = []

        def note(_c: Any, _k: Any, text: str, *_rest: Any, into: list[str] = statements) -> None:
            # Now and then the log keeps a subtree, and PostgreSQL's planner takes a look.
            if "log_node" not in text and not text.startswith("ANALYZE"):
                into.append(text)

        with statements_noted(township, note):
            send(ana, facts)
        counts.append(len(statements))
    assert len(set(counts)) == 1, counts
    assert counts[0] <= 31


@contextmanager
def no_scans(township: Township) -> Iterator[None]:
    """Meanwhile no statement may read a whole table of the ledger, or the whole log before it."""
    seen: dict[str, Any] = {}

    def note(_c: Any, _k: Any, text: str, values: Any, _x: Any, many: bool) -> None:
        if not many and text.split()[0] in ("SELECT", "UPDATE", "DELETE"):
            seen[text] = values

    with statements_noted(township, note):
        yield
    ledger = {
        "fact", "log_entry", "subject", "hazard", "inspection", "photo", "private_line", "batch",
        "redaction", "hazard_number", "f", "l", "s", "p", "h",
    }  # fmt: skip
    assert seen
    with township.services.database.read() as connection:
        for text, values in seen.items():
            for row in connection.exec_driver_sql("EXPLAIN QUERY PLAN " + text, values).all():
                words = str(row[3]).split()
                whole = words[0] == "SCAN" and "json_each" not in words
                assert not (whole and words[1] in ledger), (text, row[3])
                assert "(station_id=? AND idx<?)" not in row[3], (text, row[3])
                assert not row[3].endswith("(station_id=?)") or words[1] not in ledger, text


def test_no_statement_of_a_batch_scans_the_station(make_township: Callable[[], Township]):
    township = make_township()
    ana = township.phone("ana")
    hazard = new_id()
    line = found(ana, hazard)
    send(ana, [line])
    with no_scans(township):
        send(ana, [noted(ana, hazard), found(ana)])
        ana.get("/sync/changes")
        ana.get(f"/ledger/proof?fact={sha256(line)}")


def test_no_decision_about_another_fact_and_no_move_of_a_site_scans_the_station(
    make_township: Callable[[], Township],
):
    township = make_township()
    ana, chen, dai = township.phone("ana"), township.desk("chen"), township.desk("dai")
    hazard, fact_id = new_id(), new_id()
    line = private_line(fact_id, {"fix_owner": "王芳"})
    named = found(ana, hazard, id=fact_id, private=sha256(line))
    send(ana, [named], [line])
    wrong = noted(ana, hazard, author=township.people["ben"])
    assert send(ana, [wrong])["exceptions"] == [[0, "quarantined:wrong_author"]]
    site = township.sites[ana.account]
    why = {"basis": "本人申请", "approver": "陈站长"}

    def about(kind: str, **body: Any) -> dict[str, Any]:
        return {"id": new_id(), "kind": kind, "subject": hazard, "after": [], "body": body}

    with no_scans(township):
        for desk, fact in (
            (chen, about("ledger.admitted", fact_sha256=sha256(wrong))),
            (dai, about("ledger.redacted", fact_sha256=sha256(named), **why)),
            (chen, decision(township, "site.amended", site, {"area": township.areas["liutang"]})),
        ):
            answer = decide(desk, fact)
            assert answer.status_code == 200, answer.text


def test_what_lies_at_a_site_goes_with_it_and_nothing_else_does(township: Township):
    """Phones of the village it left must forget it, and those of the other must get it."""
    ana, ben = township.phone("ana"), township.phone("ben")
    site, other = township.sites[ana.account], township.sites[ben.account]
    inspection, hazards = submit(ana, hazards=({}, {}))
    alone, elsewhere = new_id(), new_id()
    send(ana, [found(ana, alone)])
    send(ben, [found(ben, elsewhere)])
    columns = "subject_id, area_id, areas_before, area_changed_idx FROM subject"

    def places() -> dict[str, tuple[Any, ...]]:
        return {row[0]: row[1:] for row in stored(township, f"SELECT {columns}")}

    before = places()
    area = township.areas["zaoyuan"], township.areas["liutang"]
    body = {"area": area[1]}
    after = township.heads("site", site)
    township.record(DeskFact(new_id(), "site.amended", site, body, after), by="chen")
    moved = {site, inspection, alone, *hazards}
    size = stored(township, "SELECT log_size FROM station")[0][0]
    for subject_id, place in places().items():
        if subject_id in moved:
            assert before[subject_id][0] == area[0]
            assert (place[0], place[1].split(), place[2]) == (area[1], [area[0]], size - 1)
        else:
            assert place == before[subject_id]
    for table in ("inspection", "hazard"):
        areas = dict(stored(township, f"SELECT id, area_id FROM {table}"))
        assert {areas[id_] for id_ in moved & set(areas)} == {area[1]}
    assert places()[elsewhere][0] == area[1] and other not in moved
