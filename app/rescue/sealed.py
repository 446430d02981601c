"""The outside of a rescue file: a header anybody may read, a body only this station can open.

    "GIBATCH" | version, 1 byte | length of the header, 2 bytes | header, JSON | body

The body is AES-256-GCM in chunks of RESCUE_CHUNK_BYTES. The key comes from the phone's one-time key
and the station's (ECDH P-256, HKDF-SHA256 salted with the SHA-256 of all bytes before the body), so
that a changed header opens nothing; the nonce counts the chunks and marks the last one, so that
none can be dropped, moved or cut off. It must not know what is inside, the database or HTTP.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.bodies import parse_json
from app.problems import ProblemError
from app.services import Opener
from sync.kinds.declare import is_id
from sync.limits import (
    RESCUE_CHUNK_BYTES,
    RESCUE_FILE_BYTES_MAX,
    RESCUE_HEADER_BYTES_MAX,
    RESCUE_VERSION,
)

MAGIC = b"GIBATCH"
PURPOSE = b"grid-inspector/gibatch/1"
TAG_BYTES = 16
KEY_BYTES = 32
PARTS_MAX = 10_000
KEY_CHARS_MAX = 100
_FIXED_BYTES = len(MAGIC) + 3


@dataclass(frozen=True, slots=True)
class Header:
    """What a file says of itself.

    `size`: of its body once opened, in bytes. `first`: for photos, the part that holds their facts;
    None when the station has those already.
    """

    station: str
    epoch: int
    key: str
    ephemeral: str
    export: str
    part: int
    parts: int
    batch: str | None
    first: int | None
    size: int


class Sealed:
    """A file whose header is right and whose key is known; `at` opens any piece of its body."""

    def __init__(self, file: IO[bytes], header: Header, *, start: int, key: bytes) -> None:
        self.header = header
        self._file = file
        self._start = start
        self._cipher = AESGCM(key)
        self._chunks = -(-header.size // RESCUE_CHUNK_BYTES)
        self._last = (-1, b"")

    def at(self, offset: int, size: int) -> Iterator[bytes]:
        """The bytes of the body from `offset` on, chunk by chunk; a problem when one is damaged."""
        end = min(offset + size, self.header.size)
        while offset < end:
            number, skip = divmod(offset, RESCUE_CHUNK_BYTES)
            piece = self._chunk(number)[skip : skip + end - offset]
            yield piece
            offset += len(piece)

    def _chunk(self, number: int) -> bytes:
        if self._last[0] != number:
            self._last = (number, self._opened(number))
        return self._last[1]

    def _opened(self, number: int) -> bytes:
        self._file.seek(self._start + number * (RESCUE_CHUNK_BYTES + TAG_BYTES))
        closed = self._file.read(self._closed_bytes(number))
        nonce = bytes(7) + number.to_bytes(4, "big") + bytes([number == self._chunks - 1])
        try:
            return self._cipher.decrypt(nonce, closed, None)
        except InvalidTag:
            raise ProblemError("rescue-damaged") from None

    def _closed_bytes(self, number: int) -> int:
        left = self.header.size - number * RESCUE_CHUNK_BYTES
        return min(left, RESCUE_CHUNK_BYTES) + TAG_BYTES


def closed_size(size: int) -> int:
    """How long a body of `size` bytes is once closed."""
    return size + TAG_BYTES * -(-size // RESCUE_CHUNK_BYTES)


def open_sealed(file: IO[bytes], *, station_id: str, key: Opener) -> Sealed:
    """Look at the header and make the key; ProblemError with a sentence for what is not right."""
    header, before = _read_header(file)
    if header.station != station_id:
        raise ProblemError("rescue-other-station")
    if header.key != key.key_id:
        raise ProblemError("rescue-other-key")
    there = file.seek(0, io.SEEK_END) - len(before)
    if there < closed_size(header.size):
        raise ProblemError("rescue-cut-short")
    secret = key.shared_secret(header.ephemeral)
    if there > closed_size(header.size) or secret is None:
        raise ProblemError("rescue-damaged")
    return Sealed(file, header, start=len(before), key=body_key(secret, before))


def body_key(secret: bytes, before: bytes) -> bytes:
    """The key of a body: of this exchange, behind exactly these bytes."""
    salt = hashlib.sha256(before).digest()
    return HKDF(hashes.SHA256(), KEY_BYTES, salt=salt, info=PURPOSE).derive(secret)


def _read_header(file: IO[bytes]) -> tuple[Header, bytes]:
    """The header and every byte before the body."""
    file.seek(0)
    fixed = file.read(_FIXED_BYTES)
    if len(fixed) < _FIXED_BYTES or not fixed.startswith(MAGIC):
        raise ProblemError("rescue-not-a-file")
    if fixed[len(MAGIC)] > RESCUE_VERSION:
        raise ProblemError("rescue-newer")
    length = int.from_bytes(fixed[-2:], "big")
    if fixed[len(MAGIC)] != RESCUE_VERSION or length > RESCUE_HEADER_BYTES_MAX:
        raise ProblemError("rescue-damaged")
    line = file.read(length)
    if len(line) < length:
        raise ProblemError("rescue-cut-short")
    try:
        found = parse_json(line)
    except ProblemError:
        raise ProblemError("rescue-damaged") from None
    if not isinstance(found, dict) or not _fits(found):
        raise ProblemError("rescue-damaged")
    return _header(found), fixed + line


def _header(found: dict[str, Any]) -> Header:
    return Header(
        station=found["station"],
        epoch=found["epoch"],
        key=found["key"],
        ephemeral=found["ephemeral"],
        export=found["export"],
        part=found["part"],
        parts=found["parts"],
        batch=found["batch"],
        first=found["first"],
        size=found["bytes"],
    )


def _fits(found: dict[str, Any]) -> bool:
    """Unknown members are ignored, so that a later phone may say more."""
    return (
        is_id(found.get("station"))
        and is_id(found.get("export"))
        and (found.get("batch", "") is None or is_id(found.get("batch")))
        and (found.get("first", "") is None or _is_count(found.get("first"), 1, PARTS_MAX))
        and _is_text(found.get("key"))
        and _is_text(found.get("ephemeral"))
        and _is_count(found.get("epoch"), 0, 2**31)
        and _is_count(found.get("parts"), 1, PARTS_MAX)
        and _is_count(found.get("part"), 1, found["parts"])
        and _is_count(found.get("bytes"), 1, RESCUE_FILE_BYTES_MAX)
    )


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= KEY_CHARS_MAX


def _is_count(value: Any, low: int, high: int) -> bool:
    return type(value) is int and low <= value <= high
