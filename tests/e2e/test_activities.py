"""活动 in real Chromium, without signal: a zero report in three taps, and a drill with a photo."""

from __future__ import annotations

import io
from pathlib import Path

from openpyxl import load_workbook
from playwright.sync_api import Browser, Playwright, expect

from tests.e2e.desk import axe_of, desk
from tests.e2e.station import Station
from tests.e2e.steps import a_picture, a_quick_phone, enrol, wait_for
from tests.e2e.thumb import COUNTING, Thumb

ZERO_REPORT_TAPS_MAX = 3


def test_a_zero_report_takes_three_taps_and_a_drill_reaches_the_chief(
    playwright: Playwright, browser: Browser, station: Station, tmp_path: Path
) -> None:
    station.add_site("东桥小吃")
    with a_quick_phone(playwright, browser) as phone:
        phone.context.add_init_script(COUNTING)  # type: ignore[union-attr]
        enrol(phone, station)
        page = phone.page
        page.reload()
        page.wait_for_function("() => navigator.serviceWorker.controller !== null")
        expect(page.get_by_text("东桥小吃")).to_be_visible()
        phone.context.set_offline(True)  # type: ignore[union-attr]
        thumb = Thumb(page)
        before = thumb.cost()
        thumb.tap("我的")
        thumb.tap(page.get_by_role("link", name="活动"))
        thumb.tap("就这样报")
        expect(page.get_by_text("今天报过了")).to_be_visible()
        assert (thumb.cost() - before).taps <= ZERO_REPORT_TAPS_MAX
        assert axe_of(page) == []

        page.get_by_role("button", name="应急演练").click()
        page.get_by_text("燃气泄漏", exact=True).click()
        phone.tap("存好")
        expect(page.get_by_role("alert")).to_contain_text("还没填：参加人次")
        page.get_by_label("参加人次").fill("35")
        phone.photo(a_picture(tmp_path / "hall.jpg", 7))
        expect(page.locator("li.shot .mark.pass")).to_have_count(1)
        assert axe_of(page) == []
        phone.tap("存好")
        expect(page.get_by_text("照片 1 张")).to_be_visible()
        phone.context.set_offline(False)  # type: ignore[union-attr]

        def arrived() -> bool:
            return len(station.chief().call("GET", "/activities")["items"]) == 2

        page.reload()
        wait_for(arrived, "the activities never arrived")
        page.goto(f"{station.url}/field/#/hand-over")
        expect(page.get_by_text("都已上交").first).to_be_visible()  # its photo too
    with desk(browser, station) as shown:
        shown.goto(f"{station.url}/desk/#/activities")
        expect(shown.locator("details")).to_have_count(2)
        shown.get_by_label("种类").select_option(label="应急演练")
        expect(shown.locator("details")).to_have_count(1)
        shown.locator("summary").click()
        expect(shown.get_by_text("35 人次", exact=True)).to_be_visible()
        assert axe_of(shown) == []
        shown.get_by_role("link", name="导出", exact=True).last.click()
        expect(shown.get_by_text("符合条件的 1 条")).to_be_visible()
        shown.get_by_role("button", name="开始做").click()
        with shown.expect_download(timeout=60_000) as download:
            shown.get_by_role("link", name="下载").first.click(timeout=60_000)
        file = Path(download.value.path()).read_bytes()
        sheet = load_workbook(io.BytesIO(file))["活动台账"]
        assert [row[2].value for row in sheet.iter_rows(min_row=2)] == ["应急演练"]
        assert len(sheet._images) == 1
