"""Whether conditions can be read, name only what exists, compare like with like, and end.

It expects a checklist whose shape is already right (validate.py) and knows no files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from app.checklists.days import parse_day
from app.checklists.expression import (
    Compare,
    Expression,
    ExpressionError,
    Join,
    Literally,
    Name,
    Not,
    names,
    parse,
)
from app.checklists.problem import Problem
from app.checklists.site_fields import SETTING_FIELDS, SITE_FIELDS

ORDERED = ("number", "date")
WORDS = {"pass_fail_na": ("pass", "fail", "na")}


def _conditions(item: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key in ("applies_if", "na_if", "level_if"):
        if key in item:
            yield key, item[key]
    for notice in item.get("notices", []):
        yield "notices if", notice["if"]


def _unknown_name(name: Name, items: Mapping[str, Any]) -> str | None:
    if name.kind == "item":
        return None if name.name in items else f"没有编号 {name.name} 的检查项，改成已有的编号"
    known = SITE_FIELDS if name.kind == "site" else SETTING_FIELDS
    if name.name in known:
        return None
    return f"不认识 {name.kind}.{name.name}；能用的字段在 app/checklists/site_fields.py"


def _type_of(expression: Expression, items: Mapping[str, Any]) -> str:
    """number, text, bool, or an item's answer type."""
    if isinstance(expression, Literally):
        kinds = {bool: "bool", float: "number", str: "text"}
        return kinds[type(expression.value)]
    if not isinstance(expression, Name):
        return "bool"
    if expression.kind == "item":
        return str(items[expression.name]["answer"]["type"])
    fields = SITE_FIELDS if expression.kind == "site" else SETTING_FIELDS
    return fields[expression.name].type


def _wrong_literal(kind: str, name: Expression, other: Expression, items: Any) -> str | None:
    """Why a written value can never equal what the item or field holds."""
    if not isinstance(other, Literally) or not isinstance(name, Name):
        return None
    value = other.value
    if name.kind == "item" and value == "na":
        return None
    label = name.name if name.kind == "item" else f"{name.kind}.{name.name}"
    if kind == "pass_fail_na" and value not in WORDS[kind]:
        return f"{label} 只会是 pass、fail 或 na，不会是 {value}"
    if kind == "date" and parse_day(value) is None:
        return f"{label} 是日期，要和 '2026-01-31' 这样的日期比"
    if kind == "choice" and value not in items[name.name]["answer"]["options"]:
        return f"{label} 没有选项 {value}"
    if kind in ("number", "bool", "text") and _type_of(other, items) != kind:
        needed = {"number": "数", "bool": "true 或 false", "text": "文字"}[kind]
        return f"{label} 要和{needed}比，写的是 {value}"
    return None


def _compare_problem(compare: Compare, items: Mapping[str, Any]) -> str | None:
    left, right = _type_of(compare.left, items), _type_of(compare.right, items)
    ordering = compare.operator not in ("=", "!=")
    if ordering and not (left in ORDERED or right in ORDERED):
        return f"{compare.operator} 只能比数和日期"
    return _wrong_literal(left, compare.left, compare.right, items) or _wrong_literal(
        right, compare.right, compare.left, items
    )


def _parts(expression: Expression) -> Iterator[Expression]:
    yield expression
    if isinstance(expression, Not):
        yield from _parts(expression.part)
    elif isinstance(expression, Join):
        for part in expression.parts:
            yield from _parts(part)


def _expression_problem(expression: Expression, items: Mapping[str, Any]) -> str | None:
    for name in names(expression):
        if found := _unknown_name(name, items):
            return found
    for part in _parts(expression):
        if isinstance(part, Compare):
            if found := _compare_problem(part, items):
                return found
        elif isinstance(part, Name | Literally) and _type_of(part, items) != "bool":
            return "这里要一个比较，如 LPG-03 > 100"
    return None


def _cycle(uses: Mapping[str, set[str]]) -> list[str] | None:
    """A chain of items whose conditions come back to where they began."""
    done: set[str] = set()

    def walk(item: str, path: list[str]) -> list[str] | None:
        if item in path:
            return [*path[path.index(item) :], item]
        if item in done:
            return None
        for used in sorted(uses.get(item, ())):
            if found := walk(used, [*path, item]):
                return found
        done.add(item)
        return None

    return next((found for item in uses if (found := walk(item, []))), None)


def condition_problems(content: Any, file: str) -> list[Problem]:
    items = {item["id"]: item for item in content["items"]}
    problems: list[Problem] = []
    uses: dict[str, set[str]] = {}
    for item in items.values():
        for key, text in _conditions(item):
            where = f"{item['id']} {key}"
            if not isinstance(text, str):
                problems.append(Problem(file, where, "条件要写成一行文字，如 LPG-03 > 100"))
                continue
            try:
                expression = parse(text)
            except ExpressionError as error:
                problems.append(Problem(file, where, f"读不懂“{text}”：{error}"))
                continue
            if found := _expression_problem(expression, items):
                problems.append(Problem(file, where, found))
            if key in ("applies_if", "na_if"):
                asked = {name.name for name in names(expression) if name.kind == "item"}
                uses.setdefault(item["id"], set()).update(asked)
    if not problems and (cycle := _cycle(uses)):
        chain = " -> ".join(cycle)
        problems.append(Problem(file, cycle[0], f"条件绕成了圈：{chain}，去掉其中一个"))
    return problems
