"""Puts a photo together from its parts and checks it, in pieces: never two copies in memory.

Runs before the transaction that marks the photo as held. It must not know the database or HTTP.
"""

from __future__ import annotations

import hashlib
import mmap
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from app.photos.check import Checked, check_image
from app.photos.keep import PhotoStore


@dataclass(frozen=True, slots=True)
class Whole:
    """A photo whose bytes gave the declared hash, and what decoding found."""

    checked: Checked
    size: int


def keep_whole(
    keep: PhotoStore, parts: list[str], last: bytes, *, sha256: str, name: str
) -> Whole | None:
    """Verify, look, keep for good; None when the bytes are not those of the hash."""
    if not parts:
        if hashlib.sha256(last).hexdigest() != sha256:
            return None
        checked = check_image(last)
        keep.put(name, last)
        return Whole(checked, len(last))
    with tempfile.NamedTemporaryFile(prefix="gi-photo-") as file:
        size = _gather(keep, parts, last, sha256=sha256, into=file)
        if size is None:
            return None
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            checked = check_image(data)
        keep.put(name, Path(file.name))
        return Whole(checked, size)


def _gather(
    keep: PhotoStore, parts: list[str], last: bytes, *, sha256: str, into: IO[bytes]
) -> int | None:
    """Write parts and last bytes into a file while hashing; None when it is not the photo."""
    digest = hashlib.sha256()
    for part in parts:
        pieces = keep.stream(part)
        if pieces is None:
            # A part that was lost with a power cut is noticed here and sent again.
            return None
        for piece in pieces:
            digest.update(piece)
            into.write(piece)
    digest.update(last)
    into.write(last)
    into.flush()
    return into.tell() if digest.hexdigest() == sha256 else None
