"""What the guard tests share: where things are, which files count, and Python's syntax trees.

It must not know any single rule; each rule lives in its own test file.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SYNC = ROOT / "sync"
APP = ROOT / "app"
WEB = ROOT / "pwa" / "src"
GENERATED_MARK = "generated"  # a generated file says so in its first five lines


def python_files(*folders: Path) -> list[Path]:
    """Every Python file below the folders that holds code."""
    return sorted(path for folder in folders for path in folder.rglob("*.py"))


def web_files(*endings: str) -> list[Path]:
    """Every hand-written file of the web apps with one of these endings."""
    found = (path for ending in endings for path in WEB.rglob(f"*{ending}"))
    return sorted(
        path for path in found if not is_generated(path) and not path.name.endswith(".test.ts")
    )


def is_generated(path: Path) -> bool:
    """Whether a file's head says that a command wrote it."""
    head = path.read_text(encoding="utf-8").splitlines()[:5]
    return GENERATED_MARK in "\n".join(head).lower()


def named(path: Path) -> str:
    """A file's path as people write it."""
    return path.relative_to(ROOT).as_posix()


def tree_of(path: Path) -> ast.Module:
    """The syntax tree of one Python file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=named(path))


def calls_in(tree: ast.AST) -> Iterator[tuple[ast.Call, str]]:
    """Every call with the dotted text of what is called: `connection.commit`, `open`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node, ast.unparse(node.func)


def imports_in(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every imported module with its line; relative imports keep their dots."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, "." * node.level + (node.module or "")
