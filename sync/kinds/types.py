"""The types a field of a fact can have, each with its limits, its fast check and its explanation.

`compile` gives the check of the batch path, `explain` says what is wrong, `describe` is what
schemas, OpenAPI, TypeScript and the documents are made from. It must not know fields or kinds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Protocol

from sync.limits import INTEGER_MAX

Check = Callable[[object], bool]
Description = dict[str, Any]

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").fullmatch
_HASH = re.compile(r"[0-9a-f]{64}").fullmatch
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z").fullmatch
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}").fullmatch
_PLAIN: Final = frozenset({bool, int, float, type(None)})


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong: where, what (a word of problems.FAULT_WORDS), and the limit it broke."""

    path: str
    code: str
    limit: str = ""

    def __str__(self) -> str:
        return f"{self.path}: {self.code}" + (f" ({self.limit})" if self.limit else "")


class Type(Protocol):
    def compile(self) -> Check: ...
    def explain(self, value: object, path: str) -> Iterator[Fault]: ...
    def describe(self) -> Description: ...


def is_id(value: object) -> bool:
    return type(value) is str and len(value) == 36 and _ID(value) is not None


def is_hash(value: object) -> bool:
    return type(value) is str and len(value) == 64 and _HASH(value) is not None


def is_instant(value: object) -> bool:
    if type(value) is not str or _INSTANT(value) is None:
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def is_day(value: object) -> bool:
    if type(value) is not str or _DAY(value) is None:
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Text:
    chars_max: int
    blank: bool = True

    def compile(self) -> Check:
        chars_max = self.chars_max
        if self.blank:
            return lambda value: type(value) is str and len(value) <= chars_max
        return lambda value: (
            type(value) is str and len(value) <= chars_max and not value.isspace() and value != ""
        )

    def explain(self, value: object, path: str) -> Iterator[Fault]:
        if type(value) is not str:
            yield Fault(path, "not_text")
        elif len(value) > self.chars_max:
            yield Fault(path, "too_long", str(self.chars_max))
        elif not self.blank and (value == "" or value.isspace()):
            yield Fault(path, "required")

    def describe(self) -> Description:
        return {"type": "text", "chars_max": self.chars_max}


@dataclass(frozen=True, slots=True)
class Choice:
    values: tuple[str, ...]

    def compile(self) -> Check:
        values = frozenset(self.values)
        return lambda value: type(value) is str and value in values

    def explain(self, value: object, path: str) -> Iterator[Fault]:
        if value not in self.values:
            yield Fault(path, "not_a_choice", "|".join(self.values))

    def describe(self) -> Description:
        return {"type": "choice", "values": list(self.values)}


@dataclass(frozen=True, slots=True)
class Integer:
    low: int = -INTEGER_MAX
    high: int = INTEGER_MAX

    def compile(self) -> Check:
        low, high = self.low, self.high
        return lambda value: type(value) is int and low <= value <= high

    def explain(self, value: object, path: str) -> Iterator[Fault]:
        if type(value) is not int:
            yield Fault(path, "not_a_whole_number")
        elif not self.low <= value <= self.high:
            yield Fault(path, "out_of_range", f"{self.low}..{self.high}")

    def describe(self) -> Description:
        return {"type": "integer", "low": self.low, "high": self.high}


@dataclass(frozen=True, slots=True)
class Number:
    low: float = -float(INTEGER_MAX)
    high: float = float(INTEGER_MAX)

    def compile(self) -> Check:
        low, high = self.low, self.high
        return lambda value: (type(value) is float or type(value) is int) and low <= value <= high

    def explain(self, value: object, path: str) -> Iterator[Fault]:
        if type(value) is not float and type(value) is not int:
            yield Fault(path, "not_a_number")
        elif not self.low <= value <= self.high:
            yield Fault(path, "out_of_range", f"{self.low:g}..{self.high:g}")

    def describe(self) -> Description:
        return {"type": "number", "low": self.low, "high": self.high}


@dataclass(frozen=True, slots=True)
class Simple:
    """A type that needs no limit of its own: its check is one named function."""

    name: str
    check: Check
    code: str

    def compile(self) -> Check:
        return self.check

    def explain(self, value: object, path: str) -> Iterator[Fault]:
        if not self.check(value):
            yield Fault(path, self.code)

    def describe(self) -> Description:
        return {"type": self.name}


@dataclass(frozen=True, slots=True)
class Json:
    """Any JSON value, bounded by the bytes it takes when written compactly."""

    bytes_max: int

    def compile(self) -> Check:
        bytes_max = self.bytes_max

        def check(value: object) -> bool:
            if type(value) in _PLAIN:
                return True
            if type(value) is str and len(value) * 6 + 2 <= bytes_max:
                return True
            return json_bytes(value) <= bytes_max

        return check

    def explain(self, value: object, path: str) -> Iterator[Fault]:
        if not self.compile()(value):
            yield Fault(path, "too_long", f"{self.bytes_max} bytes")

    def describe(self) -> Description:
        return {"type": "json", "bytes_max": self.bytes_max}


@dataclass(frozen=True, slots=True)
class ListOf:
    item: Type
    items_max: int
    items_min: int = 0

    def compile(self) -> Check:
        item, low, high = self.item.compile(), self.items_min, self.items_max

        def check(value: object) -> bool:
            if type(value) is not list or not low <= len(value) <= high:
                return False
            return all(map(item, value))

        return check

    def explain(self, value: object, path: str) -> Iterator[Fault]:
        if type(value) is not list:
            yield Fault(path, "not_a_list")
            return
        if not self.items_min <= len(value) <= self.items_max:
            yield Fault(path, "wrong_count", f"{self.items_min}..{self.items_max}")
        for position, each in enumerate(value[: self.items_max]):
            yield from self.item.explain(each, f"{path}[{position}]")

    def describe(self) -> Description:
        return {
            "type": "list",
            "item": self.item.describe(),
            "items_min": self.items_min,
            "items_max": self.items_max,
        }


@dataclass(frozen=True, slots=True)
class MapOf:
    """A map from short text keys to values of one type."""

    key_chars_max: int
    value: Type
    keys_max: int

    def compile(self) -> Check:
        value_ok, key_max, keys_max = self.value.compile(), self.key_chars_max, self.keys_max

        def check(value: object) -> bool:
            if type(value) is not dict or len(value) > keys_max:
                return False
            return all(
                len(key) <= key_max and (each is None or value_ok(each))
                for key, each in value.items()
            )

        return check

    def explain(self, value: object, path: str) -> Iterator[Fault]:
        if type(value) is not dict:
            yield Fault(path, "not_a_map")
            return
        if len(value) > self.keys_max:
            yield Fault(path, "wrong_count", f"0..{self.keys_max}")
        for key, each in value.items():
            if len(key) > self.key_chars_max:
                yield Fault(
                    f"{path}.{key[: self.key_chars_max]}", "too_long", str(self.key_chars_max)
                )
            elif each is not None:
                yield from self.value.explain(each, f"{path}.{key}")

    def describe(self) -> Description:
        return {"type": "map", "value": self.value.describe(), "keys_max": self.keys_max}


@dataclass(frozen=True, slots=True)
class Either:
    """A value of any one of several types."""

    types: tuple[Type, ...]

    def compile(self) -> Check:
        checks = tuple(each.compile() for each in self.types)
        return lambda value: any(check(value) for check in checks)

    def explain(self, value: object, path: str) -> Iterator[Fault]:
        if not self.compile()(value):
            yield Fault(path, "wrong_type")

    def describe(self) -> Description:
        return {"type": "either", "types": [each.describe() for each in self.types]}


def json_bytes(value: object) -> int:
    """The bytes a JSON value takes when written compactly in UTF-8."""
    return len(
        json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(
            "utf-8", "surrogatepass"
        )
    )


def text(chars_max: int) -> Text:
    return Text(chars_max)


def choice(*values: str) -> Choice:
    return Choice(values)


ID: Final = Simple("id", is_id, "not_an_id")
HASH: Final = Simple("hash", is_hash, "not_a_hash")
INSTANT: Final = Simple("instant", is_instant, "not_an_instant")
DAY: Final = Simple("day", is_day, "not_a_day")
BOOLEAN: Final = Simple("boolean", lambda value: type(value) is bool, "not_yes_or_no")
