"""The core decides from values alone: same facts, same rows, on any machine, at any hour."""

from __future__ import annotations

import ast
import sys

from tests.guards.house import SYNC, calls_in, imports_in, named, python_files, tree_of

# Parts of the standard library that look at the world: clock, chance, files, network, processes.
WORLDLY = {
    "asyncio",
    "concurrent",
    "ctypes",
    "getpass",
    "glob",
    "http",
    "io",
    "logging",
    "multiprocessing",
    "os",
    "pathlib",
    "platform",
    "queue",
    "random",
    "sched",
    "secrets",
    "select",
    "selectors",
    "shelve",
    "shutil",
    "signal",
    "socket",
    "socketserver",
    "sqlite3",
    "ssl",
    "subprocess",
    "sys",
    "tempfile",
    "threading",
    "time",
    "urllib",
    "warnings",
    "weakref",
    "webbrowser",
}
WORLDLY_CALLS = {"open", "print", "input", "breakpoint", "exec", "eval", "id", "hash", "__import__"}
WORLDLY_ENDINGS = (".now", ".utcnow", ".today", ".uuid1", ".uuid4", ".read_text", ".write_text")
BARE_CLOCKS = {"now", "utcnow", "uuid1", "uuid4", "getnode"}


def complaints(tree: ast.AST) -> list[str]:
    """What in one module reaches outside its arguments."""
    found = []
    for line, module in imports_in(tree):
        top = module.split(".")[0]
        if module.startswith(".") or top == "sync":
            continue
        if top not in sys.stdlib_module_names or top in WORLDLY:
            found.append(f"line {line} imports {module}")
    for call, text in calls_in(tree):
        if text in WORLDLY_CALLS | BARE_CLOCKS or text.endswith(WORLDLY_ENDINGS):
            found.append(f"line {call.lineno} calls {text}()")
    return found


def test_the_core_asks_no_clock_no_chance_and_no_disk():
    files = python_files(SYNC)
    assert files, "sync/ is empty"
    wrong = {named(path): found for path in files if (found := complaints(tree_of(path)))}
    assert wrong == {}


def test_this_guard_notices_each_way_out():
    for slip in (
        "import time",
        "import flask",
        "from random import choice",
        "from os import urandom",
        "from datetime import datetime\ndatetime.now()",
        "from uuid import uuid4\nuuid4()",
        "import uuid\nuuid.uuid4()",
        "open('x')",
    ):
        assert complaints(ast.parse(slip)), slip
    assert complaints(ast.parse("import json, hashlib\nfrom sync.fact import Fact\nFact()")) == []
