"""What every export format is given and what it promises.

The statement (`Statement`) says as of when and on which log head the file stands, so that a
printed ledger can be checked against the station years later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from app.exports.ledger import Cell, Column


@dataclass(frozen=True, slots=True)
class Statement:
    """What the file says about itself, beside its rows."""

    station: str
    title: str
    as_of: str
    filters: str
    count: int
    masked: bool | None  # None: there is no column of telephone numbers
    epoch: int
    log_size: int
    log_root: str
    signature: str
    signed_at: str
    station_id: str
    photos: str = ""
    """What there is to know about the pictures of the file; empty when it has none."""
    counts: str = ""
    """How many there are of each sort; empty where that is not told."""
    sheet: str = "隐患台账"
    """What the sheet of a workbook is called."""

    def rows(self) -> list[tuple[str, str]]:
        return [
            ("台账", self.title),
            ("单位", self.station),
            ("截止时间", self.as_of),
            ("筛选条件", self.filters or "全部"),
            ("条数", f"{self.count} 条"),
            *([("各类", self.counts)] if self.counts else []),
            *self._phones(),
            *([("照片", self.photos)] if self.photos else []),
            ("台账日志", f"第 {self.epoch} 期，共 {self.log_size} 条记录"),
            ("日志根", self.log_root),
            ("签名", self.signature),
            ("签名时间", self.signed_at),
            ("站点编号", self.station_id),
            (
                "怎么核对",
                "台账日志只增不改。用站里的公钥核对签名，再用 ledger verify 核对日志根，"
                "就能知道这份台账之后有没有人改过记录。",
            ),
        ]

    def _phones(self) -> list[tuple[str, str]]:
        if self.masked is None:
            return []
        return [("电话", "已隐去中间四位" if self.masked else "完整")]


HAZARDS = "hazards"
ACTIVITIES = "activities"
"""What a format has rows of (`sources.py`)."""
Pictures = Callable[[str], bytes | None]
"""From a photo's SHA-256 to a small JPEG; None while it is missing or unreadable."""
Progress = Callable[[int], None]
"""How many rows have been gone through, counted anew for every pass of the format."""


class Rows(Protocol):
    """The finished rows: as many as `count`, each with a cell for every column of the format."""

    @property
    def count(self) -> int: ...
    def __iter__(self) -> Iterator[list[Cell]]: ...


class Write(Protocol):
    def __call__(
        self,
        path: Path,
        statement: Statement,
        rows: Rows,
        *,
        pictures: Pictures,
        progress: Progress,
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class Format:
    """`passes`: how often `write` goes through the rows; `source`: what the rows are."""

    name: str
    title: str
    extension: str
    content_type: str
    columns: tuple[Column[Any], ...]
    write: Write
    passes: int = 1
    source: str = HAZARDS
