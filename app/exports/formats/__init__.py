"""The export formats by name: a new one is a line in `FORMATS`.

A format turns prepared lines into one file on disk. It must not know SQL or HTTP, and it must
never hold all lines in memory: it gets an iterator and writes as it goes.
"""

from __future__ import annotations

from app.exports.activities import ACTIVITY_COLUMNS
from app.exports.formats.csv_file import csv_format
from app.exports.formats.shape import ACTIVITIES, Format
from app.exports.formats.workbook import workbook_format
from app.exports.ledger import LEDGER_COLUMNS, PHONE_COLUMN, SHORT_COLUMNS

FORMATS: dict[str, Format] = {
    each.name: each
    for each in (
        # all 42 columns of the official order, thumbnails in the photo cells
        workbook_format("ledger_xlsx", "隐患台账", LEDGER_COLUMNS, passes=2),
        # for a meeting or a wall: nineteen columns, no pictures
        workbook_format("ledger_short_xlsx", "隐患台账(精简版)", SHORT_COLUMNS),
        csv_format("ledger_csv", "隐患台账(CSV)", LEDGER_COLUMNS),
        workbook_format(
            "activities_xlsx", "活动台账", ACTIVITY_COLUMNS, passes=2, source=ACTIVITIES
        ),
        csv_format("activities_csv", "活动台账(CSV)", ACTIVITY_COLUMNS, source=ACTIVITIES),
    )
}


def shows_phones(name: str) -> bool:
    """Whether the format has a column of people's telephone numbers."""
    return any(column.key == PHONE_COLUMN for column in FORMATS[name].columns)
