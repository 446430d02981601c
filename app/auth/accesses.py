"""Writing down that somebody saw personal data in full, for the domains that show it.

`/unmask` writes its own. It must not know what is shown.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from app.auth import store
from app.auth.schema import REASON_CHARS_MAX

__all__ = ["REASON_CHARS_MAX", "note_export"]


def note_export(
    connection: Connection,
    station_id: str,
    *,
    entry_id: str,
    now: datetime,
    account_id: str,
    export_id: str,
    field: str,
    reason: str,
) -> None:
    """An export with `field` in full in every row: one entry, whose subject is the export."""
    store.note_access(
        connection,
        station_id,
        entry_id=entry_id,
        now=now,
        account_id=account_id,
        action="export",
        subject_id=export_id,
        field=field,
        reason=reason,
    )
