"""Schema changes: all or nothing, both ways, and what protects the ledger stands after (T9)."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

import app.domains  # noqa: F401 - registers the tables
from app.db import Database, make_database, metadata, run
from app.migrate import MIGRATIONS, current_revision, downgrade, head_revision, upgrade
from migrations.triggers import TRIGGER_NAMES
from tests.api.handover import found, send
from tests.api.township import build_township
from tests.served import said

FAILING = '''
"""Half of it works."""

import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{head}"


def upgrade():
    op.add_column("station", sa.Column("half", sa.Text()))
    op.create_table("half_made", sa.Column("id", sa.Text(), primary_key=True))
    op.execute("UPDATE station SET half = 'x'")
    op.execute("INSERT INTO no_such_table VALUES (1)")


def downgrade():
    pass
'''


@pytest.fixture
def database(database_url: str):
    made = make_database(database_url)
    yield made
    made.close()


def triggers(database: Database) -> set[str]:
    query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    if not database.sqlite:
        query = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    with database.read() as connection:
        return {name for (name,) in run(connection, query)}


def tables(database: Database) -> set[str]:
    with database.engine.connect() as connection:
        return set(inspect(connection).get_table_names())


def test_an_empty_database_comes_to_exactly_the_declared_schema(database: Database):
    database.in_transaction(upgrade)
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        assert current_revision(connection) == head_revision()


def test_the_server_knows_both_revisions_as_alembic_does(database: Database):
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert head_revision() == ScriptDirectory.from_config(config).get_current_head()
    with database.engine.connect() as connection:
        assert current_revision(connection) is None
    for revision in ("0001", "head"):
        database.in_transaction(lambda c, to=revision: upgrade(c, to=to))
        with database.engine.connect() as connection:
            alembic = MigrationContext.configure(connection).get_current_revision()
            assert current_revision(connection) == alembic


def test_a_server_does_not_carry_alembic_about():
    loaded = "import sys, app.compose; print('alembic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, check=True)
    assert done.stdout.split() == [b"False"]


def test_the_guards_of_the_ledger_stand_after_every_migration(database: Database):
    database.in_transaction(upgrade)
    assert triggers(database) >= TRIGGER_NAMES
    with database.engine.connect() as connection:
        look = inspect(connection)
        unnamed = [
            (table, constraint)
            for table in look.get_table_names()
            for constraint in look.get_unique_constraints(table)
            if not constraint["name"]
        ]
        assert unnamed == []
        unique = {each["name"] for each in look.get_unique_constraints("log_entry")}
        assert "uq_log_entry_fact" in unique
        numbers = {each["name"] for each in look.get_unique_constraints("hazard_number")}
        assert "uq_hazard_number_seq" in numbers
        numbers = {each["name"] for each in look.get_unique_constraints("document_number")}
        assert "uq_document_number_seq" in numbers

        indexes = {each["name"]: each["column_names"] for each in look.get_indexes("activity")}
        assert indexes == {
            "ix_activity_day": ["station_id", "day", "id"],
            "ix_activity_kind": ["station_id", "kind", "day", "id"],
            "ix_activity_author": ["station_id", "author_id", "day", "id"],
        }


def test_every_key_starts_with_the_station():
    for table in metadata.tables.values():
        first = next(iter(table.primary_key.columns)).name
        if table.name == "fact":  # its key is named by the log alone; what it is known by is unique
            unique = next(each for each in table.constraints if each.name == "uq_fact_sha256")
            assert (first, unique.columns.keys()) == ("seq", ["station_id", "sha256"])
            continue
        assert first == ("id" if table.name == "station" else "station_id"), table.name


def test_down_and_up_again_comes_to_the_same(database: Database):
    database.in_transaction(upgrade)
    there = tables(database)
    database.in_transaction(lambda c: downgrade(c, to="base"))
    assert tables(database) == {"alembic_version"}
    assert triggers(database) == set()
    database.in_transaction(upgrade)
    assert tables(database) == there
    assert triggers(database) >= TRIGGER_NAMES


def test_a_migration_that_fails_half_way_leaves_nothing_of_itself(
    database: Database, tmp_path: Path
):
    """Alembic's own transactions on SQLite left a half-applied migration behind."""
    database.in_transaction(upgrade)
    before = tables(database)
    folder = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, folder)
    text = FAILING.format(head=head_revision())
    (folder / "versions" / "9999_half.py").write_text(text, encoding="utf-8")
    with pytest.raises(Exception, match="no_such_table"):
        database.in_transaction(lambda c: upgrade(c, folder=folder))
    assert tables(database) == before
    with database.engine.connect() as connection:
        columns = {column["name"] for column in inspect(connection).get_columns("station")}
        assert "half" not in columns
        assert current_revision(connection) == head_revision()


def test_migrating_again_with_work_inside_changes_nothing(database_url: str, tmp_path: Path):
    township = build_township(database_url, tmp_path)
    ana = township.phone("ana")
    send(ana, [found(ana)])
    database = township.services.database
    with database.read() as connection:
        before = run(connection, "SELECT sha256 FROM fact ORDER BY sha256")
    database.in_transaction(upgrade)
    with database.read() as connection:
        assert run(connection, "SELECT sha256 FROM fact ORDER BY sha256") == before
    database.close()


def test_the_first_start_prints_a_link_and_later_starts_are_quick_and_quiet(tmp_path: Path):
    assert "empty -> " in said(tmp_path, "migrate")
    first = said(tmp_path, "setup")
    assert "/desk/#/password/" in first
    assert "up to date" in said(tmp_path, "migrate")
    second = said(tmp_path, "setup")
    assert "published" not in second
    assert "BAD" not in said(tmp_path, "status")
    assert "every link holds" in said(tmp_path, "ledger", "verify")
    assert "every row is what its facts say" in said(tmp_path, "ledger", "rebuild", "--check")
    assert "admin" in said(tmp_path, "accounts", "list")
