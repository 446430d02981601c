"""What is known of restores: when, from what, and what phones proved of the log that was lost."""

from sqlalchemy import Column, Integer, PrimaryKeyConstraint, String, Table, Text

from app.db import metadata

restore = Table(
    "restore",
    metadata,
    Column("station_id", String(36), nullable=False),
    Column("epoch", Integer, nullable=False),  # the one that was opened
    Column("from_epoch", Integer, nullable=False),  # the one of the set
    Column("size", Integer, nullable=False),  # of the log as it was restored
    Column("root", String(64), nullable=False),
    Column("set_name", String(60), nullable=False),
    Column("made_at", String(24), nullable=False),
    Column("restored_at", String(24), nullable=False),
    Column("photos_lacking", Text, nullable=False),  # JSON: hashes the set should hold and did not
    PrimaryKeyConstraint("station_id", "epoch"),
)

lost_head = Table(
    "lost_head",
    metadata,
    Column("station_id", String(36), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("size", Integer, nullable=False),
    Column("enrolment_id", String(36), nullable=False),
    Column("root", String(64)),  # a page proves a size without one
    Column("seen_at", String(24), nullable=False),
    PrimaryKeyConstraint("station_id", "epoch", "enrolment_id"),
)

lost_batch = Table(
    "lost_batch",
    metadata,
    Column("station_id", String(36), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("batch_id", String(36), nullable=False),
    Column("enrolment_id", String(36), nullable=False),
    Column("size", Integer, nullable=False),  # of the log after it
    Column("facts", Text, nullable=False),  # JSON: the hashes, in the order of its manifest
    PrimaryKeyConstraint("station_id", "epoch", "batch_id"),
)
