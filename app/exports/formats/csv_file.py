"""A CSV that Excel opens without garbling: byte-order mark, CRLF, no formulas.

The statement follows the rows after an empty line, so that the headings stay in line one.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app.exports.formats.encoded import Encoded
from app.exports.formats.shape import HAZARDS, Format, Pictures, Progress, Rows, Statement
from app.exports.ledger import Cell, Column, photo_name
from app.exports.text import csv_text

CONTENT_TYPE = "text/csv; charset=utf-8"


def csv_format(
    name: str, title: str, columns: tuple[Column[Any], ...], *, source: str = HAZARDS
) -> Format:
    """These columns as CSV, which names photos and cannot show them."""

    def write(
        path: Path,
        statement: Statement,
        rows: Rows,
        *,
        pictures: Pictures,  # noqa: ARG001  a format is given them
        progress: Progress,
    ) -> None:
        write_csv(path, statement, columns, rows, progress=progress)

    return Format(name, title, "csv", CONTENT_TYPE, columns, write, source=source)


def write_csv(
    path: Path,
    statement: Statement,
    columns: Sequence[Column[Any]],
    rows: Rows,
    *,
    progress: Progress,
) -> None:
    """One file at `path`; a cell of photos names them."""
    texts = [Encoded(csv_text) for _ in columns]
    photos = [index for index, column in enumerate(columns) if column.pictures]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file, lineterminator="\r\n")
        out.writerow([column.header for column in columns])
        for number, cells in enumerate(rows, start=1):
            for index in photos:
                cells[index] = _names(cells[index])
            # Numbers and nothing are safe as they are; a text is looked at once while it recurs.
            out.writerow(
                [
                    known[cell] if isinstance(cell, str) else cell
                    for known, cell in zip(texts, cells, strict=True)
                ]
            )
            progress(number)
        out.writerow([])
        out.writerows([label, csv_text(text)] for label, text in statement.rows())


def _names(hashes: Cell) -> str:
    return "\n".join(map(photo_name, hashes)) if isinstance(hashes, list) else ""
