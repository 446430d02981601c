"""What a serving process holds in memory all day, it needs: tables for one search are not read."""

from __future__ import annotations

import subprocess
import sys

from tests.guards.house import ROOT

PROGRAM = """
import sys
import app.compose
from app.sites.letters import initials
assert initials("重庆小面") == "cqxm"
print(*sorted({name.split(".")[0] for name in sys.modules}))
"""


def test_a_serving_process_never_reads_the_pinyin_tables():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = done.stdout.split()
    assert "sqlalchemy" in loaded
    assert "pypinyin" not in loaded
