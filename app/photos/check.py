"""Looks at a photo by decoding it: can it be shown, is it too large to decode, is it no picture.

The answer is a condition, never a refusal: with the right hash a file is evidence in any case.
It must not know the database, the store or the web.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Literal

from PIL import Image

from sync.limits import PHOTO_PIXELS_MAX

FORMATS = ("JPEG", "PNG", "WEBP")
# One picture is decoded at a time in each process: 50 million pixels are 150 MB while open.
DECODERS_MAX = 1
# The library warns between one and two times its own limit; here a warning is an answer too.
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)
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
    """Wait for this process's turn to have a decoded picture in memory."""
    with _decoders:
        yield


def check_image(file: IO[bytes]) -> Checked:
    """Decode to the last byte: a header alone says ok for half a JPEG."""
    try:
        with Image.open(file, formats=FORMATS) as image:
            width, height = image.size
            if width * height > PHOTO_PIXELS_MAX:
                return Checked("too_many_pixels", width, height)
            with decoding():
                # A JPEG decodes at an eighth of its size with every byte still read.
                image.draft(None, (max(1, width // 8), max(1, height // 8)))
                image.load()
            return Checked("ok", width, height)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return Checked("too_many_pixels")
    except MemoryError:
        # The server's trouble, not the photo's: the phone tries again.
        raise
    except Exception:
        # Pillow's decoders raise many types for broken bytes; each of them means the same here.
        return Checked("undecodable")
