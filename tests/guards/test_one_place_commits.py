"""One transaction per writing request, opened and closed by the wrapper (style 5).

Below http.py and cli a function is handed a connection; it can neither begin nor commit.
"""

from __future__ import annotations

import ast

from tests.guards.house import APP, calls_in, named, python_files, tree_of

MECHANISM = "app/db.py"  # where `write` and `in_transaction` are made
MAY_OPEN = ("app/http.py", "app/cli.py", "app/cli/")
DRIVER_WORDS = {"commit", "begin", "begin_nested", "begin_twophase", "rollback", "raw_connection"}
OPENING_WORDS = {"write", "in_transaction"}


def complaints(tree: ast.AST, place: str) -> list[str]:
    """The calls in one module that open or close a transaction where it must not."""
    found = []
    for call, text in calls_in(tree):
        receiver, _, word = text.rpartition(".")
        opens = word in OPENING_WORDS and not (word == "write" and (call.args or call.keywords))
        if (receiver and word in DRIVER_WORDS and place != MECHANISM) or (
            opens and place != MECHANISM and not place.startswith(MAY_OPEN)
        ):
            found.append(f"line {call.lineno}: {text}()")
    return found


def test_only_the_wrapper_and_the_command_line_commit():
    wrong = {
        named(path): found
        for path in python_files(APP)
        if (found := complaints(tree_of(path), named(path)))
    }
    assert wrong == {}


def test_this_guard_notices_a_handler_that_commits():
    for slip in (
        "connection.commit()",
        "engine.begin()",
        "with database.write() as c: pass",
        "database.in_transaction(work)",
    ):
        assert complaints(ast.parse(slip), "app/sites/store.py"), slip
        assert complaints(ast.parse(slip), MECHANISM) == []
    assert complaints(ast.parse("file.write(b'x')"), "app/sites/store.py") == []
