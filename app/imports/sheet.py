"""Reading an .xlsx that a stranger may have made: bounded in bytes, entries and rows.

What cannot be read ends as an `Unreadable` with a sentence for the person who chose the file;
nothing here trusts names, sizes or declared dimensions. It must not know what the rows mean.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook

FILE_BYTES_MAX = 5 * 1024 * 1024
INFLATED_BYTES_MAX = 60 * 1024 * 1024
ENTRIES_MAX = 500
ROWS_MAX = 5_000
COLUMNS_MAX = 60
CELL_CHARS_MAX = 2_000
_EXCEL_ROWS_MAX = 1_048_576
_PROLOG_BYTES = 2_048
_TRIES = (
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    IndexError,
    OSError,
    EOFError,
    ParseError,
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
    OverflowError,
)
"""What openpyxl and zipfile raise on damaged files; anything else is a fault of ours."""


class Unreadable(Exception):
    """The file as a whole cannot be taken; `sentence` says why and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row with something in it: its number as Excel shows it, and its cells by heading."""

    number: int
    cells: dict[str, str]
    formulas: tuple[str, ...] = ()
    """Headings whose cell holds a formula instead of a value."""


@dataclass(frozen=True, slots=True)
class Sheet:
    headings: tuple[str, ...]
    rows: tuple[SheetRow, ...]


def read_sheet(data: bytes, headings: Sequence[str]) -> Sheet:
    """The first worksheet that carries the template's first heading, row by row as text."""
    _check_archive(data)
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
        for worksheet in book.worksheets:
            found = _read_worksheet(worksheet, headings)
            if found is not None:
                return found
    except _TRIES as error:
        raise Unreadable(
            "这个文件读不出来，可能坏了。请用 Excel 打开后另存为 .xlsx 再试"
        ) from error
    raise Unreadable(f"没有找到“{headings[0]}”这一列，请用下载的模板来填")


def _check_archive(data: bytes) -> None:
    if not data:
        raise Unreadable("文件是空的")
    if len(data) > FILE_BYTES_MAX:
        raise Unreadable(f"文件超过 {FILE_BYTES_MAX // 1024 // 1024} MB，请分成几份")
    if data[:4] == b"\xd0\xcf\x11\xe0":
        raise Unreadable("这是旧版 .xls 或加了密码的文件，请另存为不带密码的 .xlsx")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_entries(archive)
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, RuntimeError) as error:
        raise Unreadable("这不是 .xlsx 文件，请用下载的模板来填") from error


def _check_entries(archive: zipfile.ZipFile) -> None:
    entries = archive.infolist()
    if len(entries) > ENTRIES_MAX:
        raise Unreadable("文件里的内容太多，不像是填好的模板")
    if sum(entry.file_size for entry in entries) > INFLATED_BYTES_MAX:
        raise Unreadable("文件解开后太大，不像是填好的模板")
    if "[Content_Types].xml" not in archive.namelist():
        raise Unreadable("这不是 .xlsx 文件，请用下载的模板来填")
    for entry in entries:
        if entry.filename.endswith((".xml", ".rels")):
            with archive.open(entry) as part:
                prolog = part.read(_PROLOG_BYTES)
            if b"<!DOCTYPE" in prolog or b"<!ENTITY" in prolog:
                raise Unreadable("文件里有不该有的内容，请用下载的模板来填")


def _read_worksheet(worksheet: object, headings: Sequence[str]) -> Sheet | None:
    numbered = _numbered_rows(worksheet)
    for number, cells in numbered:
        names = [_text(value) for value, _ in cells]
        if headings[0] in names:
            return Sheet(tuple(names), tuple(_data_rows(numbered, names)))
        if number > 20:
            break  # headings further down belong to some other sheet
    return None


def _numbered_rows(worksheet: object) -> Iterator[tuple[int, list[tuple[object, bool]]]]:
    rows = worksheet.iter_rows(max_row=_EXCEL_ROWS_MAX, max_col=COLUMNS_MAX)  # type: ignore[attr-defined]
    for number, row in enumerate(rows, start=1):
        cells = [(cell.value, getattr(cell, "data_type", "n") == "f") for cell in row]
        if any(value is not None and str(value).strip() for value, _ in cells):
            yield number, cells


def _data_rows(
    numbered: Iterator[tuple[int, list[tuple[object, bool]]]], names: list[str]
) -> Iterator[SheetRow]:
    for count, (number, cells) in enumerate(numbered, start=1):
        if count > ROWS_MAX:
            raise Unreadable(f"一次最多导入 {ROWS_MAX} 行，请分成几份")
        pairs = list(zip(names, cells, strict=False))
        yield SheetRow(
            number=number,
            cells={name: "" if formula else _text(value) for name, (value, formula) in pairs},
            formulas=tuple(name for name, (_, formula) in pairs if formula),
        )


def _text(value: object) -> str:
    """A cell as the person sees it: a phone number stored as 1.38e10 is its digits again."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    return str(value).strip()[:CELL_CHARS_MAX]
