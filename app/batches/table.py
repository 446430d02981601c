"""Batches as they were answered, with what their phones signed: both are kept for ever.

The same batch again gets the same receipt. `sent_at`, `n_max`, `phone_signature`: the rest of the
text the phone signed (envelope.py), null for batches from before 0005. `hashes`: the manifest's
fact hashes, one per line, where the log alone does not give them back in order.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

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
    Column("sent_at", String(40)),
    Column("n_max", BigInteger),
    Column("phone_signature", String(120)),
    Column("hashes", Text),
    PrimaryKeyConstraint("station_id", "batch_id", "manifest"),
)
Index("ix_batch_enrolment", batch.c.station_id, batch.c.enrolment_id, batch.c.received_at)
