"""Which pictures of a map may be asked for, and what a provider's answer must be.

Pure. It must not know HTTP, nor where answers come from.
"""

from __future__ import annotations

ZOOM_MIN, ZOOM_MAX = 3, 18
"""A province in one view; a house. Beyond 18 few providers have anything."""
TILE_BYTES_MAX = 512 * 1024
"""An aerial picture of 256 px has 20 to 40 KB; more than this is no tile."""
_BEGINNINGS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
)
_NUMBER_DIGITS_MAX = 7


def tile_place(z: str, x: str, y: str) -> tuple[int, int, int] | None:
    """The numbers of an address, if there is such a tile; None for everything else."""
    if not all(
        each.isascii() and each.isdigit() and len(each) <= _NUMBER_DIGITS_MAX for each in (z, x, y)
    ):
        return None
    zoom, column, row = int(z), int(x), int(y)
    side = 1 << zoom if ZOOM_MIN <= zoom <= ZOOM_MAX else 0
    return (zoom, column, row) if column < side and row < side else None


def tile_url(template: str, place: tuple[int, int, int]) -> str:
    """The provider's address of one tile."""
    zoom, column, row = place
    numbers = {"{z}": zoom, "{x}": column, "{y}": row}
    for gap, number in numbers.items():
        template = template.replace(gap, str(number))
    return template


def picture_type(content: bytes) -> str | None:
    """PNG, JPEG or WebP by its own first bytes, whatever the provider calls it."""
    for beginning, name in _BEGINNINGS:
        if content.startswith(beginning):
            return name
    return "image/webp" if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else None
