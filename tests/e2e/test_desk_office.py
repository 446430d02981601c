"""The desk in real Chromium: sheets out and in, phones handed out, every page can be read."""

from __future__ import annotations

import io
from pathlib import Path

from openpyxl import load_workbook
from playwright.sync_api import Browser, expect

from app.clock import new_id
from tests.e2e.desk import HOSE, axe_of, desk
from tests.e2e.phone_over_http import BarePhone, enrol
from tests.e2e.station import LPG_PLACE, Station
from tests.e2e.steps import wait_for


def test_the_ledger_goes_out_as_a_sheet(
    browser: Browser, station: Station, phone: BarePhone
) -> None:
    phone.submit(station.add_site("李记烟花专店"), [{**HOSE, "finding": "=1+1 烟花堆在门口"}])
    with desk(browser, station) as page:
        page.get_by_role("link", name="隐患台账").click()
        page.get_by_placeholder("编号、场所、描述").fill("李记")
        page.keyboard.press("Enter")
        expect(page.get_by_text("共 1 条")).to_be_visible()
        page.get_by_role("link", name="按这些条件导出").click()
        expect(page.get_by_text("符合条件的 1 条")).to_be_visible()
        page.get_by_role("button", name="开始做").click()
        with page.expect_download(timeout=60_000) as download:
            page.get_by_role("link", name="下载").first.click(timeout=60_000)
        book = load_workbook(io.BytesIO(Path(download.value.path()).read_bytes()))
    cells = [cell for row in book.active.iter_rows() for cell in row]
    assert "李记烟花专店" in [cell.value for cell in cells]
    assert not any(cell.data_type == "f" for cell in cells)


def test_whole_numbers_go_out_only_with_a_reason_and_the_next_sheet_is_masked_again(
    browser: Browser, station: Station, phone: BarePhone
) -> None:
    phone.submit(station.add_site("赵记五金店"), [HOSE])
    with desk(browser, station) as page:
        page.goto(f"{station.url}/desk/#/exports")
        page.get_by_label("完整电话号码").check()
        page.get_by_role("button", name="开始做").click()
        expect(page.get_by_role("alert")).to_have_text("请写明为什么要完整电话号码")
        page.get_by_label("为什么要").fill("汛期逐户通知")
        assert axe_of(page) == []
        page.get_by_role("button", name="开始做").click()
        expect(page.get_by_text("（完整电话号码）")).to_be_visible()
        expect(page.get_by_label("完整电话号码")).not_to_be_checked()
    chief = station.chief()
    (entry,) = (
        each for each in chief.call("GET", "/access-log")["items"] if each["action"] == "export"
    )
    assert entry["reason"] == "汛期逐户通知"
    assert chief.call("GET", f"/exports/{entry['subject']}")["whole_phones"]


def test_a_sheet_with_a_wrong_row_imports_nothing_until_it_is_put_right(
    browser: Browser, station: Station, tmp_path: Path
) -> None:
    with desk(browser, station, who="admin") as page:
        page.get_by_role("link", name="导入").click()
        with page.expect_download() as download:
            page.get_by_role("link", name="下载场所模板").click()
        sheet = tmp_path / "场所.xlsx"
        _fill(Path(download.value.path()).read_bytes(), sheet, grade="丁")
        page.locator('input[type="file"]').set_input_files(sheet)
        expect(page.get_by_text("不对的 1 行")).to_be_visible()
        expect(page.get_by_text("风险分级：不认得“丁”")).to_be_visible()
        expect(page.get_by_role("button", name="导入", exact=True)).to_be_disabled()
        _fill(sheet.read_bytes(), sheet, grade="B")
        page.locator('input[type="file"]').set_input_files(sheet)
        page.get_by_role("button", name="导入", exact=True).click()
        expect(page.get_by_text("导入了 2 家。")).to_be_visible()
        page.get_by_role("link", name="场所", exact=True).click()
        expect(page.get_by_role("link", name="新街包子铺")).to_be_visible()


def _fill(template: bytes, target: Path, *, grade: str) -> None:
    """Two sites, the second with this grade."""
    book = load_workbook(io.BytesIO(template))
    sheet = book.active
    heading = next(
        row for row in sheet.iter_rows() if any("场所)名称" in str(cell.value) for cell in row)
    )
    columns = {str(cell.value).strip("* ＊"): cell.column for cell in heading}
    area = next(name for name in columns if "所属网格" in name)
    first = heading[0].row + 1
    while str(sheet.cell(first, 1).value or "").startswith("（示例）"):
        first += 1
    for place, (name, own) in enumerate((("新街包子铺", "C"), ("东头面馆", grade))):
        told = {"名称": name, "场所类型": LPG_PLACE, area: "幸福村 幸福村第3网格", "风险分级": own}
        for part, value in told.items():
            column = next(number for key, number in columns.items() if part in key)
            sheet.cell(first + place, column, value)
    book.save(target)


def test_the_admin_hands_out_a_phone_and_is_told_what_stopping_one_means(
    browser: Browser, station: Station, phone: BarePhone
) -> None:
    with desk(browser, station, who="admin") as page:
        page.get_by_role("link", name="人员和手机").click()
        row = page.get_by_label("人员").locator("li", has_text="王芳")
        row.get_by_role("button", name="登记手机").click()
        page.get_by_role("button", name="做一个登记码").click()
        expect(page.get_by_alt_text("登记用的二维码")).to_be_visible()
        code = page.get_by_alt_text("登记用的二维码")
        wait_for(lambda: code.evaluate("each => each.naturalWidth") > 0, "the code is no picture")
        page.keyboard.press("Escape")
        page.get_by_label("手机", exact=True).get_by_role("button", name="停用").first.click()
        expect(page.get_by_role("dialog")).to_contain_text("不会丢")
        page.keyboard.press("Escape")
        page.get_by_role("button", name="加一个人").click()
        page.get_by_label("姓名").fill("孙敏")
        page.get_by_label("账号（登录用，字母和数字）").fill("sunmin")
        page.get_by_role("dialog").get_by_label("幸福村第3网格").check()
        page.get_by_role("button", name="存好").click()
        expect(page.get_by_label("人员").locator("li", has_text="孙敏")).to_contain_text("网格员")


def test_liuhai_lets_a_whole_day_in_with_one_reason(browser: Browser, station: Station) -> None:
    stopped = enrol(station)
    station.admin.call("POST", f"/enrolments/{stopped.claimed['enrolment']}/revocation", {})
    stopped.hand_over(
        *(
            stopped.fact("activity.recorded", new_id(), {"type": "feedback", "text": text})
            for text in ("表太长", "字太小", "好用")
        )
    )
    with desk(browser, station) as page:
        page.goto(f"{station.url}/desk/#/quarantine")
        button = page.get_by_role("button", name="一并收入")
        expect(button).to_be_disabled()
        page.get_by_label("全选").check()
        expect(button).to_have_text("一并收入 3 条")
        page.locator("article").first.get_by_role("checkbox").uncheck()
        expect(page.get_by_label("全选")).not_to_be_checked()
        page.get_by_label("全选").check()
        button.click()
        page.get_by_label("为什么可以收").fill("问过本人，是她写的")
        page.get_by_role("dialog").get_by_role("button", name="收进台账").click()
        expect(page.get_by_text("隔离区是空的")).to_be_visible()
    assert station.chief().call("GET", "/feedback")["total"] == 3
