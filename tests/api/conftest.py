"""Fixtures of the API tests: a small station on SQLite, or on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.township import Township, build_township, copy_township


@pytest.fixture(scope="session")
def first_township(tmp_path_factory: pytest.TempPathFactory) -> Township:
    """The station that every other one is copied from."""
    folder = tmp_path_factory.mktemp("township")
    made = build_township(f"sqlite:///{folder / 'station.db'}", folder)
    made.close()
    return made


@pytest.fixture
def township(first_township: Township, tmp_path: Path) -> Iterator[Township]:
    """A station of one's own on SQLite."""
    made = copy_township(first_township, tmp_path)
    yield made
    made.services.database.close()


@pytest.fixture
def either_township(database_url: str, tmp_path: Path) -> Iterator[Township]:
    """A station on SQLite, then the same on PostgreSQL."""
    made = build_township(database_url, tmp_path)
    yield made
    made.services.database.close()
