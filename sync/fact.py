"""A fact: one line of JSON whose bytes as received are what is stored, hashed, logged and compared.

Reading a line never raises, whatever the bytes; what cannot be read is a Refusal, and the bytes
are kept
by the caller. This module must not know any kind: it checks the envelope, kinds check the body.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from sync.kinds.declare import is_hash, is_id, is_instant
from sync.kinds.places import PHOTO_ROLES
from sync.limits import (
    AFTER_FACTS_MAX,
    CHECKLIST_FACT_BYTES_MAX,
    DEPTH_MAX,
    FACT_BYTES_MAX,
    INTEGER_MAX,
    PHOTOS_PER_FACT_MAX,
    PRIVATE_BYTES_MAX,
)
from sync.outcome import Refusal

KIND_CHARS_MAX = 60
SALT_CHARS = 32
_BIG_KIND = "checklist.published"
_ROLES = frozenset(PHOTO_ROLES)
_KIND_CHARS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_.")
_SALT_CHARS = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class Fact:
    id: str
    kind: str
    v: int
    station: str
    subject: str
    after: tuple[str, ...]
    author: str
    enrolment: str | None
    n: int | None
    at: str
    offset_ms: int | None
    where: Mapping[str, Any] | None
    photos: tuple[Mapping[str, Any], ...]
    private: str | None
    body: Mapping[str, Any]
    raw: bytes
    sha256: str


@dataclass(frozen=True, slots=True)
class PrivateLine:
    fact: str
    salt: str
    fields: Mapping[str, Any]
    raw: bytes
    sha256: str


class _Unreadable(ValueError):
    """Raised inside the decoder's hooks only; it never leaves this module."""


def parse_fact(line: bytes, plain: dict[str, Any] | None = None) -> Fact | Refusal:
    """The fact in a line, or why there is none: `unreadable` (no JSON) or `malformed` (no fact).

    `plain`: the object in the line, from a faster reader that gives none where they could differ.
    """
    found: dict[str, Any] | Refusal | None = plain
    if found is None or len(line) > CHECKLIST_FACT_BYTES_MAX:
        found = _parse_object(line, CHECKLIST_FACT_BYTES_MAX)
    if isinstance(found, Refusal):
        return found
    if len(line) > FACT_BYTES_MAX and found.get("kind") != _BIG_KIND:
        return Refusal("malformed", f"longer than {FACT_BYTES_MAX} bytes")
    wrong = _envelope_fault(found)
    if wrong is not None:
        return Refusal("malformed", wrong)
    return Fact(
        id=found["id"],
        kind=found["kind"],
        v=found["v"],
        station=found["station"],
        subject=found["subject"],
        after=tuple(found["after"]),
        author=found["author"],
        enrolment=found.get("enrolment"),
        n=found.get("n"),
        at=found["at"],
        offset_ms=found.get("offset_ms"),
        where=found.get("where"),
        photos=tuple(found.get("photos") or ()),
        private=found.get("private"),
        body=found["body"],
        raw=line,
        sha256=hashlib.sha256(line).hexdigest(),
    )


def parse_private(line: bytes) -> PrivateLine | Refusal:
    """The private line in a line of bytes, or why there is none."""
    found = _parse_object(line, PRIVATE_BYTES_MAX)
    if isinstance(found, Refusal):
        return found
    if not is_id(found.get("fact")):
        return Refusal("malformed", "fact")
    salt = found.get("salt")
    if type(salt) is not str or len(salt) != SALT_CHARS or not _SALT_CHARS.issuperset(salt):
        return Refusal("malformed", "salt")
    if type(found.get("fields")) is not dict:
        return Refusal("malformed", "fields")
    return PrivateLine(
        fact=found["fact"],
        salt=salt,
        fields=found["fields"],
        raw=line,
        sha256=hashlib.sha256(line).hexdigest(),
    )


def is_private_line(line: bytes) -> bool:
    """Whether a line of a batch is a private line rather than a fact; a hint that costs nothing."""
    return line.startswith(b'{"fact":')


# --- JSON, read more strictly than the standard library does ---


def _parse_object(line: bytes, bytes_max: int) -> dict[str, Any] | Refusal:
    if len(line) > bytes_max:
        return Refusal("unreadable", f"longer than {bytes_max} bytes")
    if b"\n" in line or b"\0" in line:
        return Refusal("unreadable", "a line break or NUL inside the line")
    try:
        found = _DECODER.decode(line.decode("utf-8"))
        if type(found) is not dict:
            return Refusal("malformed", "not an object")
        if _count_keys(found) != line.count(b'":') or _is_loose(line):
            _CAREFUL_DECODER.decode(line.decode("utf-8"))
    except RecursionError:
        return Refusal("unreadable", f"nested deeper than {DEPTH_MAX}")
    except ValueError as error:
        return Refusal("unreadable", _short(error))
    if b"\\" in line and b"\\u" in line and _has_bad_text(found):
        return Refusal("unreadable", "a lone surrogate or NUL in a text")
    return found


def _short(error: ValueError) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"not UTF-8 at byte {error.start}"
    if isinstance(error, json.JSONDecodeError):
        return f"not JSON at character {error.pos}"
    if isinstance(error, _Unreadable):
        return str(error)
    return "not JSON"


def _count_keys(found: dict[str, Any]) -> int:
    """The keys of all objects inside; raises where a number or the nesting passes its limit.

    One walk over the values is faster than hooks in the decoder. Written compactly, each key shows
    as `":`; fewer keys than that mean one written twice, which the careful decoder then names.
    """
    keys = 0
    level: list[Any] = [found]
    for _ in range(DEPTH_MAX):
        below: list[Any] = []
        for parent in level:
            values = parent
            if type(parent) is dict:
                keys += len(parent)
                values = parent.values()
            for each in values:
                kind = type(each)
                if kind is str:
                    continue
                if kind is dict or kind is list:
                    below.append(each)
                elif kind is int:
                    if not -INTEGER_MAX <= each <= INTEGER_MAX:
                        raise _Unreadable("a whole number beyond 2^53")
                elif kind is float and each - each != 0:
                    raise _Unreadable("a number without end")
        if not below:
            return keys
        level = below
    raise _Unreadable(f"nested deeper than {DEPTH_MAX}")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Unreadable("a key written twice")
    return found


def _constant(word: str) -> NoReturn:
    raise _Unreadable(f"{word} is no JSON")


def _is_loose(line: bytes) -> bool:
    """Whether counting `":` does not count the keys: spaced colons, or text that looks like one."""
    if b" :" in line or b"\t" in line or b"\r" in line:
        return True
    return b"\\" in line and b'\\":' in line


_DECODER = json.JSONDecoder(parse_constant=_constant)
_CAREFUL_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant)


def _has_bad_text(found: Any) -> bool:
    """Escapes can smuggle in what UTF-8 cannot hold (half a surrogate pair) or databases refuse."""
    todo = [found]
    while todo:
        each = todo.pop()
        if type(each) is str:
            if "\0" in each or (not each.isascii() and _has_lone_surrogate(each)):
                return True
        elif type(each) is dict:
            todo.extend(each)
            todo.extend(each.values())
        elif type(each) is list:
            todo.extend(each)
    return False


def _has_lone_surrogate(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


# --- the envelope ---


def _envelope_fault(found: Mapping[str, Any]) -> str | None:
    """The first field of the envelope that is not as it should be."""
    get = found.get
    for name in ("id", "station", "subject", "author"):
        if not is_id(get(name)):
            return name
    if not _is_kind(get("kind")):
        return "kind"
    if type(get("v")) is not int or found["v"] < 1:
        return "v"
    if not is_instant(get("at")):
        return "at"
    if type(get("body")) is not dict:
        return "body"
    return _after_fault(get("after")) or _origin_fault(found) or _photos_fault(get("photos"))


def _is_kind(kind: object) -> bool:
    return (
        type(kind) is str
        and 3 <= len(kind) <= KIND_CHARS_MAX
        and _KIND_CHARS.issuperset(kind)
        and 0 < kind.find(".") < len(kind) - 1
    )


def _after_fault(after: object) -> str | None:
    if type(after) is not list or len(after) > AFTER_FACTS_MAX:
        return "after"
    return None if all(map(is_id, after)) else "after"


def _origin_fault(found: Mapping[str, Any]) -> str | None:
    """Who and where from: a phone's fact has an enrolment and a number, a desk's has neither."""
    get = found.get
    enrolment, n, offset_ms, private = get("enrolment"), get("n"), get("offset_ms"), get("private")
    if enrolment is not None and not is_id(enrolment):
        return "enrolment"
    if (n is None) != (enrolment is None) or (n is not None and (type(n) is not int or n < 1)):
        return "n"
    if offset_ms is not None and type(offset_ms) is not int:
        return "offset_ms"
    if private is not None and not is_hash(private):
        return "private"
    where = get("where")
    return None if where is None or _is_where(where) else "where"


def _is_where(where: object) -> bool:
    if type(where) is not dict:
        return False
    for name, low, high in (("lat", -90, 90), ("lon", -180, 180), ("accuracy_m", 0, INTEGER_MAX)):
        value: Any = where.get(name)
        if type(value) not in (int, float) or not low <= value <= high:
            return False
    return is_instant(where.get("at"))


def _photos_fault(photos: object) -> str | None:
    if photos is None:
        return None
    if type(photos) is not list or len(photos) > PHOTOS_PER_FACT_MAX:
        return "photos"
    for place, each in enumerate(photos):
        if type(each) is not dict or not is_hash(each.get("sha256")):
            return f"photos[{place}].sha256"
        if each.get("role") not in _ROLES:
            return f"photos[{place}].role"
        if type(each.get("bytes")) is not int or each["bytes"] < 0:
            return f"photos[{place}].bytes"
    return None
