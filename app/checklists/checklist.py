"""What a checklist is (grid-checklist/2) and what judging one gives: types over plain JSON.

The names are those of the JSON and of pwa/src/rules/types.ts.
This module knows no files, no database and no rule; it only says how things look.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NotRequired, TypedDict

SCHEMA = "grid-checklist/2"

ITEMS_MAX = 200
CHECKLIST_BYTES_MAX = 128 * 1024
FINDING_CHARS_MAX = 500
MEASURE_CHARS_MAX = 300
BASIS_CHARS_MAX = 1000

Level = Literal["general", "suspected_major"]
Applies = Literal["yes", "no", "pending"]
VerdictCode = Literal["pass", "fail", "na", "reading", "unanswered", "unmeasured"]

# the ledger's 隐患类别; a checklist's own category may be wider (综合, 打非治违)
HAZARD_CATEGORIES = (
    *("消防", "用电", "燃气", "危险化学品", "烟花爆竹", "特种设备", "机械设备", "建筑施工与高处"),
    *(
        "有限空间",
        "粉尘",
        "特殊作业",
        "房屋结构",
        "森林防火",
        "地质灾害",
        "道路交通",
        "管理",
        "其他",
    ),
)

UNIT_LABELS: Mapping[str, str] = {
    "kg": "千克",
    "m": "米",
    "mm": "毫米",
    "m²": "平方米",
    "m²/人": "平方米/人",
    "mA": "毫安",
    "%": "%",
    "具": "具",
    "人": "人",
    "户": "户",
    "箱": "箱",
    "级": "级",
    "次": "次",
}


class Basis(TypedDict):
    ref: str
    status: Literal["seed", "verified", "secondary", "unverified"]
    clause: NotRequired[str]
    quote: NotRequired[str]
    note: NotRequired[str]


class Blank(TypedDict):
    """One gap of a sentence: chips to tap (choice), chips or a few words (text), or a number."""

    id: str
    label: str
    type: Literal["choice", "text", "number"]
    options: NotRequired[list[str]]
    multiple: NotRequired[bool]
    default: NotRequired[str]
    unit_label: NotRequired[str]


class Sentence(TypedDict):
    template: str
    blanks: NotRequired[list[Blank]]


class Finding(Sentence):
    if_unknown: NotRequired[str]
    if_judged: NotRequired[str]


class Notice(TypedDict("Notice", {"if": str})):
    text: str


class AnswerRule(TypedDict):
    """How an item is answered and judged; which keys belong to which type is in validate.py."""

    type: Literal["pass_fail_na", "number", "date", "choice"]
    unit: NotRequired[str]
    unit_label: NotRequired[str]
    decimals: NotRequired[int]
    noun: NotRequired[str]
    helper: NotRequired[str]
    min: NotRequired[float]
    max: NotRequired[float]
    max_from: NotRequired[str]
    limit_hint: NotRequired[str]
    compare: NotRequired[Literal["previous"]]
    max_increase: NotRequired[float]
    configurable: NotRequired[bool]
    meaning: NotRequired[str]
    max_age: NotRequired[str]
    not_expired: NotRequired[bool]
    unknown: NotRequired[Literal["fail"]]
    options: NotRequired[list[str]]
    fail_options: NotRequired[list[str]]


class Item(TypedDict):
    id: str
    section: str
    text: str
    answer: AnswerRule
    basis: list[Basis]
    category: NotRequired[str]
    role: NotRequired[Literal["reading"]]
    focus: NotRequired[bool]
    applies_if: NotRequired[str]
    na_if: NotRequired[str]
    notices: NotRequired[list[Notice]]
    level: NotRequired[Level]
    level_if: NotRequired[str]
    level_note: NotRequired[str]
    finding: NotRequired[Finding]
    record: NotRequired[Sentence]
    measures: NotRequired[list[str]]
    deadline_days: NotRequired[int]
    photo: NotRequired[Literal["fail", "none"]]
    how: NotRequired[str]
    handoff: NotRequired[str]


class Checklist(TypedDict):
    schema: str
    id: str
    version: int
    title: str
    short: str
    category: str
    place_types: list[str]
    place_type_note: NotRequired[str]
    industry_dept: str
    focus: str
    procedure: str
    aliases: list[str]
    frequency: dict[str, str]
    default_deadline_days: int
    items: list[Item]


class Reason(TypedDict):
    """Why a verdict is what it is: a stable code, and its figures as people write them."""

    code: str
    params: dict[str, str]


class VerdictNotice(TypedDict):
    code: str
    text: str


class Verdict(TypedDict):
    item: str
    applies: Applies
    verdict: VerdictCode
    level: Level | None
    reasons: list[Reason]
    notices: list[VerdictNotice]
    sentence: str


class FilledFinding(TypedDict):
    """A finding with what is known already in it; `blanks` are those still to be filled."""

    template: str
    known: dict[str, str]
    blanks: list[Blank]
    text: str


class HazardToFind(TypedDict):
    item: str
    level: Level
    level_note: str | None
    category: str
    finding: FilledFinding
    measures: list[str]
    deadline_days: int
    basis: list[Basis]
    basis_text: str
    photo: Literal["fail", "none"]
    handoff: str | None


Summary = TypedDict(
    "Summary",
    {
        "items": int,
        "asked": int,
        "answered": int,
        "remaining": int,
        "pending": int,
        "pass": int,
        "fail": int,
        "na": int,
        "reading": int,
        "unmeasured": int,
        "suspected_major": int,
    },
)


class Evaluation(TypedDict):
    verdicts: list[Verdict]
    summary: Summary
    hazards: list[HazardToFind]


Answers = Mapping[str, Any]
Fields = Mapping[str, Any]
