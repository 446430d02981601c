"""A phone's files in any order, twice, spoilt, with the wire between them: a few of the many."""

from __future__ import annotations

from tests.faults.rescue import run

SEEDS = range(1, 13)


def test_whatever_way_anas_files_come_all_she_recorded_is_there_once():
    cases = list(run(SEEDS))
    assert len(cases) == len(SEEDS)
    assert sum(case.refused for case in cases) > 0, "no spoilt file was tried"
    assert any(len(case.files) > len(case.visits) for case in cases), "no photos came apart"
