"""The ledger as evidence: every change is found, every row can be made again (I7, I8, I14)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.clock import new_id
from app.db import run
from app.ledger.head import signed_head
from app.ledger.incoming import DeskFact
from app.ledger.log import subtrees
from app.ledger.rebuild import rebuild
from app.ledger.store import read_station
from app.ledger.verify import Head, Report, read_heads, verify
from sync.merkle import leaf_hash, log_leaf, root_at, verify_inclusion
from tests.api.handover import found, noted, private_line, row_of, send, sha256
from tests.api.township import Township


@pytest.fixture
def township(either_township: Township) -> Township:
    return either_township


def check(township: Township, heads: list[Head] | None = None) -> Report:
    services = township.services
    with services.database.read() as connection:
        station = read_station(connection, township.station_id)
        assert station is not None
        return verify(connection, station, heads or [], server_key=services.signer.public_key)


def head_of(township: Township) -> Head:
    services = township.services
    with services.database.read() as connection:
        station = read_station(connection, township.station_id)
        assert station is not None
        return read_heads(
            json.dumps(signed_head(services.signer, station, township.clock.now)), "Ana's phone"
        )[0]


def a_day(township: Township) -> tuple[Any, str]:
    """Hazards, a note, a private line, a quarantined fact, a conflict of two phones."""
    ana, ben = township.phone("ana"), township.phone("ben")
    hazard, fact_id = new_id(), new_id()
    line = private_line(fact_id, {"fix_owner": "王芳"})
    send(ana, [found(ana, hazard, id=fact_id, private=sha256(line))], [line])
    send(ben, [noted(ben, hazard), found(ben), found(ben, station=new_id())])
    send(ana, [noted(ana, hazard), found(ana)])
    return ana, hazard


def rebuilt(township: Township, *, apply: bool) -> Any:
    def work(connection: Any) -> Any:
        station = read_station(connection, township.station_id)
        assert station is not None
        return rebuild(connection, station, apply=apply)

    if apply:
        return township.services.database.in_transaction(work)
    with township.services.database.read() as connection:
        return work(connection)


def tamper(township: Township, *statements: tuple[str, tuple[Any, ...]]) -> None:
    """What somebody with the file and no scruples can do: drop the triggers, then write."""
    database = township.services.database
    database.close()
    assert database.path is not None
    file = sqlite3.connect(database.path)
    for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        file.execute(f"DROP TRIGGER {name}")
    for text, values in statements:
        file.execute(text, values)
    file.commit()
    file.close()


def test_an_honest_ledger_verifies_against_a_phones_head(township: Township):
    a_day(township)
    head = head_of(township)
    ana = township.phone("ana")
    send(ana, [found(ana) for _ in range(300)])
    report = check(township, [head])
    assert report.breaks == []
    assert report.heads_checked == 1


def test_a_head_that_nobody_signed_is_noticed(township: Township):
    a_day(township)
    head = head_of(township)
    forged = Head(head.size, head.root, "a forger", head.epoch, "2020-01-01T00:00:00.000Z",
                  head.signature)  # fmt: skip
    assert any("not signed" in words for words in check(township, [forged]).breaks)


def last_index(township: Township) -> int:
    with township.services.database.read() as connection:
        return int(run(connection, "SELECT max(idx) FROM log_entry")[0][0])


def flip(raw: bytes) -> bytes:
    return raw.replace("超过 2 米".encode(), "超过 1 米".encode())


def change_bytes(township: Township) -> None:
    file = sqlite3.connect(str(township.services.database.path))
    raw = next(
        bytes(row[0]) for row in file.execute("SELECT bytes FROM fact") if flip(row[0]) != row[0]
    )
    file.close()
    tamper(township, ("UPDATE fact SET bytes = ? WHERE bytes = ?", (flip(raw), raw)))


def change_bytes_and_hash(township: Township) -> None:
    file = sqlite3.connect(str(township.services.database.path))
    raw = next(
        bytes(row[0]) for row in file.execute("SELECT bytes FROM fact") if flip(row[0]) != row[0]
    )
    file.close()
    old, new = sha256(raw), sha256(flip(raw))
    tamper(
        township,
        ("UPDATE fact SET bytes = ?, sha256 = ? WHERE sha256 = ?", (flip(raw), new, old)),
        ("UPDATE log_entry SET fact_sha256 = ? WHERE fact_sha256 = ?", (new, old)),
    )


def delete_fact(township: Township) -> None:
    tamper(
        township,
        ("DELETE FROM fact WHERE sha256 = (SELECT fact_sha256 FROM log_entry WHERE idx = 5)", ()),
    )


def delete_entry(township: Township) -> None:
    tamper(
        township,
        ("DELETE FROM fact WHERE sha256 = (SELECT fact_sha256 FROM log_entry WHERE idx = 5)", ()),
        ("DELETE FROM log_entry WHERE idx = 5", ()),
    )


def swap_entries(township: Township) -> None:
    tamper(
        township,
        ("UPDATE log_entry SET idx = -1 WHERE idx = 4", ()),
        ("UPDATE log_entry SET idx = 4 WHERE idx = 5", ()),
        ("UPDATE log_entry SET idx = 5 WHERE idx = -1", ()),
    )


def cut_off_the_end(township: Township) -> None:
    last = last_index(township)
    tamper(
        township,
        (
            "DELETE FROM fact WHERE sha256 = (SELECT fact_sha256 FROM log_entry WHERE idx = ?)",
            (last,),
        ),
        ("DELETE FROM log_entry WHERE idx = ?", (last,)),
    )


def insert_entry(township: Township) -> None:
    last = last_index(township)
    raw = b'{"invented":true}'
    station = township.station_id
    tamper(
        township,
        (
            "INSERT INTO fact (station_id, sha256, received_at, bytes) VALUES (?, ?, ?, ?)",
            (station, sha256(raw), "2026-11-21T02:00:00.000Z", raw),
        ),
        (
            "INSERT INTO log_entry SELECT ?, ?, seq, sha256, 'admitted', 1, received_at"
            " FROM fact WHERE sha256 = ?",
            (station, last + 1, sha256(raw)),
        ),
    )


def swap_the_facts_of_two_entries(township: Township) -> None:
    """Each entry keeps its own hash, and points at the other's fact."""
    file = sqlite3.connect(str(township.services.database.path))
    seqs = [row[0] for row in file.execute("SELECT fact_seq FROM log_entry WHERE idx IN (4, 5)")]
    file.close()
    tamper(
        township,
        ("UPDATE log_entry SET fact_seq = -1 WHERE fact_seq = ?", (seqs[0],)),
        ("UPDATE log_entry SET fact_seq = ? WHERE fact_seq = ?", (seqs[0], seqs[1])),
        ("UPDATE log_entry SET fact_seq = ? WHERE fact_seq = -1", (seqs[1],)),
    )


def hide_a_fact_from_who_asks_for_it(township: Township) -> None:
    tamper(
        township,
        (
            "UPDATE fact SET sha256 = ?"
            " WHERE sha256 = (SELECT fact_sha256 FROM log_entry WHERE idx = 5)",
            ("0" * 64,),
        ),
    )


def lend_a_fact_to_another_station(township: Township) -> None:
    tamper(
        township,
        (
            "UPDATE fact SET station_id = 'elsewhere'"
            " WHERE sha256 = (SELECT fact_sha256 FROM log_entry WHERE idx = 5)",
            (),
        ),
    )


def change_a_verdict(township: Township) -> None:
    tamper(
        township,
        (
            "UPDATE log_entry SET verdict = 'admitted', admitted = 1"
            " WHERE verdict = 'quarantined:foreign_station'",
            (),
        ),
    )


def raise_an_admission(township: Township) -> None:
    tamper(
        township,
        ("UPDATE log_entry SET admitted = 1 WHERE verdict LIKE 'quarantined%'", ()),
    )


def change_the_time(township: Township) -> None:
    tamper(
        township,
        ("UPDATE log_entry SET received_at = '2026-11-20T02:00:00.000Z' WHERE idx = 6", ()),
    )


def change_a_name(township: Township) -> None:
    tamper(
        township,
        ("UPDATE private_line SET bytes = CAST(replace(bytes, '王芳', '李芳') AS BLOB)", ()),
    )


TAMPERINGS: list[Callable[[Township], None]] = [
    change_bytes,
    change_bytes_and_hash,
    delete_fact,
    delete_entry,
    swap_entries,
    cut_off_the_end,
    insert_entry,
    swap_the_facts_of_two_entries,
    hide_a_fact_from_who_asks_for_it,
    lend_a_fact_to_another_station,
    change_a_verdict,
    raise_an_admission,
    change_the_time,
    change_a_name,
]


@pytest.mark.parametrize("how", TAMPERINGS, ids=lambda how: how.__name__)
def test_whoever_changes_the_file_is_found_out(
    how: Callable[[Township], None], make_township: Callable[[], Township]
):
    township = make_township()
    a_day(township)
    head = head_of(township)
    how(township)
    assert check(township, [head]).breaks


def test_a_rewrite_with_a_fresh_head_is_found_by_the_phones_head(
    make_township: Callable[[], Township],
):
    """The station's own row agrees with the shortened log; only the witness outside does not."""
    township = make_township()
    ana, _ = a_day(township)
    send(ana, [found(ana)])
    head = head_of(township)
    services = township.services
    with services.database.read() as connection:
        older = root_at(head.size - 1, subtrees(connection, township.station_id)).hex()
    cut_off_the_end(township)
    tamper(
        township,
        ("UPDATE station SET log_size = ?, log_root = ?", (head.size - 1, older)),
    )
    # What phones signed tells too, until somebody thinks of the batch as well.
    assert any("not in the log" in words for words in check(township).breaks)
    emptied = "batch_id NOT IN (SELECT f.batch_id FROM fact f WHERE f.batch_id IS NOT NULL)"
    tamper(township, (f"DELETE FROM batch WHERE {emptied}", ()))
    assert check(township).breaks == []
    assert any("cut off" in words for words in check(township, [head]).breaks)


def test_sql_typed_by_hand_cannot_change_the_past(township: Township):
    a_day(township)
    for text in (
        "UPDATE fact SET kind = 'x'",
        "UPDATE log_entry SET fact_seq = -fact_seq",
        "DELETE FROM fact",
        "UPDATE log_entry SET verdict = 'admitted'",
        "UPDATE log_entry SET idx = idx + 1000",
        "DELETE FROM log_entry",
        "UPDATE log_entry SET admitted = (1 = 0)",
        "UPDATE private_line SET fact_sha256 = 'x'",
        "DELETE FROM private_line",
    ):
        with pytest.raises(DBAPIError):
            township.services.database.in_transaction(lambda c, text=text: run(c, text))
    assert check(township).breaks == []


@pytest.mark.parametrize(
    "text",
    [
        "INSERT INTO fact (station_id, sha256, received_at, bytes)"
        " SELECT station_id, sha256, received_at, bytes FROM fact",
        "INSERT INTO log_entry SELECT station_id, idx + 1000, fact_seq, fact_sha256, verdict,"
        " admitted, received_at FROM log_entry",
        "INSERT INTO log_entry SELECT station_id, idx, fact_seq + 1000, fact_sha256, verdict,"
        " admitted, received_at FROM log_entry",
    ],
    ids=["the same bytes twice", "two entries for one fact", "two entries at one place"],
)
def test_the_database_itself_keeps_a_fact_from_counting_twice(township: Township, text: str):
    a_day(township)
    with pytest.raises(IntegrityError):
        township.services.database.in_transaction(lambda c: run(c, text))
    assert check(township).breaks == []


def test_any_fact_can_be_proved_to_be_in_the_log(township: Township):
    ana, _ = a_day(township)
    lines = [found(ana) for _ in range(600)]
    send(ana, lines)
    for line in (lines[0], lines[299], lines[-1]):
        proof = ana.get(f"/ledger/proof?fact={sha256(line)}").json
        leaf = leaf_hash(log_leaf(sha256(line), "admitted", "2026-11-21T02:00:00.000Z"))
        assert proof["leaf"] == leaf.hex()
        assert verify_inclusion(
            leaf, proof["index"], proof["size"], [bytes.fromhex(step) for step in proof["path"]],
            bytes.fromhex(proof["root"]),
        )  # fmt: skip
    assert ana.get("/ledger/proof?fact=" + "0" * 64).json["code"] == "fact-unknown"
    assert ana.get("/ledger/consistency?from=5&to=99999").json["code"] == "proof-out-of-range"


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
