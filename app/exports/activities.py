"""The columns of exported activities: which heading stands over which value.

An `ActivityLine` holds everything one row needs, names already looked up. It must not know SQL,
spreadsheets or HTTP.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.exports.ledger import Cell, Column
from app.photos.stamp import Words


@dataclass(frozen=True, slots=True)
class ActivityLine:
    """One activity as the export sees it; moments in the station's time, to the minute."""

    position: int
    row: Mapping[str, Any]
    day: str
    title: str
    entries: list[str]
    author: str
    noted: str
    received: str
    photos: list[str] = field(default_factory=list)
    captions: Mapping[str, Words] = field(default_factory=dict)


def _form(line: ActivityLine) -> Cell:
    form, version = line.row.get("form"), line.row.get("form_version")
    return f"{form} 第 {version} 版" if form else None


def _note(line: ActivityLine) -> Cell:
    told = [str(line.row["text"])] if line.row.get("text") else []
    if line.row.get("redacted"):
        told.append("部分内容已依法删除")
    return "；".join(told) or None


ACTIVITY_COLUMNS: tuple[Column[ActivityLine], ...] = (
    Column("序号", "position", lambda line: line.position, 6),
    Column("日期", "day", lambda line: line.day, 11, days=True),
    Column("活动", "kind", lambda line: line.title, 14),
    Column("内容", "entries", lambda line: "；".join(line.entries), 60),
    Column("记录人", "author", lambda line: line.author, 10),
    Column("现场照片", "photos", lambda line: line.photos, 26, pictures="scene"),
    Column("记下时间", "at", lambda line: line.noted, 16),
    Column("站里收到", "received_at", lambda line: line.received, 16),
    Column("活动表", "form", _form, 20),
    Column("备注", "note", _note, 20),
)
