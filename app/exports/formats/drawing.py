"""The pictures of an .xlsx ledger: stored in the package as they are, each anchored in its cell.

A thumbnail is neither decoded nor packed again; of each there stays a note of its number and
size. The drawing itself grows on disk. It must not know where pictures come from.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from PIL import Image, UnidentifiedImageError

from app.exports.formats.shape import Pictures, Progress, Rows
from app.exports.ledger import PHOTOS_PER_CELL_MAX, Cell, Column

DRAWING = "xl/drawings/drawing1.xml"
DRAWING_LINKS = "xl/drawings/_rels/drawing1.xml.rels"
MEDIA = "xl/media/"
PICTURES_MAX = 60_000
"""A package of more than 65,535 entries needs a form of zip that not every office program reads."""
_BOX_PX = 84
_CELL_PADDING_PX = 4
_EMU_PER_PX = 9_525
_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE = "http://schemas.openxmlformats.org"
_DRAWING_START = (
    f'{_DECLARATION}<xdr:wsDr xmlns:xdr="{_OFFICE}/drawingml/2006/spreadsheetDrawing"'
    f' xmlns:a="{_OFFICE}/drawingml/2006/main"'
    f' xmlns:r="{_OFFICE}/officeDocument/2006/relationships">'
)
_LINKS_START = f'{_DECLARATION}<Relationships xmlns="{_OFFICE}/package/2006/relationships">'


@dataclass(slots=True)
class _Kept:
    """One picture of the package: its number and how large it is shown, in pixels."""

    number: int
    width: float
    height: float


class Drawing:
    """What has been drawn so far: `drawn` holds the number of pictures of every photo cell."""

    def __init__(
        self, package: ZipFile, pictures: Pictures, anchors: TextIO, links: TextIO
    ) -> None:
        self.drawn = bytearray()
        self._package = package
        self._pictures = pictures
        self._anchors = anchors
        self._links = links
        self._kept: dict[bytes, _Kept] = {}
        self._count = 0

    def cell(self, row: int, column: int, hashes: Cell) -> None:
        """Draw the first pictures there are of a cell, side by side; rows and columns from 0."""
        drawn = 0
        for sha256 in hashes if isinstance(hashes, list) else ():
            if drawn == PHOTOS_PER_CELL_MAX:
                break
            kept = self._kept.get(bytes.fromhex(sha256)) or self._keep(sha256)
            if kept is not None:
                self._anchor(row, column, drawn, kept, sha256)
                drawn += 1
        self.drawn.append(drawn)

    def _keep(self, sha256: str) -> _Kept | None:
        """Put a picture into the package; None when there is none or no room."""
        if len(self._kept) >= PICTURES_MAX:
            return None
        data = self._pictures(sha256)
        size = _size_of(data) if data is not None else None
        if data is None or size is None:
            return None
        number = len(self._kept) + 1
        # A fixed date: the file says when it was made, its entries need not.
        self._package.writestr(ZipInfo(f"{MEDIA}image{number}.jpeg"), data, ZIP_STORED)
        self._links.write(
            f'<Relationship Id="rId{number}" Type="{_OFFICE}/officeDocument/2006/relationships'
            f'/image" Target="../media/image{number}.jpeg"/>'
        )
        scale = min(_BOX_PX / size[0], _BOX_PX / size[1])
        kept = _Kept(number, size[0] * scale, size[1] * scale)
        self._kept[bytes.fromhex(sha256)] = kept
        return kept

    def _anchor(self, row: int, column: int, slot: int, kept: _Kept, sha256: str) -> None:
        self._count += 1
        left, top = _CELL_PADDING_PX + slot * (_BOX_PX + _CELL_PADDING_PX), _CELL_PADDING_PX
        # Moved and sized with its cell: filtering or sorting the ledger takes the picture along.
        self._anchors.write(
            f"<xdr:twoCellAnchor>{_corner('from', row, column, left, top)}"
            f"{_corner('to', row, column, left + kept.width, top + kept.height)}"
            f'<xdr:pic><xdr:nvPicPr><xdr:cNvPr id="{self._count + 1}" name="Picture {self._count}"'
            f' descr="照片 {sha256}"/><xdr:cNvPicPr><a:picLocks noChangeAspect="1"/>'
            f'</xdr:cNvPicPr></xdr:nvPicPr><xdr:blipFill><a:blip r:embed="rId{kept.number}"/>'
            "<a:stretch><a:fillRect/></a:stretch></xdr:blipFill><xdr:spPr><a:xfrm>"
            f'<a:off x="0" y="0"/><a:ext cx="{_emu(kept.width)}" cy="{_emu(kept.height)}"/>'
            '</a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></xdr:spPr></xdr:pic>'
            "<xdr:clientData/></xdr:twoCellAnchor>"
        )


def draw(
    package: ZipFile,
    columns: Sequence[Column[Any]],
    rows: Rows,
    *,
    folder: Path,
    pictures: Pictures,
    progress: Progress,
) -> Drawing:
    """Go through the rows and put their pictures, the drawing and its links into the package."""
    places = [index for index, column in enumerate(columns) if column.pictures]
    anchors_at, links_at = folder / "anchors", folder / "links"
    with ExitStack() as files:
        anchors = files.enter_context(anchors_at.open("w", encoding="utf-8"))
        links = files.enter_context(links_at.open("w", encoding="utf-8"))
        anchors.write(_DRAWING_START)
        links.write(_LINKS_START)
        drawing = Drawing(package, pictures, anchors, links)
        for number, cells in enumerate(rows, start=1):
            for index in places:
                drawing.cell(number, index, cells[index])
            progress(number)
        anchors.write("</xdr:wsDr>")
        links.write("</Relationships>")
    package.write(anchors_at, DRAWING)
    package.write(links_at, DRAWING_LINKS)
    return drawing


def _size_of(data: bytes) -> tuple[int, int] | None:
    """Width and height from the head alone; None for what is no JPEG."""
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG",)) as image:
            return image.size
    except (UnidentifiedImageError, OSError, SyntaxError):
        return None


def _corner(name: str, row: int, column: int, x: float, y: float) -> str:
    return (
        f"<xdr:{name}><xdr:col>{column}</xdr:col><xdr:colOff>{_emu(x)}</xdr:colOff>"
        f"<xdr:row>{row}</xdr:row><xdr:rowOff>{_emu(y)}</xdr:rowOff></xdr:{name}>"
    )


def _emu(pixels: float) -> int:
    return round(pixels * _EMU_PER_PX)
