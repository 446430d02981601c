"""The throw-away database itself: each test gets an empty one that keeps what is committed."""

from __future__ import annotations

import sqlalchemy as sa


def test_every_test_starts_with_an_empty_database_that_keeps_commits(database_url: str) -> None:
    engine = sa.create_engine(database_url)
    assert sa.inspect(engine).get_table_names() == []
    with engine.begin() as connection:
        connection.execute(sa.text("create table kept (word text)"))
        connection.execute(sa.text("insert into kept values ('隐患')"))
    with engine.connect() as connection:
        assert connection.execute(sa.text("select word from kept")).scalar_one() == "隐患"
    engine.dispose()
