"""The full ledger: all 42 columns of the official order, thumbnails in the photo cells.

Layout lives in `workbook.py`; this module only chooses the columns.
"""

from __future__ import annotations

from pathlib import Path

from app.exports.formats.shape import Format, Pictures, Progress, Rows, Statement
from app.exports.formats.workbook import write_workbook
from app.exports.ledger import LEDGER_COLUMNS


def write(
    path: Path,
    statement: Statement,
    rows: Rows,
    *,
    pictures: Pictures,
    progress: Progress,
) -> None:
    write_workbook(path, statement, LEDGER_COLUMNS, rows, pictures=pictures, progress=progress)


FORMAT = Format(
    name="ledger_xlsx",
    title="隐患台账",
    extension="xlsx",
    content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    columns=LEDGER_COLUMNS,
    write=write,
    passes=2,
)
