"""The words in which a kind of fact is declared: fields, records, kinds, shapes of rows.

From one declaration come the fast checker, the explanation of what is wrong, and a plain
description that schemas, OpenAPI, TypeScript and the docs are made from. The types of single values
are in sync/kinds/types.py and can be had from here. It must not know any particular kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sync.kinds.types import (
    BOOLEAN,
    DAY,
    HASH,
    ID,
    INSTANT,
    Check,
    Choice,
    Description,
    Either,
    Fault,
    Integer,
    Json,
    ListOf,
    MapOf,
    Number,
    Simple,
    Text,
    Type,
    choice,
    is_day,
    is_hash,
    is_id,
    is_instant,
    json_bytes,
    text,
)

__all__ = [
    "BOOLEAN",
    "DAY",
    "HASH",
    "ID",
    "INSTANT",
    "Caution",
    "Check",
    "Choice",
    "Description",
    "Either",
    "Fault",
    "Field",
    "Integer",
    "Json",
    "Kind",
    "ListOf",
    "MapOf",
    "Number",
    "Record",
    "Shape",
    "Simple",
    "Stance",
    "Text",
    "Type",
    "choice",
    "first_of",
    "is_day",
    "is_hash",
    "is_id",
    "is_instant",
    "json_bytes",
    "may",
    "must",
    "same",
    "text",
]

Stance = Literal["observation", "judgement", "administration"]


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
        rules = {each.name: (each.type.compile(), int(each.required)) for each in self.fields}
        required_count = sum(required for _, required in rules.values())
        rule_of = rules.get

        def check(value: object) -> bool:
            # Most fields of a record are optional and absent: what is there is looked at.
            if type(value) is not dict:
                return False
            missing = required_count
            for name, found in value.items():
                rule = rule_of(name)
                if rule is not None and found is not None:
                    if not rule[0](found):
                        return False
                    missing -= rule[1]
            return not missing

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
    _private_names: frozenset[str] = field(init=False, repr=False, compare=False)
    _open_names: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_open", self.public_record.compile())
        object.__setattr__(self, "_private", self.private_record.compile())
        names = frozenset(each.name for each in self.fields if each.private)
        object.__setattr__(self, "_private_names", names)
        names = frozenset(each.name for each in self.fields if not each.private)
        object.__setattr__(self, "_open_names", names)

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
            and self._private_names.isdisjoint(body)
            and (not fields or self._open_names.isdisjoint(fields))
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
            if not each.private and each.name in fields:
                # What decides must stand where admission looks and where a redaction cannot reach.
                yield Fault(each.name, "open_in_private")

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
    maps: frozenset[str] = field(init=False)  # fields whose keys are set one by one
    _blank: Mapping[str, None] = field(init=False, repr=False, compare=False)
    _lists: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        maps = frozenset(each.name for each in self.row if isinstance(each.type, MapOf))
        lists = tuple(each.name for each in self.row if isinstance(each.type, ListOf))
        object.__setattr__(self, "maps", maps)
        object.__setattr__(self, "_blank", dict.fromkeys(each.name for each in self.row))
        object.__setattr__(self, "_lists", lists)

    def empty(self) -> dict[str, Any]:
        """The row before any fact has set a field."""
        row: dict[str, Any] = dict(self._blank)
        for name in self._lists:
            row[name] = []
        for name in self.maps:
            row[name] = {}
        return row

    def describe(self) -> Description:
        return {
            "type": self.type,
            "zh": self.zh,
            "fields": [
                each.describe()
                | ({"list_or_map": True} if isinstance(each.type, ListOf | MapOf) else {})
                for each in self.row
            ],
        }


def first_of(values: Sequence[Any]) -> Caution:
    """The value that stands first in values ordered from most to least cautious."""
    rank = {value: place for place, value in enumerate(values)}
    return lambda found: min(found, key=lambda value: rank.get(value, len(rank)))
