"""Looks at a photo's header and end: a picture, too large to decode, cut short, or no picture.

The answer is a condition, never a refusal: with the right hash a file is evidence in any case. A
phone waits for it, so it takes microseconds; decoding to the last byte takes a thousand times as
long and happens afterwards (derive.py), where what is broken in the middle is found.
It must not know the database, the store or the web.
"""

from __future__ import annotations

import fcntl
import io
import mmap
import os
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import IO, Literal, cast

from PIL import Image

from app.folders import meeting_folder
from sync.limits import PHOTO_PIXELS_MAX

FORMATS = ("JPEG", "PNG", "WEBP")
# One picture is open at a time on a machine: 50 million pixels are 150 MB while they are.
DECODERS_MAX = 1
# Longer than the largest picture takes: whoever has the turn then was stopped, or swapped out.
TURN_S_MAX, TURN_LOOK_S = 5.0, 0.01
TURN_NAME = "grid-inspector-{user}.picture"
# The library warns between one and two times its own limit; here a warning is an answer too.
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)
_TURN_FLAGS = os.O_CLOEXEC | os.O_NOFOLLOW
_decoders = threading.BoundedSemaphore(DECODERS_MAX)

Condition = Literal["ok", "undecodable", "too_many_pixels"]


@dataclass(frozen=True, slots=True)
class Checked:
    """What decoding found; width and height are None when the header could not be read."""

    condition: Condition
    width: int | None = None
    height: int | None = None


@contextmanager
def decoding() -> Iterator[None]:
    """Wait for the turn to have a decoded picture in memory: of this process, then of the machine.

    Where the file for it cannot be had, each process takes turns by itself alone.
    """
    with _decoders, ExitStack() as turn:
        with suppress(OSError):
            descriptor = os.open(_turn_path(), os.O_RDWR | os.O_CREAT | _TURN_FLAGS, 0o600)
            turn.callback(os.close, descriptor)
            _take_turn(descriptor)
        yield


def _take_turn(descriptor: int) -> None:
    """It ends with the descriptor, or the process; one that stands still is not waited for."""
    until = time.monotonic() + TURN_S_MAX
    while time.monotonic() < until:
        with suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        time.sleep(TURN_LOOK_S)


def _turn_path() -> str:
    return str(meeting_folder() / TURN_NAME.format(user=os.getuid()))


def check_image(data: bytes | mmap.mmap) -> Checked:
    """What header and end say; the middle is looked at when pictures are made from it."""
    try:
        file = io.BytesIO(data) if isinstance(data, bytes) else cast(IO[bytes], data)
        with Image.open(file, formats=FORMATS) as image:
            width, height = image.size
            if width * height > PHOTO_PIXELS_MAX:
                return Checked("too_many_pixels", width, height)
            whole = _ENDS[image.format or ""](data)
            return Checked("ok" if whole else "undecodable", width, height)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return Checked("too_many_pixels")
    except MemoryError:
        # The server's trouble, not the photo's: the phone tries again.
        raise
    except Exception:
        # Pillow's readers raise many types for broken bytes; each of them means the same here.
        return Checked("undecodable")


def _jpeg_ends(data: bytes | mmap.mmap) -> bool:
    """Whether an end follows the start of the pixels; the preview inside EXIF has its own."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == _START_OF_PIXELS:
            break
        if marker == 0xFF:
            at += 1
        elif marker in _WITHOUT_LENGTH:
            at += 2
        else:
            at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    # From the back: in a whole file it is the last thing, and nothing is searched.
    return data.rfind(b"\xff\xd9", at) >= 0


def _png_ends(data: bytes | mmap.mmap) -> bool:
    return data.rfind(b"IEND") > 0


def _webp_ends(data: bytes | mmap.mmap) -> bool:
    return int.from_bytes(data[4:8], "little") + 8 <= len(data)


_START_OF_PIXELS = 0xDA
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})
_ENDS = {"JPEG": _jpeg_ends, "PNG": _png_ends, "WEBP": _webp_ends}
