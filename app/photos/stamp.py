"""A copy of a picture with its watermark: the picture whole with what was drawn on it,
under it a band with the lines.

Nothing of the evidence is covered, and the photo that is kept stays as it is (I13). The phone draws
the same in pwa/src/data/stamp.ts. It must not know where the lines come from.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PIL import Image

from app.photos.lettering import Lettering
from app.photos.marks import draw_marks

LETTER = 0.034  # of the shorter side; five lines then take about a fifth of the picture
LETTER_PX_MIN = 11
LINE_HEIGHT = 1.45
BAND = (16, 23, 29)
INK = (255, 255, 255)
QUALITY = 78


@dataclass(frozen=True, slots=True)
class Words:
    """What goes with a photo: the lines of its watermark, and what was drawn on it."""

    lines: Sequence[str] = ()
    marks: Sequence[Mapping[str, Any]] = ()


def stamped(picture: bytes, words: Words, lettering: Lettering | None) -> bytes:
    """A JPEG with the marks on the picture and the lines under it, which need a font.

    `picture` is one made by derive.py; it comes back as it is where there is nothing to draw.
    """
    if not words.marks and lettering is None:
        return picture
    with Image.open(io.BytesIO(picture), formats=("JPEG",)) as image:
        whole = image.convert("RGB")
    draw_marks(whole, words.marks)
    made = whole if lettering is None else _with_band(whole, words.lines, lettering)
    out = io.BytesIO()
    made.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def _with_band(whole: Image.Image, lines: Sequence[str], lettering: Lettering) -> Image.Image:
    letter = max(LETTER_PX_MIN, round(min(whole.size) * LETTER))
    rows = list(_wrapped(lines, letter, whole.width - 2 * letter, lettering))
    band = round((len(rows) * LINE_HEIGHT + 1) * letter)
    made = Image.new("RGB", (whole.width, whole.height + band), BAND)
    made.paste(whole, (0, 0))
    ink = Image.new("L", (whole.width, band))
    for number, row in enumerate(rows):
        _write(ink, row, letter, round(letter * (1.35 + number * LINE_HEIGHT)), lettering)
    made.paste(INK, (0, whole.height), ink)
    return made


def _wrapped(lines: Sequence[str], letter: int, width: int, lettering: Lettering) -> Iterator[str]:
    """No line is cut: what is wider than the picture goes on in the next row."""
    for line in lines:
        row, used = "", 0.0
        for sign in line:
            advance = lettering.sign(letter, sign).advance
            if row and used + advance > width:
                yield row
                row, used = "", 0.0
            row, used = row + sign, used + advance
        yield row


def _write(ink: Image.Image, row: str, letter: int, base: int, lettering: Lettering) -> None:
    pen = float(letter)
    for each in row:
        sign = lettering.sign(letter, each)
        if sign.pixels is not None:
            ink.paste(sign.pixels, (round(pen) + sign.left, base + sign.top))
        pen += sign.advance
