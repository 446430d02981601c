"""Batches made by hand, for tests that need every byte under control.

Builds on the township's phones; it must not know what a test expects.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import uuid
from collections.abc import Sequence
from typing import Any

from werkzeug.test import TestResponse

from app.clock import instant, new_id
from tests.api.township import API, Phone, digest_header


def private_line(fact_id: str, fields: dict[str, Any]) -> bytes:
    """A private line for a fact."""
    line = {"fact": fact_id, "salt": uuid.uuid4().hex, "fields": fields}
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode()


def sha256(line: bytes) -> str:
    """The hash a line is known by."""
    return hashlib.sha256(line).hexdigest()


def hazard_body(phone: Phone, **more: Any) -> dict[str, Any]:
    """The body of a plain finding."""
    return {
        "site": phone.township.sites[phone.account],
        "finding": "连接软管超过 2 米",
        "level": "general",
        "disposition": "by_deadline",
        "found_on": "2026-11-21",
        "source": "routine",
        **more,
    }


def found(phone: Phone, hazard: str | None = None, **more: Any) -> bytes:
    """A hazard.found line."""
    body = more.pop("body", None) or hazard_body(phone)
    return phone.fact("hazard.found", hazard or new_id(), body, **more)


def noted(phone: Phone, hazard: str, text: str = "又看了一次", **more: Any) -> bytes:
    """A hazard.noted line."""
    return phone.fact("hazard.noted", hazard, {"text": text}, **more)


def envelope(phone: Phone, facts: int, privates: int = 0, **more: Any) -> dict[str, Any]:
    """The first line as a dict."""
    return {
        "batch": new_id(),
        "enrolment": phone.enrolment,
        "sent_at": instant(phone.township.clock.now),
        "offset_ms": 0,
        "n_max": phone.n,
        "wire": 1,
        "acknowledged": None,
        "app": "0.1.0",
        "facts": facts,
        "privates": privates,
        **more,
    }


def batch_bytes(
    phone: Phone, facts: Sequence[bytes], privates: Sequence[bytes] = (), **more: Any
) -> bytes:
    """A whole signed batch, not packed."""
    head = envelope(phone, len(facts), len(privates), **more)
    manifest = hashlib.sha256("\n".join(map(sha256, facts)).encode()).hexdigest()
    signed = phone.key.sign(
        f"grid-inspector/batch/1\n{phone.township.station_id}\n{head['batch']}\n"
        f"{head['enrolment']}\n{head['sent_at']}\n{head['n_max']}\n{manifest}"
    )
    lines = [
        json.dumps(head).encode(),
        json.dumps({"manifest": manifest, "signature": signed}).encode(),
        *facts,
        *privates,
    ]
    return b"\n".join(lines) + b"\n"


def headers(phone: Phone, body: bytes, *, packed: bool = True) -> dict[str, str]:
    """What a phone says with a batch."""
    sent = {
        **phone.bearer,
        "Content-Type": "application/x-ndjson",
        "Content-Digest": digest_header(body),
    }
    return {**sent, "Content-Encoding": "gzip"} if packed else sent


def post(phone: Phone, plain: bytes, *, packed: bool = True) -> TestResponse:
    """Send a batch."""
    body = gzip.compress(plain) if packed else plain
    response: TestResponse = phone.client.post(
        f"{API}/sync/batches", data=body, headers=headers(phone, body, packed=packed)
    )
    return response


def send(
    phone: Phone, facts: Sequence[bytes], privates: Sequence[bytes] = (), **more: Any
) -> dict[str, Any]:
    """Send facts and return the receipt."""
    answer = post(phone, batch_bytes(phone, facts, privates, **more))
    assert answer.status_code == 200, answer.text
    receipt: dict[str, Any] = json.loads(answer.json["receipt"])
    return receipt


def row_of(phone: Phone, table: str, subject: str) -> dict[str, Any]:
    """A row as the ledger has it."""
    with phone.township.services.database.read() as connection:
        found_rows = connection.exec_driver_sql(f"SELECT id, row FROM {table}").all()
    return dict(json.loads(dict(map(tuple, found_rows))[subject]))
