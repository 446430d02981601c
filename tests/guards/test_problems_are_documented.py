"""Every problem a request can end with is in docs/problems.md, with words a person can act on."""

from __future__ import annotations

import ast
import re

import app.domains  # noqa: F401  (importing the domains declares their problems)
from app.problems import all_problems
from tests.guards.house import APP, ROOT, calls_in, python_files, tree_of

DOCUMENT = ROOT / "docs" / "problems.md"
CODE = re.compile(r"^[a-z]+(-[a-z0-9]+)*$")
ENGLISH_WORD = re.compile(r"[A-Za-z]{4,}")
LATIN_ALLOWED = {"https", "http", "Excel", "xlsx", "JPEG", "WeChat", "GPS"}


def test_every_problem_code_is_documented_and_none_besides():
    rows = re.findall(r"^\| `([a-z0-9-]+)` \|", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(rows) == sorted(problem.code for problem in all_problems())


def test_every_problem_speaks_plain_chinese_and_english():
    for problem in all_problems():
        assert CODE.match(problem.code), problem.code
        assert 400 <= problem.status <= 599, problem.code
        bare = re.sub(r"\{[^}]*\}", "", problem.zh)
        foreign = set(ENGLISH_WORD.findall(bare)) - LATIN_ALLOWED
        assert not foreign, f"{problem.code}: {foreign} in the Chinese sentence"
        assert "！" not in problem.zh, f"{problem.code} shouts"
        assert problem.en.strip(), problem.code


def test_every_code_that_is_raised_is_in_the_catalogue():
    known = {problem.code for problem in all_problems()}
    raised = {
        call.args[0].value
        for path in python_files(APP)
        for call, text in calls_in(tree_of(path))
        if text == "ProblemError" and call.args and isinstance(call.args[0], ast.Constant)
    }
    assert raised - known == set()
