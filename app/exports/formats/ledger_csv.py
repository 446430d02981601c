"""The full ledger as CSV that Excel opens without garbling: byte-order mark, CRLF, no formulas.

The statement follows the rows after an empty line, so that the headings stay in line one.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from app.exports.formats.shape import Format, Pictures, Progress, Statement
from app.exports.ledger import LEDGER_COLUMNS, Cell, Line
from app.exports.text import csv_text


def _cell(value: Cell) -> str | int | float:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float):
        return value
    return csv_text(value or "")


def write(
    path: Path,
    statement: Statement,
    lines: Iterable[Line],
    *,
    pictures: Pictures,  # noqa: ARG001  CSV names photos, it cannot show them
    progress: Progress,
) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file, lineterminator="\r\n")
        out.writerow([column.header for column in LEDGER_COLUMNS])
        for line in lines:
            out.writerow([_cell(column.value(line)) for column in LEDGER_COLUMNS])
            progress(line.position)
        out.writerow([])
        out.writerows([label, csv_text(text)] for label, text in statement.rows())


FORMAT = Format(
    name="ledger_csv",
    title="隐患台账(CSV)",
    extension="csv",
    content_type="text/csv; charset=utf-8",
    write=write,
)
