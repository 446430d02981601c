"""A database another program keeps locked, a photo store nobody can write to, under a gunicorn."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.server_trouble import STORE_WAYS, locked, store_read_only, with_store
from tests.faults.small_disk import may_mount
from tests.faults.station import Behind, temporary_folder

# Where nothing may be mounted, a file in the folder's place is what nobody can write into.
WAYS = STORE_WAYS if may_mount() else STORE_WAYS[1:]


@pytest.fixture(scope="module")
def station() -> Iterator[tuple[Behind, Path]]:
    """One for all; its photos lie in a place of their own."""
    with temporary_folder() as folder, with_store(folder, WAYS) as made:
        yield made


def test_while_another_program_locks_the_database_all_are_told_to_come_again(
    station: tuple[Behind, Path],
):
    told = locked(station[0])
    assert set(told) == {"200", "204", "503 database-busy"}


@pytest.mark.parametrize("how", WAYS)
def test_photos_wait_while_their_store_cannot_be_written_and_facts_do_not(
    station: tuple[Behind, Path], how: str
):
    told = store_read_only(*station, how)
    code = "store-read-only" if how == "read-only" else "store-unreachable"
    assert told[f"503 {code}"] >= 2
