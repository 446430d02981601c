"""The station's signed word that a phone is enrolled, kept by the phone.

A station restored from an older backup does not know phones enrolled since; by its own signature it
knows them again. It must not know the database.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from app.keys import load_public_key, signature_fits
from app.services import Signer
from sync.kinds.declare import is_id, is_instant

STATEMENT_PREFIX = "grid-inspector/enrolled/1\n"
RETURN_PREFIX = "grid-inspector/return/1\n"


@dataclass(frozen=True, slots=True)
class Statement:
    """Whose phone, with which key, in which life of the log."""

    enrolment: str
    account: str
    station: str
    public_key: str
    label: str
    epoch: int
    time: str
    kept: str = ""  # the account's own facts, closed (app/ledger/entrusted.py); in none before 1.4


def signed_statement(signer: Signer, statement: Statement) -> dict[str, str]:
    """{text, signature} for the phone to keep."""
    text = json.dumps(asdict(statement), ensure_ascii=False, separators=(",", ":"))
    return {"text": text, "signature": signer.sign((STATEMENT_PREFIX + text).encode())}


def read_statement(text: str, *, signature: str, proof: str, server_key: str) -> Statement | None:
    """What the station once said, if it said so and the phone holds the key it names."""
    if not signature_fits(server_key, (STATEMENT_PREFIX + text).encode(), signature):
        return None
    told: dict[str, Any] = json.loads(text)
    statement = Statement(
        **{name: told[name] for name in Statement.__dataclass_fields__ if name in told}
    )
    holds = load_public_key(statement.public_key) is not None and signature_fits(
        statement.public_key, (RETURN_PREFIX + text).encode(), proof
    )
    return (
        statement if holds and is_id(statement.enrolment) and is_instant(statement.time) else None
    )
