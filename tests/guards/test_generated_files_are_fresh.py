"""What is generated from the declarations is committed, and is what the declarations say today."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.guards.house import ROOT


@pytest.mark.parametrize("words", [("contract", "--check"), ("openapi", "--check")])
def test_generated_files_say_what_the_code_says(words: tuple[str, ...]):
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", *words], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_letters_of_site_names_are_those_of_the_tables():
    done = subprocess.run(
        [sys.executable, ".ci/letters.py", "--check"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_bundled_checklist_is_valid():
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", "checklists", "check"],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
