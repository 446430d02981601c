"""Activities as a workbook, thumbnails of their photos in the cells.

Layout lives in `workbook.py`; this module only chooses the columns.
"""

from __future__ import annotations

from pathlib import Path

from app.exports.activities import ACTIVITY_COLUMNS
from app.exports.formats.shape import Format, Pictures, Progress, Rows, Statement
from app.exports.formats.workbook import write_workbook


def write(
    path: Path,
    statement: Statement,
    rows: Rows,
    *,
    pictures: Pictures,
    progress: Progress,
) -> None:
    write_workbook(path, statement, ACTIVITY_COLUMNS, rows, pictures=pictures, progress=progress)


FORMAT = Format(
    name="activities_xlsx",
    title="活动台账",
    extension="xlsx",
    content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    columns=ACTIVITY_COLUMNS,
    write=write,
    passes=2,
    source="activities",
)
