"""One JPEG under another without decoding either: their packed pixels stand one after the other.

A JPEG is rows of blocks, packed one after the other; each block is told by its difference from the
one before, and a restart mark says that the count begins anew. So where two pictures are as wide,
packed with the same tables, and the upper one ends with a whole row of blocks, the lower one's
blocks go on after one such mark. The upper picture keeps every pixel it had. It must not know what
is in the pictures.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

START, END = b"\xff\xd8", b"\xff\xd9"
FIRST_RESTART = b"\xff\xd0"
_TABLES, _BASELINE, _HUFFMAN, _SCAN, _RESTARTS = 0xDB, 0xC0, 0xC4, 0xDA, 0xDD
_OTHER_FRAMES = frozenset(range(0xC1, 0xD0)) - {_HUFFMAN, 0xC8, 0xCC}
_COLOUR_PARTS = 3
_FRAME_BYTES = 10 + 3 * _COLOUR_PARTS
_BLOCK_PX = 8
_RESTART_BLOCKS_MAX = 0xFFFF


@dataclass(slots=True)
class Plain:
    """A plain JPEG taken apart; segments with their marks and lengths."""

    head: list[bytes] = field(default_factory=list)
    tables: list[bytes] = field(default_factory=list)
    frame: bytes = b""
    scan: bytes = b""
    pixels: bytes = b""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.width, self.height

    @property
    def height(self) -> int:
        return int(struct.unpack_from(">H", self.frame, 5)[0])

    @property
    def width(self) -> int:
        return int(struct.unpack_from(">H", self.frame, 7)[0])

    @property
    def sampling(self) -> bytes:
        return self.frame[9:]

    @property
    def unit(self) -> tuple[int, int]:
        """Pixels across and down of what is packed together."""
        factors = self.frame[11::3]
        return _BLOCK_PX * max(f >> 4 for f in factors), _BLOCK_PX * max(f & 15 for f in factors)

    @property
    def units(self) -> int:
        across, down = self.unit
        return -(-self.width // across) * -(-self.height // down)


def joined(top: Plain | None, under: Plain | None) -> bytes | None:
    """Both as one picture; None where they do not fit and somebody has to draw it."""
    if top is None or under is None or not _fit(top, under):
        return None
    height = struct.pack(">H", top.height + under.height)
    restarts = struct.pack(">BBHH", 0xFF, _RESTARTS, 4, top.units)
    head = [*top.head, *top.tables, top.frame[:5] + height + top.frame[7:], restarts, top.scan]
    return b"".join((START, *head, top.pixels, FIRST_RESTART, under.pixels, END))


def _fit(top: Plain, under: Plain) -> bool:
    return (
        (top.width, top.sampling, top.scan) == (under.width, under.sampling, under.scan)
        and top.tables == under.tables
        and top.height % top.unit[1] == 0
        and under.units <= top.units <= _RESTART_BLOCKS_MAX
        and top.height + under.height <= 0xFFFF
    )


def _in_colours(frame: bytes) -> bool:
    """Whole, and with the three parts of a picture in colours."""
    if len(frame) != _FRAME_BYTES or frame[9] != _COLOUR_PARTS:
        return False
    return all(f >> 4 and f & 15 for f in frame[11::3]) and b"\0\0" not in (frame[5:7], frame[7:9])


def taken_apart(picture: bytes) -> Plain | None:
    """None for what is not plain: several scans, restarts of its own, another kind of frame."""
    if not picture.startswith(START) or not picture.endswith(END):
        return None
    parts, place = Plain(), len(START)
    while place + 4 <= len(picture) and picture[place] == 0xFF:
        kind = picture[place + 1]
        end = place + 2 + int(struct.unpack_from(">H", picture, place + 2)[0])
        segment = picture[place:end]
        if kind == _SCAN:
            parts.scan, parts.pixels = segment, picture[end : -len(END)]
            # a second scan, or a restart, would stand as a mark among the pixels
            plain = _in_colours(parts.frame) and parts.pixels.count(b"\xff") == parts.pixels.count(
                b"\xff\x00"
            )
            return parts if plain else None
        if kind == _RESTARTS or kind in _OTHER_FRAMES:
            return None
        if kind == _BASELINE:
            parts.frame = segment
        elif kind in (_TABLES, _HUFFMAN):
            parts.tables.append(segment)
        else:
            parts.head.append(segment)
        place = end
    return None
