"""An export's filter in words, for the file's own statement: 状态 限期整改 · 幸福村 · 只看逾期.

It must not know SQL; area and site names come in as values.
"""

from __future__ import annotations

from collections.abc import Mapping

from app.hazards.reading import HazardFilter
from app.hazards.words import LEVEL_WORDS, STATE_WORDS, word


def filter_words(wanted: HazardFilter, *, areas: Mapping[str, str], site: str | None) -> str:
    """Every part of the filter that narrows, in the order of the desk's form."""
    parts: list[str] = []
    if wanted.state:
        parts.append("状态：" + "、".join(word(STATE_WORDS, state) for state in wanted.state))
    if wanted.level:
        parts.append("等级：" + "、".join(word(LEVEL_WORDS, level) for level in wanted.level))
    if wanted.area:
        parts.append("区域：" + areas.get(wanted.area, "不明"))
    if wanted.site:
        parts.append("场所：" + (site or "不明"))
    if wanted.category:
        parts.append("类别：" + wanted.category)
    if wanted.found_from or wanted.found_to:
        parts.append(f"检查日期：{wanted.found_from or '最早'} 至 {wanted.found_to or '最近'}")
    if wanted.overdue:
        parts.append("只看逾期")
    if wanted.conflicts:
        parts.append("只看有分歧的")
    if wanted.q:
        parts.append(f"搜索：{wanted.q}")
    return " · ".join(parts)
