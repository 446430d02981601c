"""The ledger's own tables: facts as received, private lines apart, the log, and what is derived.

`fact` and `log_entry` are append-only; triggers made by the migration hold that even against SQL
typed by hand. `private_line` may be deleted only for a fact that has a `redaction`.
Ledger numbers are given once, with the facts, and never recomputed.

A fact's identity is its hash; `seq` only makes it cheap to name. Hashes are spread all over an
index, so that each of them costs a page of its own to write; they are indexed once, and everything
else goes by `seq`. Tables that are reached by their key alone have no second tree on SQLite.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Identity,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from app.db import metadata

station = Table(
    "station",
    metadata,
    Column("id", String(36), nullable=False),
    Column("code", String(12), nullable=False),
    Column("name", String(40), nullable=False),
    Column("timezone", String(40), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("log_size", Integer, nullable=False),
    Column("log_root", String(64), nullable=False),
    Column("log_frontier", Text, nullable=False),
    Column("created_at", String(24), nullable=False),
    PrimaryKeyConstraint("id"),
)

fact = Table(
    "fact",
    metadata,
    # On SQLite only INTEGER is the row's own key; given by the database and never named outside it.
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), Identity(always=True)),
    Column("station_id", String(36), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("fact_id", String(36)),
    Column("kind", String(60)),
    Column("subject_id", String(36)),
    Column("author_id", String(36)),
    Column("enrolment_id", String(36)),
    Column("n", BigInteger),
    Column("batch_id", String(36)),
    Column("received_at", String(24), nullable=False),
    Column("bytes", LargeBinary, nullable=False),
    PrimaryKeyConstraint("seq"),
    UniqueConstraint("station_id", "sha256", name="uq_fact_sha256"),
)
Index("ix_fact_subject", fact.c.station_id, fact.c.subject_id)
Index("ix_fact_fact_id", fact.c.station_id, fact.c.fact_id)
Index("ix_fact_n", fact.c.station_id, fact.c.enrolment_id, fact.c.n)

private_line = Table(
    "private_line",
    metadata,
    Column("station_id", String(36), nullable=False),
    Column("fact_sha256", String(64), nullable=False),
    Column("bytes", LargeBinary, nullable=False),
    PrimaryKeyConstraint("station_id", "fact_sha256"),
)

late_private = Table(
    "late_private",
    metadata,
    Column("station_id", String(36), nullable=False),
    Column("fact_sha256", String(64), nullable=False),
    Column("idx", Integer, nullable=False),  # a place in the log no phone had covered when it came
    PrimaryKeyConstraint("station_id", "fact_sha256"),
)

redaction = Table(
    "redaction",
    metadata,
    Column("station_id", String(36), nullable=False),
    Column("fact_sha256", String(64), nullable=False),
    Column("idx", Integer, nullable=False),  # the ledger.redacted fact's place in the log
    PrimaryKeyConstraint("station_id", "fact_sha256"),
)

log_entry = Table(
    "log_entry",
    metadata,
    Column("station_id", String(36), nullable=False),
    Column("idx", Integer, nullable=False),
    Column("fact_seq", BigInteger, nullable=False),
    Column("fact_sha256", String(64), nullable=False),  # what the leaf covers; verify compares it
    Column("verdict", String(120), nullable=False),
    Column("admitted", Boolean, nullable=False),  # now; only ledger.admitted may raise it
    Column("received_at", String(24), nullable=False),
    PrimaryKeyConstraint("station_id", "idx"),
    UniqueConstraint("fact_seq", name="uq_log_entry_fact"),
)

log_node = Table(
    "log_node",
    metadata,
    Column("station_id", String(36), nullable=False),
    Column("level", Integer, nullable=False),
    Column("idx", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
    PrimaryKeyConstraint("station_id", "level", "idx"),
    sqlite_with_rowid=False,
)

subject = Table(
    "subject",
    metadata,
    Column("station_id", String(36), nullable=False),
    Column("subject_id", String(36), nullable=False),
    Column("type", String(20), nullable=False),
    Column("site_id", String(36)),
    Column("area_id", String(36)),
    Column("author_id", String(36)),
    Column("areas_before", Text),  # ids of areas it lay in earlier, with spaces between
    Column("changed_idx", Integer, nullable=False),
    Column("area_changed_idx", Integer, nullable=False),
    PrimaryKeyConstraint("station_id", "subject_id"),
    sqlite_with_rowid=False,
)
Index("ix_subject_changed", subject.c.station_id, subject.c.changed_idx)
Index("ix_subject_area_changed", subject.c.station_id, subject.c.area_changed_idx)

rebuilt = Table(
    "rebuilt",
    metadata,
    Column("station_id", String(36), nullable=False),
    Column("subject_id", String(36), nullable=False),
    Column("idx", Integer, nullable=False),  # where its corrected row stands, so that phones get it
    PrimaryKeyConstraint("station_id", "subject_id"),
)

rebuild_run = Table(
    "rebuild_run",
    metadata,
    Column("station_id", String(36), nullable=False),
    Column("step", String(10), nullable=False),  # sites | others
    Column("after", String(36), nullable=False),  # the last subject that is done
    Column("subjects", Integer, nullable=False),
    Column("differing", Integer, nullable=False),
    Column("started_at", String(24), nullable=False),
    PrimaryKeyConstraint("station_id"),
)

counter = Table(
    "counter",
    metadata,
    Column("station_id", String(36), nullable=False),
    Column("name", String(80), nullable=False),
    Column("value", Integer, nullable=False),
    PrimaryKeyConstraint("station_id", "name"),
    sqlite_with_rowid=False,
)


def _numbers_table(name: str) -> Table:
    """The numbers of one series (series.py): each subject has one, each count of a year is given
    once."""
    return Table(
        name,
        metadata,
        Column("station_id", String(36), nullable=False),
        Column("subject_id", String(36), nullable=False),
        Column("year", Integer, nullable=False),
        Column("seq", Integer, nullable=False),
        Column("number", String(40), nullable=False),
        PrimaryKeyConstraint("station_id", "subject_id"),
        UniqueConstraint("station_id", "year", "seq", name=f"uq_{name}_seq"),
        sqlite_with_rowid=False,
    )


hazard_number = _numbers_table("hazard_number")
document_number = _numbers_table("document_number")

returned_page = Table(
    "returned_page",
    metadata,
    Column("station_id", String(36), nullable=False),
    Column("page_id", String(32), nullable=False),
    Column("epoch", Integer, nullable=False),  # of the log that was lost
    Column("start", Integer, nullable=False),
    Column("stop", Integer, nullable=False),
    Column("signature", String(120), nullable=False),
    Column("places", Text, nullable=False),  # JSON: the indexes of its entries
    Column("enrolment_id", String(36), nullable=False),  # whose phone brought it back
    Column("returned_at", String(24), nullable=False),
    PrimaryKeyConstraint("station_id", "page_id"),
)

returned_fact = Table(
    "returned_fact",
    metadata,
    Column("station_id", String(36), nullable=False),
    Column("epoch", Integer, nullable=False),  # of the log that was lost
    Column("idx", Integer, nullable=False),  # its place there
    Column("fact_sha256", String(64), nullable=False),
    Column("verdict", String(120), nullable=False),
    Column("received_at", String(24), nullable=False),
    Column("number", String(40)),
    Column("page_id", String(32), nullable=False),
    PrimaryKeyConstraint("station_id", "epoch", "idx"),
)
Index("ix_returned_fact_sha256", returned_fact.c.station_id, returned_fact.c.fact_sha256)

returned_number = Table(
    "returned_number",
    metadata,
    Column("station_id", String(36), nullable=False),
    Column("subject_id", String(36), nullable=False),
    Column("number", String(40), nullable=False),  # what the lost log had given
    Column("interim", String(40)),  # given meanwhile, or instead; never given again
    Column("given_back", Integer, nullable=False),  # 0: another hazard holds the number
    Column("idx", Integer, nullable=False),  # a place in the log no phone had covered then
    PrimaryKeyConstraint("station_id", "subject_id", "number"),
)

APPEND_ONLY_TABLES = ("fact", "log_entry")
