"""An .xlsx ledger: XlsxWriter makes the workbook, our own code only its rows and its pictures.

The workbook comes from the library with headings, styles, filter, frozen panes, print set-up and
statement; the rows are spliced into its sheet and the pictures into its drawing, so that neither
is held in memory (measurements: docs/decisions/12-export-writer.md).
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import xlsxwriter
from PIL import Image

from app.exports.formats.drawing import DRAWING, DRAWING_LINKS, MEDIA, Drawing, draw
from app.exports.formats.shape import HAZARDS, Format, Pictures, Progress, Rows, Statement
from app.exports.formats.sheet_rows import Styles, row_pieces
from app.exports.ledger import Column
from app.exports.text import xml_text

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SHEET = "xl/worksheets/sheet1.xml"
_PACKING_LEVEL = 4
"""Within a tenth of the smallest file at two thirds of the work."""
_PAPER_A3, _PAPER_A4 = 8, 9
_COLUMNS_PER_PAGE = 24
_PAGES_WIDE = 3
"""The full ledger on A3 is read on three sheets side by side; one would be too small to read."""


def workbook_format(
    name: str,
    title: str,
    columns: tuple[Column[Any], ...],
    *,
    passes: int = 1,
    source: str = HAZARDS,
) -> Format:
    """These columns as a workbook; two `passes` where photos stand in the cells."""

    def write(
        path: Path, statement: Statement, rows: Rows, *, pictures: Pictures, progress: Progress
    ) -> None:
        write_workbook(path, statement, columns, rows, pictures=pictures, progress=progress)

    return Format(name, title, "xlsx", CONTENT_TYPE, columns, write, passes=passes, source=source)


def write_workbook(
    path: Path,
    statement: Statement,
    columns: Sequence[Column[Any]],
    rows: Rows,
    *,
    pictures: Pictures,
    progress: Progress,
) -> None:
    """One file at `path`; beside it lie pieces of it until the caller removes the folder."""
    frame = _frame(path, statement, columns, rows.count)
    drawing: Drawing | None = None
    passed = 0
    with (
        ZipFile(frame) as parts,
        ZipFile(path, "w", ZIP_DEFLATED, compresslevel=_PACKING_LEVEL) as package,
    ):
        # In the library's order: what a file is, is told by its first entry.
        for name in parts.namelist():
            if name not in (_SHEET, DRAWING, DRAWING_LINKS) and not name.startswith(MEDIA):
                package.writestr(name, parts.read(name))
        if DRAWING in parts.namelist():
            drawing = draw(package, columns, rows, folder=path.parent, pictures=pictures,
                           progress=progress)  # fmt: skip
            passed = rows.count
        head, styles, tail = _split(parts.read(_SHEET).decode())
        pieces = row_pieces(columns, rows, styles, drawn=drawing.drawn if drawing else None)
        _pour(package, head, pieces, tail, progress=lambda done: progress(passed + done))


def _pour(
    package: ZipFile,
    head: str,
    pieces: Iterable[tuple[int, str]],
    tail: str,
    *,
    progress: Progress,
) -> None:
    with package.open(_SHEET, "w") as sheet:
        sheet.write(head.encode())
        for done, piece in pieces:
            sheet.write(piece.encode())
            progress(done)
        sheet.write(tail.encode())


def _split(sheet: str) -> tuple[str, Styles, str]:
    """The frame's sheet before and after its rows, and the styles its sample row shows."""
    after_heads = sheet.index("</row>") + len("</row>")
    end = sheet.index("</sheetData>")
    text, number, day, photo = re.findall(r' s="(\d+)"', sheet[after_heads:end])[:4]
    return sheet[:after_heads], Styles(text, number, day, photo), sheet[end:]


def _frame(path: Path, statement: Statement, columns: Sequence[Column[Any]], count: int) -> Path:
    """The workbook without its rows: headings and one sample row, which `_split` takes out."""
    frame = path.with_name(f"frame-{path.name}")
    book = xlsxwriter.Workbook(str(frame), {"constant_memory": True, "tmpdir": str(path.parent)})
    try:
        sheet = book.add_worksheet(statement.sheet)
        style = _styles(book)
        _set_up_page(sheet, statement, columns)
        for index, column in enumerate(columns):
            sheet.set_column(index, index, column.width)
            sheet.write_string(0, index, column.header, style["head"])
        last_row, last_column = max(count, 1), len(columns) - 1
        for index, name in enumerate(("text", "number", "day", "photo")):
            sheet.write_blank(last_row, index, None, style[name])
        sheet.write_blank(last_row, last_column, None, style["text"])
        sheet.autofilter(0, 0, last_row, last_column)
        if count and any(column.pictures for column in columns):
            sheet.insert_image(0, 0, "sample.jpeg", {"image_data": _sample_picture()})
        _write_statement(book, statement)
    finally:
        book.close()
    return frame


def _sample_picture() -> io.BytesIO:
    """Gives the frame its drawing, whose content `draw` then makes."""
    out = io.BytesIO()
    Image.new("RGB", (1, 1)).save(out, "JPEG")
    return out


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


def _set_up_page(sheet: Any, statement: Statement, columns: Sequence[Column[Any]]) -> None:
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


def _write_statement(book: Any, statement: Statement) -> None:
    sheet = book.add_worksheet("说明")
    label = book.add_format({"bold": True, "valign": "top"})
    text = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
    sheet.set_column(0, 0, 12)
    sheet.set_column(1, 1, 90)
    for row, (name, value) in enumerate(statement.rows()):
        sheet.write_string(row, 0, name, label)
        sheet.write_string(row, 1, xml_text(value), text)
