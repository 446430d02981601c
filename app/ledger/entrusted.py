"""What phones keep for the station without being able to read it: who may do what, and with which
checklists.

Accounts, roles, phones switched off and published checklists are decided at the desk, and their
facts go to no phone that has no business with them. A station restored from an older backup would
not know of them: a phone switched off since would work again. So a page that passes such facts
carries them closed with a key only the station holds, private lines included, and any phone can
hand them back. It must not judge facts.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from app.db import run
from app.services import Opener

PURPOSE = "grid-inspector/entrusted/1"
ENTRUSTED_KINDS = frozenset({"account.set", "grant.set", "enrolment.set", "checklist.published"})
ENTRUSTED_FACTS_MAX = 400  # of one page; what is beyond stays with the station alone
ENTRUSTED_BYTES_MAX = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Entrusted:
    """An entry of the log with its fact and its private line."""

    i: int
    verdict: str
    line: str
    received_at: str
    private: str | None = None

    @property
    def sha256(self) -> str:
        """The fact's hash."""
        return hashlib.sha256(self.line.encode("utf-8")).hexdigest()


@dataclass(frozen=True, slots=True)
class Opened:
    """What a phone kept: entries of the log between two places."""

    epoch: int
    stop: int
    items: Sequence[Entrusted]


def close(
    opener: Opener, station_id: str, epoch: int, stop: int, items: Iterable[Entrusted]
) -> str | None:
    """The text a phone keeps; None when there is nothing to keep. `stop`: size of the log told."""
    told: list[list[Any]] = []
    left = ENTRUSTED_BYTES_MAX
    for each in items:
        left -= len(each.line.encode()) + len((each.private or "").encode())
        if left < 0 or len(told) == ENTRUSTED_FACTS_MAX:
            break
        told.append([each.i, each.verdict, each.line, each.received_at, each.private])
    if not told:
        return None
    plain = json.dumps({"stop": stop, "items": told}, ensure_ascii=False, separators=(",", ":"))
    return opener.close(_purpose(station_id, epoch), gzip.compress(plain.encode(), mtime=0))


def open_kept(opener: Opener, station_id: str, epoch: int, text: str) -> Opened | None:
    """What was closed; None for anything this station did not close in that life of its log."""
    packed = opener.open(_purpose(station_id, epoch), text)
    if packed is None:
        return None
    told = json.loads(gzip.decompress(packed))  # ours: nobody else could have closed it
    return Opened(epoch, told["stop"], [Entrusted(*each) for each in told["items"]])


def _purpose(station_id: str, epoch: int) -> bytes:
    return f"{PURPOSE}\n{station_id}\n{epoch}".encode()


def privates_of(
    connection: Connection, station_id: str, sha256s: Sequence[str]
) -> Mapping[str, str]:
    """The private lines of these facts that stand (not destroyed), by hash."""
    if not sha256s:
        return {}
    rows = run(
        connection,
        "SELECT fact_sha256, bytes FROM private_line WHERE station_id = ? AND fact_sha256 = ANY(?)",
        (station_id, list(sha256s)),
    )
    return {sha256: bytes(raw).decode("utf-8") for sha256, raw in rows}


def entrusted_of_subject(
    connection: Connection, station_id: str, subject_id: str
) -> list[Entrusted]:
    """Every entry about one subject, in the log's order: for a phone's own account."""
    rows = run(
        connection,
        "SELECT l.idx, l.verdict, f.bytes, l.received_at, p.bytes FROM fact f"
        " JOIN log_entry l ON l.station_id = f.station_id AND l.fact_seq = f.seq"
        " LEFT JOIN private_line p ON p.station_id = f.station_id AND p.fact_sha256 = f.sha256"
        " WHERE f.station_id = ? AND f.subject_id = ?",
        (station_id, subject_id),
    )
    return [
        Entrusted(
            idx, verdict, bytes(raw).decode("utf-8"), at,
            None if private is None else bytes(private).decode("utf-8"),
        )
        for idx, verdict, raw, at, private in sorted(rows, key=lambda row: row[0])
    ]  # fmt: skip
