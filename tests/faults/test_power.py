"""Power is lost at any moment of a recorded day; what was acknowledged is there afterwards.

150 states here, 4,000 by `python -m tests.faults.power`. And the model can fail: a program that
syncs less loses work in it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from tests.faults.power.__main__ import WEAKER, Recording, crash, record
from tests.faults.power.disk import SECTOR, Choice, Disk, File
from tests.faults.power.log import Op, Record

STATES = 150
STATES_UNTIL_A_LOSS_MAX = 400
TURNS = 1
SEED = 20261122


@pytest.fixture(scope="module")
def recording() -> Iterator[Recording]:
    """A short first day of a station."""
    made = record(TURNS)
    yield made
    made.remove()


def test_whatever_was_acknowledged_survives_a_power_cut(recording: Recording):
    result = crash(recording, STATES, SEED)
    assert result.lost == []
    assert (result.states, result.went_on) == (STATES, STATES // 40)
    # So that a cut finds something on its way: parts, whole photos, checkpoints, three servers.
    names = [each.first for each in recording.records if each.op is Op.CREATE]
    assert any(name.startswith("data/photos/parts/") for name in names)
    assert any("#" in name for name in names)
    cut = [each for each in recording.records if each.op is Op.TRUNCATE and each.offset == 0]
    assert cut, "the write-ahead log was never moved"


@pytest.mark.parametrize("what", sorted(WEAKER))
def test_a_program_that_syncs_less_is_found_out(recording: Recording, what: str):
    result = crash(recording, STATES_UNTIL_A_LOSS_MAX, SEED, weaken=what, first_loss_is_enough=True)
    assert len(result.lost) == 1, f"without its syncs of {what} nothing was ever lost"


def test_what_was_synced_stays_and_nothing_else_is_promised():
    chance = random.Random(SEED)
    file, seen = File(), set()
    file.write(1, 0, b"a" * SECTOR * 2)
    file.synced(1)
    file.write(2, 0, b"b" * SECTOR * 3)
    for _ in range(200):
        content = file.after_crash(Choice(chance))
        assert len(content) in (2 * SECTOR, 3 * SECTOR)
        sectors = [content[at : at + SECTOR] for at in range(0, len(content), SECTOR)]
        assert {bytes(set(each)) for each in sectors} <= {b"a", b"b", b"\0"}, "a sector is whole"
        seen.add(tuple(each[:1] for each in sectors))
    assert {(b"a", b"a"), (b"b", b"b", b"b"), (b"a", b"b")} <= seen


def test_a_name_counts_only_after_its_folder_was_synced():
    disk, root = Disk(1), 1
    made = Record(Op.CREATE, 2, 0, "photo#1", "", b"")
    renamed = Record(Op.RENAME, 2, 0, "photo#1", "photo", b"")
    for each in (made, renamed):
        disk.follow(each)
    chance = random.Random(SEED)
    states = {tuple(disk.after_crash(Choice(chance))) for _ in range(200)}
    assert {(), ("photo#1",), ("photo",)} <= states
    for op in (Op.SYNC_BEGIN, Op.SYNC_END):
        disk.follow(Record(op, root, 0, "", "", b""))
    assert {tuple(disk.after_crash(Choice(chance))) for _ in range(200)} == {("photo",)}
