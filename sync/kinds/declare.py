"""The words in which a kind of fact is declared: types with limits, fields, kinds, shapes of rows.

From one declaration come the fast checker, the explanation of what is wrong, and a plain
description
that schemas, OpenAPI, TypeScript and the docs are made from. It must not know any particular kind.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, Literal, Protocol

from sync.limits import INTEGER_MAX

Check = Callable[[object], bool]
Description = dict[str, Any]
Stance = Literal["observation", "judgement", "administration"]

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").fullmatch
_HASH = re.compile(r"[0-9a-f]{64}").fullmatch
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z").fullmatch
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}").fullmatch
_MISSING: Final = object()
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


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    type: Type
    required: bool = False
    private: bool = False
    guarded: bool = False  # setting it counts only with one of the kind's guard roles

    def describe(self) -> Description:
        told: Description = {"name": self.name, **self.type.describe()}
        told |= {word: True for word in ("required", "private", "guarded") if getattr(self, word)}
        return told


@dataclass(frozen=True, slots=True)
class Record:
    """An object with known fields. Fields it does not know are kept and never refused (I10)."""

    fields: tuple[Field, ...]

    def compile(self) -> Check:
        rules = tuple((each.name, each.type.compile(), each.required) for each in self.fields)

        def check(value: object) -> bool:
            if type(value) is not dict:
                return False
            get = value.get
            for name, ok, required in rules:
                found = get(name, _MISSING)
                if found is _MISSING or found is None:
                    if required:
                        return False
                elif not ok(found):
                    return False
            return True

        return check

    def explain(self, value: object, path: str) -> Iterator[Fault]:
        if type(value) is not dict:
            yield Fault(path, "not_a_record")
            return
        for each in self.fields:
            where = f"{path}.{each.name}" if path else each.name
            found = value.get(each.name)
            if found is not None:
                yield from each.type.explain(found, where)
            elif each.required:
                yield Fault(where, "required")

    def describe(self) -> Description:
        return {"type": "record", "fields": [each.describe() for each in self.fields]}


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of fact: who may author it, what it carries, which fields of its subject's row it
    sets."""

    name: str
    zh: str
    stance: Stance
    fields: tuple[Field, ...]
    roles: frozenset[str] = frozenset()  # needed for a judgement or an administration
    guard_roles: frozenset[str] = frozenset()  # needed for the guarded fields to count
    observed_with: str = ""  # a judgement that anyone may make when this field is filled
    server_only: bool = False
    photos: tuple[str, ...] = ()  # the roles its photos usually have; others are kept just the same
    sets: Mapping[str, str] = field(default_factory=dict)  # body field -> field of the row
    also: Callable[[Mapping[str, Any]], Iterator[Fault]] | None = (
        None  # what one field demands of others
    )
    _open: Check = field(init=False, repr=False, compare=False)
    _private: Check = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_open", self.public_record.compile())
        object.__setattr__(self, "_private", self.private_record.compile())

    @property
    def subject(self) -> str:
        return self.name.partition(".")[0]

    @property
    def desk_only(self) -> bool:
        return self.stance == "administration" or self.server_only

    @property
    def public_record(self) -> Record:
        return Record(tuple(each for each in self.fields if not each.private))

    @property
    def private_record(self) -> Record:
        return Record(tuple(each for each in self.fields if each.private))

    def check(
        self,
        body: Mapping[str, Any],
        fields: Mapping[str, Any] | None = None,
        *,
        private_elsewhere: bool = False,
    ) -> list[Fault]:
        """What is wrong with a body and its private fields; an empty list when nothing is.

        `private_elsewhere`: the fact names a private line that is not at hand (redacted, or never
        pulled by the phone that hands the fact over again), so private fields are not asked for.
        """
        if (
            self._open(body)
            and (private_elsewhere or self._private(fields or {}))
            and self._apart(body)
        ):
            if self.also is None:
                return []
            return [
                each
                for each in self.also({**body, **(fields or {})})
                if not self._hidden(each, private_elsewhere)
            ]
        return list(self._explain(body, fields or {}, private_elsewhere))

    def guarded_in(self, body: Mapping[str, Any]) -> list[str]:
        """The fields of a body that count only when set by somebody with a guard role."""
        return [each.name for each in self.fields if each.guarded and each.name in body]

    def _apart(self, body: Mapping[str, Any]) -> bool:
        return not any(each.private and each.name in body for each in self.fields)

    def _hidden(self, fault: Fault, private_elsewhere: bool) -> bool:
        return private_elsewhere and any(
            each.private and each.name == fault.path for each in self.fields
        )

    def _explain(
        self, body: Mapping[str, Any], fields: Mapping[str, Any], private_elsewhere: bool
    ) -> Iterator[Fault]:
        yield from self.public_record.explain(body, "")
        if not private_elsewhere:
            yield from self.private_record.explain(fields, "")
        for each in self.fields:
            if each.private and each.name in body:
                yield Fault(each.name, "private_in_the_open")

    def describe(self) -> Description:
        return {
            "kind": self.name,
            "zh": self.zh,
            "stance": self.stance,
            "roles": sorted(self.roles),
            "guard_roles": sorted(self.guard_roles),
            "observed_with": self.observed_with,
            "server_only": self.server_only,
            "photos": list(self.photos),
            "fields": [each.describe() for each in self.fields],
        }


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


def must(name: str, type_: Type, *, private: bool = False, guarded: bool = False) -> Field:
    """A field that has to be there; text that has to be there may not be blank."""
    if isinstance(type_, Text):
        type_ = Text(type_.chars_max, blank=False)
    return Field(name, type_, required=True, private=private, guarded=guarded)


def may(name: str, type_: Type, *, private: bool = False, guarded: bool = False) -> Field:
    """A field that may be absent or null."""
    return Field(name, type_, required=False, private=private, guarded=guarded)


def same(*names: str) -> dict[str, str]:
    """Body fields that set the row's field of the same name."""
    return {name: name for name in names}


Caution = Callable[[list[Any]], Any]  # of several concurrent values, the cautious one


@dataclass(frozen=True, slots=True)
class Shape:
    """The row a fold gives for one type of subject."""

    type: str
    zh: str
    creates: frozenset[str]  # without one of these kinds the row is incomplete
    row: tuple[Field, ...]
    cautious: Mapping[str, Caution] = field(default_factory=dict)

    def empty(self) -> dict[str, Any]:
        """The row before any fact has set a field."""
        return {each.name: _default(each.type) for each in self.row}

    def describe(self) -> Description:
        return {
            "type": self.type,
            "zh": self.zh,
            "fields": [
                each.describe() | ({"list_or_map": True} if _default(each.type) is not None else {})
                for each in self.row
            ],
        }


def _default(type_: Type) -> Any:
    if isinstance(type_, ListOf):
        return []
    return {} if isinstance(type_, MapOf) else None


def first_of(values: Sequence[Any]) -> Caution:
    """The value that stands first in values ordered from most to least cautious."""
    rank = {value: place for place, value in enumerate(values)}
    return lambda found: min(found, key=lambda value: rank.get(value, len(rank)))
