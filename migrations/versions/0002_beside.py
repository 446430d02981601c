"""What stands beside the ledger: secrets, sessions, jobs, previews of imports, the access log."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade():
    """Tables only."""
    for create in TABLES:
        create()


def downgrade():
    """Back to the ledger alone."""
    for create in reversed(TABLES):
        op.drop_table(create.__name__)


def account_secret():
    op.create_table(
        "account_secret",
        sa.Column("station_id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("changed_at", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("station_id", "account_id", name=op.f("pk_account_secret")),
    )


def session():
    op.create_table(
        "session",
        sa.Column("station_id", sa.String(length=36), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("csrf", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.String(length=24), nullable=False),
        sa.Column("expires_at", sa.String(length=24), nullable=False),
        sa.Column("ended_at", sa.String(length=24), nullable=True),
        sa.PrimaryKeyConstraint("station_id", "token_hash", name=op.f("pk_session")),
    )
    op.create_index("ix_session_account", "session", ["station_id", "account_id"], unique=False)
    op.create_index("ix_session_token", "session", ["token_hash"], unique=False)


def one_time_link():
    op.create_table(
        "one_time_link",
        sa.Column("station_id", sa.String(length=36), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.String(length=24), nullable=False),
        sa.Column("expires_at", sa.String(length=24), nullable=False),
        sa.Column("used_at", sa.String(length=24), nullable=True),
        sa.Column("created_by", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("station_id", "token_hash", name=op.f("pk_one_time_link")),
    )
    op.create_index(
        "ix_one_time_link_account", "one_time_link", ["station_id", "account_id"], unique=False
    )


def enrolment():
    op.create_table(
        "enrolment",
        sa.Column("station_id", sa.String(length=36), nullable=False),
        sa.Column("enrolment_id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("public_key", sa.String(length=120), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column("claimed_at", sa.String(length=24), nullable=False),
        sa.Column("last_seen_at", sa.String(length=24), nullable=True),
        sa.Column("n_announced", sa.BigInteger(), nullable=False),
        sa.Column("n_received", sa.BigInteger(), nullable=False),
        sa.Column("acknowledged_idx", sa.Integer(), nullable=False),
        sa.Column("revoked_at", sa.String(length=24), nullable=True),
        sa.Column("app", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("station_id", "enrolment_id", name=op.f("pk_enrolment")),
    )
    op.create_index("ix_enrolment_account", "enrolment", ["station_id", "account_id"], unique=False)
    op.create_index("ix_enrolment_token", "enrolment", ["token_hash"], unique=False)


def enrolment_code():
    op.create_table(
        "enrolment_code",
        sa.Column("station_id", sa.String(length=36), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.String(length=24), nullable=False),
        sa.Column("expires_at", sa.String(length=24), nullable=False),
        sa.Column("created_by", sa.String(length=36), nullable=True),
        sa.Column("used_at", sa.String(length=24), nullable=True),
        sa.Column("enrolment_id", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("station_id", "code_hash", name=op.f("pk_enrolment_code")),
    )


def login_attempt():
    op.create_table(
        "login_attempt",
        sa.Column("station_id", sa.String(length=36), nullable=False),
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.String(length=24), nullable=False),
        sa.Column("next_at", sa.String(length=24), nullable=True),
        sa.PrimaryKeyConstraint("station_id", "source", name=op.f("pk_login_attempt")),
    )


def access_log():
    op.create_table(
        "access_log",
        sa.Column("station_id", sa.String(length=36), nullable=False),
        sa.Column("entry_id", sa.String(length=36), nullable=False),
        sa.Column("at", sa.String(length=24), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=True),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=36), nullable=True),
        sa.Column("field", sa.String(length=60), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("station_id", "entry_id", name=op.f("pk_access_log")),
    )


def job():
    op.create_table(
        "job",
        sa.Column("station_id", sa.String(length=36), nullable=False),
        sa.Column("job_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("params", sa.Text(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_holder", sa.String(length=80), nullable=True),
        sa.Column("lease_until", sa.String(length=24), nullable=True),
        sa.Column("created_at", sa.String(length=24), nullable=False),
        sa.Column("created_by", sa.String(length=36), nullable=True),
        sa.Column("finished_at", sa.String(length=24), nullable=True),
        sa.PrimaryKeyConstraint("station_id", "job_id", name=op.f("pk_job")),
    )
    op.create_index("ix_job_state", "job", ["state", "created_at"], unique=False)


def import_preview():
    op.create_table(
        "import_preview",
        sa.Column("station_id", sa.String(length=36), nullable=False),
        sa.Column("import_id", sa.String(length=36), nullable=False),
        sa.Column("noun", sa.String(length=20), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.String(length=24), nullable=False),
        sa.Column("rows", sa.Text(), nullable=False),
        sa.Column("errors", sa.Text(), nullable=False),
        sa.Column("ok", sa.Integer(), nullable=False),
        sa.Column("applied_at", sa.String(length=24), nullable=True),
        sa.PrimaryKeyConstraint("station_id", "import_id", name=op.f("pk_import_preview")),
    )


TABLES = (
    account_secret,
    session,
    one_time_link,
    enrolment,
    enrolment_code,
    login_attempt,
    access_log,
    job,
    import_preview,
)
