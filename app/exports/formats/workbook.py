"""The one way an .xlsx ledger is laid out: headings, rows, thumbnails in cells, a statement sheet.

XlsxWriter in constant-memory mode: rows leave memory as they are written and pictures are read
from disk only when the file is packed (measurements: docs/decisions/12-export-writer.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter

from app.exports.formats.shape import Pictures, Progress, Statement
from app.exports.ledger import PHOTOS_PER_CELL_MAX, Cell, Column, Line
from app.exports.text import xml_text

_THUMBNAIL_WIDTH_PX = 84
_THUMBNAIL_HEIGHT_PX = 84
_PICTURE_ROW_HEIGHT_PT = 78
_CELL_PADDING_PX = 4
_PAPER_A3, _PAPER_A4 = 8, 9
_COLUMNS_PER_PAGE = 24
_PAGES_WIDE = 3
"""The full ledger on A3 is read on three sheets side by side; one would be too small to read."""
_OLDEST_EXCEL_DAY = date(1900, 3, 1)
"""Excel counts a 29 February 1900 that never was; days before it stay text."""


def write_workbook(
    path: Path,
    statement: Statement,
    columns: Sequence[Column],
    lines: Iterable[Line],
    *,
    pictures: Pictures,
    progress: Progress,
) -> None:
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": True,
        "tmpdir": str(path.parent),
    }
    book = xlsxwriter.Workbook(str(path), options)
    try:
        _write_ledger(book, statement, columns, lines, pictures=pictures, progress=progress)
        _write_statement(book, statement)
    finally:
        book.close()


def _write_ledger(
    book: Any,
    statement: Statement,
    columns: Sequence[Column],
    lines: Iterable[Line],
    *,
    pictures: Pictures,
    progress: Progress,
) -> None:
    sheet = book.add_worksheet("隐患台账")
    style = _styles(book)
    _set_up_page(sheet, statement, columns)
    for index, column in enumerate(columns):
        sheet.set_column(index, index, column.width)
        sheet.write_string(0, index, column.header, style["head"])
    row = 0
    for row, line in enumerate(lines, start=1):
        _write_line(sheet, row, line, columns, style=style, pictures=pictures)
        progress(line.position)
    sheet.autofilter(0, 0, max(row, 1), len(columns) - 1)


def _styles(book: Any) -> dict[str, Any]:
    base = {
        "font_name": "宋体",
        "font_size": 10,
        "valign": "vcenter",
        "text_wrap": True,
        "border": 1,
    }
    head = {"bold": True, "align": "center", "valign": "vcenter", "bg_color": "#F1EDE4"}
    return {
        "head": book.add_format({**base, **head}),
        "text": book.add_format({**base, "num_format": "@"}),
        "number": book.add_format(base),
        "day": book.add_format({**base, "num_format": "yyyy-mm-dd", "align": "center"}),
        "photo": book.add_format(
            {**base, "valign": "bottom", "font_size": 8, "font_color": "#6B6459"}
        ),
    }


def _set_up_page(sheet: Any, statement: Statement, columns: Sequence[Column]) -> None:
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    wide = len(columns) > _COLUMNS_PER_PAGE
    sheet.set_paper(_PAPER_A3 if wide else _PAPER_A4)
    sheet.fit_to_pages(_PAGES_WIDE if wide else 1, 0)
    if wide:
        sheet.repeat_columns(0, 1)
    sheet.repeat_rows(0)
    sheet.set_row(0, 32)
    sheet.set_header("&C&B" + xml_text(f"{statement.station} {statement.title}").replace("&", "&&"))
    sheet.set_footer(f"&L截止 {statement.as_of}&C第 &P 页，共 &N 页&R共 {statement.count} 条")


def _write_line(
    sheet: Any,
    row: int,
    line: Line,
    columns: Sequence[Column],
    *,
    style: dict[str, Any],
    pictures: Pictures,
) -> None:
    shown = False
    for index, column in enumerate(columns):
        if column.pictures is None:
            _write_cell(sheet, row, index, column.value(line), style)
            continue
        hashes = line.photos.get(column.pictures, [])
        drawn = _insert_pictures(sheet, row, index, hashes, pictures)
        shown = shown or drawn > 0
        sheet.write_string(row, index, _photo_text(len(hashes), drawn), style["photo"])
    if shown:
        sheet.set_row(row, _PICTURE_ROW_HEIGHT_PT)


def _write_cell(sheet: Any, row: int, index: int, value: Cell, style: dict[str, Any]) -> None:
    if isinstance(value, date):
        if value >= _OLDEST_EXCEL_DAY:
            sheet.write_datetime(row, index, value, style["day"])
        else:
            sheet.write_string(row, index, value.isoformat(), style["text"])
    elif isinstance(value, int | float) and not isinstance(value, bool):
        sheet.write_number(row, index, value, style["number"])
    elif value:
        sheet.write_string(row, index, xml_text(str(value)), style["text"])
    else:
        sheet.write_blank(row, index, None, style["text"])


def _photo_text(count: int, drawn: int) -> str:
    """Says what the pictures alone do not: how many there are, and that some cannot be shown."""
    if count > drawn:
        return f"共 {count} 张，图上 {drawn} 张"
    return f"{count} 张" if count else ""


def _insert_pictures(
    sheet: Any, row: int, index: int, hashes: Sequence[str], pictures: Pictures
) -> int:
    drawn = 0
    for sha256 in hashes:
        if drawn == PHOTOS_PER_CELL_MAX:
            break
        picture = pictures(sha256)
        if picture is None:
            continue
        sheet.insert_image(row, index, str(picture), _picture_options(drawn, sha256, picture))
        drawn += 1
    return drawn


def _picture_options(slot: int, sha256: str, picture: Path) -> dict[str, Any]:
    from PIL import Image

    with Image.open(picture) as image:
        width, height = image.size
        dots = image.info.get("dpi", (96, 96))
    scale = min(_THUMBNAIL_WIDTH_PX / width, _THUMBNAIL_HEIGHT_PX / height)
    return {
        "x_offset": _CELL_PADDING_PX + slot * (_THUMBNAIL_WIDTH_PX + _CELL_PADDING_PX),
        "y_offset": _CELL_PADDING_PX,
        "x_scale": scale * (float(dots[0]) or 96) / 96,
        "y_scale": scale * (float(dots[1]) or 96) / 96,
        "object_position": 1,
        "description": f"照片 {sha256}",
    }


def _write_statement(book: Any, statement: Statement) -> None:
    sheet = book.add_worksheet("说明")
    label = book.add_format({"bold": True, "valign": "top"})
    text = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
    sheet.set_column(0, 0, 12)
    sheet.set_column(1, 1, 90)
    for row, (name, value) in enumerate(statement.rows()):
        sheet.write_string(row, 0, name, label)
        sheet.write_string(row, 1, xml_text(value), text)
