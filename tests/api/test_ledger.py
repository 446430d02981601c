"""The ledger as evidence: every change is found, every row can be made again (I7, I8, I14)."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.db import run
from app.ledger.log import subtrees
from app.ledger.verify import Head
from sync.merkle import leaf_hash, log_leaf, root_at, verify_inclusion
from tests.api.evidence import a_day, check, head_of, tamper
from tests.api.handover import found, send, sha256
from tests.api.township import Township


@pytest.fixture
def township(either_township: Township) -> Township:
    return either_township


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
