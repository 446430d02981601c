"""What other nouns read of inspections: which tab of the queue one is in, and how many wait.

It must not know HTTP.
"""

from __future__ import annotations

from sqlalchemy import Connection

from app.actor import Actor
from app.db import run
from app.rows import all_of, visible

_UNDECIDED = (
    "i.id IN (SELECT u.inspection_id FROM hazard u WHERE u.station_id = i.station_id"
    " AND u.state IN ('submitted', 'spot_fixed'))"
)
_SENT_BACK = (
    "i.id IN (SELECT b.inspection_id FROM hazard b WHERE b.station_id = i.station_id"
    " AND b.state = 'returned')"
)
# What the chief still has to decide comes first; what went back to the phone waits there; the rest
# is done. A returned inspection waits for its author even when its hazards are undecided.
TAB = (
    f"CASE WHEN i.state = 'returned' THEN 'returned' WHEN {_UNDECIDED} THEN 'waiting'"
    f" WHEN {_SENT_BACK} AND i.state <> 'void' THEN 'returned'"
    " WHEN i.state IN ('submitted', 'incomplete') THEN 'waiting' ELSE 'done' END"
)


def count_waiting(connection: Connection, station_id: str, actor: Actor) -> int:
    """How many submissions wait for the chief."""
    where, values = all_of([("i.station_id = ?", [station_id]), visible(actor, "i")])
    found = run(
        connection,
        f"SELECT count(*) FROM inspection i WHERE {where} AND {TAB} = 'waiting'",  # noqa: S608
        values,
    )
    return int(found[0][0])
