"""What a station brings from an earlier release comes over whole, and stands as it stood."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import app.domains  # noqa: F401 - registers the tables
from app.db import Database, make_database, metadata, run
from app.ledger.append import append
from app.ledger.incoming import read_incoming, server_sender
from app.ledger.rebuild import rebuild
from app.ledger.store import read_station
from app.ledger.verify import Head, verify
from app.migrate import current_revision, downgrade, head_revision, upgrade
from migrations.triggers import TRIGGER_NAMES
from tests.api.township import NOW
from tests.upgrades.release import RELEASES, load, rows_of, tables_of
from tests.upgrades.test_migrations import triggers

NAMES = sorted(path.stem for path in RELEASES.glob("*.jsonl"))
NO_KEY = "a head without a signature asks for none"
Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture
def database(database_url: str):
    made = make_database(database_url)
    yield made
    made.close()


def bring(database: Database, name: str) -> None:
    """An old station's database."""
    database.in_transaction(lambda c: upgrade(c, to=name))
    database.in_transaction(lambda c: load(c, name))


def everything(database: Database) -> Rows:
    with database.read() as connection:
        return {name: rows_of(connection, table) for name, table in tables_of(connection).items()}


def without(rows: list[dict[str, Any]], *columns: str) -> list[dict[str, Any]]:
    return [{name: row[name] for name in row if name not in columns} for row in rows]


def test_there_is_a_release_to_come_from():
    assert NAMES


@pytest.mark.parametrize("name", NAMES)
def test_nothing_of_an_old_station_is_lost_or_changed_by_an_upgrade(database: Database, name: str):
    bring(database, name)
    before = everything(database)
    database.in_transaction(upgrade)
    after = everything(database)
    assert len(before["fact"]) > 40
    for table, rows in before.items():
        new = {column for row in after[table][:1] for column in row} - set(rows[0] if rows else ())
        come = without(after[table], *new) if rows else after[table]
        assert sorted(map(str, come)) == sorted(map(str, rows)), table
    assert triggers(database) >= TRIGGER_NAMES
    with database.read() as connection:
        assert current_revision(connection) == head_revision()
        pairs = run(
            connection,
            "SELECT l.fact_sha256, f.sha256, l.station_id, f.station_id FROM log_entry l"
            " LEFT JOIN fact f ON f.seq = l.fact_seq",
        )
        assert len(pairs) == len(before["log_entry"])
        assert all(log == fact and one == two for log, fact, one, two in pairs)


@pytest.mark.parametrize("name", NAMES)
def test_an_old_station_verifies_and_takes_work_as_if_it_had_never_been_another(
    database: Database, name: str
):
    bring(database, name)
    with database.read() as connection:
        ((station_id, size, root),) = run(connection, "SELECT id, log_size, log_root FROM station")
        lines = [bytes(raw) for (raw,) in run(connection, "SELECT bytes FROM fact")]
        (account,) = run(connection, "SELECT id FROM account WHERE login = 'dai'")[0]
        verdicts = dict(run(connection, "SELECT fact_sha256, verdict FROM log_entry"))
    database.in_transaction(upgrade)

    def hand_over(connection: Any) -> Any:
        incoming = read_incoming(lines, ())
        return append(connection, station_id, incoming, server_sender(account), now=NOW)

    again = database.in_transaction(hand_over)
    assert not any(each.new for each in again.outcomes)
    assert {each.sha256: each.verdict for each in again.outcomes} == verdicts
    new = b'{"written":"after the upgrade"}'
    lines.append(new)
    assert [each.new for each in database.in_transaction(hand_over).outcomes].count(True) == 1
    with database.read() as connection:
        station = read_station(connection, station_id)
        assert station is not None
        assert station.size == size + 1
        report = verify(connection, station, [Head(size, root, "a phone")], server_key=NO_KEY)
        assert (report.breaks, report.heads_checked) == ([], 1)
        rebuilt = rebuild(connection, station, apply=False)
        assert (rebuilt.differing, rebuilt.extra) == (0, [])
        assert rebuilt.subjects > 20
    with pytest.raises(Exception, match="append-only"):
        database.in_transaction(lambda c: run(c, "DELETE FROM fact"))


@pytest.mark.parametrize("name", NAMES)
def test_an_upgrade_can_be_taken_back_without_losing_a_row(database: Database, name: str):
    bring(database, name)
    before = everything(database)
    database.in_transaction(upgrade)
    database.in_transaction(lambda c: downgrade(c, to=name))
    assert everything(database) == before
    assert triggers(database) >= TRIGGER_NAMES


def test_activities_of_an_old_station_stand_under_their_sort_and_day(database: Database):
    bring(database, "0008")
    database.in_transaction(upgrade)
    with database.read() as connection:
        found = run(connection, "SELECT kind, day FROM activity ORDER BY kind")
    noted_on = "2026-11-22"  # at ten in the evening of the day before, by the world's clock
    assert found == [("feedback", noted_on), ("training", "2026-11-20"), ("zero_report", noted_on)]


def test_no_way_back_loses_a_number_that_was_printed(database: Database):
    """The paper lies in a shop: numbered anew, another notice would go by its number."""
    bring(database, "0008")
    database.in_transaction(upgrade)
    before = everything(database)
    assert [row["number"] for row in before["document_number"]] == ["（北河镇）安整〔2026〕1号"]
    with pytest.raises(RuntimeError, match="1 documents have numbers, which are printed"):
        database.in_transaction(lambda c: downgrade(c, to="0003"))
    assert everything(database) == before
    with database.read() as connection:
        assert current_revision(connection) == head_revision()


def test_a_log_whose_fact_is_gone_is_left_exactly_as_it_is(database: Database):
    """Copying by the fact would drop the entry, and with it the trace that something was taken."""
    bring(database, "0003")
    guards = triggers(database)
    gone = "(SELECT fact_sha256 FROM log_entry WHERE idx = 5)"
    with database.engine.begin() as connection:
        off = "DROP TRIGGER fact_no_delete" + ("" if database.sqlite else " ON fact")
        connection.exec_driver_sql(off)
        connection.exec_driver_sql(f"DELETE FROM fact WHERE sha256 = {gone}")
    before = everything(database)
    with pytest.raises(RuntimeError, match="log_entry: 51 rows before, 50 after"):
        database.in_transaction(upgrade)
    assert everything(database) == before
    assert triggers(database) == guards - {"fact_no_delete"}
    with database.read() as connection:
        assert current_revision(connection) == "0003"


def test_small_tables_are_one_tree_on_sqlite_as_they_are_declared(tmp_path: Path):
    database = make_database(f"sqlite:///{tmp_path / 'trees.db'}")
    database.in_transaction(upgrade)
    with database.read() as connection:
        made = dict(run(connection, "SELECT name, sql FROM sqlite_master WHERE type = 'table'"))
    for name, table in metadata.tables.items():
        one_tree = not table.dialect_options["sqlite"]["with_rowid"]
        assert ("WITHOUT ROWID" in made[name]) is one_tree, name
    database.close()
