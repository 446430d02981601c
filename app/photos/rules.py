"""What may happen to one part of a photo, decided from values: plan here, apply in store.py.

A photo is its hash: only the declared SHA-256 judges the bytes, not sender, name or type.
It must not know the database, the store or the web.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal

from sync.limits import PHOTO_BYTES_MAX, PREVIEW_BYTES_MAX

FIRST_EPOCH = 0
PREVIEWS_BYTES_MAX = 4 * 1024 * 1024
THUMBNAIL_PIXELS = 320
VIEW_PIXELS = 1280
DERIVE_JOB = "photos.derive"
FINGERPRINTS_JOB = "photos.fingerprints"
RECEIPT_PURPOSE = "grid-inspector/photo/1\n"


@dataclass(frozen=True, slots=True)
class Upload:
    """What the station knows of a photo: how far it has come, in which try (epoch)."""

    held: bool
    received: int
    epoch: int
    declared: frozenset[int]  # the lengths facts gave it
    length: int | None  # the length the running try began with


@dataclass(frozen=True, slots=True)
class Part:
    """What a sender says of the bytes it brings; `epoch` is absent when it never asked."""

    offset: int
    size: int
    length: int
    epoch: int | None


@dataclass(frozen=True, slots=True)
class Step:
    """What to do with a part; `append` and `complete` go on, `restart` empties the try."""

    do: Literal["append", "complete", "held", "wrong-offset", "restart", "refuse"]
    problem: str | None = None


def plan_part(upload: Upload, part: Part) -> Step:
    """The one decision about a part; the database then compares and sets (received, epoch)."""
    if upload.held:
        return Step("held")
    if part.length == 0:
        return Step("refuse", "photo-empty")
    if part.length > PHOTO_BYTES_MAX:
        return Step("refuse", "photo-too-large")
    if part.offset + part.size > part.length:
        return Step("refuse", "part-too-long")
    # Who never asked for the epoch is in the first try: right until the photo had to start anew.
    if (part.epoch or FIRST_EPOCH) != upload.epoch:
        return Step("wrong-offset")
    if upload.received > 0 and part.length != upload.length:
        # A try begun with a mistaken length must not lock out the phone that has the real photo.
        mistaken = upload.length not in upload.declared and part.length in upload.declared
        return Step("restart") if mistaken else Step("refuse", "photo-length-differs")
    if part.offset != upload.received or part.size == 0:
        return Step("wrong-offset")
    return Step("complete" if part.offset + part.size == part.length else "append")


def part_name(station: str, sha256: str, epoch: int, offset: int, digest: str) -> str:
    """A part's own object, named by its bytes: racing senders of one part write the same thing."""
    return f"{parts_folder(station, sha256)}/{epoch}/{offset}-{digest[:32]}"


def parts_folder(station: str, sha256: str) -> str:
    """Where the parts of one photo wait until it is whole."""
    return f"parts/{station}/{sha256}"


def original_name(station: str, sha256: str) -> str:
    """The photo as it came; its bytes never change."""
    return f"originals/{station}/{sha256[:2]}/{sha256}"


def set_aside_name(station: str, sha256: str, at: str) -> str:
    """Where bytes that are no longer those of the hash are kept; `at` is an instant."""
    return f"set-aside/{station}/{sha256}/{''.join(c for c in at if c.isdigit())}"


def derived_name(station: str, sha256: str, size: Literal["thumbnail", "view", "preview"]) -> str:
    """A picture made from the photo (or, for `preview`, sent ahead of it)."""
    return f"derived/{station}/{sha256[:2]}/{sha256}-{size}"


def receipt_text(
    sha256: str, size: int, condition: str, *, station: str, time: str, epoch: int
) -> str:
    """The text a photo receipt signs: the phone may forget this photo once it holds it.

    Every byte counts: of a photo sent in one request the phone is told only what it cannot know,
    and puts this text together itself (tests/vectors/photo_receipt.json). `time` is an instant.
    """
    return json.dumps(
        {
            "photo": sha256,
            "bytes": size,
            "condition": condition,
            "station": station,
            "time": time,
            "epoch": epoch,
        },
        separators=(",", ":"),
    )


@dataclass(frozen=True, slots=True)
class Preview:
    """A tiny picture sent ahead of the photo it belongs to."""

    sha256: str
    data: bytes


def split_previews(body: bytes) -> tuple[list[Preview], int]:
    """The previews of one request and how many could not be read; best effort, never an error."""
    previews: list[Preview] = []
    position, unreadable = 0, 0
    while position < len(body):
        head = body[position : position + 36]
        size = int.from_bytes(head[32:36], "big")
        data = body[position + 36 : position + 36 + size]
        if len(head) < 36 or len(data) < size:
            return previews, unreadable + 1
        if 0 < size <= PREVIEW_BYTES_MAX:
            previews.append(Preview(head[:32].hex(), data))
        else:
            unreadable += 1
        position += 36 + size
    return previews, unreadable
