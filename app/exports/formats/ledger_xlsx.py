"""The full ledger: all 42 columns of the official order, thumbnails in the photo cells.

Layout lives in `workbook.py`; this module only chooses the columns.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from app.exports.formats.shape import Format, Pictures, Progress, Statement
from app.exports.formats.workbook import write_workbook
from app.exports.ledger import LEDGER_COLUMNS, Line


def write(
    path: Path,
    statement: Statement,
    lines: Iterable[Line],
    *,
    pictures: Pictures,
    progress: Progress,
) -> None:
    write_workbook(path, statement, LEDGER_COLUMNS, lines, pictures=pictures, progress=progress)


FORMAT = Format(
    name="ledger_xlsx",
    title="隐患台账",
    extension="xlsx",
    content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    write=write,
    with_pictures=True,
)
