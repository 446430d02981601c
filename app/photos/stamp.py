"""A copy of a picture with its watermark: the picture whole, under it a band with the lines.

Nothing of the evidence is covered, and the photo that is kept stays as it is (I13). The phone draws
the same in pwa/src/data/stamp.ts. It must not know where the lines come from.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

from PIL import Image

from app.photos.lettering import Lettering

LETTER = 0.034  # of the shorter side; five lines then take about a fifth of the picture
LETTER_PX_MIN = 11
LINE_HEIGHT = 1.45
BAND = (16, 23, 29)
INK = (255, 255, 255)
QUALITY = 78


def stamped(picture: bytes, lines: Sequence[str], lettering: Lettering) -> bytes:
    """A JPEG with the lines under the picture; `picture` is one made by derive.py."""
    with Image.open(io.BytesIO(picture), formats=("JPEG",)) as image:
        whole = image.convert("RGB")
    letter = max(LETTER_PX_MIN, round(min(whole.size) * LETTER))
    rows = list(_wrapped(lines, letter, whole.width - 2 * letter, lettering))
    band = round((len(rows) * LINE_HEIGHT + 1) * letter)
    made = Image.new("RGB", (whole.width, whole.height + band), BAND)
    made.paste(whole, (0, 0))
    ink = Image.new("L", (whole.width, band))
    for number, row in enumerate(rows):
        _write(ink, row, letter, round(letter * (1.35 + number * LINE_HEIGHT)), lettering)
    made.paste(INK, (0, whole.height), ink)
    out = io.BytesIO()
    made.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


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
