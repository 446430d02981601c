"""The ledger, its projections and photos, and the triggers that keep facts and log append-only."""

import sqlalchemy as sa
from alembic import op

from migrations.triggers import LOG_COLUMNS_BEFORE_0004, POSTGRES_DROP, create

revision = "0001"
down_revision = None


def upgrade():
    """Tables first, triggers last."""
    for make in TABLES:
        make()
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in create(sqlite=sqlite, log_columns=LOG_COLUMNS_BEFORE_0004):
        op.execute(statement)


def downgrade():
    """Back to an empty database; only ever used before anything was recorded."""
    if op.get_bind().dialect.name != "sqlite":
        for statement in POSTGRES_DROP:
            op.execute(statement)
    for make in reversed(TABLES):
        op.drop_table(make.__name__)


def account():
    op.create_table(
        "account",
        sa.Column("station_id", sa.String(length=36), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("login", sa.String(length=40), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("scope_idx", sa.Integer(), nullable=False),
        sa.Column("changed_idx", sa.Integer(), nullable=False),
        sa.Column("row", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_account")),
    )
    op.create_index("ix_account_login", "account", ["station_id", "login"], unique=False)


def activity():
    op.create_table(
        "activity",
        sa.Column("station_id", sa.String(length=36), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("author_id", sa.String(length=36), nullable=True),
        sa.Column("received_at", sa.String(length=24), nullable=False),
        sa.Column("changed_idx", sa.Integer(), nullable=False),
        sa.Column("row", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_activity")),
    )


def area():
    op.create_table(
        "area",
        sa.Column("station_id", sa.String(length=36), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("parent_id", sa.String(length=36), nullable=True),
        sa.Column("inspector_id", sa.String(length=36), nullable=True),
        sa.Column("changed_idx", sa.Integer(), nullable=False),
        sa.Column("row", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_area")),
    )
    op.create_index("ix_area_parent", "area", ["station_id", "parent_id"], unique=False)


def batch():
    op.create_table(
        "batch",
        sa.Column("station_id", sa.String(length=36), nullable=False),
        sa.Column("batch_id", sa.String(length=36), nullable=False),
        sa.Column("manifest", sa.String(length=64), nullable=False),
        sa.Column("enrolment_id", sa.String(length=36), nullable=False),
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.Column("signature", sa.String(length=120), nullable=False),
        sa.Column("received_at", sa.String(length=24), nullable=False),
        sa.Column("fact_count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("station_id", "batch_id", "manifest", name=op.f("pk_batch")),
    )
    op.create_index(
        "ix_batch_enrolment", "batch", ["station_id", "enrolment_id", "received_at"], unique=False
    )


def checklist():
    op.create_table(
        "checklist",
        sa.Column("station_id", sa.String(length=36), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("checklist_id", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("changed_idx", sa.Integer(), nullable=False),
        sa.Column("row", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_checklist")),
    )
    op.create_index(
        "ix_checklist_version", "checklist", ["station_id", "checklist_id", "version"], unique=False
    )


def counter():
    op.create_table(
        "counter",
        sa.Column("station_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("station_id", "name", name=op.f("pk_counter")),
    )


def enrolment_row():
    op.create_table(
        "enrolment_row",
        sa.Column("station_id", sa.String(length=36), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("changed_idx", sa.Integer(), nullable=False),
        sa.Column("row", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_enrolment_row")),
    )
    op.create_index(
        "ix_enrolment_row_account", "enrolment_row", ["station_id", "account_id"], unique=False
    )


def fact():
    op.create_table(
        "fact",
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
        sa.PrimaryKeyConstraint("station_id", "sha256", name=op.f("pk_fact")),
    )
    op.create_index("ix_fact_fact_id", "fact", ["station_id", "fact_id"], unique=False)
    op.create_index("ix_fact_n", "fact", ["station_id", "enrolment_id", "n"], unique=False)
    op.create_index("ix_fact_subject", "fact", ["station_id", "subject_id"], unique=False)


def hazard():
    op.create_table(
        "hazard",
        sa.Column("station_id", sa.String(length=36), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("level", sa.String(length=20), nullable=True),
        sa.Column("category", sa.String(length=20), nullable=True),
        sa.Column("site_id", sa.String(length=36), nullable=True),
        sa.Column("area_id", sa.String(length=36), nullable=True),
        sa.Column("inspection_id", sa.String(length=36), nullable=True),
        sa.Column("deadline", sa.String(length=10), nullable=True),
        sa.Column("found_on", sa.String(length=10), nullable=True),
        sa.Column("author_id", sa.String(length=36), nullable=True),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("changed_idx", sa.Integer(), nullable=False),
        sa.Column("row", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_hazard")),
    )
    op.create_index("ix_hazard_inspection", "hazard", ["station_id", "inspection_id"], unique=False)
    op.create_index("ix_hazard_site", "hazard", ["station_id", "site_id"], unique=False)
    op.create_index("ix_hazard_state", "hazard", ["station_id", "state", "deadline"], unique=False)


def hazard_number():
    op.create_table(
        "hazard_number",
        sa.Column("station_id", sa.String(length=36), nullable=False),
        sa.Column("subject_id", sa.String(length=36), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("station_id", "subject_id", name=op.f("pk_hazard_number")),
        sa.UniqueConstraint("station_id", "year", "seq", name="uq_hazard_number_seq"),
    )


def inspection():
    op.create_table(
        "inspection",
        sa.Column("station_id", sa.String(length=36), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("site_id", sa.String(length=36), nullable=True),
        sa.Column("area_id", sa.String(length=36), nullable=True),
        sa.Column("checklist_id", sa.String(length=60), nullable=True),
        sa.Column("day", sa.String(length=10), nullable=True),
        sa.Column("author_id", sa.String(length=36), nullable=True),
        sa.Column("received_at", sa.String(length=24), nullable=False),
        sa.Column("changed_idx", sa.Integer(), nullable=False),
        sa.Column("row", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_inspection")),
    )
    op.create_index(
        "ix_inspection_site", "inspection", ["station_id", "site_id", "day"], unique=False
    )
    op.create_index(
        "ix_inspection_state", "inspection", ["station_id", "state", "changed_idx"], unique=False
    )


def log_entry():
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


def log_node():
    op.create_table(
        "log_node",
        sa.Column("station_id", sa.String(length=36), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("idx", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("station_id", "level", "idx", name=op.f("pk_log_node")),
    )


def photo():
    op.create_table(
        "photo",
        sa.Column("station_id", sa.String(length=36), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("bytes_total", sa.Integer(), nullable=True),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("length", sa.Integer(), nullable=True),
        sa.Column("condition", sa.String(length=20), nullable=True),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("declared_at", sa.String(length=24), nullable=False),
        sa.Column("held_at", sa.String(length=24), nullable=True),
        sa.Column("thumbnail_at", sa.String(length=24), nullable=True),
        sa.PrimaryKeyConstraint("station_id", "sha256", name=op.f("pk_photo")),
    )
    op.create_index("ix_photo_state", "photo", ["station_id", "state", "declared_at"], unique=False)


def photo_part():
    op.create_table(
        "photo_part",
        sa.Column("station_id", sa.String(length=36), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint(
            "station_id", "sha256", "epoch", "start", name=op.f("pk_photo_part")
        ),
    )


def photo_use():
    op.create_table(
        "photo_use",
        sa.Column("station_id", sa.String(length=36), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("subject_id", sa.String(length=36), nullable=False),
        sa.Column("fact_sha256", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint(
            "station_id", "sha256", "subject_id", "fact_sha256", name=op.f("pk_photo_use")
        ),
    )
    op.create_index("ix_photo_use_subject", "photo_use", ["station_id", "subject_id"], unique=False)


def private_line():
    op.create_table(
        "private_line",
        sa.Column("station_id", sa.String(length=36), nullable=False),
        sa.Column("fact_sha256", sa.String(length=64), nullable=False),
        sa.Column("bytes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("station_id", "fact_sha256", name=op.f("pk_private_line")),
    )


def redaction():
    op.create_table(
        "redaction",
        sa.Column("station_id", sa.String(length=36), nullable=False),
        sa.Column("fact_sha256", sa.String(length=64), nullable=False),
        sa.Column("idx", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("station_id", "fact_sha256", name=op.f("pk_redaction")),
    )


def setting():
    op.create_table(
        "setting",
        sa.Column("station_id", sa.String(length=36), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("changed_idx", sa.Integer(), nullable=False),
        sa.Column("row", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_setting")),
    )


def site():
    op.create_table(
        "site",
        sa.Column("station_id", sa.String(length=36), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("area_id", sa.String(length=36), nullable=True),
        sa.Column("grade", sa.String(length=1), nullable=True),
        sa.Column("high_risk", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("changed_idx", sa.Integer(), nullable=False),
        sa.Column("row", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("station_id", "id", name=op.f("pk_site")),
    )
    op.create_index("ix_site_area", "site", ["station_id", "area_id"], unique=False)


def station():
    op.create_table(
        "station",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("timezone", sa.String(length=40), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("log_size", sa.Integer(), nullable=False),
        sa.Column("log_root", sa.String(length=64), nullable=False),
        sa.Column("log_frontier", sa.Text(), nullable=False),
        sa.Column("created_at", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_station")),
    )


def subject():
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
    )
    op.create_index(
        "ix_subject_area_changed", "subject", ["station_id", "area_changed_idx"], unique=False
    )
    op.create_index("ix_subject_changed", "subject", ["station_id", "changed_idx"], unique=False)
    op.create_index("ix_subject_site", "subject", ["station_id", "site_id"], unique=False)


TABLES = (
    account,
    activity,
    area,
    batch,
    checklist,
    counter,
    enrolment_row,
    fact,
    hazard,
    hazard_number,
    inspection,
    log_entry,
    log_node,
    photo,
    photo_part,
    photo_use,
    private_line,
    redaction,
    setting,
    site,
    station,
    subject,
)
