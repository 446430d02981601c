"""Fixtures of the API tests: a small station on SQLite, or on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.api.township import Township, build_township, copy_township
from tests.postgres import Cluster


@pytest.fixture(scope="session")
def first_township(tmp_path_factory: pytest.TempPathFactory) -> Township:
    """The station that every other one is copied from."""
    folder = tmp_path_factory.mktemp("township")
    made = build_township(f"sqlite:///{folder / 'station.db'}", folder)
    made.close()
    return made


@pytest.fixture
def make_township(first_township: Township, tmp_path: Path) -> Iterator[Callable[..., Township]]:
    """Makes the station of a test on SQLite, with settings of its own."""
    made: list[Township] = []

    def make(**settings: str) -> Township:
        made.append(copy_township(first_township, tmp_path, **settings))
        return made[-1]

    yield make
    for each in made:
        each.services.database.close()


@pytest.fixture
def township(make_township: Callable[..., Township]) -> Township:
    """A station of one's own on SQLite."""
    return make_township()


@pytest.fixture(scope="session")
def first_on_postgresql(
    postgres_cluster: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Township, str]:
    """The same on PostgreSQL, and the name of its database."""
    url = postgres_cluster.new_database()
    made = build_township(url, tmp_path_factory.mktemp("township"))
    made.close()
    return made, url.rsplit("/", 1)[1]


@pytest.fixture(params=["sqlite", "postgresql"])
def either_township(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Township]:
    """A station of one's own on SQLite, then the same on PostgreSQL."""
    if request.param == "sqlite":
        yield request.getfixturevalue("make_township")()
        return
    cluster: Cluster = request.getfixturevalue("postgres_cluster")
    first, name = request.getfixturevalue("first_on_postgresql")
    url = cluster.new_database(template=name)
    made = copy_township(first, tmp_path, url)
    yield made
    made.services.database.close()
    cluster.drop_database(url)
