"""What follows from a hazard's row alone: whether its owner is late, and by how many days.

Which steps are possible next is for `sync/steps.py` to say.
Also how a finding is said whose sentence has a blank nobody filled (tests/vectors/finding.json).
This module must not know SQL, HTTP or the clock.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

_OPEN_BLANK = re.compile("【([^【】]{1,20})】")
# fmt: off
_LABELS = frozenset({
    "部位", "证照名称", "缺少什么", "情形", "姓名", "不会什么", "物品", "设施", "品名",
    "数量", "人数", "行为", "谁的", "登记用途", "实际用途", "从事什么", "容器", "种类",
    "个数", "迹象", "作业", "封条编号", "车牌", "用途", "设备", "部件", "地点",
    "对象", "品种", "项目", "姓名或工种", "单位", "岗位", "洞口", "基坑深度", "罐号",
    "登记介质", "实际介质", "位号", "路口", "编号", "不符之处", "户数", "户主", "水源",
    "行为人",
})
"""Blanks of the bundled checklists: only their sentences were ever recorded with one left open."""
# fmt: on
FINISHED = frozenset({"closed", "void"})
WAITS_FOR_OWNER = frozenset(
    {
        "submitted",
        "returned",
        "confirmed_general",
        "confirmed_major",
        "rectifying",
        "review_failed",
        "reopened",
    }
)
"""States in which the owner has not yet said that it is put right; only these can be late."""
DONE_BY_OWNER = frozenset({"spot_fixed", "fix_reported", "recheck_fixed"})
"""What the work may stand at while the chief has not looked yet: no longer late either."""


def overdue_days(row: Mapping[str, Any], as_of: date) -> int | None:
    """Whole days past the deadline on `as_of`; 0 when in time or no longer the owner's turn."""
    deadline = row.get("deadline")
    if not deadline:
        return None
    try:
        late = (as_of - date.fromisoformat(str(deadline))).days
    except ValueError:
        return None
    return max(late, 0) if _waits_for_owner(row) else 0


def _waits_for_owner(row: Mapping[str, Any]) -> bool:
    return row.get("state") in WAITS_FOR_OWNER and row.get("work") not in DONE_BY_OWNER


def open_blanks(finding: object, item: object) -> list[str]:
    """Labels of the blanks a ready sentence was recorded with; one's own words have none."""
    if not item or not isinstance(finding, str):
        return []
    return [label for label in _OPEN_BLANK.findall(finding) if label in _LABELS]


def said_finding(finding: object, item: object) -> object:
    """软管【情形】 as 软管（情形没填）: what was recorded stays, a list says the gap in words."""
    if not item or not isinstance(finding, str):
        return finding
    return _OPEN_BLANK.sub(_gap_said, finding)


def _gap_said(found: re.Match[str]) -> str:
    return f"（{found[1]}没填）" if found[1] in _LABELS else found[0]
