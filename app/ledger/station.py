"""Making the station: its row and an empty log. Once per tenant, by set-up.

It must not know accounts or checklists; set-up adds those through the write path.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from app.clock import instant
from app.db import insert_many
from app.ledger.log import empty_head
from app.ledger.store import FOLDED_COUNTER, save_counters
from app.ledger.table import station
from app.settings import Settings
from sync.fold import FOLD_VERSION

FIRST_EPOCH = 1
COLUMNS = (
    "id", "code", "name", "timezone", "epoch", "log_size", "log_root", "log_frontier", "created_at",
)  # fmt: skip


def make_station(
    connection: Connection, settings: Settings, *, now: datetime, station_id: str
) -> str:
    """Insert a station with an empty log; its id."""
    root, frontier = empty_head()
    row = (
        station_id, settings.station_code, settings.station_name, settings.timezone, FIRST_EPOCH,
        0, root, frontier, instant(now),
    )  # fmt: skip
    insert_many(connection, station, COLUMNS, [row])
    save_counters(connection, station_id, {FOLDED_COUNTER: FOLD_VERSION})
    return station_id
