"""The .xlsx template a person downloads: headings, one example row, drop-down lists, notes.

Drop-down lists stand on a hidden sheet, because Excel allows only 255 characters in a list typed
into the rule itself. It must not know SQL or HTTP.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from app.imports.shape import EXAMPLE_MARK, ImportColumn
from app.imports.sheet import ROWS_MAX


def make_template(title: str, columns: Sequence[ImportColumn], areas: Sequence[str]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = title
    sheet.freeze_panes = "A2"
    for index, column in enumerate(columns, start=1):
        _head(sheet, index, column)
        sheet.cell(row=2, column=index, value=column.example or None).font = Font(
            italic=True, color="808080"
        )
    _lists(book, sheet, columns, areas)
    _notes(book, title, columns)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _head(sheet: Worksheet, index: int, column: ImportColumn) -> None:
    cell = sheet.cell(row=1, column=index, value=column.header)
    cell.font = Font(bold=True, color="B5400A" if column.required else "1F1B16")
    cell.fill = PatternFill("solid", start_color="F1EDE4")
    cell.alignment = Alignment(wrap_text=True, vertical="center")
    letter = get_column_letter(index)
    sheet.column_dimensions[letter].width = column.width
    for row in range(2, 200):
        # Text format keeps long codes and phone numbers as they are typed.
        sheet.cell(row=row, column=index).number_format = "@"


def _lists(
    book: Workbook, sheet: Worksheet, columns: Sequence[ImportColumn], areas: Sequence[str]
) -> None:
    lists = book.create_sheet("选项")
    lists.sheet_state = "hidden"
    for index, column in enumerate(columns, start=1):
        options = list(column.choices) or (list(areas) if column.key == "area" else [])
        if not options:
            continue
        letter = get_column_letter(index)
        for row, option in enumerate(options, start=1):
            lists.cell(row=row, column=index, value=option)
        rule = DataValidation(
            type="list", formula1=f"选项!${letter}$1:${letter}${len(options)}", allow_blank=True
        )
        rule.error = "请从下拉里选"
        rule.add(f"{letter}2:{letter}{ROWS_MAX + 2}")
        sheet.add_data_validation(rule)


def _notes(book: Workbook, title: str, columns: Sequence[ImportColumn]) -> None:
    notes = book.create_sheet("填写说明")
    notes.column_dimensions["A"].width = 22
    notes.column_dimensions["B"].width = 8
    notes.column_dimensions["C"].width = 90
    rows = [
        (f"{title}导入模板", "", f"第 2 行是示例，以{EXAMPLE_MARK}开头的行不会导入"),
        ("一次最多", "", f"{ROWS_MAX} 行"),
        ("列", "必填", "怎么填"),
        *((column.header, "是" if column.required else "", column.note) for column in columns),
    ]
    for row in rows:
        notes.append(row)
    for cell in notes[3]:
        cell.font = Font(bold=True)
