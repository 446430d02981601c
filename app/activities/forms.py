"""Activity forms (grid-activity/1): YAML text -> checked form, published like a checklist.

A new sort of activity is one more file in data/. An unknown key is refused, so that no wish hides
as prose. It must not know databases or the web.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

SCHEMA = "grid-activity/1"
BUNDLED = Path(__file__).parent / "data"
FORM_BYTES_MAX = 32 * 1024
ITEMS_MAX = 40
OPTIONS_MAX = 20
ANSWER_TYPES = ("text", "number", "choice", "day")

Form = Mapping[str, Any]
Check = Callable[[Any], bool]


class FormInvalid(ValueError):
    """A form that may not be used; says what is wrong with it, a sentence for each fault."""


def _text(chars_max: int) -> Check:
    return lambda value: isinstance(value, str) and 0 < len(value.strip()) <= chars_max


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _matching(pattern: str) -> Check:
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


def _whole(value: Any) -> bool:
    return type(value) is int and value >= 1


def _filled(value: Any) -> bool:
    return isinstance(value, list) and 1 <= len(value) <= ITEMS_MAX


def _options(value: Any) -> bool:
    return isinstance(value, list) and 2 <= len(value) <= OPTIONS_MAX and all(map(_text(30), value))


# key -> (what it has to be, whether it has to be there)
_FORM: Mapping[str, tuple[Check, bool]] = {
    "schema": (lambda value: value == SCHEMA, True),
    "id": (_matching(r"ac-[a-z0-9-]{2,50}"), True),
    "version": (_whole, True),
    "type": (_matching(r"[a-z][a-z0-9_]{2,39}"), True),
    "title": (_text(20), True),
    "lead": (_text(60), False),
    "quick": (_text(60), False),
    "photos": (_flag, False),
    "items": (_filled, True),
}
_ITEM: Mapping[str, tuple[Check, bool]] = {
    "id": (_matching(r"[A-Z]{2}-[0-9]{2}"), True),
    "text": (_text(40), True),
    "answer": (lambda value: isinstance(value, dict), True),
    "required": (_flag, False),
    "default": (_text(60), False),
}
_ANSWER: Mapping[str, tuple[Check, bool]] = {
    "type": (lambda value: value in ANSWER_TYPES, True),
    "options": (_options, False),
    "unit_label": (_text(8), False),
}


def problems(form: Any) -> list[str]:
    """Everything that is wrong with a form, each as a sentence; an empty list when nothing is."""
    found = list(_keys(form, _FORM, "这张活动表"))
    for item in (form.get("items") or []) if isinstance(form, dict) and not found else []:
        where = str(item.get("id", "")) if isinstance(item, dict) else "某一项"
        faults = list(_keys(item, _ITEM, where)) or list(_keys(item["answer"], _ANSWER, where))
        found += faults or list(_item(item, where))
    if not found:
        found += _together(form)
    return found


def _keys(value: Any, shape: Mapping[str, tuple[Check, bool]], where: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{where}：要写成一组键和值"
        return
    for key in value:
        if key not in shape:
            yield f"{where}：不认识 {key}"
    for key, (check, required) in shape.items():
        if key not in value:
            if required:
                yield f"{where}：少了 {key}"
        elif not check(value[key]):
            yield f"{where}：{key} 写得不对"


def _item(item: Form, where: str) -> Iterator[str]:
    answer = item["answer"]
    if (answer["type"] == "choice") is not ("options" in answer):
        yield f"{where}：选择的要写 options，别的不写"
    if "default" in item and item["default"] not in answer.get("options", ()):
        yield f"{where}：default 要是 options 里的一个"


def _together(form: Form) -> Iterator[str]:
    ids = [item["id"] for item in form["items"]]
    if len(ids) != len(set(ids)):
        yield "这张活动表：有的项编号一样"
    if "quick" in form and any(
        item.get("required") and "default" not in item for item in form["items"]
    ):
        yield "这张活动表：写了 quick，必填的就都要有 default"


def load(path: Path) -> Form:
    """One form of a file. Raises FormInvalid."""
    data = path.read_bytes()
    if len(data) > FORM_BYTES_MAX:
        raise FormInvalid(f"{path.name}：文件太大")
    try:
        form = yaml.safe_load(data.decode("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise FormInvalid(f"{path.name}：不是能读的 UTF-8 YAML：{error}") from error
    found = problems(form)
    if found:
        raise FormInvalid("\n".join(f"{path.name}：{each}" for each in found))
    checked: Form = form
    return checked


@cache
def bundled_forms() -> tuple[Form, ...]:
    """The forms that come with the app, in the order of their file names."""
    return tuple(load(path) for path in sorted(BUNDLED.glob("*.yaml")))
