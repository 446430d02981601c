"""The full ledger as CSV; the writing is `csv_file.py`'s, this module only chooses the columns."""

from __future__ import annotations

from pathlib import Path

from app.exports.formats.csv_file import write_csv
from app.exports.formats.shape import Format, Pictures, Progress, Rows, Statement
from app.exports.ledger import LEDGER_COLUMNS


def write(
    path: Path,
    statement: Statement,
    rows: Rows,
    *,
    pictures: Pictures,  # noqa: ARG001  CSV names photos, it cannot show them
    progress: Progress,
) -> None:
    write_csv(path, statement, LEDGER_COLUMNS, rows, progress=progress)


FORMAT = Format(
    name="ledger_csv",
    title="隐患台账(CSV)",
    extension="csv",
    content_type="text/csv; charset=utf-8",
    columns=LEDGER_COLUMNS,
    write=write,
)
