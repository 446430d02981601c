"""A database another program keeps locked, a photo store nobody can write to, under a gunicorn."""

from __future__ import annotations

import pytest

from tests.faults.server_trouble import (
    GATE_WAIT_S,
    locked,
    store_read_only,
    with_store,
)
from tests.faults.small_disk import may_mount
from tests.faults.station import behind_gunicorn, temporary_folder

# Where nothing may be mounted, a file in the folder's place is what nobody can write into.
WAYS = ("read-only", "a file in its place") if may_mount() else ("a file in its place",)


def test_while_another_program_locks_the_database_all_are_told_to_come_again():
    short = {"GI_GATE_WAIT_S_MAX": str(GATE_WAIT_S)}
    with temporary_folder() as folder, behind_gunicorn(folder, **short) as behind:
        told = locked(behind)
    assert set(told) == {"200", "204", "503 database-busy"}


@pytest.mark.parametrize("how", WAYS)
def test_photos_wait_while_their_store_cannot_be_written_and_facts_do_not(how: str):
    with temporary_folder() as folder, with_store(folder, how) as (behind, photos):
        told = store_read_only(behind, photos, how)
    code = "store-read-only" if how == "read-only" else "store-unreachable"
    assert told[f"503 {code}"] >= 2
