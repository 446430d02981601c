"""The inside of a rescue file: at most one batch, as it would travel over the wire, and photos.

    kind, 1 byte | length, 4 bytes | that many bytes

A batch is the lines of docs/protocol.md, gzipped ("B") or, from browsers that cannot, plain ("L");
a photo ("P") is its SHA-256 (32 bytes) and its bytes.
Everything is looked at before anything is taken. It must not know the database, the store or HTTP.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from app.bodies import inflate
from app.problems import ProblemError
from app.rescue.sealed import Sealed
from sync.limits import BATCH_BYTES_MAX, PHOTO_BYTES_MAX, RESCUE_PHOTOS_PER_FILE_MAX

FRAME_BYTES = 5
HASH_BYTES = 32


@dataclass(frozen=True, slots=True)
class Framed:
    """A photo in the file: what it says it is, where its bytes lie, whether they are those."""

    sha256: str
    offset: int
    size: int
    fits: bool


@dataclass(frozen=True, slots=True)
class Contents:
    """What a file holds, all of it authentic as far as the file goes."""

    batch: bytes | None  # the lines, inflated
    photos: tuple[Framed, ...]


def read_contents(sealed: Sealed) -> Contents:
    """Open every chunk and look at every frame; ProblemError unless all of it is in order."""
    batch: bytes | None = None
    photos: list[Framed] = []
    offset, end = 0, sealed.header.size
    while offset < end:
        head = _take(sealed, offset, FRAME_BYTES)
        offset, size = offset + FRAME_BYTES, int.from_bytes(head[1:], "big")
        if size == 0 or offset + size > end:
            raise ProblemError("rescue-damaged")
        match head[:1]:
            case b"B" if batch is None and size <= BATCH_BYTES_MAX:
                batch = _inflated(_take(sealed, offset, size))
            case b"L" if batch is None and size <= BATCH_BYTES_MAX:
                batch = _take(sealed, offset, size)
            case b"P" if len(photos) < RESCUE_PHOTOS_PER_FILE_MAX and _is_photo(size):
                photos.append(_photo(sealed, offset, size))
            case b"B" | b"L" | b"P":
                raise ProblemError("rescue-damaged")
            case _:
                raise ProblemError("rescue-newer")
        offset += size
    return Contents(batch, tuple(photos))


def pieces_of(sealed: Sealed, photo: Framed) -> Iterator[bytes]:
    """The bytes of one photo."""
    return sealed.at(photo.offset, photo.size)


def _inflated(packed: bytes) -> bytes:
    try:
        return inflate(packed, limit_bytes=BATCH_BYTES_MAX)
    except ProblemError as error:
        # What travels is told to try again by itself; a file has to be made anew.
        bomb = error.problem.code == "gzip-bomb"
        raise error if bomb else ProblemError("rescue-damaged") from None


def _is_photo(size: int) -> bool:
    return HASH_BYTES < size <= HASH_BYTES + PHOTO_BYTES_MAX


def _photo(sealed: Sealed, offset: int, size: int) -> Framed:
    sha256 = _take(sealed, offset, HASH_BYTES).hex()
    offset, size = offset + HASH_BYTES, size - HASH_BYTES
    seen = hashlib.sha256()
    for piece in sealed.at(offset, size):
        seen.update(piece)
    return Framed(sha256, offset, size, fits=seen.hexdigest() == sha256)


def _take(sealed: Sealed, offset: int, size: int) -> bytes:
    found = b"".join(sealed.at(offset, size))
    if len(found) < size:
        raise ProblemError("rescue-damaged")
    return found
