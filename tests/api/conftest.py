"""Fixtures of the API tests: a small station on SQLite, or on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.township import Township, build_township


@pytest.fixture
def township(tmp_path: Path) -> Iterator[Township]:
    """A station on SQLite."""
    made = build_township(f"sqlite:///{tmp_path / 'station.db'}", tmp_path)
    yield made
    made.services.database.close()


@pytest.fixture
def either_township(database_url: str, tmp_path: Path) -> Iterator[Township]:
    """A station on SQLite, then the same on PostgreSQL."""
    made = build_township(database_url, tmp_path)
    yield made
    made.services.database.close()
