"""What lies in quarantine: the list, one line's exact bytes, and what judging anew rests on.

It must not know HTTP.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from app.db import run
from app.decisions.rules import Named, may_admit
from app.quarantine.reading import count_quarantined
from app.quarantine.rules import ADVICE, NEVER_ANEW, readable
from app.rows import account_names
from sync.admission import parse_verdict
from sync.problems import QUARANTINE_WORDS

TEXT_CHARS_SHOWN_MAX = 4_000


@dataclass(frozen=True, slots=True)
class SetAside:
    """One line that was set aside, and what is known of it."""

    sha256: str
    raw: bytes
    verdict: str
    admitted: bool
    kind: str | None
    subject_id: str | None
    batch_id: str | None
    private: bytes | None

    @property
    def reason(self) -> str:
        """The word of admission.REASONS."""
        return parse_verdict(self.verdict).reason or ""


def set_aside(
    connection: Connection, station_id: str, hashes: Collection[str]
) -> dict[str, SetAside]:
    """Of these lines those that were quarantined on arrival, also the ones admitted since."""
    found = run(
        connection,
        "SELECT f.sha256, f.bytes, l.verdict, l.admitted, f.kind, f.subject_id, f.batch_id, p.bytes"
        " FROM fact f JOIN log_entry l ON l.fact_seq = f.seq"
        " LEFT JOIN private_line p ON p.station_id = f.station_id AND p.fact_sha256 = f.sha256"
        " WHERE f.station_id = ? AND f.sha256 = ANY(?)",
        (station_id, sorted(hashes)),
    )
    rows = (
        SetAside(sha, bytes(raw), verdict, bool(admitted), kind, subject, batch,
                 None if private is None else bytes(private))
        for sha, raw, verdict, admitted, kind, subject, batch, private in found
    )  # fmt: skip
    return {each.sha256: each for each in rows if each.reason}


def list_quarantine(
    connection: Connection, station_id: str, roles: Iterable[str], *, page: int, size: int
) -> dict[str, Any]:
    """What was handed over and could not be admitted: why, from whom, when, and its text.

    `roles`: of whoever asks; each item says whether they may let it count.
    """
    held = frozenset(roles)
    total = count_quarantined(connection, station_id)
    found = run(
        connection,
        "SELECT l.idx, l.verdict, l.received_at, f.sha256, f.fact_id, f.kind, f.subject_id,"
        " COALESCE(f.author_id, e.account_id), f.enrolment_id, f.batch_id, e.label, f.bytes"
        " FROM log_entry l"
        " JOIN fact f ON f.seq = l.fact_seq"
        " LEFT JOIN enrolment e ON e.station_id = f.station_id"
        " AND e.enrolment_id = f.enrolment_id"
        " WHERE l.station_id = ? AND NOT l.admitted ORDER BY l.idx DESC LIMIT ? OFFSET ?",
        (station_id, size, (page - 1) * size),
    )
    items = [_quarantined(*row, held=held) for row in found]
    return {
        "items": items,
        "accounts": account_names(connection, station_id, (item["author"] for item in items)),
        "total": total,
        "page": page,
        "size": size,
    }


def _quarantined(
    idx: int,
    verdict: str,
    received_at: str,
    sha256: str,
    fact: str | None,
    kind: str | None,
    subject: str | None,
    author: str | None,
    enrolment: str | None,
    batch: str | None,
    device: str | None,
    raw: bytes,
    *,
    held: frozenset[str],
) -> dict[str, Any]:
    reason = parse_verdict(verdict).reason or ""
    text = bytes(raw).decode("utf-8", "replace")
    named = Named(verdict, admitted=False, kind=kind or "")
    return {
        "i": idx,
        "sha256": sha256,
        "reason": reason,
        "sentence": QUARANTINE_WORDS.get(reason, ("不能收录，原样保留。", ""))[0],
        "advice": ADVICE.get(reason, ""),
        "may_retry": subject is not None and reason not in NEVER_ANEW,
        "may_admit": subject is not None and may_admit(named, held),
        "received_at": received_at,
        "fact": fact,
        "kind": kind,
        "subject": subject,
        "author": author,
        "enrolment": enrolment,
        "device": device,
        "batch": batch,
        "readable": readable(bytes(raw)),
        "text": text[:TEXT_CHARS_SHOWN_MAX],
        "cut": len(text) > TEXT_CHARS_SHOWN_MAX,
        "bytes": len(bytes(raw)),
    }
