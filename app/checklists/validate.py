"""Everything that can be wrong with a checklist file, each as one sentence that says what to do.

The shape is a table of keys; an unknown key is refused, so a condition can never hide as prose.
It knows no files and no database; conditions are checked in validate_conditions.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.checklists import checklist as shape
from app.checklists.days import parse_duration, parse_number
from app.checklists.problem import Problem
from app.checklists.sentences import basis_text, gaps
from app.checklists.site_fields import SITE_FIELDS
from app.checklists.validate_conditions import condition_problems

__all__ = ["Problem", "validate", "validate_together"]

Check = Callable[[Any], str | None]


def _text(chars_max: int) -> Check:
    def check(value: Any) -> str | None:
        good = isinstance(value, str) and 0 < len(value.strip()) <= chars_max
        return None if good else f"要写 1 到 {chars_max} 个字的文字"

    return check


def _one_of(*allowed: object) -> Check:
    named = "、".join(str(each) for each in allowed)

    def check(value: Any) -> str | None:
        good = any(value == each and type(value) is type(each) for each in allowed)
        return None if good else f"只能是 {named}，写的是 {value!r}"

    return check


def _whole(minimum: int, maximum: int) -> Check:
    def check(value: Any) -> str | None:
        good = type(value) is int and minimum <= value <= maximum
        return None if good else f"要写 {minimum} 到 {maximum} 的整数，写的是 {value!r}"

    return check


def _number(value: Any) -> str | None:
    return None if parse_number(value) is not None else f"要写一个数，写的是 {value!r}"


def _duration(value: Any) -> str | None:
    good = isinstance(value, str) and parse_duration(value) is not None
    return None if good else f"时长要写成 P2Y、P6M 或 P7D 这样，写的是 {value!r}"


def _matching(pattern: str, example: str) -> Check:
    def check(value: Any) -> str | None:
        good = isinstance(value, str) and re.fullmatch(pattern, value) is not None
        return None if good else f"要写成 {example} 这样，写的是 {value!r}"

    return check


def _list(check_one: Check, at_least: int, at_most: int) -> Check:
    def check(value: Any) -> str | None:
        if not isinstance(value, list) or not at_least <= len(value) <= at_most:
            return f"要写成 {at_least} 到 {at_most} 行的列表"
        texts = [each for each in value if isinstance(each, str)]
        if len(set(texts)) != len(texts):
            return "列表里有重复，删掉一个"
        return next((found for each in value if (found := check_one(each))), None)

    return check


def _mapping(value: Any) -> str | None:
    return None if isinstance(value, dict) else "要写成“键: 值”的几行"


def _anything(_value: Any) -> str | None:
    """Looked at in depth elsewhere: conditions are checked once the shape is right."""
    return None


def _true(value: Any) -> str | None:
    return None if value is True else "只写 true；不要就删掉这一行"


_options = _list(_text(40), 1, 20)
_site_source = _one_of(*(f"site.{name}" for name in SITE_FIELDS))

ID = r"[A-Z]{2,6}-[0-9]{1,3}"

TOP: Mapping[str, tuple[Check, bool]] = {
    "schema": (_one_of(shape.SCHEMA), True),
    "id": (_matching(r"cl-[a-z0-9-]{1,50}", "cl-lpg-restaurant"), True),
    "version": (_whole(1, 100_000), True),
    "title": (_text(60), True),
    "short": (_text(12), True),
    "category": (_text(20), True),
    "place_types": (_list(_text(40), 1, 20), True),
    "place_type_note": (_text(500), False),
    "industry_dept": (_text(60), True),
    "focus": (_text(300), True),
    "procedure": (_text(1000), True),
    "aliases": (_list(_text(20), 0, 20), True),
    "frequency": (_mapping, True),
    "default_deadline_days": (_whole(0, 365), True),
    "items": (_list(_mapping, 1, shape.ITEMS_MAX), True),
}
ITEM: Mapping[str, tuple[Check, bool]] = {
    "id": (_matching(ID, "LPG-03"), True),
    "section": (_text(20), True),
    "text": (_text(200), True),
    "answer": (_mapping, True),
    "basis": (_list(_mapping, 1, 20), True),
    "role": (_one_of("reading"), False),
    "focus": (_true, False),
    "applies_if": (_anything, False),
    "na_if": (_anything, False),
    "notices": (_list(_mapping, 1, 10), False),
    "how": (_text(300), False),
}
JUDGED: Mapping[str, tuple[Check, bool]] = {
    "level": (_one_of("general", "suspected_major"), True),
    "level_if": (_anything, False),
    "level_note": (_text(200), False),
    "category": (_one_of(*shape.HAZARD_CATEGORIES), False),
    "finding": (_mapping, True),
    "measures": (_list(_text(shape.MEASURE_CHARS_MAX), 1, 10), True),
    "deadline_days": (_whole(0, 365), True),
    "photo": (_one_of("fail", "none"), True),
    "handoff": (_text(60), False),
}
READING: Mapping[str, tuple[Check, bool]] = {"record": (_mapping, False)}
BASIS: Mapping[str, tuple[Check, bool]] = {
    "ref": (_text(120), True),
    "status": (_one_of("seed", "verified", "secondary", "unverified"), True),
    "clause": (_text(120), False),
    "quote": (_text(200), False),
    "note": (_text(200), False),
}
SENTENCE: Mapping[str, tuple[Check, bool]] = {
    "template": (_text(200), True),
    "blanks": (_list(_mapping, 1, 10), False),
}
FINDING = {**SENTENCE, "if_unknown": (_text(200), False), "if_judged": (_text(200), False)}
BLANK: Mapping[str, tuple[Check, bool]] = {
    "id": (_matching(r"[a-z_]{1,20}", "spot"), True),
    "label": (_text(12), True),
    "type": (_one_of("choice", "text", "number"), True),
    "options": (_options, False),
    "multiple": (_true, False),
    "default": (_text(40), False),
    "unit_label": (_text(10), False),
}
NOTICE: Mapping[str, tuple[Check, bool]] = {"if": (_anything, True), "text": (_text(120), True)}
_TYPE = {"type": (_one_of("pass_fail_na", "number", "date", "choice"), True)}
ANSWER: Mapping[str, Mapping[str, tuple[Check, bool]]] = {
    "pass_fail_na": _TYPE,
    "number": {
        **_TYPE,
        "unit": (_one_of(*shape.UNIT_LABELS), True),
        "unit_label": (_text(10), True),
        "decimals": (_whole(0, 3), True),
        "noun": (_text(12), True),
        "helper": (_text(120), False),
        "min": (_number, False),
        "max": (_number, False),
        "max_from": (_site_source, False),
        "limit_hint": (_text(40), False),
        "compare": (_one_of("previous"), False),
        "max_increase": (_number, False),
        "configurable": (_true, False),
    },
    "date": {
        **_TYPE,
        "meaning": (_text(20), True),
        "max_age": (_duration, False),
        "not_expired": (_true, False),
        "unknown": (_one_of("fail"), False),
    },
    "choice": {**_TYPE, "options": (_options, True), "fail_options": (_options, False)},
}


@dataclass(slots=True)
class _Report:
    file: str
    problems: list[Problem]

    def add(self, where: str, text: str) -> None:
        self.problems.append(Problem(self.file, where, text))

    def keys(self, where: str, value: Any, table: Mapping[str, tuple[Check, bool]]) -> bool:
        """Check one mapping against its table; true when it is whole enough to look closer."""
        if not isinstance(value, dict):
            self.add(where, "要写成“键: 值”的几行")
            return False
        before = len(self.problems)
        for key in value:
            if key not in table:
                known = "、".join(table)
                self.add(where, f"不认识的键 {key!r}，删掉或改名；这里可以写：{known}")
        for key, (check, required) in table.items():
            if key not in value:
                if required:
                    self.add(where, f"缺 {key}，补上")
            elif found := check(value[key]):
                self.add(where, f"{key} {found}")
        return len(self.problems) == before


def _check_number(report: _Report, where: str, item: dict[str, Any]) -> None:
    rule = item["answer"]
    label = shape.UNIT_LABELS[rule["unit"]]
    if rule["unit_label"] != label:
        report.add(where, f"unit {rule['unit']} 的 unit_label 应写 {label}")
    limits = {"min", "max", "max_from", "compare"} & set(rule)
    if item.get("role") != "reading" and not limits:
        report.add(where, "数值项要有 min、max、max_from 或 compare；只登记的写 role: reading")
    if item.get("role") == "reading" and limits | ({"configurable"} & set(rule)):
        report.add(where, "role: reading 只登记，不写限值；要提示写 notices")
    if ("compare" in rule) != ("max_increase" in rule):
        report.add(where, "compare 和 max_increase 要一起写")
    if "max_from" in rule and ("max" in rule or "limit_hint" not in rule):
        report.add(where, "max_from 不和 max 同写，并要有 limit_hint（档案没填时看哪里）")
    if "max_from" in rule and SITE_FIELDS[rule["max_from"].removeprefix("site.")].type != "number":
        report.add(where, "max_from 指的场所字段不是数")
    if "min" in rule and "max" in rule and rule["min"] > rule["max"]:
        report.add(where, "min 比 max 大，对调")


def _check_answer(report: _Report, where: str, item: dict[str, Any]) -> None:
    rule = item["answer"]
    kind = rule.get("type")
    if not report.keys(f"{where} answer", rule, ANSWER.get(str(kind), _TYPE)):
        return
    if kind == "number":
        _check_number(report, where, item)
    if kind == "pass_fail_na" and item.get("role") == "reading":
        report.add(where, "合格/不合格项不能是 role: reading")
    one_limit = ("max_age" in rule) != ("not_expired" in rule)
    if kind == "date" and item.get("role") != "reading" and not one_limit:
        report.add(where, "日期项写 max_age 或 not_expired 其中一个")
    if kind == "choice":
        strange = set(rule.get("fail_options", [])) - set(rule["options"])
        if strange:
            report.add(where, f"fail_options 里的 {'、'.join(sorted(strange))} 不在 options 里")
        if item.get("role") != "reading" and "fail_options" not in rule:
            report.add(where, "选择项要有 fail_options；只登记的写 role: reading")


def _check_blank(report: _Report, where: str, blank: Any) -> None:
    if not report.keys(where, blank, BLANK):
        return
    options = blank.get("options", [])
    if blank["type"] == "choice" and len(options) < 2:
        report.add(where, "choice 空至少要有 2 个 options")
    if blank["type"] != "choice" and "multiple" in blank:
        report.add(where, "multiple 只用于 type: choice")
    if blank["type"] == "number" and ("options" in blank or "unit_label" not in blank):
        report.add(where, "number 空不写 options，要写 unit_label")
    if "default" in blank and blank["default"] not in options:
        report.add(where, f"default {blank['default']!r} 不在 options 里")


def _allowed_gaps(item: dict[str, Any], items: set[str]) -> set[str]:
    rule = item["answer"]
    allowed = items - {item["id"]}
    if rule["type"] != "pass_fail_na":
        allowed = allowed | {"value"}
    if rule["type"] == "number":
        allowed = allowed | {"limit"}
    return allowed | ({"previous"} if "compare" in rule else set())


def _check_sentence(
    report: _Report, where: str, item: dict[str, Any], sentence: Any, items: set[str]
) -> None:
    if not report.keys(where, sentence, FINDING if "finding" in item else SENTENCE):
        return
    blanks = sentence.get("blanks", [])
    for blank in blanks:
        _check_blank(report, f"{where} blanks", blank)
    declared = [blank.get("id") for blank in blanks]
    if len(set(declared)) != len(declared):
        report.add(where, "blanks 的 id 有重复")
    used: set[str] = set()
    for key in ("template", "if_unknown", "if_judged"):
        text = sentence.get(key, "")
        used |= set(gaps(text))
        if any(mark in text for mark in ("【", "__")):
            report.add(where, f"{key} 里的【】和 __ 改成有名字的空，如 {{spot}}，并写进 blanks")
        if text.count("{") != len(re.findall(r"\{[A-Za-z0-9_-]+\}", text)):
            report.add(where, f"{key} 的花括号要成对，里面写空的 id")
    for name in sorted(used - set(declared) - _allowed_gaps(item, items)):
        report.add(where, f"句子里的 {{{name}}} 没有写进 blanks，也不是 value、limit 或别的检查项")
    for name in sorted(set(map(str, declared)) - used):
        report.add(where, f"blanks 里的 {name} 在句子里没有用到，删掉或用上")
    if "if_unknown" in sentence and item["answer"].get("unknown") != "fail":
        report.add(where, "if_unknown 只在 unknown: fail 的日期项里用得到")


def _check_item(report: _Report, item: Any, ids: set[str]) -> None:
    where = str(item.get("id", "?")) if isinstance(item, dict) else "?"
    reading = isinstance(item, dict) and "role" in item
    if not report.keys(where, item, {**ITEM, **(READING if reading else JUDGED)}):
        return
    _check_answer(report, where, item)
    for basis in item["basis"]:
        report.keys(f"{where} basis", basis, BASIS)
    for notice in item.get("notices", []):
        report.keys(f"{where} notices", notice, NOTICE)
    for key in ("finding", "record"):
        if key in item and str(item["answer"].get("type")) in ANSWER:
            _check_sentence(report, f"{where} {key}", item, item[key], ids)
    try:
        if len(basis_text(item["basis"])) > shape.BASIS_CHARS_MAX:
            report.add(where, f"依据连起来超过 {shape.BASIS_CHARS_MAX} 字，删短")
    except (KeyError, TypeError):
        pass  # the faulty basis is already named above


def _check_frequency(report: _Report, frequency: dict[str, Any]) -> None:
    for key, value in frequency.items():
        if key not in ("source", "mode") and (found := _duration(value)):
            report.add("frequency", f"{key} {found}")
    if frequency.get("mode") != "seasonal" and not {"A", "B", "C"} <= set(frequency):
        report.add("frequency", "要写 A、B、C 三级的周期，或写 mode: seasonal")


def validate(content: Any, file: str = "") -> list[Problem]:
    """All problems of one checklist; an empty list means that it may be published."""
    report = _Report(file, [])
    if not report.keys("", content, TOP):
        return report.problems
    _check_frequency(report, content["frequency"])
    ids = [item.get("id") for item in content["items"]]
    for twice in sorted({str(each) for each in ids if ids.count(each) > 1}):
        report.add(twice, "编号用了两次，改一个；用过的编号不要再给别的项")
    for item in content["items"]:
        _check_item(report, item, set(map(str, ids)))
        own = "category" in item or "role" in item
        if not own and content["category"] not in shape.HAZARD_CATEGORIES:
            report.add(
                str(item.get("id")), f"补 category；{content['category']} 不是台账的隐患类别"
            )
    if not report.problems:
        report.problems += condition_problems(content, file)
    return report.problems


def validate_together(contents: Mapping[str, Any]) -> list[Problem]:
    """What only shows across files: a checklist id or an item id used in two of them."""
    problems: list[Problem] = []
    seen: dict[str, str] = {}
    for file, content in contents.items():
        for used in [content["id"], *(item["id"] for item in content["items"])]:
            if used in seen:
                problems.append(Problem(file, used, f"编号和 {seen[used]} 里的重了，改一个"))
            seen.setdefault(used, file)
    return problems
