"""Sites (一企一档) from a sheet: each row becomes one `site.registered`, or a sentence why not.

Pure: areas, existing sites and place types come in as values. Numbers that a template masks
("63__") are kept as text in the note, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from app.checklists.days import parse_day
from app.checklists.site_fields import SITE_FIELDS, KnownField
from app.imports.places import AreaFinder, plain_name
from app.imports.shape import (
    DUPLICATE,
    ImportColumn,
    Importer,
    Known,
    PlannedFact,
    PlannedRow,
    Trouble,
    check_cells,
    rows_to_read,
    unknown_columns,
)
from app.imports.sheet import Sheet, SheetRow

NAME, TYPES, AREA = "单位(场所)名称", "场所类型", "所属网格"
_GRADES = ("A", "B", "C")
_YES_NO = ("是", "否")
PLACE_TYPES_MAX = 8
NOTE_CHARS_MAX = 500
_MASKED = re.compile(r"[_＿*＊]{1,}")
_CREDIT_CODE = re.compile(r"[0-9A-Z]{18}\Z")
_SPLIT = re.compile(r"[、,，;；/]+")


def columns(known: Known) -> tuple[ImportColumn, ...]:
    areas = tuple(AreaFinder(known.areas).names())
    first = areas[-1] if areas else "幸福村 第1网格"
    types = "、".join(known.place_types)
    plain = (
        ImportColumn(
            NAME,
            "name",
            "照招牌或证照写全称",
            26,
            required=True,
            chars_max=80,
            example="（示例）老街川味馆",
        ),
        ImportColumn(
            TYPES,
            "place_types",
            f"可填多个，用顿号隔开：{types}",
            22,
            required=True,
            chars_max=300,
            example=known.place_types[0] if known.place_types else "",
        ),
        ImportColumn(
            AREA,
            "area",
            "村(社区)和网格，从下拉里选",
            20,
            required=True,
            chars_max=100,
            example=first,
        ),
        ImportColumn("地址", "address", "门牌或方位", 26, chars_max=120, example="老街 12 号"),
        ImportColumn(
            "风险分级",
            "grade",
            "A 每月、B 每季度、C 每半年；可以空着",
            9,
            choices=_GRADES,
            example="A",
        ),
        ImportColumn("高危", "high_risk", "是 或 否", 7, choices=_YES_NO, example="否"),
        ImportColumn("统一社会信用代码", "credit_code", "18 位；没有就空着", 21, chars_max=18),
        ImportColumn("负责人", "owner_name", "店主或主要负责人", 10, chars_max=40, example="张某"),
        ImportColumn(
            "联系电话", "owner_phone", "有遮盖也可以", 14, chars_max=30, example="138____2210"
        ),
        ImportColumn("负责人职务", "owner_post", "如店主、经理", 10, chars_max=40, example="店主"),
        ImportColumn("经度", "lon", "WGS-84，小数；可以空着", 11),
        ImportColumn("纬度", "lat", "WGS-84，小数；可以空着", 11),
        ImportColumn("备注", "note", "最多 500 字", 24, chars_max=NOTE_CHARS_MAX),
    )
    return plain + tuple(_attribute_column(known_field) for known_field in SITE_FIELDS.values())


def _attribute_column(known_field: KnownField) -> ImportColumn:
    if known_field.type == "bool":
        return ImportColumn(
            known_field.label, known_field.name, "是 或 否；不清楚就空着", 12, choices=_YES_NO
        )
    if known_field.type == "date":
        return ImportColumn(
            known_field.label, known_field.name, "如 2027-06 或 2027-06-30；可以空着", 14
        )
    note = f"数字({known_field.unit_label})" if known_field.unit_label else "数字或文字"
    return ImportColumn(known_field.label, known_field.name, note + "；可以空着", 12, chars_max=80)


def plan(sheet: Sheet, known: Known, *, new_id: Callable[[], str]) -> list[PlannedRow]:
    """One planned row per row of the sheet; troubles of the whole sheet ride on the first."""
    finder = AreaFinder(known.areas)
    cols = columns(known)
    seen = _names_known(known, finder)
    planned: list[PlannedRow] = []
    for row in rows_to_read(sheet, NAME):
        troubles = check_cells(row, cols)
        body, private = _fields(row, known, finder, troubles)
        troubles += _same_name(row, body, finder, seen)
        fact = PlannedFact(new_id(), "site.registered", new_id(), body, private)
        summary = "、".join(body.get("place_types", [])) + " · " + row.cells.get(AREA, "")
        failed = any(trouble.level == "error" for trouble in troubles)
        planned.append(
            PlannedRow(
                row.number,
                row.cells.get(NAME, ""),
                summary,
                () if failed else (fact,),
                tuple(troubles),
            )
        )
    return _with_sheet_troubles(planned, unknown_columns(sheet, cols))


def _with_sheet_troubles(planned: list[PlannedRow], troubles: list[Trouble]) -> list[PlannedRow]:
    if not planned or not troubles:
        return planned
    first = planned[0]
    planned[0] = PlannedRow(
        first.number, first.title, first.summary, first.facts, (*troubles, *first.troubles)
    )
    return planned


def _names_known(known: Known, finder: AreaFinder) -> dict[tuple[str, str], str]:
    seen: dict[tuple[str, str], str] = {}
    for site in known.sites:
        village = finder.village_of(str(site.get("area") or ""))
        seen[(plain_name(str(site.get("name") or "")), village)] = "站里已有"
        if site.get("credit_code"):
            seen[("code", str(site["credit_code"]))] = "站里已有"
    return seen


def _same_name(
    row: SheetRow,
    body: Mapping[str, Any],
    finder: AreaFinder,
    seen: dict[tuple[str, str], str],
) -> list[Trouble]:
    """The same name in one village, or the same credit code: said, never merged (domain.md 4.9)."""
    troubles: list[Trouble] = []
    if not body.get("name") or not body.get("area"):
        return troubles
    key = (plain_name(str(body["name"])), finder.village_of(str(body["area"])))
    if key in seen:
        troubles.append(
            Trouble(row.number, NAME, f"{DUPLICATE}：{seen[key]}同村同名的场所", "warning")
        )
    seen.setdefault(key, f"第 {row.number} 行也是")
    code = str(body.get("credit_code") or "")
    if code and ("code", code) in seen:
        text = f"{DUPLICATE}：{seen[('code', code)]}同一信用代码"
        troubles.append(Trouble(row.number, "统一社会信用代码", text, "warning"))
    if code:
        seen.setdefault(("code", code), f"第 {row.number} 行也是")
    return troubles


def _fields(
    row: SheetRow, known: Known, finder: AreaFinder, troubles: list[Trouble]
) -> tuple[dict[str, Any], dict[str, Any]]:
    cell = row.cells.get
    body: dict[str, Any] = {"name": cell(NAME, "")}
    body["place_types"] = _place_types(row, known, troubles)
    body["area"] = _area(row, finder, troubles)
    for header, key in (("地址", "address"), ("风险分级", "grade")):
        if cell(header):
            body[key] = cell(header)
    if cell("高危") in _YES_NO:
        body["high_risk"] = cell("高危") == "是"
    if cell("统一社会信用代码"):
        body["credit_code"] = _credit_code(row, troubles)
    _place(row, body, troubles)
    notes = [text for text in (cell("备注", ""),) if text]
    attributes = _attributes(row, notes, troubles)
    if attributes:
        body["attributes"] = attributes
    if notes:
        body["note"] = "；".join(notes)[:NOTE_CHARS_MAX]
    owner = (("负责人", "owner_name"), ("联系电话", "owner_phone"), ("负责人职务", "owner_post"))
    private = {key: cell(header) for header, key in owner if cell(header)}
    return {key: value for key, value in body.items() if value not in (None, "")}, private


def _place_types(row: SheetRow, known: Known, troubles: list[Trouble]) -> list[str]:
    types = [part.strip() for part in _SPLIT.split(row.cells.get(TYPES, "")) if part.strip()]
    if len(types) > PLACE_TYPES_MAX:
        troubles.append(Trouble(row.number, TYPES, f"最多填 {PLACE_TYPES_MAX} 种"))
    for name in types:
        if len(name) > 40:
            troubles.append(Trouble(row.number, TYPES, f"“{name[:10]}…”太长，最多 40 个字"))
        elif known.place_types and name not in known.place_types:
            text = f"没有检查表管“{name}”，导入后要在检查时自己选表"
            troubles.append(Trouble(row.number, TYPES, text, "warning"))
    return list(dict.fromkeys(types))


def _area(row: SheetRow, finder: AreaFinder, troubles: list[Trouble]) -> str | None:
    text = row.cells.get(AREA, "")
    if not text:
        return None
    found = finder.find(text)
    if found is None:
        several = finder.ambiguous(text)
        sentence = (
            f"有几个“{text}”，请把村名也写上"
            if several
            else f"没有“{text}”这个村或网格，请从下拉里选"
        )
        troubles.append(Trouble(row.number, AREA, sentence))
    return found


def _credit_code(row: SheetRow, troubles: list[Trouble]) -> str:
    code = row.cells["统一社会信用代码"].upper()
    if not _CREDIT_CODE.match(code) and not _MASKED.search(code):
        troubles.append(
            Trouble(row.number, "统一社会信用代码", "应是 18 位数字和字母，请核对", "warning")
        )
    return code


def _place(row: SheetRow, body: dict[str, Any], troubles: list[Trouble]) -> None:
    for header, key, low, high in (("经度", "lon", 73.0, 136.0), ("纬度", "lat", 3.0, 54.0)):
        text = row.cells.get(header, "")
        if not text:
            continue
        number = _number(text)
        if number is None or not low <= number <= high:
            troubles.append(
                Trouble(row.number, header, f"“{text}”不像{header}，应在 {low:g} 到 {high:g} 之间")
            )
        else:
            body[key] = number
    if ("lon" in body) != ("lat" in body) and not troubles:
        troubles.append(Trouble(row.number, "经度", "经度和纬度要么都填，要么都空着"))


def _attributes(row: SheetRow, notes: list[str], troubles: list[Trouble]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for known_field in SITE_FIELDS.values():
        text = row.cells.get(known_field.label, "")
        if not text:
            continue
        if known_field.type == "bool":
            if text in _YES_NO:
                found[known_field.name] = text == "是"
        elif known_field.type == "number":
            number = _number(text)
            if number is not None:
                found[known_field.name] = number
            elif _MASKED.search(text):
                notes.append(f"{known_field.label}：{text}")
                sentence = "数字有遮盖，记在备注里"
                troubles.append(Trouble(row.number, known_field.label, sentence, "warning"))
            else:
                troubles.append(Trouble(row.number, known_field.label, f"“{text}”不是数字"))
        elif known_field.type == "date" and parse_day(text) is None:
            sentence = f"“{text}”不是日期，写成 2027-06 或 2027-06-30"
            troubles.append(Trouble(row.number, known_field.label, sentence))
        else:
            found[known_field.name] = text
    return found


def _number(text: str) -> float | int | None:
    try:
        number = float(text)
    except ValueError:
        return None
    if number != number or abs(number) > 1e9:
        return None
    return int(number) if number.is_integer() else number


IMPORTER = Importer("sites", "场所", columns, plan)
