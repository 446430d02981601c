"""Rescue files made by hand, as a phone makes them, for tests that need every byte under control.

The phone's own code makes them in pwa/src/data/rescue_file.ts; tests/vectors/gibatch.json holds one
of its files. It must not know what a test expects.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Sequence
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.clock import new_id
from app.keys import RescueKey
from app.rescue.sealed import body_key
from sync.limits import RESCUE_CHUNK_BYTES


def frame(kind: bytes, payload: bytes) -> bytes:
    """One piece of the inside."""
    return kind + len(payload).to_bytes(4, "big") + payload


def inside(batch: bytes | None, photos: Sequence[bytes] = ()) -> bytes:
    """A batch of plain lines and photos, framed."""
    framed = [frame(b"P", hashlib.sha256(photo).digest() + photo) for photo in photos]
    return (frame(b"B", gzip.compress(batch)) if batch is not None else b"") + b"".join(framed)


def closed(
    plain: bytes,
    *,
    station: str,
    public_key: str,
    key_id: str,
    version: int = 1,
    **more: Any,
) -> bytes:
    """A whole file around `plain`; `more` replaces what the header says."""
    own = RescueKey(ec.generate_private_key(ec.SECP256R1()))
    header = {
        "station": station,
        "epoch": 1,
        "key": key_id,
        "ephemeral": own.public_key,
        "export": new_id(),
        "part": 1,
        "parts": 1,
        "batch": None,
        "first": None,
        "bytes": len(plain),
        **more,
    }
    line = json.dumps(header).encode()
    before = b"GIBATCH" + bytes([version]) + len(line).to_bytes(2, "big") + line
    secret = own.shared_secret(public_key)
    assert secret is not None
    cipher = AESGCM(body_key(secret, before))
    chunks = [
        plain[at : at + RESCUE_CHUNK_BYTES] for at in range(0, len(plain), RESCUE_CHUNK_BYTES)
    ]
    last = len(chunks) - 1
    return before + b"".join(
        cipher.encrypt(bytes(7) + number.to_bytes(4, "big") + bytes([number == last]), chunk, None)
        for number, chunk in enumerate(chunks)
    )
