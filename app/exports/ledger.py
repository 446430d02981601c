"""The hazard ledger's 42 columns: which heading stands over which value, in the official order.

A `Line` holds everything one row of the file needs, names already looked up; each column turns it
into text or a number and masks what others may not dial. It must not know SQL, spreadsheets, HTTP.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache, partial
from typing import Any, Generic, TypeVar

from app.auth.masking import PHONE_FIELDS, mask_phone, masked
from app.hazards.rules import overdue_days, said_finding
from app.hazards.words import (
    DISPOSITION_WORDS,
    LEVEL_WORDS,
    RECHECK_WORDS,
    SOURCE_WORDS,
    STATE_WORDS,
    word,
)
from app.photos.stamp import Words

Cell = str | int | float | list[str] | None
"""A list holds the hashes of the photos of a picture column; only those columns have one."""
PHOTOS_PER_CELL_MAX = 2
"""More pictures than this make a ledger row unreadable; the text of the cell counts them all."""
PHONE_COLUMN = "owner_phone"
DAYS_KEPT = 4_096


@dataclass(frozen=True, slots=True)
class Line:
    """One hazard as the export sees it: rows as folded and not masked, names instead of ids."""

    position: int
    number: str
    hazard: Mapping[str, Any]
    site: Mapping[str, Any]
    area: str
    inspectors: str
    rechecked_by: str
    closed_by: str
    batch: str
    device: str
    as_of: date
    photos: Mapping[str, list[str]] = field(default_factory=dict)
    """Hashes by role: before, after."""
    captions: Mapping[str, Words] = field(default_factory=dict)
    """By hash what goes with the photo: the lines of its watermark, what was drawn on it."""
    documents: list[str] = field(default_factory=list)
    """Name and number of each document in force that names it."""
    whole_phones: bool = False
    """Whether somebody gave a reason, which is written down, for telephone numbers in full."""


LineT = TypeVar("LineT")


@dataclass(frozen=True, slots=True)
class Column(Generic[LineT]):
    """`width` in characters; `pictures` names the photo role whose thumbnails the cell shows.

    `days`: the text is a day, YYYY-MM-DD, where it can be read as one. `origin`: the cell tells the
    batch or the phone of the first report, which is looked up only for such a column; so are the
    `documents` that name the hazard.
    """

    header: str
    key: str
    value: Callable[[LineT], Cell]
    width: int = 12
    pictures: str | None = None
    days: bool = False
    origin: bool = False
    documents: bool = False


def cells_of(line: LineT, columns: Sequence[Column[LineT]]) -> list[Cell]:
    """The row of the file, in the order of the columns."""
    return [column.value(line) for column in columns]


def _hazard(key: str) -> Callable[[Line], Cell]:
    show = _shower(key)
    return lambda line: show(line.hazard.get(key))


def _finding(line: Line) -> Cell:
    found = line.hazard.get("finding")
    return plain("finding", said_finding(found, line.hazard.get("item")))


def _site(key: str) -> Callable[[Line], Cell]:
    show = _shower(key)
    return lambda line: show(line.site.get(key))


def _site_phone(line: Line) -> Cell:
    found = line.site.get(PHONE_COLUMN)
    if line.whole_phones and isinstance(found, str):
        return found
    return plain(PHONE_COLUMN, found)


def _day(key: str) -> Callable[[Line], Cell]:
    def value(line: Line) -> Cell:
        found = line.hazard.get(key)
        return day_text(str(found)) if found else None

    return value


def _word(words: dict[str, str], key: str) -> Callable[[Line], Cell]:
    def value(line: Line) -> Cell:
        code = line.hazard.get(key)
        return words[code] if code in words else word(words, code)

    return value


def plain(key: str, value: object) -> str | int | float | None:
    """Text and numbers stay; what a newer phone put there otherwise becomes text, masked."""
    if isinstance(value, str):
        return mask_phone(value) if value and key in PHONE_FIELDS else value
    if value is None or (isinstance(value, (int, float)) and not isinstance(value, bool)):
        return value
    if key not in PHONE_FIELDS and isinstance(value, list) and all(map(_is_text, value)):
        return "、".join(value)
    shown = masked({key: value})[key]
    if isinstance(shown, list):
        return "、".join(str(part) for part in shown)
    return str(shown)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _shower(key: str) -> Callable[[object], Cell]:
    """`plain` for one key; nearly every value is nothing or a text with no number in it."""
    if key in PHONE_FIELDS:
        return partial(plain, key)

    def show(value: object) -> Cell:
        return value if value is None or isinstance(value, str) else plain(key, value)

    return show


@lru_cache(maxsize=DAYS_KEPT)
def day_text(text: str) -> str:
    """A day as YYYY-MM-DD where the text is one; the text itself otherwise: nothing is hidden."""
    try:
        return date.fromisoformat(text[:10]).isoformat()
    except ValueError:
        return text


def _place(line: Line) -> Cell:
    where = line.hazard.get("where") or line.site
    lat, lon, accuracy = where.get("lat"), where.get("lon"), where.get("accuracy_m")
    if lat is None or lon is None:
        return None
    return f"{lon:.6f}, {lat:.6f}" + (f", {accuracy:.0f}" if accuracy is not None else "")


def _closed(line: Line) -> Cell:
    if line.hazard.get("state") != "closed":
        return "否"
    return " ".join(part for part in ("是", line.hazard.get("closed_on"), line.closed_by) if part)


def _photos(role: str) -> Callable[[Line], Cell]:
    return lambda line: line.photos.get(role) or []


def photo_name(sha256: str) -> str:
    """The name a photo has when it is downloaded."""
    return f"{sha256[:8]}.jpg"


def _provenance(line: Line) -> Cell:
    return " / ".join(part for part in (line.batch[:8], line.device) if part)


def _note(line: Line) -> Cell:
    hazard = line.hazard
    notes = [str(hazard[key]) for key in ("close_note", "void_reason") if hazard.get(key)]
    if hazard.get("conflicts"):
        notes.append("有分歧，待站长判定")
    if hazard.get("incomplete"):
        notes.append("有记录还没上交")
    if hazard.get("redacted"):
        notes.append("部分内容已依法删除")
    return "；".join(notes)


def _overdue(line: Line) -> Cell:
    return overdue_days(line.hazard, line.as_of)


def _documents(line: Line) -> Cell:
    """The notices left on the spot, and the number of an order as the desk noted it."""
    noted = line.hazard.get("document_no")
    told = [*line.documents, *([str(noted)] if noted else [])]
    return "；".join(told) or None


def _nothing(_line: Line) -> Cell:
    # Extensions, supervision and penalties are recorded by later kinds; their columns keep the
    # place the county's template gives them.
    return None


LEDGER_COLUMNS: tuple[Column[Line], ...] = (
    Column("序号", "position", lambda line: line.position, 6),
    Column("隐患编号", "hazard_no", lambda line: line.number, 16),
    Column("检查日期", "found_on", _day("found_on"), 11, days=True),
    Column("来源/检查方式", "source", _word(SOURCE_WORDS, "source"), 10),
    Column("检查人员", "inspectors", lambda line: line.inspectors, 14),
    Column("所属网格(村/社区)", "grid", lambda line: line.area, 18),
    Column("单位(场所)名称", "place_name", _site("name"), 22),
    Column("统一社会信用代码", "uscc", _site("credit_code"), 20),
    Column("场所类型/行业领域", "place_type", _site("place_types"), 16),
    Column("风险分级", "grade", _site("grade"), 6),
    Column("地址", "address", _site("address"), 22),
    Column("负责人", "owner_name", _site("owner_name"), 9),
    Column("联系电话", PHONE_COLUMN, _site_phone, 13),
    Column("隐患部位", "spot", _hazard("spot"), 12),
    Column("隐患描述", "finding", _finding, 34),
    Column("隐患类别", "category", _hazard("category"), 10),
    Column("隐患等级", "level", _word(LEVEL_WORDS, "level"), 9),
    Column("检查依据", "basis", _hazard("basis"), 30),
    Column("处置方式", "disposition", _word(DISPOSITION_WORDS, "disposition"), 10),
    Column("整改措施", "fix_measure", _hazard("measure"), 26),
    Column("整改责任人", "fix_owner", _hazard("fix_owner"), 10),
    Column("整改期限", "deadline", _day("deadline"), 11, days=True),
    Column("整改资金(万元)", "fund", _hazard("fund_wan"), 9),
    Column("应急措施(预案)", "contingency", _hazard("contingency"), 20),
    Column("文书名称及文号", "doc_ref", _documents, 28, documents=True),
    Column("整改完成日期", "fixed_on", _day("fixed_on"), 11, days=True),
    Column("整改情况", "fix_note", _hazard("fix_note"), 20),
    Column("复查日期", "reviewed_on", _day("rechecked_on"), 11, days=True),
    Column("复查人", "reviewer", lambda line: line.rechecked_by, 9),
    Column("复查结论", "review_result", _word(RECHECK_WORDS, "recheck_result"), 9),
    Column("延期次数/批准期限", "ext_count, ext_until", _nothing, 10),
    Column("是否逾期(天)", "overdue_days", _overdue, 8),
    Column("挂牌督办", "listed", _nothing, 10),
    Column("移交部门及日期", "handoff", _hazard("handoff"), 16),
    Column("处罚情况", "penalty", _nothing, 10),
    Column("是否销号/日期/审核人", "closed, closed_on, closer", _closed, 20),
    Column("整改前照片", "photo_before", _photos("before"), 26, "before"),
    Column("整改后照片", "photo_after", _photos("after"), 26, "after"),
    Column("经度, 纬度(WGS-84), 精度m", "lon, lat, acc", _place, 24),
    Column("批次号/设备", "batch_no", _provenance, 20, origin=True),
    Column("状态", "state", _word(STATE_WORDS, "state"), 12),
    Column("备注", "note", _note, 24),
)

_SHORT = (1, 2, 3, 5, 6, 7, 14, 15, 17, 19, 20, 21, 22, 25, 26, 28, 29, 30, 36)
SHORT_COLUMNS = tuple(LEDGER_COLUMNS[number - 1] for number in _SHORT)
"""精简版: the official columns 1-3, 5-7, 14, 15, 17, 19-22, 25, 26, 28-30 and 36."""
