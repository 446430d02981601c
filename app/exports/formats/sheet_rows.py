"""A ledger's rows as worksheet XML: text inline, numbers and days as Excel counts them.

Every text is written as a text, so that none can become a formula or a link. It must not know
the package, the pictures or where rows come from.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.exports.formats.encoded import Encoded
from app.exports.formats.shape import Rows
from app.exports.ledger import Cell, Column
from app.exports.text import CELL_CHARS_MAX, NOT_XML, xml_text

_ROWS_PER_PIECE = 100
_PICTURE_ROW = 'ht="78" customHeight="1"'
"""In points: high enough for a thumbnail and the line of text under it."""
_OLDEST_EXCEL_DAY = date(1900, 3, 1)
"""Excel counts a 29 February 1900 that never was; days before it stay text."""
_DAY_ZERO = date(1899, 12, 30)
# Excel reads _x000D_ inside a text as that character, so a person's own must be told apart.
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9a-fA-F]{4}_)")
_UNUSUAL = re.compile(f"[&<>\r]|_x|{NOT_XML.pattern}")
_LETTERS = 26


@dataclass(frozen=True, slots=True)
class Styles:
    """The workbook's numbers of the styles a row uses."""

    text: str
    number: str
    day: str
    photo: str


def row_pieces(
    columns: Sequence[Column[Any]], rows: Rows, styles: Styles, *, drawn: Sequence[int] | None
) -> Iterator[tuple[int, str]]:
    """XML of some rows at a time, and how many rows that makes so far.

    `drawn` says for every photo cell, row by row, how many pictures it shows; None without any.
    """
    cells = [(f'<c r="{letters_of(i)}', _encoder(c, styles)) for i, c in enumerate(columns)]
    photos = [index for index, column in enumerate(columns) if column.pictures]
    parts: list[str] = []
    done = 0
    for done, row in enumerate(rows, start=1):
        number = done + 1  # the headings are row 1
        height = ""
        for nth, index in enumerate(photos):
            shown = drawn[(done - 1) * len(photos) + nth] if drawn else 0
            row[index] = _photo_text(row[index], shown)
            height = _PICTURE_ROW if shown else height
        at = f'{number}" '
        parts.append(f'<row r="{at}{height}>')
        parts += [start + at + known[cell] for (start, known), cell in zip(cells, row, strict=True)]
        parts.append("</row>")
        if done % _ROWS_PER_PIECE == 0:
            yield done, "".join(parts)
            parts.clear()
    yield done, "".join(parts)


def letters_of(index: int) -> str:
    """The name of a column: 0 is A, 26 is AA."""
    above, place = divmod(index, _LETTERS)
    return (letters_of(above - 1) if above else "") + chr(ord("A") + place)


def _encoder(column: Column[Any], styles: Styles) -> Encoded:
    if column.pictures:
        return Encoded(_plain(styles, styles.photo))
    plain = _plain(styles, styles.text)
    return Encoded(_day(styles, plain) if column.days else plain)


def _plain(styles: Styles, text_style: str) -> Callable[[Cell], str]:
    blank = f's="{text_style}"/>'
    start, end = f's="{text_style}" t="inlineStr"><is><t>', "</t></is></c>"
    spaced = f's="{text_style}" t="inlineStr"><is><t xml:space="preserve">'

    def encode(cell: Cell) -> str:
        if isinstance(cell, (int, float)):
            return f's="{styles.number}"><v>{cell:.16G}</v></c>'
        text = _inner(cell) if isinstance(cell, str) else ""
        if not text:
            return blank
        return (spaced if text[0].isspace() or text[-1].isspace() else start) + text + end

    return encode


def _day(styles: Styles, otherwise: Callable[[Cell], str]) -> Callable[[Cell], str]:
    def encode(cell: Cell) -> str:
        try:
            day = date.fromisoformat(str(cell))
        except ValueError:
            return otherwise(cell)
        if day < _OLDEST_EXCEL_DAY:
            return otherwise(cell)
        return f's="{styles.day}"><v>{(day - _DAY_ZERO).days}</v></c>'

    return encode


def _inner(text: str) -> str:
    """A text as it stands between tags; nearly every one stands as it is."""
    if len(text) <= CELL_CHARS_MAX and not _UNUSUAL.search(text):
        return text
    text = _LOOKS_ESCAPED.sub("_x005F_", xml_text(text)).replace("\r", "_x000D_")
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _photo_text(hashes: Cell, drawn: int) -> str:
    """Says what the pictures alone do not: how many there are, and that some cannot be shown."""
    count = len(hashes) if isinstance(hashes, list) else 0
    if count > drawn:
        return f"共 {count} 张，图上 {drawn} 张"
    return f"{count} 张" if count else ""
