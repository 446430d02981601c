"""The export formats by name: a new one is a module here and a line in `FORMATS`.

A format turns prepared lines into one file on disk. It must not know SQL or HTTP, and it must
never hold all lines in memory: it gets an iterator and writes as it goes.
"""

from __future__ import annotations

from app.exports.formats import (
    activities_csv,
    activities_xlsx,
    ledger_csv,
    ledger_short_xlsx,
    ledger_xlsx,
)
from app.exports.formats.shape import Format
from app.exports.ledger import PHONE_COLUMN

FORMATS: dict[str, Format] = {
    each.name: each
    for each in (
        ledger_xlsx.FORMAT,
        ledger_short_xlsx.FORMAT,
        ledger_csv.FORMAT,
        activities_xlsx.FORMAT,
        activities_csv.FORMAT,
    )
}


def shows_phones(name: str) -> bool:
    """Whether the format has a column of people's telephone numbers."""
    return any(column.key == PHONE_COLUMN for column in FORMATS[name].columns)
