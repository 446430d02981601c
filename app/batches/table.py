"""Batches as they were answered: the same batch again gets the same receipt, for ever."""

from sqlalchemy import Column, Index, Integer, PrimaryKeyConstraint, String, Table, Text

from app.db import metadata

batch = Table(
    "batch",
    metadata,
    Column("station_id", String(36), nullable=False),
    Column("batch_id", String(36), nullable=False),
    Column("manifest", String(64), nullable=False),
    Column("enrolment_id", String(36), nullable=False),
    Column("receipt", Text, nullable=False),
    Column("signature", String(120), nullable=False),
    Column("received_at", String(24), nullable=False),
    Column("fact_count", Integer, nullable=False),
    PrimaryKeyConstraint("station_id", "batch_id", "manifest"),
)
Index("ix_batch_enrolment", batch.c.station_id, batch.c.enrolment_id, batch.c.received_at)
