"""Photos declared by facts, what has arrived of each, and which facts use them.

`epoch` moves on whenever an upload starts anew, so that a half-dead older request can never append.
"""

from sqlalchemy import (
    Boolean,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    text,
)

from app.db import metadata

photo = Table(
    "photo",
    metadata,
    Column("station_id", String(36), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("state", String(10), nullable=False),  # wanted | held
    Column("bytes_total", Integer),
    Column("received", Integer, nullable=False, default=0),
    Column("epoch", Integer, nullable=False, default=0),
    Column("length", Integer),  # what the running upload said it would bring
    Column("condition", String(20)),  # ok | undecodable | too_many_pixels, once held
    Column("width", Integer),
    Column("height", Integer),
    Column("declared_at", String(24), nullable=False),
    Column("held_at", String(24)),
    Column("thumbnail_at", String(24)),
    Column("shared", Boolean),  # more than one fact named it: perhaps used twice
    Column("fingerprint", String(32)),  # what it looks like (likeness.py); empty: too plain to tell
    PrimaryKeyConstraint("station_id", "sha256"),
)
Index("ix_photo_state", photo.c.station_id, photo.c.state, photo.c.declared_at)
_SHARED = text("shared IS NOT NULL")
Index(
    "ix_photo_shared",
    photo.c.station_id,
    photo.c.sha256,
    sqlite_where=_SHARED,
    postgresql_where=_SHARED,
)

photo_part = Table(
    "photo_part",
    metadata,
    Column("station_id", String(36), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("start", Integer, nullable=False),
    Column("size", Integer, nullable=False),
    Column("name", String(200), nullable=False),  # the part's own object in the photo store
    PrimaryKeyConstraint("station_id", "sha256", "epoch", "start"),
)

photo_use = Table(
    "photo_use",
    metadata,
    Column("station_id", String(36), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("subject_id", String(36), nullable=False),
    Column("fact_sha256", String(64), nullable=False),
    Column("role", String(20), nullable=False),
    PrimaryKeyConstraint("station_id", "sha256", "subject_id", "fact_sha256"),
)
Index("ix_photo_use_subject", photo_use.c.station_id, photo_use.c.subject_id)

photo_band = Table(
    "photo_band",
    metadata,
    Column("station_id", String(36), nullable=False),
    Column("band", Integer, nullable=False),  # one sixteen-bit piece of a fingerprint, with place
    Column("sha256", String(64), nullable=False),
    PrimaryKeyConstraint("station_id", "band", "sha256"),
    sqlite_with_rowid=False,
)

photo_twin = Table(
    "photo_twin",
    metadata,
    Column("station_id", String(36), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("other", String(64), nullable=False),  # stands both ways round
    Column("bits", Integer, nullable=False),  # by how many of 128 bits the fingerprints differ
    PrimaryKeyConstraint("station_id", "sha256", "other"),
    sqlite_with_rowid=False,
)
