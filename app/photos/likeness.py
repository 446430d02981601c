"""What a picture looks like in 128 bits, and which pictures look almost the same. Pure.

Each bit says whether one of 8 x 8 fields is darker than its neighbour on the right, or below: the
same picture saved again, smaller, lighter or with a stamp in a corner keeps nearly all of them,
another shot of the same thing does not. Our own twenty lines, since the known library brings
numpy, scipy and wavelets along (docs/decisions/16-almost-the-same-photo.md).
It must not know the database or what photos are of.
"""

from __future__ import annotations

import io

from PIL import Image

FIELDS = 8
FINGERPRINT_BITS = 2 * FIELDS * FIELDS
BAND_BITS = 16
BANDS = FINGERPRINT_BITS // BAND_BITS
# Pictures that differ by fewer bits than there are bands have at least one band in common, so that
# looking a picture up by its bands misses none.
NEAR_BITS_MAX = BANDS - 1
# Between the lightest and the darkest field: below it is a wall, a night, a finger on the lens.
CONTRAST_LEVELS_MIN = 16
TOO_PLAIN = ""


def fingerprint(picture: bytes) -> str:
    """32 hex digits of a JPEG that is small already; TOO_PLAIN where every such picture is alike.

    Raises whatever Pillow raises for bytes that are no picture.
    """
    with Image.open(io.BytesIO(picture)) as image:
        side = FIELDS + 1
        light = image.convert("L").resize((side, side), Image.Resampling.BOX).tobytes()
    if max(light) - min(light) < CONTRAST_LEVELS_MIN:
        return TOO_PLAIN
    bits = 0
    for step in (1, side):
        for row in range(FIELDS):
            for column in range(FIELDS):
                here = row * side + column
                bits = bits << 1 | (light[here] < light[here + step])
    return f"{bits:0{FINGERPRINT_BITS // 4}x}"


def differing_bits(one: str, other: str) -> int:
    """In how many of their bits two fingerprints differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def bands(print_: str) -> list[int]:
    """The pieces to look a picture up by; each carries its place, so that pieces never mix."""
    digits = BAND_BITS // 4
    return [
        place << BAND_BITS | int(print_[place * digits : (place + 1) * digits], 16)
        for place in range(BANDS)
    ]
