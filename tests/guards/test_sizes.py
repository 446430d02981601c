"""Functions fit a screen, modules fit a head, every file says what it is.

The exemption lists may only shrink: an entry that is no longer needed fails too.
"""

from __future__ import annotations

import ast
from pathlib import Path

from tests.guards.house import APP, ROOT, SYNC, WEB, named, python_files, tree_of, web_files

FUNCTION_LINES_MAX = 70
MODULE_LINES_MAX = 500
COMPONENT_LINES_MAX = 200  # script and template; a style block is not read as code

LONG_FUNCTIONS: frozenset[str] = frozenset()
LONG_MODULES: frozenset[str] = frozenset()
LONG_COMPONENTS: frozenset[str] = frozenset()


def product_files() -> list[Path]:
    return [*python_files(SYNC, APP, ROOT / "migrations", ROOT / "bench"), ROOT / "wsgi.py"]


def lines_of(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def component_lines(text: str) -> int:
    """Lines of a Vue component outside its style blocks."""
    count, in_style = 0, False
    for line in text.splitlines():
        in_style = in_style or line.startswith("<style")
        count += not in_style
        in_style = in_style and not line.startswith("</style")
    return count


def test_every_python_module_opens_by_saying_what_it_is():
    silent = [
        named(path)
        for path in product_files()
        if path.read_text(encoding="utf-8").strip() and not ast.get_docstring(tree_of(path))
    ]
    assert silent == []


def test_every_web_file_opens_by_saying_what_it_is():
    def opening(path: Path) -> str:
        text = path.read_text(encoding="utf-8").lstrip()
        if path.suffix == ".vue":
            text = text.split(">", 1)[-1].lstrip() if text.startswith("<script") else text
        return text[:4]

    silent = [
        named(path)
        for path in web_files(".ts", ".vue")
        if not opening(path).startswith(("//", "/*", "<!--"))
    ]
    assert silent == []


def test_no_function_is_longer_than_a_screen_and_a_half():
    long = {
        f"{named(path)}:{node.name}"
        for path in product_files()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES_MAX
    }
    assert long == LONG_FUNCTIONS


def test_no_module_is_longer_than_a_head_can_hold():
    files = [*product_files(), *web_files(".ts", ".vue")]
    assert {named(path) for path in files if lines_of(path) > MODULE_LINES_MAX} == LONG_MODULES


def test_no_component_is_two_components():
    long = {
        named(path)
        for path in WEB.rglob("*.vue")
        if component_lines(path.read_text(encoding="utf-8")) > COMPONENT_LINES_MAX
    }
    assert long == LONG_COMPONENTS


def test_a_style_block_does_not_count_as_code():
    assert component_lines("<template>\n</template>\n<style>\n.a {}\n</style>\n") == 2
