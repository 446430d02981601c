"""Every bundled checklist may be published, and vitest reads a true copy of it.

After a change under app/checklists/data run `.venv/bin/python tests/vectors/write_checklists.py`.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.checklists.load import bundled, bundled_paths, canonical_json, check

COPIES = Path(__file__).parents[1] / "vectors" / "checklists"
IDS = [checklist["id"] for checklist in bundled()]


def test_checklists_check_finds_nothing_in_the_bundled_files() -> None:
    assert [str(problem) for problem in check(bundled_paths())] == []


def test_the_twelve_that_were_promised_are_there() -> None:
    assert len(bundled()) == 12
    assert sum(len(checklist["items"]) for checklist in bundled()) == 236


@pytest.mark.parametrize("name", IDS)
def test_vitest_reads_the_same_checklist_as_the_station(name: str) -> None:
    checklist = next(each for each in bundled() if each["id"] == name)
    copied = (COPIES / f"{name}.json").read_bytes().rstrip(b"\n")
    assert copied == canonical_json(checklist), "run tests/vectors/write_checklists.py"


def test_no_copy_is_left_of_a_checklist_that_is_gone() -> None:
    assert {file.stem for file in COPIES.glob("*.json")} == set(IDS)


@pytest.mark.parametrize("name", IDS)
def test_typing_is_the_exception(name: str) -> None:
    """A gap of words offers words to tap, and every focus line has its items."""
    checklist = next(each for each in bundled() if each["id"] == name)
    for item in checklist["items"]:
        for blank in item.get("finding", {}).get("blanks", []):
            assert blank["type"] == "number" or blank.get("options"), (item["id"], blank["id"])
    assert any(item.get("focus") for item in checklist["items"])
    assert "【" not in json.dumps(checklist, ensure_ascii=False)
