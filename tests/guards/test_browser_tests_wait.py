"""A browser test that waits for a script waits with a function: the page's CSP lets a bare
expression be asked once only, so it fails exactly when it has to wait (measured on Chromium)."""

from __future__ import annotations

import ast

import pytest

from tests.guards.house import ROOT, named, python_files, tree_of

FUNCTIONS = ("(", "async (")


def scripts_waited_for(tree: ast.Module) -> list[str]:
    """The beginning of each script that is given to `wait_for_function`."""
    texts = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    calls = [
        node.args[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "wait_for_function"
    ]
    return [beginning(texts.get(each.id, each) if isinstance(each, ast.Name) else each)
            for each in calls]  # fmt: skip


def beginning(node: ast.expr) -> str:
    """What a text starts with; "" when that is not written there."""
    if isinstance(node, ast.JoinedStr):
        return beginning(node.values[0])
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def test_whatever_is_waited_for_is_a_function():
    bare = [
        f"{named(path)}: {script[:60]}"
        for path in python_files(ROOT / "tests", ROOT / "docs", ROOT / "bench")
        for script in scripts_waited_for(tree_of(path))
        if not script.startswith(FUNCTIONS)
    ]
    assert bare == []


@pytest.mark.parametrize(
    ("given", "fits"),
    [('"() => true"', True), ('f"() => {X}"', True), ('"document.body"', False), ("Y", True),
     ('f"{X}.ready"', False)],
)  # fmt: skip
def test_a_bare_expression_is_found(given: str, fits: bool):
    tree = ast.parse(f'Y = "async () => 1"\npage.wait_for_function({given})')
    (script,) = scripts_waited_for(tree)
    assert script.startswith(FUNCTIONS) == fits
