"""Facts get an integer key and the log refers to it; small tables lose their second tree on SQLite.

A hash that stands in an index costs every batch a page for each fact, so it stands in one only.
Tables are made anew and filled from the old ones; rows are counted on both sides, and one that did
not come over undoes everything (reliability.md T9).
"""

import sqlalchemy as sa
from alembic import op

from migrations.triggers import LOG_COLUMNS, LOG_COLUMNS_BEFORE_0004, create, drop

revision = "0004"
down_revision = "0003"

OLD = "before_0004"
FACT_COLUMNS = (
    "station_id, sha256, fact_id, kind, subject_id, author_id, enrolment_id, n, batch_id,"
    " received_at, bytes"
)


def upgrade():
    """Everything is copied, facts in the order of the log, so that both are read side by side."""
    op.drop_index("ix_subject_site", "subject")
    _rebuild({"fact": fact, "log_entry": log_entry}, _copy_by_log, LOG_COLUMNS, rowids=False)


def downgrade():
    """Back to keys of text; nothing is lost, since the new columns say nothing new."""
    made = {"fact": fact_before, "log_entry": log_entry_before}
    _rebuild(made, _copy_plainly, LOG_COLUMNS_BEFORE_0004, rowids=True)
    op.create_index("ix_subject_site", "subject", ["station_id", "site_id"])


def _rebuild(made, copy, log_columns, *, rowids):
    sqlite = op.get_bind().dialect.name == "sqlite"
    if not sqlite:
        op.execute("SET LOCAL statement_timeout = 0")  # a large ledger may take its time
    for statement in drop(sqlite=sqlite):
        op.execute(statement)
    small = SMALL if sqlite else {}
    names = (*made, *small)
    for name in names:
        _set_aside(name, sqlite=sqlite)
    for make in made.values():
        make()
    copy()
    for name, (make, key) in small.items():
        make(rowids)
        op.execute(f"INSERT INTO {name} SELECT * FROM {name}_{OLD} ORDER BY {key}")  # noqa: S608
    for name in names:
        _let_go(name)
    for statement in create(sqlite=sqlite, log_columns=log_columns):
        op.execute(statement)
    if not sqlite:
        op.execute("ANALYZE fact, log_entry")


def _set_aside(name, *, sqlite):
    """Rename a table; its indexes and, on PostgreSQL, its constraints give their names free."""
    look = sa.inspect(op.get_bind())
    for index in look.get_indexes(name):
        if "duplicates_constraint" not in index:
            op.drop_index(index["name"], name)
    if not sqlite:
        keys = [look.get_pk_constraint(name), *look.get_unique_constraints(name)]
        for key in keys:
            op.drop_constraint(key["name"], name)
    op.rename_table(name, f"{name}_{OLD}")


def _let_go(name):
    """Drop what was set aside, once every row of it stands in the new table."""
    counts = [
        op.get_bind().execute(sa.text(f"SELECT count(*) FROM {table}")).scalar()  # noqa: S608
        for table in (f"{name}_{OLD}", name)
    ]
    if counts[0] != counts[1]:
        raise RuntimeError(
            f"{name}: {counts[0]} rows before, {counts[1]} after; nothing was changed."
            " Run `ledger verify` with the program that made this database."
        )
    op.drop_table(f"{name}_{OLD}")


def _copy_by_log():
    columns = ", ".join(f"f.{name}" for name in FACT_COLUMNS.split(", "))
    op.execute(
        f"INSERT INTO fact ({FACT_COLUMNS}) SELECT {columns} FROM log_entry_{OLD} l"  # noqa: S608
        f" JOIN fact_{OLD} f ON f.station_id = l.station_id AND f.sha256 = l.fact_sha256"
        " ORDER BY l.station_id, l.idx"
    )
    op.execute(
        f"INSERT INTO fact ({FACT_COLUMNS}) SELECT {columns} FROM fact_{OLD} f"  # noqa: S608
        " WHERE NOT EXISTS (SELECT 1 FROM fact n"
        " WHERE n.station_id = f.station_id AND n.sha256 = f.sha256)"
    )
    op.execute(
        "INSERT INTO log_entry"  # noqa: S608
        " (station_id, idx, fact_seq, fact_sha256, verdict, admitted, received_at)"
        " SELECT l.station_id, l.idx, f.seq, l.fact_sha256, l.verdict, l.admitted, l.received_at"
        f" FROM log_entry_{OLD} l"
        " JOIN fact f ON f.station_id = l.station_id AND f.sha256 = l.fact_sha256"
        " ORDER BY l.station_id, l.idx"
    )


def _copy_plainly():
    op.execute(
        f"INSERT INTO fact ({FACT_COLUMNS}) SELECT {FACT_COLUMNS} FROM fact_{OLD}"  # noqa: S608
    )
    columns = "station_id, idx, fact_sha256, verdict, admitted, received_at"
    op.execute(
        f"INSERT INTO log_entry ({columns}) SELECT {columns} FROM log_entry_{OLD}"  # noqa: S608
    )


def fact():
    seq = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "fact",
        sa.Column("seq", seq, sa.Identity(always=True), nullable=False),
        *_fact_columns(),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_fact")),
        sa.UniqueConstraint("station_id", "sha256", name="uq_fact_sha256"),
    )
    _fact_indexes()


def fact_before():
    op.create_table(
        "fact",
        *_fact_columns(),
        sa.PrimaryKeyConstraint("station_id", "sha256", name=op.f("pk_fact")),
    )
    _fact_indexes()


def _fact_columns():
    return (
        sa.Column("station_id", sa.String(length=36), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("fact_id", sa.String(length=36), nullable=True),
        sa.Column("kind", sa.String(length=60), nullable=True),
        sa.Column("subject_id", sa.String(length=36), nullable=True),
        sa.Column("author_id", sa.String(length=36), nullable=True),
        sa.Column("enrolment_id", sa.String(length=36), nullable=True),
        sa.Column("n", sa.BigInteger(), nullable=True),
        sa.Column("batch_id", sa.String(length=36), nullable=True),
        sa.Column("received_at", sa.String(length=24), nullable=False),
        sa.Column("bytes", sa.LargeBinary(), nullable=False),
    )


def _fact_indexes():
    op.create_index("ix_fact_fact_id", "fact", ["station_id", "fact_id"], unique=False)
    op.create_index("ix_fact_n", "fact", ["station_id", "enrolment_id", "n"], unique=False)
    op.create_index("ix_fact_subject", "fact", ["station_id", "subject_id"], unique=False)


def log_entry():
    op.create_table(
        "log_entry",
        sa.Column("station_id", sa.String(length=36), nullable=False),
        sa.Column("idx", sa.Integer(), nullable=False),
        sa.Column("fact_seq", sa.BigInteger(), nullable=False),
        sa.Column("fact_sha256", sa.String(length=64), nullable=False),
        sa.Column("verdict", sa.String(length=120), nullable=False),
        sa.Column("admitted", sa.Boolean(), nullable=False),
        sa.Column("received_at", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("station_id", "idx", name=op.f("pk_log_entry")),
        sa.UniqueConstraint("fact_seq", name="uq_log_entry_fact"),
    )


def log_entry_before():
    op.create_table(
        "log_entry",
        sa.Column("station_id", sa.String(length=36), nullable=False),
        sa.Column("idx", sa.Integer(), nullable=False),
        sa.Column("fact_sha256", sa.String(length=64), nullable=False),
        sa.Column("verdict", sa.String(length=120), nullable=False),
        sa.Column("admitted", sa.Boolean(), nullable=False),
        sa.Column("received_at", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("station_id", "idx", name=op.f("pk_log_entry")),
        sa.UniqueConstraint("station_id", "fact_sha256", name="uq_log_entry_fact"),
    )


def log_node(rowids):
    op.create_table(
        "log_node",
        sa.Column("station_id", sa.String(length=36), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("idx", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("station_id", "level", "idx", name=op.f("pk_log_node")),
        sqlite_with_rowid=rowids,
    )


def subject(rowids):
    op.create_table(
        "subject",
        sa.Column("station_id", sa.String(length=36), nullable=False),
        sa.Column("subject_id", sa.String(length=36), nullable=False),
        sa.Column("type", sa.String(length=20), nullable=False),
        sa.Column("site_id", sa.String(length=36), nullable=True),
        sa.Column("area_id", sa.String(length=36), nullable=True),
        sa.Column("author_id", sa.String(length=36), nullable=True),
        sa.Column("areas_before", sa.Text(), nullable=True),
        sa.Column("changed_idx", sa.Integer(), nullable=False),
        sa.Column("area_changed_idx", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("station_id", "subject_id", name=op.f("pk_subject")),
        sqlite_with_rowid=rowids,
    )
    op.create_index(
        "ix_subject_area_changed", "subject", ["station_id", "area_changed_idx"], unique=False
    )
    op.create_index("ix_subject_changed", "subject", ["station_id", "changed_idx"], unique=False)


def counter(rowids):
    op.create_table(
        "counter",
        sa.Column("station_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("station_id", "name", name=op.f("pk_counter")),
        sqlite_with_rowid=rowids,
    )


def hazard_number(rowids):
    op.create_table(
        "hazard_number",
        sa.Column("station_id", sa.String(length=36), nullable=False),
        sa.Column("subject_id", sa.String(length=36), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("station_id", "subject_id", name=op.f("pk_hazard_number")),
        sa.UniqueConstraint("station_id", "year", "seq", name="uq_hazard_number_seq"),
        sqlite_with_rowid=rowids,
    )


SMALL = {
    "counter": (counter, "station_id, name"),
    "hazard_number": (hazard_number, "station_id, subject_id"),
    "log_node": (log_node, "station_id, level, idx"),
    "subject": (subject, "station_id, subject_id"),
}
