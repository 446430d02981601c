"""The tiny language of checklist conditions: comparisons joined by and, or, not.

It is total: every expression is true, false or unknown (None), nothing is called and nothing loops.
pwa/src/rules/expression.ts is the same grammar; tests/vectors/expressions.json holds both together.
It knows nothing of checklists: names are looked up through a function it is given.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, NoReturn

EXPRESSION_CHARS_MAX = 500
EXPRESSION_DEPTH_MAX = 20

Value = float | str | bool | None
NameKind = Literal["item", "site", "setting"]
Lookup = Callable[[NameKind, str], Value]


@dataclass(frozen=True, slots=True)
class Literally:
    value: float | str | bool


@dataclass(frozen=True, slots=True)
class Name:
    kind: NameKind
    name: str


@dataclass(frozen=True, slots=True)
class Compare:
    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Not:
    part: Expression


@dataclass(frozen=True, slots=True)
class Join:
    word: Literal["and", "or"]
    parts: tuple[Expression, ...]


Expression = Literally | Name | Compare | Not | Join

MESSAGES: Mapping[str, tuple[str, str]] = {
    "too_long": ("条件太长，最多 500 个字", "the condition is longer than 500 characters"),
    "too_deep": ("括号和 not 套得太深，最多 20 层", "more than 20 levels of brackets and not"),
    "bad_character": ("这里有看不懂的符号", "a character that means nothing here"),
    "bad_word": ("不认识这个词；文字要加引号", "an unknown word; text needs quotes"),
    "open_string": ("引号没有配对", "a quote that is never closed"),
    "open_bracket": ("缺右括号", "a closing bracket is missing"),
    "value_missing": (
        "这里要写编号、场所字段、数或文字",
        "an item, a field, a number or a text belongs here",
    ),
    "rest": ("到这里条件已经写完，后面是多余的", "the condition ended here; the rest is too much"),
}


class ExpressionError(ValueError):
    """A condition that cannot be read: what is wrong, where, in both languages."""

    def __init__(self, code: str, position: int) -> None:
        self.code = code
        self.position = position
        self.zh, self.en = MESSAGES[code]
        super().__init__(f"{self.zh}（第 {position + 1} 个字） / {self.en} (at {position + 1})")


_TOKEN = re.compile(
    r"""(?P<item>[A-Z]{2,6}-[0-9]{1,3})|(?P<field>(?:site|setting)\.[a-z][a-z0-9_]*)"""
    r"""|(?P<number>-?[0-9]+(?:\.[0-9]+)?)|(?P<word>[A-Za-z_]+)"""
    r"""|(?P<operator><=|>=|!=|=|<|>)|(?P<bracket>[()])|(?P<string>"[^"]*"|'[^']*')""",
    re.ASCII,
)
_BLANKS = " \t\r\n"
_WORDS: Mapping[str, bool | str] = {
    "true": True,
    "false": False,
    "pass": "pass",
    "fail": "fail",
    "na": "na",
}


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    position: int


def _tokens(text: str) -> Iterator[_Token]:
    position = 0
    while position < len(text):
        if text[position] in _BLANKS:
            position += 1
            continue
        found = _TOKEN.match(text, position)
        if found is None or found.lastgroup is None:
            code = "open_string" if text[position] in "\"'" else "bad_character"
            raise ExpressionError(code, position)
        yield _Token(found.lastgroup, found.group(), position)
        position = found.end()
    yield _Token("end", "", len(text))


class _Parser:
    def __init__(self, text: str) -> None:
        self.tokens = list(_tokens(text))
        self.at = 0
        self.depth = 0

    @property
    def token(self) -> _Token:
        return self.tokens[self.at]

    def take(self, kind: str, *texts: str) -> _Token | None:
        token = self.token
        if token.kind != kind or (texts and token.text not in texts):
            return None
        self.at += 1
        return token

    def fail(self, code: str) -> NoReturn:
        raise ExpressionError(code, self.token.position)

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > EXPRESSION_DEPTH_MAX:
            raise ExpressionError("too_deep", self.tokens[self.at - 1].position)

    def joined(self, word: Literal["and", "or"]) -> Expression:
        read = self.negated if word == "and" else self.all_of
        parts = [read()]
        while self.take("word", word):
            parts.append(read())
        return parts[0] if len(parts) == 1 else Join(word, tuple(parts))

    def all_of(self) -> Expression:
        return self.joined("and")

    def any_of(self) -> Expression:
        return self.joined("or")

    def negated(self) -> Expression:
        if self.take("word", "not"):
            self.deeper()
            part = self.negated()
            self.depth -= 1
            return Not(part)
        return self.compared()

    def compared(self) -> Expression:
        left = self.value()
        operator = self.take("operator")
        return Compare(operator.text, left, self.value()) if operator else left

    def value(self) -> Expression:
        if self.take("bracket", "("):
            self.deeper()
            inside = self.any_of()
            if not self.take("bracket", ")"):
                self.fail("open_bracket")
            self.depth -= 1
            return inside
        if token := self.take("number"):
            return Literally(float(token.text))
        if token := self.take("string"):
            return Literally(token.text[1:-1])
        if token := self.take("item"):
            return Name("item", token.text)
        if token := self.take("field"):
            kind, name = token.text.split(".")
            return Name("site" if kind == "site" else "setting", name)
        if token := self.take("word", *_WORDS):
            return Literally(_WORDS[token.text])
        word = self.token.kind == "word" and self.token.text not in ("and", "or", "not")
        return self.fail("bad_word" if word else "value_missing")


def parse(text: str) -> Expression:
    if len(text) > EXPRESSION_CHARS_MAX:
        raise ExpressionError("too_long", EXPRESSION_CHARS_MAX)
    parser = _Parser(text)
    expression = parser.any_of()
    if parser.token.kind != "end":
        parser.fail("rest")
    return expression


def names(expression: Expression) -> list[Name]:
    """Every name the expression asks for, in the order written."""
    if isinstance(expression, Name):
        return [expression]
    if isinstance(expression, Compare):
        return names(expression.left) + names(expression.right)
    if isinstance(expression, Not):
        return names(expression.part)
    if isinstance(expression, Join):
        return [name for part in expression.parts for name in names(part)]
    return []


def micro(number: float) -> int:
    """Millionths, so that 17.3 - 12.3 is exactly 5 as on paper; the same steps as in TypeScript."""
    return math.floor(number * 1e6 + 0.5)


def _ordered(operator: str, left: int | str, right: int | str) -> bool:
    before = left < right  # type: ignore[operator]  # both are of one kind: see _compare
    return {
        "=": left == right,
        "!=": left != right,
        "<": before,
        "<=": before or left == right,
        ">": not before and left != right,
        ">=": not before,
    }[operator]


def _compare(operator: str, left: Value, right: Value) -> bool | None:
    if left is None or right is None:
        return None
    if isinstance(left, bool) or isinstance(right, bool):
        same = isinstance(left, bool) and isinstance(right, bool) and left == right
    elif isinstance(left, str) and isinstance(right, str):
        return _ordered(operator, left, right)
    elif isinstance(left, str) or isinstance(right, str):
        same = False
    else:
        return _ordered(operator, micro(left), micro(right))
    # two kinds of thing (无此项 and a number) are different, and neither is more
    return same if operator == "=" else not same if operator == "!=" else False


def _joined(join: Join, lookup: Lookup) -> bool | None:
    decides = join.word == "or"
    unknown = False
    for part in join.parts:
        truth = evaluate(part, lookup)
        if truth is decides:
            return decides
        unknown = unknown or truth is None
    return None if unknown else not decides


def _value(expression: Expression, lookup: Lookup) -> Value:
    if isinstance(expression, Literally):
        return expression.value
    if isinstance(expression, Name):
        return lookup(expression.kind, expression.name)
    return evaluate(expression, lookup)


def evaluate(expression: Expression, lookup: Lookup) -> bool | None:
    """True, False, or None for unknown; unknown and false is false, unknown or true is true."""
    if isinstance(expression, Join):
        return _joined(expression, lookup)
    if isinstance(expression, Not):
        truth = evaluate(expression.part, lookup)
        return None if truth is None else not truth
    if isinstance(expression, Compare):
        left, right = _value(expression.left, lookup), _value(expression.right, lookup)
        return _compare(expression.operator, left, right)
    value = _value(expression, lookup)
    return value if isinstance(value, bool) else None
