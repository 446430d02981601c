"""Activities are found by sort, day and person through indexes, not by reading all of them.

Two columns are added and filled from the rows that stand; nothing else is touched.
"""

import json
from datetime import datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

STATION_ZONE_HOURS = 8
INDEXES = (
    ("ix_activity_day", ["station_id", "day", "id"]),
    ("ix_activity_kind", ["station_id", "kind", "day", "id"]),
    ("ix_activity_author", ["station_id", "author_id", "day", "id"]),
)


def upgrade():
    """Every activity says its sort and its day beside its row."""
    for name, chars in (("kind", 40), ("day", 10)):
        column = sa.Column(name, sa.String(length=chars), nullable=False, server_default="")
        op.add_column("activity", column)
    connection = op.get_bind()
    found = connection.execute(sa.text("SELECT station_id, id, row FROM activity")).all()
    told = [{"s": station, "i": subject} | _told(text) for station, subject, text in found]
    if told:
        connection.execute(
            sa.text("UPDATE activity SET kind = :k, day = :d WHERE station_id = :s AND id = :i"),
            told,
        )
    for name, columns in INDEXES:
        op.create_index(name, "activity", columns)


def downgrade():
    """The rows say all of it."""
    for name, _ in INDEXES:
        op.drop_index(name, "activity")
    for column in ("day", "kind"):
        op.drop_column("activity", column)


def _told(text):
    row = json.loads(text)
    return {"k": row.get("kind") or "", "d": row.get("day") or _noted_on(row.get("at")) or ""}


def _noted_on(instant):
    """The day in the station's zone."""
    try:
        moment = datetime.fromisoformat(instant) + timedelta(hours=STATION_ZONE_HOURS)
    except (TypeError, ValueError, OverflowError):
        return (instant or "")[:10]
    return moment.date().isoformat()
