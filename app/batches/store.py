"""Batches, receipts and what is known of an enrolment's numbers.

It must not decide which facts are admitted; it keeps what was answered and counts numbers.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from app.batches.table import batch as batch_table
from app.db import insert_many, run

NUMBERS_LOOKED_AT_MAX = 4000
BACKED_UP_COUNTER = "backed_up_to"


@dataclass(frozen=True, slots=True)
class StoredBatch:
    """A batch that was answered."""

    manifest: str
    enrolment_id: str
    receipt: str
    signature: str


@dataclass(frozen=True, slots=True)
class Signed:
    """What a phone signed with a batch, kept so that its facts can be shown to be its own.

    `hashes`: the manifest's fact hashes in order; None where the log gives them back.
    """

    sent_at: str
    n_max: int
    signature: str
    hashes: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class EnrolmentState:
    """How far the server has followed a phone."""

    n_announced: int
    n_received: int
    acknowledged_idx: int


def find_batches(connection: Connection, station_id: str, batch_id: str) -> list[StoredBatch]:
    """Every answer given under one batch id (usually one)."""
    rows = run(
        connection,
        "SELECT manifest, enrolment_id, receipt, signature FROM batch"
        " WHERE station_id = ? AND batch_id = ?",
        (station_id, batch_id),
    )
    return [StoredBatch(*row) for row in rows]


def save_batch(
    connection: Connection,
    *,
    station_id: str,
    batch_id: str,
    answer: StoredBatch,
    received_at: str,
    fact_count: int,
    signed: Signed,
) -> None:
    """Keep the receipt and what the phone signed for ever.

    A rival that was first has already committed the same facts.
    """
    hashes = None if signed.hashes is None else "\n".join(signed.hashes)
    columns = (
        "station_id", "batch_id", "manifest", "enrolment_id", "receipt", "signature",
        "received_at", "fact_count", "sent_at", "n_max", "phone_signature", "hashes",
    )  # fmt: skip
    row = (station_id, batch_id, answer.manifest, answer.enrolment_id, answer.receipt,
           answer.signature, received_at, fact_count, signed.sent_at, signed.n_max,
           signed.signature, hashes)  # fmt: skip
    insert_many(connection, batch_table, columns, [row])


def enrolment_state(connection: Connection, station_id: str, enrolment_id: str) -> EnrolmentState:
    """The numbers of one enrolment."""
    rows = run(
        connection,
        "SELECT n_announced, n_received, acknowledged_idx FROM enrolment"
        " WHERE station_id = ? AND enrolment_id = ?",
        (station_id, enrolment_id),
    )
    return EnrolmentState(*rows[0]) if rows else EnrolmentState(0, 0, 0)


def earlier_enrolments(
    connection: Connection, station_id: str, account_id: str, enrolment_id: str
) -> tuple[frozenset[str], frozenset[str]]:
    """The account's enrolments before this one: those still trusted, those that were revoked.

    Which came first is where the log has their claims, for every claim is a fact. The server's
    clock would not do: two claims may fall into one millisecond, and a clock may be set back (I9).
    """
    rows = run(
        connection,
        "SELECT e.enrolment_id, e.revoked_at, MIN(l.idx) FROM enrolment e"
        " JOIN fact f ON f.station_id = e.station_id AND f.subject_id = e.enrolment_id"
        " JOIN log_entry l ON l.station_id = f.station_id AND l.fact_seq = f.seq"
        " WHERE e.station_id = ? AND e.account_id = ? AND f.kind = 'enrolment.set'"
        " GROUP BY e.enrolment_id, e.revoked_at",
        (station_id, account_id),
    )
    own = next((claimed for id_, _revoked, claimed in rows if id_ == enrolment_id), 0)
    before = [(id_, revoked) for id_, revoked, claimed in rows if claimed < own]
    return (
        frozenset(id_ for id_, revoked in before if revoked is None),
        frozenset(id_ for id_, revoked in before if revoked is not None),
    )


def follow_earlier(connection: Connection, station_id: str, highest: Mapping[str, int]) -> None:
    """Count numbers that came under earlier enrolments; `highest`: the highest of each.

    Two looks and one write for each earlier enrolment in the batch; usually there is none.
    """
    for enrolment_id, n in sorted(highest.items()):
        before = enrolment_state(connection, station_id, enrolment_id)
        received = contiguous_from(connection, station_id, enrolment_id, before.n_received)
        run(
            connection,
            "UPDATE enrolment SET n_announced = ?, n_received = ?"
            " WHERE station_id = ? AND enrolment_id = ?",
            (max(before.n_announced, n), received, station_id, enrolment_id),
        )


def contiguous_from(
    connection: Connection, station_id: str, enrolment_id: str, n_received: int
) -> int:
    """The highest number below which none is missing."""
    rows = run(
        connection,
        "SELECT n FROM fact WHERE station_id = ? AND enrolment_id = ? AND n > ? ORDER BY n LIMIT ?",
        (station_id, enrolment_id, n_received, NUMBERS_LOOKED_AT_MAX),
    )
    for (n,) in rows:
        if n > n_received + 1:
            break
        n_received = n
    return n_received


def note_contact(
    connection: Connection,
    station_id: str,
    enrolment_id: str,
    state: EnrolmentState,
    *,
    app: str,
    seen_at: str,
) -> None:
    """What the phone announced at this contact, so that a hole is noticed (I15)."""
    run(
        connection,
        "UPDATE enrolment SET n_announced = ?, n_received = ?, acknowledged_idx = ?, app = ?,"
        " last_seen_at = ? WHERE station_id = ? AND enrolment_id = ?",
        (state.n_announced, state.n_received, state.acknowledged_idx, app, seen_at, station_id,
         enrolment_id),
    )  # fmt: skip


def photo_progress(
    connection: Connection, station_id: str, sha256s: Collection[str]
) -> dict[str, list[Any]]:
    """Of these photos those the station holds, and those it has a part of."""
    rows = (
        run(
            connection,
            "SELECT sha256, state, received FROM photo WHERE station_id = ? AND sha256 = ANY(?)",
            (station_id, sorted(sha256s)),
        )
        if sha256s
        else []
    )
    held: list[Any] = sorted(sha256 for sha256, state, _ in rows if state == "held")
    partial: list[Any] = sorted(
        [sha256, received] for sha256, state, received in rows if state != "held" and received
    )
    return {"held": held, "partial": partial}


def photos_of_batch(
    connection: Connection, station_id: str, account_id: str, batch_id: str
) -> set[str]:
    """The photos named by the facts that came with a batch, under whichever of its enrolments."""
    rows = run(
        connection,
        "SELECT DISTINCT u.sha256 FROM fact f JOIN photo_use u ON u.station_id = f.station_id"
        " AND u.subject_id = f.subject_id AND u.fact_sha256 = f.sha256"
        " WHERE f.station_id = ? AND f.batch_id = ? AND f.enrolment_id IN"
        " (SELECT e.enrolment_id FROM enrolment e WHERE e.station_id = ? AND e.account_id = ?)",
        (station_id, batch_id, station_id, account_id),
    )
    return {sha256 for (sha256,) in rows}


def backed_up_to(connection: Connection, station_id: str) -> int:
    """The log size that the last confirmed backup covers; phones keep photos beyond it."""
    rows = run(
        connection,
        "SELECT value FROM counter WHERE station_id = ? AND name = ?",
        (station_id, BACKED_UP_COUNTER),
    )
    return int(rows[0][0]) if rows else 0


def receipt_text(
    *,
    batch_id: str,
    station_id: str,
    enrolment_id: str,
    manifest: str,
    count: int,
    exceptions: list[list[object]],
    time: str,
    epoch: int,
    size: int,
    root: str,
    backed_up: int,
    backoff_s: int,
) -> str:
    """The receipt's text: one line of JSON, small enough for a QR code."""
    return json.dumps(
        {
            "batch": batch_id,
            "station": station_id,
            "enrolment": enrolment_id,
            "manifest": manifest,
            "count": count,
            "exceptions": exceptions,
            "time": time,
            "epoch": epoch,
            "log": {"size": size, "root": root},
            "backed_up_to": backed_up,
            "backoff_s": backoff_s,
        },
        separators=(",", ":"),
    )
