"""A phone that stays without a network hands its work over as files, and believes the receipt."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.e2e.phone import Phone
from tests.e2e.station import ADMIN_PASSWORD, Station
from tests.e2e.steps import a_browser, a_quick_phone, enrol, finish_visit, shown

PHOTO = Path(__file__).resolve().parent.parent / "fixtures" / "photos" / "orientation_6.jpg"
DESK = {"width": 1440, "height": 900}


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    with a_browser(playwright) as opened:
        yield opened


def record_visit_offline(phone: Phone, station: Station, site: str) -> None:
    """A finding with a photo, stored on a phone that has lost its network."""
    page = phone.page
    page.goto(f"{station.url}/field/#/sites/{site}")
    expect(page.get_by_role("button", name="开始检查", exact=True)).to_be_visible()
    assert phone.context is not None
    phone.context.set_offline(True)
    phone.tap("开始检查")
    phone.choose("LPG-12", "不合格")
    phone.item("LPG-12").locator("button.say").click()
    phone.photo(PHOTO)
    expect(page.locator("li.shot .mark.pass")).to_have_count(1)
    phone.tap("记下这条隐患")
    finish_visit(phone)


def export(phone: Phone, station: Station, folder: Path) -> list[Path]:
    """做成文件, and every one of them stored."""
    page = phone.page
    page.goto(f"{station.url}/field/#/hand-over")
    phone.tap("导出到文件（交给管理员）")
    phone.tap("做成文件")
    files = []
    buttons = page.get_by_role("button", name="存到手机", exact=True)
    expect(buttons.first).to_be_visible()
    for button in buttons.all():
        with page.expect_download() as stored:
            button.click()
        files.append(folder / stored.value.suggested_filename)
        stored.value.save_as(files[-1])
    return files


def open_desk(browser: Browser, station: Station) -> Page:
    """The admin signs in and goes to 手机文件."""
    page = browser.new_context(viewport=DESK, locale="zh-CN").new_page()
    page.goto(f"{station.url}/desk/")
    page.get_by_label("账号").fill("admin")
    page.get_by_label("密码").fill(ADMIN_PASSWORD)
    page.get_by_role("button", name="进站里").click()
    page.get_by_role("link", name="手机文件").click()
    return page


def test_wang_fangs_week_without_network_comes_in_by_file_and_her_phone_believes_the_receipt(
    playwright: Playwright, browser: Browser, station: Station, tmp_path: Path
) -> None:
    """Made offline, imported twice at the desk, settled by the signed receipt alone."""
    site = station.add_site("河边小馆")
    with a_quick_phone(playwright, browser, accept_downloads=True) as phone:
        enrol(phone, station)
        record_visit_offline(phone, station, site)
        files = export(phone, station, tmp_path)
        assert len(files) == 1
        assert files[0].read_bytes().startswith(b"GIBATCH")
        desk = open_desk(browser, station)
        desk.locator("input[type=file]").set_input_files([files[0], files[0], PHOTO])
        shown(desk, "张照片")
        expect(desk.get_by_text("读好了")).to_have_count(2)
        shown(desk, "站里早就有，没有重复收")
        shown(desk, "这不是手机导出的文件")
        desk.get_by_role("button", name="给手机扫二维码").click()
        expect(desk.get_by_role("img", name="收条的二维码")).to_be_visible()
        with desk.expect_download() as receipt:
            desk.get_by_role("button", name="下载收条文件").click()
        receipt.value.save_as(tmp_path / "receipt.gireceipt")
        page = phone.page
        page.locator("input[type=file]").first.set_input_files(tmp_path / "receipt.gireceipt")
        shown(page, "收妥了：")
        shown(page, "都交清了")
        page.goto(f"{station.url}/field/#/hand-over")
        shown(page, "都收妥了")
        shown(page, "第 1 批")
    found = station.chief().call("GET", f"/inspections?site={site}")["items"]
    assert len(found) == 1, "it came in once"
