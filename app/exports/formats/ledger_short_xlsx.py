"""The short form (精简版) for a meeting or a wall: nineteen columns, no pictures.

Layout lives in `workbook.py`; this module only chooses the columns.
"""

from __future__ import annotations

from pathlib import Path

from app.exports.formats.shape import Format, Pictures, Progress, Rows, Statement
from app.exports.formats.workbook import write_workbook
from app.exports.ledger import SHORT_COLUMNS


def write(
    path: Path,
    statement: Statement,
    rows: Rows,
    *,
    pictures: Pictures,
    progress: Progress,
) -> None:
    write_workbook(path, statement, SHORT_COLUMNS, rows, pictures=pictures, progress=progress)


FORMAT = Format(
    name="ledger_short_xlsx",
    title="隐患台账(精简版)",
    extension="xlsx",
    content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    columns=SHORT_COLUMNS,
    write=write,
)
