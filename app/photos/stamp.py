"""A copy of a picture with its watermark: the picture whole with what was drawn on it,
under it a band with the lines.

Nothing of the evidence is covered, and the photo that is kept stays as it is (I13). The phone draws
the same in pwa/src/data/stamp.ts. It must not know where the lines come from.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PIL import Image

from app.photos.joined import joined, taken_apart
from app.photos.lettering import PAPER, Lettering, Sign
from app.photos.marks import draw_marks

LETTER = 0.034  # of the shorter side; five lines then take about a fifth of the picture
LETTER_PX_MIN = 11
LINE_HEIGHT = 1.45
QUALITY = 78
# Numbers are other ones on every photo: by two digits at most. What stands between them, names and
# words, comes again on the next photo and is put down in one go.
_PIECE = re.compile(r"[0-9A-F]{1,2}|[^0-9A-F]{1,40}")


@dataclass(frozen=True, slots=True)
class Words:
    """What goes with a photo: the lines of its watermark, and what was drawn on it."""

    lines: Sequence[str] = ()
    marks: Sequence[Mapping[str, Any]] = ()


def stamped(picture: bytes, words: Words, lettering: Lettering | None) -> bytes:
    """A JPEG with the marks on the picture and the lines under it, which need a font.

    `picture` is one made by derive.py; it comes back as it is where there is nothing to draw. With
    no marks its pixels are not even unpacked: the band goes under it as it is. Only a picture whose
    height is no whole number of blocks is then drawn anew.
    """
    if not words.marks and lettering is None:
        return picture
    band = None
    if lettering is not None:
        plain = taken_apart(picture)
        band = _band(plain.size if plain else _size_of(picture), words.lines, lettering)
        whole = None if words.marks else joined(plain, taken_apart(_jpeg(band)))
        if whole is not None:
            return whole
    with Image.open(io.BytesIO(picture), formats=("JPEG",)) as image:
        return _drawn(image.convert("RGB"), words.marks, band)


def _size_of(picture: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(picture), formats=("JPEG",)) as image:
        return image.size


def _drawn(
    whole: Image.Image, marks: Sequence[Mapping[str, Any]], band: Image.Image | None
) -> bytes:
    draw_marks(whole, marks)
    if band is None:
        return _jpeg(whole)
    made = Image.new("RGB", (whole.width, whole.height + band.height))
    made.paste(whole, (0, 0))
    made.paste(band, (0, whole.height))
    return _jpeg(made)


def _jpeg(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def _band(size: tuple[int, int], lines: Sequence[str], lettering: Lettering) -> Image.Image:
    """As wide as the picture of this size, with every line."""
    letter = max(LETTER_PX_MIN, round(min(size) * LETTER))
    rows = list(_wrapped(lines, size[0] - 2 * letter, lettering.signs(letter)))
    band = Image.new("RGB", (size[0], round((len(rows) * LINE_HEIGHT + 1) * letter)), PAPER)
    for number, row in enumerate(rows):
        _write(band, row, letter, round(letter * (1.35 + number * LINE_HEIGHT)))
    return band


def _wrapped(lines: Sequence[str], width: int, signs: Mapping[str, Sign]) -> Iterator[list[Sign]]:
    """No line is cut: what is wider than the picture goes on in the next row."""
    for line in lines:
        pieces = [signs[piece] for piece in _PIECE.findall(line)]
        whole = all(piece.advance.is_integer() for piece in pieces)
        if whole and sum(piece.advance for piece in pieces) <= width:
            yield pieces
        else:
            yield from _broken(line, width, signs)


def _broken(line: str, width: int, signs: Mapping[str, Sign]) -> Iterator[list[Sign]]:
    row: list[Sign] = []
    used = 0.0
    for each in line:
        sign = signs[each]
        if row and used + sign.advance > width:
            yield row
            row, used = [], 0.0
        row.append(sign)
        used += sign.advance
    yield row


def _write(band: Image.Image, row: list[Sign], letter: int, base: int) -> None:
    # straight into the pixels: `Image.paste` looks at both pictures for longer than it takes
    paste, (width, height) = band.im.paste, band.size
    pen = float(letter)
    for sign in row:
        if sign.pixels is not None:
            at = round(pen)
            box = (at + sign.left, base + sign.top, at + sign.right, base + sign.bottom)
            if box[0] >= 0 <= box[1] and box[2] <= width and box[3] <= height:
                paste(sign.pixels.im, box)
            else:  # only partly on it
                band.paste(sign.pixels, box)
        pen += sign.advance
