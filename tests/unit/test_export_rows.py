"""Rows our own code writes read exactly as the spreadsheet library would have written them."""

from __future__ import annotations

import json
import subprocess
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from app.auth.masking import masked
from app.exports.formats.encoded import ENTRIES_MAX, Encoded
from app.exports.formats.sheet_rows import letters_of
from app.exports.ledger import LEDGER_COLUMNS, Cell, day_text, plain
from app.exports.store import companions_in
from app.exports.text import xml_text
from tests.unit.test_export_formats import (
    HEADERS,
    Made,
    make_line,
    picture,
    row_of,
    write,
    write_cells,
)

NASTY = [
    "", " ", " 前后都有空格 ", "\n换行\n", "回车\r\n在中间", "\t制表", "a & b < c > d", '"引号"',
    "_x000D_", "_x0041_的意思", "__x0041_", "_X0041_", "]]>", "&amp;", "=1+1",
    "http://a.b", "mailto:a@b.c", "0012", "1e5", "2026-11-21", "𠮷野家😀",
    "x" * 40_000, "\x00\x1f\ufffe",
]  # fmt: skip
NUMBERS = [0, -0.0, 1, 1.0, 0.1, 12.4, -3, 1e21, 123456789012345678, 2**63 - 1, 5e-324]
DAYS = ["2026-11-02", "1900-02-28", "1900-03-01", "1899-12-31", "9999-12-31", "没定", "2026-13-01"]


def library_reads(tmp_path: Path, cells: list[Cell]) -> list[tuple[Any, str]]:
    """What openpyxl sees of the same cells when XlsxWriter writes each of them."""
    path = tmp_path / "library.xlsx"
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet()
    style = book.add_format({"num_format": "@"})
    for row, cell in enumerate(cells):
        if isinstance(cell, int | float):
            sheet.write_number(row, 0, cell)
        else:
            sheet.write_string(row, 0, xml_text(str(cell)), style)
    book.close()
    read = load_workbook(path).worksheets[0]
    return [
        (read.cell(row, 1).value, read.cell(row, 1).data_type) for row in range(1, 1 + len(cells))
    ]


def ours_reads(tmp_path: Path, cells: list[Cell], header: str) -> list[tuple[Any, str]]:
    index = HEADERS.index(header)
    blank: list[Cell] = [[] if column.pictures else None for column in LEDGER_COLUMNS]
    rows = [[*blank[:index], cell, *blank[index + 1 :]] for cell in cells]
    sheet = load_workbook(write_cells(tmp_path, "ledger_xlsx", Made(rows, len(rows))))["隐患台账"]
    read = [sheet.cell(row, index + 1) for row in range(2, 2 + len(cells))]
    return [(cell.value, cell.data_type) for cell in read]


def test_every_text_and_number_reads_as_the_library_would_have_written_it(tmp_path: Path) -> None:
    cells: list[Cell] = [*NASTY, *NUMBERS]
    theirs = library_reads(tmp_path, cells)
    ours = ours_reads(tmp_path, cells, "隐患描述")
    for cell, mine, expected in zip(cells, ours, theirs, strict=True):
        # Nothing at all is a blank cell with us, an empty text with the library.
        wanted = (None, "n") if not expected[0] and expected[1] == "s" else expected
        assert mine == wanted, repr(cell)[:60]


def test_a_text_that_looks_like_the_format_of_a_text_is_kept(tmp_path: Path) -> None:
    # The library takes it for rich text and writes it unescaped.
    texts: list[Cell] = ["<r>不是富文本</r>", "<r><t>1</t></r>"]
    assert [value for value, _ in ours_reads(tmp_path, texts, "隐患描述")] == texts


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.text(max_size=60), min_size=20, max_size=40))
def test_any_text_reads_as_the_library_would_have_written_it(
    tmp_path: Path, cells: list[str]
) -> None:
    theirs = library_reads(tmp_path, list(cells))
    ours = ours_reads(tmp_path, list(cells), "隐患描述")
    assert [value or "" for value, _ in ours] == [value or "" for value, _ in theirs]


def test_days_are_days_for_excel_and_what_is_none_stays_readable(tmp_path: Path) -> None:
    read = dict(zip(DAYS, ours_reads(tmp_path, [*DAYS], "整改期限"), strict=True))
    for text in ("2026-11-02", "1900-03-01", "9999-12-31"):
        value, kind = read[text]
        assert (value.date().isoformat(), kind) == (text, "d")
    for text in ("1900-02-28", "1899-12-31", "没定", "2026-13-01"):
        assert read[text] == (text, "s")


@given(
    st.one_of(
        st.text(max_size=14),
        st.dates().map(date.isoformat),
        st.from_regex(r"\d{4}-?W?\d\d-?\d\d?.{0,3}"),
    )
)
def test_a_day_reads_the_same_however_often_it_was_seen(text: str) -> None:
    try:
        slow = date.fromisoformat(text[:10]).isoformat()
    except ValueError:
        slow = text
    assert day_text(text) == slow
    assert day_text(text) == slow


def test_a_value_seen_before_is_spelled_as_the_first_time_and_few_are_kept() -> None:
    seen: list[str] = []

    def spell(value: str) -> str:
        seen.append(value)
        return f"<{value}>"

    known = Encoded(spell)
    values = [str(number % 700) for number in range(2_000)] + ["x" * 5_000] * 2
    assert [known[value] for value in values] == [f"<{value}>" for value in values]
    assert len(known) <= ENTRIES_MAX
    assert "x" * 5_000 not in known


def test_the_columns_are_named_as_in_excel() -> None:
    assert [letters_of(index) for index in (0, 25, 26, 41, 51, 52, 701, 702)] == [
        "A", "Z", "AA", "AP", "AZ", "BA", "ZZ", "AAA",
    ]  # fmt: skip


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text("1abc", max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["phone", "value", "name", "owner_phone"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)


@given(st.sampled_from(["finding", "owner_phone", "phone"]), JSON)
def test_no_cell_shows_a_number_that_the_masked_row_hides(key: str, value: Any) -> None:
    shown = plain(key, value)
    whole = masked({key: value})[key]
    if isinstance(whole, list):
        assert shown == "、".join(str(part) for part in whole)
    else:
        assert shown == whole or shown == str(whole)


@pytest.mark.parametrize(
    "row",
    [
        {"companions": []},
        {"companions": ["a", "b"]},
        {"companions": None},
        {},
        {"remark": 'says "companions":[] here', "companions": ["a"]},
        {"conflicts": [{"companions": []}], "companions": ["a"]},
        {"conflicts": [{"companions": ["x"]}], "companions": []},
    ],
)
def test_companions_are_found_without_parsing_the_answers(row: dict[str, Any]) -> None:
    stored = json.dumps(row, ensure_ascii=False, separators=(",", ":"))
    assert companions_in(stored) == list(row.get("companions") or ())


def test_a_telephone_number_is_masked_unless_a_reason_was_given(tmp_path: Path) -> None:
    assert row_of(write(tmp_path, "ledger_xlsx", [make_line()]))["联系电话"] == "138****2210"
    whole = replace(make_line(), whole_phones=True)
    assert row_of(write(tmp_path, "ledger_xlsx", [whole]))["联系电话"] == "13812342210"


def test_thumbnails_lie_in_the_file_as_they_are_each_once(tmp_path: Path) -> None:
    shown = {f"{number:064x}": picture(number) for number in range(1, 5)}
    blank: list[Cell] = [[] if column.pictures else None for column in LEDGER_COLUMNS]
    before, after = HEADERS.index("整改前照片"), HEADERS.index("整改后照片")
    one, two = list(blank), list(blank)
    hashes = list(shown)
    one[before], two[after] = hashes[:2], [hashes[1], hashes[2], hashes[3]]
    path = write_cells(tmp_path, "ledger_xlsx", Made([one, two], 2), shown.get)
    with zipfile.ZipFile(path) as archive:
        media = [entry for entry in archive.infolist() if entry.filename.startswith("xl/media/")]
        assert {entry.compress_type for entry in media} == {zipfile.ZIP_STORED}
        assert [archive.read(entry) for entry in media] == [shown[each] for each in hashes[:3]]
    sheet = load_workbook(path)["隐患台账"]
    assert sheet.cell(3, after + 1).value == "共 3 张，图上 2 张"
    found = {(i.anchor._from.row, i.anchor._from.col): i._data() for i in sheet._images}
    assert set(found) == {(1, before), (2, after)}


def test_a_broken_thumbnail_and_one_too_many_are_said_in_the_cell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, "ledger_xlsx", [make_line()], lambda _sha: b"\xff\xd8 no picture")
    assert row_of(path)["整改前照片"] == "共 3 张，图上 0 张"
    monkeypatch.setattr("app.exports.formats.drawing.PICTURES_MAX", 1)
    path = write(tmp_path, "ledger_xlsx", [make_line()], lambda _sha: picture())
    assert row_of(path)["整改前照片"] == "共 3 张，图上 1 张"


def test_libreoffice_shows_every_row_and_every_picture(tmp_path: Path) -> None:
    lines = [make_line(number, finding=f"第{number}条 <&> =1+1") for number in range(1, 6)]
    path = write(tmp_path, "ledger_xlsx", lines, lambda sha: picture(ord(sha[0])))
    for kind in ("csv:Text - txt - csv (StarCalc):44,34,76", "pdf"):
        subprocess.run(
            ["soffice", f"-env:UserInstallation=file://{tmp_path}/office", "--headless",
             "--convert-to", kind, "--outdir", str(tmp_path), str(path)],
            check=True, capture_output=True, timeout=120,
        )  # fmt: skip
    text = (tmp_path / "out.csv").read_text(encoding="utf-8")
    for number in range(1, 6):
        assert f"第{number}条 <&> =1+1" in text
    assert text.count("2026-11-09") == 5
    images = subprocess.run(
        ["pdfimages", "-list", str(tmp_path / "out.pdf")],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert len(images.stdout.splitlines()) - 2 >= 10


def test_a_gap_in_a_sentence_stands_in_the_ledger_in_words(tmp_path: Path) -> None:
    left_open = make_line(finding="软管【情形】", item="LPG-16")
    assert row_of(write(tmp_path, "ledger_xlsx", [left_open]))["隐患描述"] == "软管（情形没填）"
