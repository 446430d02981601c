"""What happens to a spreadsheet somebody fills in: what is taken, what is said, what is refused."""

from __future__ import annotations

import io
import itertools
import zipfile
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from app.imports.kinds import IMPORTERS
from app.imports.places import AreaFinder
from app.imports.shape import Known, PlannedRow
from app.imports.sheet import ROWS_MAX, Unreadable, read_sheet
from app.imports.template import make_template

AREAS = [
    {"id": "town", "name": "北河镇", "level": "town", "parent": None},
    {"id": "v1", "name": "幸福村", "level": "village", "parent": "town"},
    {"id": "v2", "name": "大李村", "level": "village", "parent": "town"},
    {"id": "g11", "name": "第1网格", "level": "grid", "parent": "v1"},
    {"id": "g12", "name": "第2网格", "level": "grid", "parent": "v1"},
    {"id": "g21", "name": "第1网格", "level": "grid", "parent": "v2"},
]
KNOWN = Known(
    areas=AREAS,
    sites=[{"name": "福兴五金店", "area": "g12", "credit_code": None}],
    logins=frozenset({"liuhai"}),
    place_types=("餐饮(瓶装液化气)", "小商店"),
)
SITE = {
    "单位(场所)名称": "老街川味馆",
    "场所类型": "餐饮(瓶装液化气)",
    "所属网格": "幸福村 第1网格",
}
PERSON = {"姓名": "王芳", "登录名": "wangf", "角色": "网格员", "负责网格": "幸福村 第1网格"}


def counting() -> Callable[[], str]:
    numbers = itertools.count(1)
    return lambda: f"id-{next(numbers)}"


def sheet_bytes(rows: list[dict[str, Any]], headings: list[str] | None = None) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    names = headings or list(dict.fromkeys(name for row in rows for name in row))
    sheet.append(names)
    for row in rows:
        sheet.append([row.get(name) for name in names])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def plan(noun: str, rows: list[dict[str, Any]], known: Known = KNOWN) -> list[PlannedRow]:
    importer = IMPORTERS[noun]
    heads = [column.header for column in importer.columns(known)]
    return importer.plan(read_sheet(sheet_bytes(rows), heads), known, new_id=counting())


def troubles(planned: list[PlannedRow]) -> list[tuple[int, str, str]]:
    return [(t.row, t.column, t.level) for row in planned for t in row.troubles]


def test_a_filled_template_comes_back_as_it_was_typed() -> None:
    importer = IMPORTERS["sites"]
    data = make_template("场所", importer.columns(KNOWN), AreaFinder(AREAS).names())
    book = load_workbook(io.BytesIO(data))
    sheet = book["场所"]
    heads = [cell.value for cell in sheet[1]]
    for name, value in {**SITE, "风险分级": "A", "联系电话": 13800132210}.items():
        sheet.cell(row=3, column=heads.index(name) + 1, value=value)
    assert any("选项!" in str(rule.formula1) for rule in sheet.data_validations.dataValidation)
    out = io.BytesIO()
    book.save(out)
    read = read_sheet(out.getvalue(), [str(head) for head in heads])
    planned = importer.plan(read, KNOWN, new_id=counting())
    assert troubles(planned) == []
    (row,) = planned
    (fact,) = row.facts
    assert fact.body["name"] == "老街川味馆"
    assert fact.body["area"] == "g11"
    assert fact.body["grade"] == "A"
    assert fact.private == {"owner_phone": "13800132210"}


def test_each_wrong_cell_is_named_by_row_and_column() -> None:
    rows = [
        SITE,
        {**SITE, "单位(场所)名称": "", "风险分级": "丁"},
        {**SITE, "单位(场所)名称": "甲店", "所属网格": "没有村"},
        {**SITE, "单位(场所)名称": "乙店", "所属网格": "第1网格"},
        {**SITE, "单位(场所)名称": "丙店", "经度": "东边", "纬度": "36.5"},
    ]
    found = troubles(plan("sites", rows))
    assert (3, "单位(场所)名称", "error") in found
    assert (3, "风险分级", "error") in found
    assert (4, "所属网格", "error") in found
    assert (5, "所属网格", "error") in found
    assert (6, "经度", "error") in found
    assert not [trouble for trouble in found if trouble[0] == 2]


def test_an_ambiguous_grid_asks_for_the_village() -> None:
    (row,) = plan("sites", [{**SITE, "所属网格": "第1网格"}])
    assert "村名" in row.troubles[0].text
    assert plan("sites", [{**SITE, "所属网格": "大李村/第1网格"}])[0].facts[0].body["area"] == "g21"
    assert plan("sites", [{**SITE, "所属网格": "幸福村"}])[0].facts[0].body["area"] == "v1"


def test_the_same_name_in_one_village_is_said_but_not_refused() -> None:
    rows = [
        {**SITE, "单位(场所)名称": "福兴 五金店"},
        SITE,
        {**SITE, "所属网格": "幸福村 第2网格"},
        {**SITE, "所属网格": "大李村 第1网格"},
    ]
    planned = plan("sites", rows)
    assert [row.duplicate for row in planned] == [True, False, True, False]
    assert all(row.facts for row in planned)


def test_masked_numbers_and_blanks_are_tolerated() -> None:
    row = {**SITE, "联系电话": "138____2210", "夜间住宿人数": "63__", "统一社会信用代码": None}
    (planned,) = plan("sites", [row])
    assert planned.facts
    assert planned.facts[0].private["owner_phone"] == "138____2210"
    assert "夜间住宿人数：63__" in planned.facts[0].body["note"]
    assert "credit_code" not in planned.facts[0].body
    assert [trouble.level for trouble in planned.troubles] == ["warning"]


def test_a_column_nobody_knows_is_named_and_not_dropped_in_silence() -> None:
    (planned,) = plan("sites", [{**SITE, "面积": "30"}])
    assert [(t.column, t.level) for t in planned.troubles] == [("面积", "warning")]


def test_a_formula_is_not_taken_for_its_value() -> None:
    (planned,) = plan("sites", [{**SITE, "备注": "=1+1"}])
    assert [(t.column, t.level) for t in planned.troubles] == [("备注", "error")]
    assert not planned.facts


def test_a_new_inspector_gets_account_roles_and_grid_in_one_row() -> None:
    (planned,) = plan("accounts", [{**PERSON, "角色": "网格员、监管员", "登录名": "WangF"}])
    account, grant = planned.facts
    assert account.body["login"] == "wangf"
    assert account.private["name"] == "王芳"
    assert grant.subject == account.subject
    assert grant.body == {"roles": ["inspector", "certified_inspector"], "areas": ["g11"]}


def test_a_taken_login_an_unknown_role_and_a_missing_grid_are_errors() -> None:
    rows = [
        {**PERSON, "登录名": "LiuHai"},
        {**PERSON, "登录名": "a1", "角色": "队长"},
        {**PERSON, "登录名": "b1", "负责网格": None},
        {**PERSON, "登录名": "c1"},
        {**PERSON, "登录名": "C1"},
        {**PERSON, "登录名": "d1", "角色": "站长", "负责网格": None},
    ]
    found = troubles(plan("accounts", rows))
    assert found == [
        (2, "登录名", "error"),
        (3, "角色", "error"),
        (4, "负责网格", "error"),
        (6, "登录名", "error"),
    ]


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (80 * 1024 * 1024))
    return out.getvalue()


def with_doctype() -> bytes:
    out = io.BytesIO(sheet_bytes([SITE]))
    made = io.BytesIO()
    with zipfile.ZipFile(out) as source, zipfile.ZipFile(made, "w") as archive:
        for name in source.namelist():
            data = source.read(name)
            if name.endswith("sheet1.xml"):
                data = b'<!DOCTYPE x [<!ENTITY a "b">]>' + data
            archive.writestr(name, data)
    return made.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "空的"),
        (b"hello", "不是 .xlsx"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, ".xls"),
        (b"x" * (5 * 1024 * 1024 + 1), "超过"),
        (bomb(), "太大"),
        (with_doctype(), "不该有的内容"),
        (sheet_bytes([{"甲": "乙"}]), "没有找到"),
        (sheet_bytes([SITE])[:-200], "不是 .xlsx"),
    ],
    ids=["empty", "text", "old xls", "large", "bomb", "doctype", "other sheet", "cut short"],
)
def test_a_file_that_is_no_template_is_answered_with_a_sentence(data: bytes, words: str) -> None:
    with pytest.raises(Unreadable) as told:
        read_sheet(data, ["单位(场所)名称"])
    assert words in told.value.sentence


def test_too_many_rows_are_said_not_cut() -> None:
    data = sheet_bytes([SITE] * (ROWS_MAX + 1))
    with pytest.raises(Unreadable) as told:
        read_sheet(data, list(SITE))
    assert str(ROWS_MAX) in told.value.sentence


def test_the_last_row_of_a_full_sheet_counts() -> None:
    assert len(read_sheet(sheet_bytes([SITE] * ROWS_MAX), list(SITE)).rows) == ROWS_MAX


def test_until_when_a_licence_holds_is_read_as_a_date_however_it_was_typed() -> None:
    licence = "食品经营许可证有效期至"
    days = ["2027-06", "2027-06-30", date(2027, 6, 30)]
    for day in days:
        (planned,) = plan("sites", [{**SITE, licence: day}])
        assert planned.facts[0].body["attributes"] == {"food_licence_until": str(day)[:10]}
    (planned,) = plan("sites", [{**SITE, licence: "长期"}])
    assert [(t.column, t.level) for t in planned.troubles] == [(licence, "error")]
