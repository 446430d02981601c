"""Proof files: facts with all that shows, without this server, that its log holds them unchanged.

A file holds the facts' own lines (never private lines: the log covers their salted hash alone), the
path of each to a root, the station's signature over that root, and what the phones signed. Whoever
holds the file and knows the station's key needs nothing else. Making reads the database, checking
(`check_proof`) touches nothing. The page that checks it is pwa/src/proof; both are held to
tests/vectors/proof.json.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from app.db import run
from app.keys import signature_fits
from app.ledger.head import head_text, signed_head
from app.ledger.log import subtrees
from app.ledger.phones import ENROLMENT_KIND, kept_batch
from app.ledger.signed import batch_text, manifest_of
from app.ledger.store import Station
from app.services import Signer
from sync.fact import Fact, parse_fact
from sync.merkle import inclusion_proof, leaf_hash, log_leaf, verify_inclusion

FORMAT = "grid-inspector/proof/1"
ENTRIES_MAX = 2_000


@dataclass(frozen=True, slots=True)
class _Placed:
    """A fact with its place in the log."""

    index: int
    sha256: str
    verdict: str
    received_at: str
    raw: bytes
    batch: str | None
    enrolment: str | None


def facts_about(connection: Connection, station_id: str, subject_id: str) -> list[str]:
    """The hashes of every admitted fact about a subject, in the order of the log."""
    rows = run(
        connection,
        "SELECT l.idx, f.sha256 FROM fact f JOIN log_entry l ON l.fact_seq = f.seq"
        " WHERE f.station_id = ? AND f.subject_id = ? AND l.admitted",
        (station_id, subject_id),
    )
    return [sha256 for _, sha256 in sorted(rows)]


def hazard_by_number(connection: Connection, station_id: str, number: str) -> str | None:
    """The hazard that holds a ledger number."""
    rows = run(
        connection,
        "SELECT subject_id FROM hazard_number WHERE station_id = ? AND number = ?",
        (station_id, number),
    )
    return str(rows[0][0]) if rows else None


def make_proof(
    connection: Connection,
    station: Station,
    sha256s: Sequence[str],
    signer: Signer,
    *,
    now: datetime,
    about: dict[str, str] | None = None,
) -> dict[str, Any]:
    """The proof file of these facts against the log as this transaction sees it.

    `about`: {hazard, number} for whoever reads it; proves nothing.
    """
    facts = _placed(connection, station.id, sha256s[:ENTRIES_MAX])
    batches = {
        each.batch: kept
        for each in facts
        if each.batch and (kept := kept_batch(connection, station.id, each.batch)) is not None
        and kept.signature is not None
    }  # fmt: skip
    keys = _placed(connection, station.id, _claims(connection, station.id, batches.values()))
    tree = subtrees(connection, station.id)
    placed = {each.sha256: each for each in [*keys, *facts]}
    return {
        "format": FORMAT,
        "station": {"id": station.id, "code": station.code, "name": station.name},
        "server_key": signer.public_key,
        "head": signed_head(signer, station, now),
        "about": about or {},
        "facts": [each.sha256 for each in facts],
        "entries": [
            {
                "index": each.index,
                "sha256": each.sha256,
                "verdict": each.verdict,
                "received_at": each.received_at,
                "line": each.raw.decode() if _is_text(each.raw) else each.raw.hex(),
                "batch": each.batch,
                "path": [step.hex() for step in inclusion_proof(each.index, station.size, tree)],
            }
            for each in sorted(placed.values(), key=lambda each: each.index)
        ],
        "batches": [
            {
                "batch": batch,
                "enrolment": kept.enrolment,
                "sent_at": kept.sent_at,
                "n_max": kept.n_max,
                "signature": kept.signature,
                "facts": kept.named or _in_order(connection, station.id, batch, kept.fact_count),
            }
            for batch, kept in sorted(batches.items())
        ],
    }


def _is_text(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def _placed(connection: Connection, station_id: str, sha256s: Collection[str]) -> list[_Placed]:
    rows = run(
        connection,
        "SELECT l.idx, f.sha256, l.verdict, l.received_at, f.bytes, f.batch_id, f.enrolment_id"
        " FROM fact f JOIN log_entry l ON l.fact_seq = f.seq"
        " WHERE f.station_id = ? AND f.sha256 = ANY(?)",
        (station_id, list(sha256s)),
    )
    found = [
        _Placed(idx, sha256, verdict, received_at, bytes(raw), batch, enrolment)
        for idx, sha256, verdict, received_at, raw, batch, enrolment in rows
    ]
    return sorted(found, key=lambda each: each.index)


def _claims(connection: Connection, station_id: str, batches: Collection[Any]) -> list[str]:
    """The facts by which the log names the keys of these batches' phones."""
    rows = run(
        connection,
        "SELECT l.idx, f.subject_id, f.sha256 FROM fact f JOIN log_entry l ON l.fact_seq = f.seq"
        " WHERE f.station_id = ? AND f.subject_id = ANY(?) AND f.kind = ? AND l.admitted",
        (station_id, sorted({each.enrolment for each in batches}), ENROLMENT_KIND),
    )
    first: dict[str, str] = {}
    for _, enrolment, sha256 in sorted(rows):
        first.setdefault(enrolment, sha256)
    return list(first.values())


def _in_order(connection: Connection, station_id: str, batch: str, count: int) -> list[str]:
    """The hashes a batch brought, all new, as they follow each other in the log."""
    first = run(
        connection,
        "SELECT min(l.idx) FROM fact f JOIN log_entry l ON l.fact_seq = f.seq"
        " WHERE f.station_id = ? AND f.batch_id = ? AND f.enrolment_id IN"
        " (SELECT e.enrolment_id FROM enrolment e WHERE e.station_id = ?)",
        (station_id, batch, station_id),
    )[0][0]
    rows = run(
        connection,
        "SELECT idx, fact_sha256 FROM log_entry WHERE station_id = ? AND idx >= ? AND idx < ?",
        (station_id, first, first + count),
    )
    return [sha256 for _, sha256 in sorted(rows)]


# --- checking ---


@dataclass(slots=True)
class Checked:
    """What a proof file shows; it holds when `wrong` is empty and `facts` is not."""

    station: str = ""
    server_key: str = ""
    size: int = 0
    time: str = ""
    facts: list[ProvedFact] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ProvedFact:
    """One fact of the file: `phone` is the enrolment whose key signed it, None for the desk's."""

    index: int
    sha256: str
    kind: str
    verdict: str
    received_at: str
    phone: str | None


def check_proof(document: Any, *, key: str | None = None) -> Checked:
    """What holds and what does not, in words. `key`: the station's key as known from elsewhere.

    Without it the file is checked against the key it names itself, and the caller must compare it.
    """
    try:
        return _checked(document, key)
    except (KeyError, TypeError, ValueError, AttributeError):
        return Checked(wrong=["this is no proof file of Grid Inspector"])


def _checked(document: Any, key: str | None) -> Checked:
    head, station = document["head"], document["station"]
    found = Checked(station["name"], document["server_key"], int(head["size"]), head["time"])
    if document["format"] != FORMAT:
        raise ValueError(document["format"])
    if key is not None and key != found.server_key:
        found.wrong.append("the file names another key than the station's")
    text = head_text(
        station["id"], epoch=head["epoch"], size=head["size"], root=head["root"], time=head["time"]
    )
    if not signature_fits(key or found.server_key, text.encode(), head["signature"]):
        found.wrong.append("the head was not signed with the station's key")
    entries = {each["sha256"]: each for each in document["entries"]}
    for each in entries.values():
        _check_entry(found, each, head)
    signed = _signed_by(found, document, entries)
    for sha256 in document["facts"]:
        _note_fact(found, entries[sha256], signed)
    if not found.facts:
        found.wrong.append("the file holds no fact")
    return found


def _check_entry(found: Checked, entry: Any, head: Any) -> None:
    index, sha256 = int(entry["index"]), entry["sha256"]
    if sha256 not in (hashlib.sha256(raw).hexdigest() for raw in _lines(entry["line"])):
        found.wrong.append(f"entry {index}: its text was changed")
    leaf = leaf_hash(log_leaf(sha256, entry["verdict"], entry["received_at"]))
    path = [bytes.fromhex(step) for step in entry["path"]]
    root = bytes.fromhex(head["root"])
    if not verify_inclusion(leaf, index, int(head["size"]), path, root):
        found.wrong.append(f"entry {index}: does not stand in the signed log")


def _lines(text: str) -> list[bytes]:
    """The bytes an entry's text stands for; what was never text is written in hex."""
    try:
        return [text.encode(), bytes.fromhex(text)]
    except ValueError:
        return [text.encode()]


def _signed_by(found: Checked, document: Any, entries: dict[str, Any]) -> dict[str, str]:
    """Which facts which phone's key signed; a batch whose signature fails vouches for nothing."""
    keys: dict[str, str] = {}
    for each in sorted(entries.values(), key=lambda entry: int(entry["index"])):
        fact = parse_fact(each["line"].encode())
        if isinstance(fact, Fact) and fact.kind == ENROLMENT_KIND:
            keys.setdefault(fact.subject, str(fact.body.get("public_key")))
    signed: dict[str, str] = {}
    for batch in document["batches"]:
        text = batch_text(
            document["station"]["id"],
            batch["batch"],
            batch["enrolment"],
            sent_at=batch["sent_at"],
            n_max=batch["n_max"],
            manifest=manifest_of(batch["facts"]),
        )
        public_key = keys.get(batch["enrolment"], "")
        if signature_fits(public_key, text.encode(), batch["signature"]):
            signed |= dict.fromkeys(batch["facts"], batch["enrolment"])
        elif any(_counts(entries[sha256]) for sha256 in batch["facts"] if sha256 in entries):
            found.wrong.append(f"batch {batch['batch']} was not signed by its phone")
    return signed


def _counts(entry: Any) -> bool:
    return str(entry["verdict"]).startswith("admitted")


def _note_fact(found: Checked, entry: Any, signed: dict[str, str]) -> None:
    fact = parse_fact(entry["line"].encode())
    found.facts.append(
        ProvedFact(
            int(entry["index"]),
            entry["sha256"],
            fact.kind if isinstance(fact, Fact) else "",
            entry["verdict"],
            entry["received_at"],
            signed.get(entry["sha256"]),
        )
    )
