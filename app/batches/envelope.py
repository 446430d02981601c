"""A batch as it arrives: envelope, signed manifest, fact lines, private lines.

Only the outer shape can be refused here, and a refusal releases nothing on the phone; what a line
holds is judged line by line later. It must not know the database.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.bodies import parse_json
from app.keys import signature_fits
from app.ledger.incoming import Incoming, read_incoming
from app.ledger.signed import batch_text, manifest_of
from app.problems import ProblemError
from sync.cursor import Cursor, parse_cursor
from sync.kinds.declare import is_hash, is_id, is_instant
from sync.limits import BATCH_FACTS_MAX, INTEGER_MAX, WIRE_VERSION

APP_CHARS_MAX = 40
SIGNATURE_CHARS_MAX = 120
ENVELOPE_BYTES_MAX = 2048


@dataclass(frozen=True, slots=True)
class Envelope:
    """The first line: who hands over what."""

    batch: str
    enrolment: str
    sent_at: str
    offset_ms: int | None
    n_max: int
    acknowledged: Cursor | None
    epoch: int | None  # of the log the cursor is a place in; None: of an older release
    app: str
    facts: int
    privates: int


@dataclass(frozen=True, slots=True)
class Prepared:
    """A whole batch, read and checked outside any transaction."""

    envelope: Envelope
    manifest: str
    signature: str
    signature_ok: bool
    incoming: tuple[Incoming, ...]


def prepare_batch(body: bytes, *, station_id: str, public_key: str) -> Prepared:
    """Read a batch; ProblemError when its outer shape is wrong."""
    lines = body.split(b"\n")
    if lines and lines[-1] == b"":
        lines.pop()
    if len(lines) < 2:
        parse_json(body[:ENVELOPE_BYTES_MAX])
        raise ProblemError("not-a-batch", detail="少于两行")
    envelope = read_envelope(lines[0])
    manifest, signature = _read_manifest(lines[1])
    if len(lines) != 2 + envelope.facts + envelope.privates:
        raise ProblemError("not-a-batch", detail="行数和清单不一样")
    fact_lines = lines[2 : 2 + envelope.facts]
    incoming = tuple(read_incoming(fact_lines, lines[2 + envelope.facts :]))
    if manifest != manifest_of([each.sha256 for each in incoming]):
        raise ProblemError("manifest-mismatch")
    fits = signature_fits(public_key, signed_text(station_id, envelope, manifest), signature)
    return Prepared(envelope, manifest, signature, fits, incoming)


def signed_text(station_id: str, envelope: Envelope, manifest: str) -> bytes:
    """What the phone signs: the batch cannot be moved to another station, enrolment or time."""
    return batch_text(
        station_id,
        envelope.batch,
        envelope.enrolment,
        sent_at=envelope.sent_at,
        n_max=envelope.n_max,
        manifest=manifest,
    ).encode()


def read_envelope(line: bytes) -> Envelope:
    """The first line; unknown members are ignored, so that a later phone may say more."""
    if len(line) > ENVELOPE_BYTES_MAX:
        raise ProblemError("not-a-batch", detail="第一行太长")
    found = parse_json(line)
    if not isinstance(found, dict):
        raise ProblemError("not-a-batch", detail="第一行不是对象")
    if found.get("wire") != WIRE_VERSION:
        raise ProblemError("unsupported-wire")
    for name, fits in _CHECKS.items():
        if not fits(found.get(name)):
            raise ProblemError("not-a-batch", detail=f"第一行的 {name}")
    if found["facts"] > BATCH_FACTS_MAX:
        raise ProblemError("too-large", limit=f"{BATCH_FACTS_MAX} 条")
    acknowledged = found.get("acknowledged")
    return Envelope(
        batch=found["batch"],
        enrolment=found["enrolment"],
        sent_at=found["sent_at"],
        offset_ms=found.get("offset_ms"),
        n_max=found["n_max"],
        acknowledged=parse_cursor(acknowledged) if isinstance(acknowledged, str) else None,
        epoch=found["epoch"] if _is_count(found.get("epoch")) else None,
        app=str(found.get("app") or "")[:APP_CHARS_MAX],
        facts=found["facts"],
        privates=found["privates"],
    )


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value <= INTEGER_MAX


_CHECKS: dict[str, Callable[[Any], bool]] = {
    "batch": is_id,
    "enrolment": is_id,
    "sent_at": is_instant,
    "n_max": _is_count,
    "facts": _is_count,
    "privates": _is_count,
    "offset_ms": lambda value: value is None or type(value) is int,
}


def _read_manifest(line: bytes) -> tuple[str, str]:
    found = parse_json(line[:ENVELOPE_BYTES_MAX])
    manifest = found.get("manifest") if isinstance(found, dict) else None
    signature = found.get("signature") if isinstance(found, dict) else None
    if not is_hash(manifest) or not isinstance(signature, str):
        raise ProblemError("not-a-batch", detail="第二行没有清单和签名")
    return str(manifest), signature[:SIGNATURE_CHARS_MAX]
