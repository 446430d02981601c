"""A test that is skipped, focused or expected to fail proves nothing; there is none."""

from __future__ import annotations

import re

from tests.guards.house import ROOT, named

PYTHON = re.compile(r"pytest\.(skip|xfail|importorskip)|mark\.(skip|skipif|xfail)|unittest\.skip")
TYPESCRIPT = re.compile(
    r"\b(it|test|describe)\.(skip|only|todo|fails|skipIf)\b|\bxit\(|\bxdescribe\("
)


def test_no_test_is_skipped_focused_or_expected_to_fail():
    python = [
        path
        for path in (ROOT / "tests").rglob("*.py")
        if path.name != "test_no_promise_is_skipped.py"
    ]
    web = [*(ROOT / "pwa" / "src").rglob("*.test.ts"), *(ROOT / "pwa" / "tests").rglob("*.ts")]
    weak = [named(path) for path in python if PYTHON.search(path.read_text(encoding="utf-8"))]
    weak += [named(path) for path in web if TYPESCRIPT.search(path.read_text(encoding="utf-8"))]
    assert weak == []
