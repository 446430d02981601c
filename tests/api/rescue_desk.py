"""A phone's files and the desk they are brought to, for tests; builds on the township.

It must not know what a test expects.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from werkzeug.test import TestResponse

from app.clock import new_id
from tests.api.handover import batch_bytes
from tests.api.township import API, Desk, Phone
from tests.rescue_files import closed, inside


def named(photo: bytes) -> dict[str, Any]:
    """How a fact names a photo."""
    return {"sha256": hashlib.sha256(photo).hexdigest(), "role": "before", "bytes": len(photo)}


def file_of(phone: Phone, plain: bytes, **more: Any) -> bytes:
    """A file for the phone's own station."""
    key = phone.township.services.rescue_key
    told = {"station": phone.township.station_id, "public_key": key.public_key}
    return closed(plain, **{**told, "key_id": key.key_id, **more})


def batch_file(
    phone: Phone, facts: Sequence[bytes], photos: Sequence[bytes] = (), **more: Any
) -> bytes:
    """A file with a signed batch and photos."""
    batch = more.pop("batch", new_id())
    plain = more.pop("plain", None) or batch_bytes(phone, facts, batch=batch)
    return file_of(phone, inside(plain, photos), batch=batch, **more)


def bring(desk: Desk, file: bytes) -> TestResponse:
    """The admin chooses the file."""
    headers = {"X-CSRF": desk.csrf, "Content-Type": "application/octet-stream"}
    response: TestResponse = desk.client.post(
        f"{API}/rescue/files",
        data=file,
        headers=headers,
        environ_overrides={"CONTENT_LENGTH": str(len(file))},
    )
    return response
