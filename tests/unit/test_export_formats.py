"""What the chief gets when he opens an exported ledger: columns, safe text, the pictures."""

from __future__ import annotations

import csv
import io
import re
import tracemalloc
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from PIL import Image

from app.exports.formats import FORMATS
from app.exports.formats.shape import Statement
from app.exports.ledger import LEDGER_COLUMNS, SHORT_COLUMNS, Cell, Line, cells_of
from app.exports.text import attachment, csv_text, xml_text

HEADERS = [
    "序号",
    "隐患编号",
    "检查日期",
    "来源/检查方式",
    "检查人员",
    "所属网格(村/社区)",
    "单位(场所)名称",
    "统一社会信用代码",
    "场所类型/行业领域",
    "风险分级",
    "地址",
    "负责人",
    "联系电话",
    "隐患部位",
    "隐患描述",
    "隐患类别",
    "隐患等级",
    "检查依据",
    "处置方式",
    "整改措施",
    "整改责任人",
    "整改期限",
    "整改资金(万元)",
    "应急措施(预案)",
    "文书名称及文号",
    "整改完成日期",
    "整改情况",
    "复查日期",
    "复查人",
    "复查结论",
    "延期次数/批准期限",
    "是否逾期(天)",
    "挂牌督办",
    "移交部门及日期",
    "处罚情况",
    "是否销号/日期/审核人",
    "整改前照片",
    "整改后照片",
    "经度, 纬度(WGS-84), 精度m",
    "批次号/设备",
    "状态",
    "备注",
]
STATEMENT = Statement(
    station="北河镇安监站", title="隐患台账", as_of="2026-11-21 18:00", filters="状态：限期整改",
    count=2, masked=True, epoch=1, log_size=4821, log_root="ab" * 32,
    signature="c2ln", signed_at="2026-11-21T10:00:00.000Z",
    station_id="018f0000-0000-7000-8000-000000000001",
)  # fmt: skip


def make_line(position: int = 1, **hazard: Any) -> Line:
    row: dict[str, Any] = {
        "id": f"h{position}",
        "state": "rectifying",
        "found_on": "2026-11-02",
        "source": "routine",
        "spot": "后厨",
        "finding": "存瓶约120千克，未设专用气瓶间",
        "category": "燃气",
        "level": "suspected_major",
        "disposition": "by_deadline",
        "measure": "减到100千克以内",
        "fix_owner": "张某",
        "deadline": "2026-11-09",
        "fund_wan": 0.5,
        "where": {"lat": 36.512344, "lon": 118.204561, "accuracy_m": 12.4, "at": ""},
        "conflicts": [],
        **hazard,
    }
    site = {"name": "老街川味馆", "place_types": ["餐饮(瓶装液化气)"], "grade": "A",
            "owner_name": "张某", "owner_phone": "13812342210", "credit_code": ""}  # fmt: skip
    return Line(
        position=position, number=f"BH-2026-{position:04d}", hazard=row, site=site,
        area="幸福村 第3网格", inspectors="王芳、李军", rechecked_by="", closed_by="",
        batch="018f1234-aaaa", device="红米手机", as_of=date(2026, 11, 21),
        photos={"before": ["a" * 64, "b" * 64, "c" * 64], "after": []},
    )  # fmt: skip


@dataclass
class Made:
    """Rows as the background work spools them, made anew for every pass."""

    cells: Iterable[list[Cell]]
    count: int

    def __iter__(self) -> Iterator[list[Cell]]:
        return (list(row) for row in self.cells)


def write(tmp_path: Path, name: str, lines: list[Line], pictures: Any = None) -> Path:
    cells = [cells_of(line, FORMATS[name].columns) for line in lines]
    return write_cells(tmp_path, name, Made(cells, len(cells)), pictures)


def write_cells(tmp_path: Path, name: str, rows: Made, pictures: Any = None) -> Path:
    path = tmp_path / f"out.{FORMATS[name].extension}"
    FORMATS[name].write(
        path,
        STATEMENT,
        rows,
        pictures=pictures or (lambda _sha: None),
        progress=lambda _done: None,
    )
    return path


def picture(number: int = 0) -> bytes:
    """A thumbnail; a number of its own makes it another file."""
    out = io.BytesIO()
    Image.new("RGB", (320, 240), "orange").save(out, "JPEG", comment=str(number).encode())
    return out.getvalue()


def row_of(path: Path, row: int = 2, sheet: str = "隐患台账") -> dict[str, Any]:
    worksheet = load_workbook(path)[sheet]
    heads = [cell.value for cell in worksheet[1]]
    return dict(zip(heads, [cell.value for cell in worksheet[row]], strict=True))


def test_the_ledger_has_the_42_official_columns_in_their_order(tmp_path: Path) -> None:
    assert [column.header for column in LEDGER_COLUMNS] == HEADERS
    path = write(tmp_path, "ledger_xlsx", [make_line()])
    assert [cell.value for cell in load_workbook(path)["隐患台账"][1]] == HEADERS


def test_the_short_form_keeps_the_columns_a_meeting_needs() -> None:
    kept = (1, 2, 3, 5, 6, 7, 14, 15, 17, 19, 20, 21, 22, 25, 26, 28, 29, 30, 36)
    assert [column.header for column in SHORT_COLUMNS] == [HEADERS[number - 1] for number in kept]


def test_the_chief_reads_words_days_and_lateness_in_every_row(tmp_path: Path) -> None:
    row = row_of(write(tmp_path, "ledger_xlsx", [make_line()]))
    assert row["隐患等级"] == "疑似重大"
    assert row["处置方式"] == "限期整改"
    assert row["来源/检查方式"] == "日常"
    assert row["整改期限"] == datetime.fromisoformat("2026-11-09")
    assert row["是否逾期(天)"] == 12
    assert row["整改资金(万元)"] == 0.5
    assert row["状态"] == "限期整改"
    assert row["联系电话"] == "138****2210"
    assert row["经度, 纬度(WGS-84), 精度m"] == "118.204561, 36.512344, 12"
    assert row["是否销号/日期/审核人"] == "否"


def test_a_closed_hazard_says_when_and_by_whom_and_is_never_late(tmp_path: Path) -> None:
    line = make_line(state="closed", closed_on="2026-11-20", recheck_result="fixed")
    row = row_of(write(tmp_path, "ledger_xlsx", [replace(line, closed_by="刘海")]))
    assert row["是否销号/日期/审核人"] == "是 2026-11-20 刘海"
    assert row["是否逾期(天)"] == 0
    assert row["复查结论"] == "已整改"


def test_the_photos_stand_inside_the_cells_of_their_row(tmp_path: Path) -> None:
    shown = picture()
    path = write(tmp_path, "ledger_xlsx", [make_line(1), make_line(2)], lambda _sha: shown)
    sheet = load_workbook(path)["隐患台账"]
    column = HEADERS.index("整改前照片")
    places = sorted((image.anchor._from.row, image.anchor._from.col) for image in sheet._images)
    assert places == [(1, column), (1, column), (2, column), (2, column)]
    assert sheet.cell(2, column + 1).value == "共 3 张，图上 2 张"
    assert (sheet.row_dimensions[2].height or 0) > 60


def test_a_missing_photo_is_said_and_does_not_stop_the_export(tmp_path: Path) -> None:
    row = row_of(write(tmp_path, "ledger_xlsx", [make_line()]))
    assert row["整改前照片"] == "共 3 张，图上 0 张"


@pytest.mark.parametrize("evil", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1+1", "http://a.b"])
def test_a_text_that_looks_like_a_formula_stays_a_text_in_excel(tmp_path: Path, evil: str) -> None:
    path = write(tmp_path, "ledger_xlsx", [make_line(finding=evil)])
    cell = load_workbook(path)["隐患台账"].cell(2, HEADERS.index("隐患描述") + 1)
    assert cell.data_type in ("s", "inlineStr")
    assert cell.value == evil
    assert cell.hyperlink is None


@pytest.mark.parametrize(
    "evil",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠a", "\x00=1"],
)
def test_a_text_that_looks_like_a_formula_gets_an_apostrophe_in_csv(evil: str) -> None:
    assert csv_text(evil).startswith("'")


def test_csv_opens_in_excel_without_garbling(tmp_path: Path) -> None:
    path = write(tmp_path, "ledger_csv", [make_line(finding='他说"停了"，\n又开了')])
    raw = path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    assert rows[0] == HEADERS
    assert rows[1][HEADERS.index("隐患描述")] == '他说"停了"，\n又开了'
    assert rows[1][HEADERS.index("整改前照片")].splitlines()[0] == "aaaaaaaa.jpg"
    assert ["日志根", "ab" * 32] in rows


def test_characters_that_break_xml_are_left_out_of_the_file_only(tmp_path: Path) -> None:
    dirty = "一\x00\x0b\x1f\ud800\uffff二\U0001f600"
    assert xml_text(dirty) == "一二\U0001f600"
    row = row_of(write(tmp_path, "ledger_xlsx", [make_line(finding=dirty)]))
    assert row["隐患描述"] == "一二\U0001f600"


def test_the_file_says_what_it_stands_on(tmp_path: Path) -> None:
    for name in ("ledger_xlsx", "ledger_short_xlsx"):
        sheet = load_workbook(write(tmp_path, name, [make_line()]))["说明"]
        said = {row[0].value: row[1].value for row in sheet.iter_rows()}
        assert said["截止时间"] == "2026-11-21 18:00"
        assert said["筛选条件"] == "状态：限期整改"
        assert said["条数"] == "2 条"
        assert said["日志根"] == "ab" * 32
        assert said["签名"] == "c2ln"


def test_a_chinese_file_name_survives_every_browser() -> None:
    header = attachment("北河镇 隐患台账-2026.xlsx")
    assert header.startswith('attachment; filename="2026.xlsx"; ')
    assert "filename*=UTF-8''%E5%8C%97%E6%B2%B3%E9%95%87%20" in header
    assert not re.search(r"[\r\n]", attachment('a\r\nX: y"; b.xlsx'))


class Endless:
    """As many rows as wished for, two pictures of their own in each, none of them in memory."""

    def __init__(self, count: int) -> None:
        self.count = count

    def __iter__(self) -> Iterator[list[Cell]]:
        columns = FORMATS["ledger_xlsx"].columns
        for position in range(1, self.count + 1):
            hashes = [f"{2 * position + side:064x}" for side in (0, 1)]
            yield cells_of(replace(make_line(position), photos={"before": hashes}), columns)


def test_thousands_of_rows_with_pictures_fit_in_little_memory(tmp_path: Path) -> None:
    thumbnail = picture()
    tracemalloc.start()
    path = write_cells(tmp_path, "ledger_xlsx", Endless(3_000), lambda _sha: thumbnail)  # type: ignore[arg-type]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12 * 1024 * 1024
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert sum(name.startswith("xl/media/") for name in archive.namelist()) == 6_000
