"""The machine is lost, the station restored from last night; phones bring back the rest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.backup.report import Report, read_report
from app.clock import new_id
from app.ledger.head import read_station
from tests.api.handover import (
    batch_bytes,
    found,
    hazard_body,
    post,
    private_line,
    row_of,
    send,
    sha256,
)
from tests.api.restoring import (
    back_up,
    changes,
    head_line,
    lose_and_restore,
    moved,
    numbers,
    page_line,
    post_pulled,
    restore_words,
    stored,
)
from tests.api.sound import sound
from tests.api.township import API, PHOTOS, Phone, Township
from tests.postgres import Cluster

Restore = Callable[[Township], Township]


@pytest.fixture
def restore(township: Township, tmp_path: Path) -> Iterator[Restore]:
    """Back to what `back_up(township, tmp_path / 'backups')` saw."""
    yield from _restoring(tmp_path, lambda: f"sqlite:///{tmp_path / 'second.db'}")


@pytest.fixture
def either_restore(
    request: pytest.FixtureRequest, either_township: Township, tmp_path: Path
) -> Iterator[Restore]:
    """The same, on the kind of database the township has."""
    if either_township.services.database.sqlite:
        yield from _restoring(tmp_path, lambda: f"sqlite:///{tmp_path / 'second.db'}")
        return
    cluster: Cluster = request.getfixturevalue("postgres_cluster")
    yield from _restoring(tmp_path, cluster.new_database)


def _restoring(tmp_path: Path, new_database: Callable[[], str]) -> Iterator[Restore]:
    restored: list[Township] = []

    def work(lost: Township) -> Township:
        url = new_database()
        restored.append(lose_and_restore(lost, tmp_path / "backups", tmp_path / "second", url))
        return restored[-1]

    yield work
    for each in restored:
        each.services.database.close()


def test_what_phones_pulled_comes_back_with_the_same_numbers_and_verdicts(
    either_township: Township, either_restore: Restore, tmp_path: Path
):
    ana, ben, chen = (
        either_township.phone("ana"),
        either_township.phone("ben"),
        either_township.desk("chen"),
    )
    early = ana.find_hazard()
    before = changes(ana)
    assert back_up(either_township, tmp_path / "backups") == 0
    hazards = [ana.find_hazard() for _ in range(3)]
    bens = ben.find_hazard()
    heads = either_township.heads("hazard", hazards[0])
    confirm = {"id": new_id(), "kind": "hazard.confirmed", "subject": hazards[0], "after": heads,
               "body": {"level": "general"}}  # fmt: skip
    assert chen.post("/decisions", {"facts": [confirm]}).status_code == 200
    quarantined = ana.fact("hazard.voided", hazards[1], {"reason": "重复"})
    send(ana, [quarantined])
    page, given, had = (
        changes(ana, before["cursor"]),
        numbers(either_township),
        stored(either_township),
    )

    second = either_restore(either_township)
    assert numbers(second) == {early: given[early]}
    ana2 = moved(ana, second)
    answer = post_pulled(ana2, [head_line(page["head"]), page_line(page)])
    assert answer.status_code == 200, answer.text
    assert answer.json == {"taken": 5, "known": 0, "refused": []}
    assert {numbers(second)[each] for each in hazards} == {given[each] for each in hazards}
    assert row_of(ana2, "hazard", hazards[0])["state"] == "confirmed_general"
    again = send(ana2, [quarantined])
    assert again["exceptions"] == [[0, "quarantined:missing_role"]]
    assert bens not in numbers(second)
    assert len(had - stored(second)) == 1  # Ben's, which only Ben's phone has
    sound(second)


def test_a_page_handed_back_twice_or_by_two_phones_changes_nothing_more(
    township: Township, restore: Restore, tmp_path: Path
):
    ana, chief = township.phone("ana"), township.phone("chen")
    back_up(township, tmp_path / "backups")
    ana.find_hazard()
    pages = [changes(ana), changes(chief)]
    second = restore(township)
    first = post_pulled(moved(ana, second), [page_line(pages[0])]).json
    assert first["taken"] == 1
    for phone, page in ((ana, pages[0]), (chief, pages[1])):
        again = post_pulled(moved(phone, second), [page_line(page)]).json
        assert (again["taken"], again["refused"]) == (0, [])
    sound(second)


def test_a_number_given_meanwhile_gives_way_to_the_one_on_the_papers(
    township: Township, restore: Restore, tmp_path: Path
):
    ana, chief = township.phone("ana"), township.phone("chen")
    back_up(township, tmp_path / "backups")
    hazard = new_id()
    line = found(ana, hazard)
    send(ana, [line])
    page, number = changes(chief), numbers(township)[hazard]
    second = restore(township)
    ana2 = moved(ana, second)
    send(ana2, [line])  # her phone had not heard of the number
    interim = numbers(second)[hazard]
    assert interim.endswith("-20001")
    cursor = changes(ana2)["cursor"]
    post_pulled(moved(chief, second), [page_line(page)])
    assert numbers(second)[hazard] == number
    told = [row["row"]["number"] for row in changes(ana2, cursor)["rows"] if row["id"] == hazard]
    assert told == [number]
    other = ana2.find_hazard()
    assert numbers(second)[other].endswith("-20002")
    assert restore_words(second) == 0
    sound(second)


def test_a_number_given_when_the_chief_let_an_older_hazard_in_comes_back_too(
    township: Township, restore: Restore, tmp_path: Path
):
    """The backup has the fact, set aside and without a number: which page brings the number?"""
    ana, ben, chief = township.phone("ana"), township.phone("ben"), township.phone("chen")
    dai, hazard = township.desk("dai"), new_id()
    aside = found(ben, hazard, author=ana.account, enrolment=ana.enrolment, n=1)
    assert send(ben, [aside])["exceptions"] == [[0, "quarantined:wrong_author"]]
    before = changes(chief)["cursor"]
    back_up(township, tmp_path / "backups")
    body = {"fact_sha256": sha256(aside), "reason": "核对过，属实"}
    let_in = {
        "id": new_id(),
        "kind": "ledger.admitted",
        "subject": hazard,
        "after": [],
        "body": body,
    }
    assert dai.post("/decisions", {"facts": [let_in]}).status_code == 200
    number, page = numbers(township)[hazard], changes(chief, before)
    assert aside.decode() not in [each["line"] for each in page["facts"]]
    second = restore(township)
    other = moved(ana, second).find_hazard()
    post_pulled(moved(chief, second), [page_line(page)])
    assert numbers(second)[hazard] == number
    assert numbers(second)[other] != number
    sound(second)


def test_a_number_that_another_hazard_holds_is_named_in_the_report(
    township: Township, restore: Restore, tmp_path: Path
):
    ana = township.phone("ana")
    back_up(township, tmp_path / "backups")
    hazard = ana.find_hazard()
    page, number = changes(ana), numbers(township)[hazard]
    second = restore(township)
    second.services.database.in_transaction(
        lambda c: c.exec_driver_sql("UPDATE counter SET value = 0 WHERE name LIKE 'hazard:%%'")
    )
    ana2 = moved(ana, second)
    thief = ana2.find_hazard()
    assert numbers(second)[thief] == number
    assert post_pulled(ana2, [page_line(page)]).json["taken"] == 1
    assert numbers(second)[hazard] != number
    report = _report(second)
    assert [(each["number"], each["given_back"]) for each in report.numbers] == [(number, False)]
    assert restore_words(second) == 1
    sound(second)


def test_nothing_a_phone_makes_up_is_taken_back(
    township: Township, restore: Restore, tmp_path: Path
):
    ana = township.phone("ana")
    back_up(township, tmp_path / "backups")
    ana.find_hazard()
    page = changes(ana)
    second = restore(township)
    ana2 = moved(ana, second)
    running = changes(ana2)
    forged = json.loads(json.dumps(page_line(page)))
    forged["items"][-1]["verdict"] = "admitted:outside_area"
    longer = {**head_line(page["head"]), "size": page["head"]["size"] + 5}
    own = page_line(running)
    answer = post_pulled(ana2, [forged, longer, own, {"type": "x"}]).json
    assert [code for _, code in answer["refused"]] == [
        "not-signed-here", "not-signed-here", "epoch-is-running", "malformed",
    ]  # fmt: skip
    assert answer["taken"] == 0
    assert restore_words(second) == 0  # an unsigned head proves nothing, so nothing is missing


def test_private_fields_come_back_with_their_authors_phone(
    township: Township, restore: Restore, tmp_path: Path
):
    ana, chief = township.phone("ana"), township.phone("chen")
    back_up(township, tmp_path / "backups")
    fact_id, hazard = new_id(), new_id()
    private = private_line(fact_id, {"fix_owner": "王芳"})
    line = found(ana, hazard, id=fact_id, private=sha256(private), body=hazard_body(ana))
    send(ana, [line], [private])
    page = changes(chief)
    second = restore(township)
    assert post_pulled(moved(chief, second), [page_line(page)]).json["taken"] == 1
    ana2 = moved(ana, second)
    assert row_of(ana2, "hazard", hazard)["redacted"] is True
    send(ana2, [line], [private])
    row = row_of(ana2, "hazard", hazard)
    assert (row["redacted"], row["fix_owner"]) == (False, "王芳")
    sound(second)


def test_a_phone_enrolled_after_the_backup_comes_back_by_the_stations_own_word(
    township: Township, restore: Restore, tmp_path: Path
):
    back_up(township, tmp_path / "backups")
    client, late = township.app.test_client(), township.phone("ana")
    claim = late.key.claim_body(township.code("ben"), "Ben 的新手机")
    claimed = client.post(f"{API}/enrolments/claim", json=claim).json
    ben = Phone(township, client, late.key, township.people["ben"], claimed["enrolment"],
                claimed["token"])  # fmt: skip
    line = found(ben)
    send(ben, [line])
    page = changes(ben)
    second = restore(township)
    ben2 = moved(ben, second)
    assert ben2.get("/sync/changes").status_code == 401
    text = claimed["statement"]["text"]
    word = {"statement": text, "signature": claimed["statement"]["signature"],
            "proof": ben.key.sign(f"grid-inspector/return/1\n{text}")}  # fmt: skip
    stolen = {**word, "proof": word["signature"]}
    assert ben2.client.post(f"{API}/enrolments/return", json=stolen).status_code == 422
    before = {**word, "within": 1}  # its older ones came back in an epoch that is lost as well
    assert ben2.client.post(f"{API}/enrolments/return", json=before).json["code"] == "epoch-changed"
    back = ben2.client.post(f"{API}/enrolments/return", json=word)
    assert back.status_code == 200, back.text
    assert back.json["enrolment"] == ben.enrolment
    ben2.token = back.json["token"]
    assert post_pulled(ben2, [page_line(page)]).json["taken"] >= 1
    assert send(ben2, [line])["exceptions"] == []
    assert changes(ben2)["n_received"] == 1
    sound(second)
    revoked = second.desk("chen").post(f"/enrolments/{ben.enrolment}/revocation")
    assert revoked.status_code == 200
    refused = ben2.client.post(f"{API}/enrolments/return", json=word)
    assert refused.json["code"] == "enrolment-revoked"


def test_without_a_restore_the_stations_word_enrols_nobody(township: Township):
    client, code = township.app.test_client(), township.code("ana")
    key = township.phone("ana").key
    claimed = client.post(f"{API}/enrolments/claim", json=key.claim_body(code)).json
    text = claimed["statement"]["text"]
    word = {"statement": text, "signature": claimed["statement"]["signature"],
            "proof": key.sign(f"grid-inspector/return/1\n{text}")}  # fmt: skip
    township.services.database.in_transaction(lambda c: c.exec_driver_sql("DELETE FROM enrolment"))
    refused = client.post(f"{API}/enrolments/return", json=word)
    assert (refused.status_code, refused.json["code"]) == (409, "no-restore")


def test_the_report_names_exactly_what_nobody_brought_back(
    township: Township, restore: Restore, tmp_path: Path
):
    ana, ben, chief = township.phone("ana"), township.phone("ben"), township.phone("chen")
    back_up(township, tmp_path / "backups")
    size = changes(ana)["head"]["size"]
    kept, gone = found(ana), [found(ben) for _ in range(2)]
    first = post(ana, batch_bytes(ana, [kept])).json
    post(ben, batch_bytes(ben, gone))
    head = changes(chief)["head"]
    second = restore(township)
    receipt = {"type": "receipt", "receipt": first["receipt"], "signature": first["signature"],
               "facts": [sha256(kept)]}  # fmt: skip
    answer = post_pulled(moved(chief, second), [head_line(head), receipt]).json
    assert answer["refused"] == []
    report = _report(second)
    assert [(each.first, each.last) for each in report.missing] == [(size, size + 2)]
    assert [each["lacking"] for each in report.batches] == [[sha256(kept)]]
    send(moved(ana, second), [kept])
    report = _report(second)
    assert [(each.first, each.last) for each in report.missing] == [(size + 1, size + 2)]
    assert (report.batches, report.complete) == ([], False)
    assert restore_words(second) == 1
    shown = second.desk("chen").get("/restores").json
    assert (shown["restored"], shown["complete"]) == (True, False)


def test_the_next_restore_of_the_same_set_is_another_epoch(
    township: Township, restore: Restore, tmp_path: Path
):
    ana = township.phone("ana")
    back_up(township, tmp_path / "backups")
    first = changes(ana)
    township.clock.forward(days=1)
    second = restore(township)
    told = changes(moved(ana, second))
    assert told["epoch"] > first["epoch"]
    where = {"size": first["head"]["size"], "root": first["head"]["root"]}
    assert told["opened"] == {"epoch": told["epoch"], "from": first["epoch"], **where}
    township.clock.forward(hours=1)
    url = f"sqlite:///{tmp_path / 'third.db'}"
    third = lose_and_restore(second, tmp_path / "backups", tmp_path / "third", url)
    assert changes(moved(ana, third))["epoch"] > told["epoch"]
    third.services.database.close()


@pytest.mark.parametrize("first", ["of the first life", "of the second"])
def test_of_two_numbers_that_lost_logs_gave_the_one_on_the_first_papers_stands(
    first: str, township: Township, restore: Restore, tmp_path: Path
):
    """Restored twice: one phone knows the first number, another the one given in between."""
    ana, chief = township.phone("ana"), township.phone("chen")
    back_up(township, tmp_path / "backups")
    hazard = new_id()
    line = found(ana, hazard)
    send(ana, [line])
    of_first, number = changes(chief), numbers(township)[hazard]
    township.clock.forward(days=1)
    second = restore(township)
    send(moved(ana, second), [line])
    of_second = changes(moved(chief, second))
    assert numbers(second)[hazard] != number
    township.clock.forward(hours=1)
    url = f"sqlite:///{tmp_path / 'third.db'}"
    third = lose_and_restore(second, tmp_path / "backups", tmp_path / "third", url)
    pages = [of_first, of_second] if first == "of the first life" else [of_second, of_first]
    for page in pages:
        answer = post_pulled(moved(chief, third), [page_line(page)])
        assert answer.json["refused"] == []
    assert numbers(third)[hazard] == number
    sound(third)
    third.services.database.close()


def test_photos_of_the_set_are_held_and_the_others_are_asked_for_again(
    township: Township, restore: Restore, tmp_path: Path
):
    ana = township.phone("ana")
    old, new = (PHOTOS / "small.jpg").read_bytes(), (PHOTOS / "small.jpg").read_bytes() + b"\0"
    ana.find_hazard(old)
    hazard = ana.find_hazard(new)
    assert ana.whole(old).status_code == 204
    # a part of the other one came before the backup: parts are not backed up
    name = hashlib.sha256(new).hexdigest()
    ana.part(name, new[:400], offset=0, length=len(new))
    back_up(township, tmp_path / "backups")
    told = changes(ana)
    assert told["backed_up_to"] == told["head"]["size"]
    assert ana.whole(new).status_code == 204
    ana2 = moved(ana, restore(township))
    assert ana2.get(f"/photos/{hashlib.sha256(old).hexdigest()}/original").data == old
    asked = ana2.get(f"/photos/{name}", "HEAD")
    assert (asked.headers["Upload-Offset"], "Photo-Receipt" in asked.headers) == ("0", False)
    assert ana2.whole(new).status_code == 204
    assert row_of(ana2, "hazard", hazard)["photos"]


def test_enrolments_that_come_back_oldest_first_keep_what_was_written_under_the_older_one(
    township: Township, restore: Restore, tmp_path: Path
):
    back_up(township, tmp_path / "backups")
    ana = township.phone("ana")
    claims = [_claimed(ana, ana.key.claim_body(township.code("ana"))) for _ in range(2)]
    older = replace(ana, enrolment=claims[0]["enrolment"])
    line = found(older)
    second = restore(township)
    ana2 = moved(ana, second)
    for claimed in claims:
        ana2.enrolment, ana2.token = claimed["enrolment"], _return(ana2, claimed)["token"]
    assert send(ana2, [line])["exceptions"] == []
    sound(second)


def _claimed(phone: Phone, claim: dict[str, str]) -> dict[str, Any]:
    answer = phone.client.post(f"{API}/enrolments/claim", json=claim)
    assert answer.status_code == 200, answer.text
    claimed: dict[str, Any] = answer.json
    return claimed


def _return(phone: Phone, claimed: dict[str, Any]) -> dict[str, Any]:
    """The station's own word for an enrolment, shown to it again."""
    text, signature = claimed["statement"]["text"], claimed["statement"]["signature"]
    proof = phone.key.sign(f"grid-inspector/return/1\n{text}")
    word = {"statement": text, "signature": signature, "proof": proof}
    answer = phone.client.post(f"{API}/enrolments/return", json=word)
    assert answer.status_code == 200, answer.text
    back: dict[str, Any] = answer.json
    return back


@pytest.mark.parametrize("tells_epoch", [True, False])
def test_a_cursor_of_the_lost_log_says_nothing_of_what_came_after_the_restore(
    township: Township, restore: Restore, tmp_path: Path, tells_epoch: bool
):
    """Ana lost the role after the restore and cannot know: her cursor is only a larger number."""
    everywhere = list(township.areas.values())
    township.grant("ana", ["chief", "inspector"], everywhere)
    ana = township.phone("ana")
    hazard = ana.find_hazard()
    back_up(township, tmp_path / "backups")
    for _ in range(6):
        ana.find_hazard()
    old = changes(ana)
    second = restore(township)
    second.grant("ana", ["inspector"], everywhere)
    ana2 = moved(ana, second)
    told: dict[str, Any] = {"acknowledged": old["cursor"]}
    if tells_epoch:  # of an older release only a number beyond the log gives it away
        told["epoch"] = old["epoch"]
        while changes(ana2)["head"]["size"] <= old["head"]["size"]:
            ana2.find_hazard()
    voided = ana2.fact("hazard.voided", hazard, {"reason": "重复"})
    assert send(ana2, [voided], **told)["exceptions"] == []
    # what she read of the running log counts as ever
    running = changes(ana2)
    late = ana2.fact("hazard.voided", hazard, {"reason": "还是重复"})
    heard = {"acknowledged": running["cursor"], "epoch": running["epoch"]}
    assert send(ana2, [late], **heard)["exceptions"] == [[0, "quarantined:missing_role"]]
    sound(second)


def test_a_proof_of_consistency_says_of_which_log_it_is(
    township: Township, restore: Restore, tmp_path: Path
):
    ana = township.phone("ana")
    ana.find_hazard()
    back_up(township, tmp_path / "backups")
    asked = "/ledger/consistency?from=1"
    before = ana.get(asked).json["epoch"]
    ana2 = moved(ana, restore(township))
    assert (before, ana2.get(asked).json["epoch"]) == (1, changes(ana2)["epoch"])


def _report(township: Township) -> Report:
    with township.services.database.read() as connection:
        row = read_station(connection, township.station_id)
        assert row is not None
        report = read_report(connection, row)
    assert report is not None
    return report
