"""Makes the pictures people see from the photo as it came: upright, small, no EXIF, no trailers.

Derived pictures are made anew from pixels, so nothing hidden in an original reaches a browser.
It must not know the database, the store or the web.
"""

from __future__ import annotations

import io
from typing import IO

from PIL import Image, ImageOps

from app.photos.check import FORMATS, decoding
from sync.limits import PHOTO_PIXELS_MAX

JPEG_QUALITY = 78
# Shrinks in whole steps first and smoothly at the end: half the time, no visible difference.
REDUCING_GAP = 2.0
PAPER = (255, 255, 255)


class NotAPicture(Exception):
    """These bytes give no picture that may be shown."""


def derive(file: IO[bytes], sizes_pixels: tuple[int, ...]) -> list[bytes]:
    """One JPEG per wanted size (longest side, never enlarged), all from one decoding.

    A JPEG is decoded near the largest size with every byte still read, so this is also the check of
    the whole photo.
    """
    # Shrinking is part of the turn: while it lasts there are three pictures in memory, not one.
    with decoding():
        flat = _decoded(file, max(sizes_pixels))
        # From large to small, each from the one before: the small ones then cost next to nothing.
        made: dict[int, bytes] = {}
        for pixels in sorted(sizes_pixels, reverse=True):
            size = (pixels, pixels)
            flat.thumbnail(size, Image.Resampling.LANCZOS, reducing_gap=REDUCING_GAP)
            made[pixels] = _jpeg(flat)
    return [made[pixels] for pixels in sizes_pixels]


def _decoded(file: IO[bytes], largest: int) -> Image.Image:
    """The picture upright and flat, not much larger than `largest` where its format allows that."""
    try:
        with Image.open(file, formats=FORMATS) as image:
            if image.width * image.height > PHOTO_PIXELS_MAX:
                raise NotAPicture("too many pixels")
            image.draft("RGB", (largest, largest))
            # Without copies where nothing changes: one picture in memory is 8 MB, three are 24.
            ImageOps.exif_transpose(image, in_place=True)
            return _flattened(image)
    except (NotAPicture, MemoryError):
        raise
    except Exception as error:
        # Pillow's decoders raise many types for broken bytes; each of them means the same here.
        raise NotAPicture(str(error)) from error


def _flattened(image: Image.Image) -> Image.Image:
    """Plain RGB; what was see-through becomes paper."""
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        layered = image.convert("RGBA")
        ground = Image.new("RGB", layered.size, PAPER)
        ground.paste(layered, mask=layered.getchannel("A"))
        return ground
    if image.mode == "RGB":
        image.load()
        return image
    return image.convert("RGB")


def _jpeg(image: Image.Image) -> bytes:
    out = io.BytesIO()
    # From pixels alone: `info` would carry EXIF and comments along.
    image.info = {}
    image.save(out, "JPEG", quality=JPEG_QUALITY)
    return out.getvalue()
