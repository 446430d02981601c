"""Whoever runs a station finds every setting in docs/settings.md, and none that is not there."""

from __future__ import annotations

import ast
import re

from tests.guards.house import APP, ROOT, named, python_files, tree_of

NAME = re.compile(r"^(GI_[A-Z0-9_]+|DATABASE_URL|PHOTO_STORE_URL)$")
DOCUMENT = ROOT / "docs" / "settings.md"
READERS = {"app/settings.py", "deploy/gunicorn.conf.py"}
OF_THE_SYSTEM = {"app/folders.py"}  # TMPDIR, which is set for every program of the machine


def names_in(tree: ast.AST) -> set[str]:
    """The settings whose names stand as strings in a module."""
    constants = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return {value for value in constants if isinstance(value, str) and NAME.match(value)}


def test_every_setting_is_documented_and_every_documented_setting_exists():
    read = set().union(*(names_in(tree_of(ROOT / file)) for file in READERS))
    rows = re.findall(r"^\| `([A-Z0-9_]+)` \|", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    assert read, "no setting found; has the way they are read changed?"
    assert set(rows) == read


def test_settings_are_read_in_one_place():
    elsewhere = {
        named(path): text
        for path in python_files(APP)
        if named(path) not in READERS | OF_THE_SYSTEM
        for text in re.findall(r"os\.environ|os\.getenv|getenv\(", path.read_text(encoding="utf-8"))
    }
    assert elsewhere == {}
