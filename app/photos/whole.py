"""Puts a photo together from its parts and the bytes that come, piece by piece, and checks it.

Hashed while it is written, looked at where it lies: never a whole photo in memory. Runs before the
transaction that marks the photo as held. It must not know the database or HTTP.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from app.photos.check import Checked, check_image
from app.photos.keep import PhotoStore


@dataclass(frozen=True, slots=True)
class Whole:
    """A photo whose bytes gave the declared hash, and what header and end say of it."""

    checked: Checked
    size: int


def keep_whole(
    keep: PhotoStore, parts: list[str], last: Iterable[bytes], *, sha256: str, name: str
) -> Whole | None:
    """Verify, look, keep for good; None when the bytes are not those of the hash.

    `last` is read to its end in any case, so that whoever sends it sees the answer.
    """
    digest, size = hashlib.sha256(), 0
    with keep.receive(name) as arriving:
        for piece in _all(keep, parts, last):
            digest.update(piece)
            arriving.write(piece)
            size += len(piece)
        if digest.hexdigest() != sha256 or size == 0:
            return None
        with arriving.look() as data:
            checked = check_image(data)
        arriving.keep()
    return Whole(checked, size)


def _all(keep: PhotoStore, parts: list[str], last: Iterable[bytes]) -> Iterator[bytes]:
    for part in parts:
        # A part that was lost with a power cut shows in the hash, and the photo is sent again.
        yield from keep.stream(part) or ()
    yield from last
