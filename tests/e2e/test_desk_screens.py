"""Every screen of the desk in real Chromium, wide and on a phone: whoever reads it can use it.

The screens are those of the desk's own router, so that a new one cannot be forgotten. What each has
to show is recorded in `something_everywhere`; forms that lie over a screen are opened by `FORMS`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, Playwright, expect

from app.clock import new_id
from tests.e2e.desk import GAS, HOSE, NARROW, WIDE, axe_of, desk, loaded_anew
from tests.e2e.phone_over_http import BarePhone, day
from tests.e2e.station import Station, fact
from tests.e2e.steps import a_picture, a_quick_phone, enrol
from tests.e2e.test_every_screen import ROUTES

WITHOUT_SESSION = ("/login", "/password/:token")


def open_dialog(page: Page, button: str) -> None:
    page.get_by_role("button", name=button, exact=True).first.click()
    expect(page.get_by_role("dialog")).to_be_visible()


def unfold(page: Page) -> None:
    page.locator("details:not([open]) summary").first.click()


FORMS: dict[str, Callable[[Page], None]] = {
    "/campaigns": lambda page: open_dialog(page, "加一个"),
    "/sites/:id": lambda page: open_dialog(page, "改档案"),
    "/documents/:id": lambda page: open_dialog(page, "作废"),
    "/settings": lambda page: page.get_by_role("button", name="看样张").click(),
    "/activities": unfold,
    "/exports": lambda page: page.get_by_text("活动", exact=True).last.click(),
    "/people": lambda page: open_dialog(page, "加一个人"),
}


def something_everywhere(station: Station, phone: BarePhone, folder: Path) -> dict[str, str]:
    """An entry for every list, and where the pages of single things are."""
    site, photo = station.add_site("村口加油点"), a_picture(folder / "hall.jpg", 3).read_bytes()
    inspection, (hazard, _) = phone.submit(site, [GAS, HOSE], photos=(photo,))
    phone.send_photo(photo)
    notice = {
        "paper": "notice", "site": site, "inspection": inspection, "site_name": "村口加油点",
        "hazards": [{"hazard": hazard, "finding": GAS["finding"], "deadline": day(3)}],
        "station_name": "北河镇安监站", "issued_on": day(), "attendance": "absent",
    }  # fmt: skip
    document = new_id()
    form = {"form": "ac-training", "form_version": 1, "form_sha256": "0" * 64}
    entries = [{"item": "TR-01", "value": "液化气安全"}, {"item": "TR-04", "value": 35}]
    training = {"type": "training", **form, "day": day(), "entries": entries}
    phone.hand_over(
        phone.fact("document.issued", document, notice),
        phone.fact("activity.recorded", new_id(), training),
        phone.fact("activity.recorded", new_id(), {"type": "feedback", "text": "字太小"}),
        phone.fact("hazard.confirmed", hazard, {"level": "general"}),  # not hers: set aside
    )
    campaign = new_id()
    told = {"name": "冬季燃气专项", "from": day(), "to": day(20)}
    setting = {"name": f"campaign:{campaign}", "value": told}
    station.admin.decide(fact("setting.set", campaign, setting))
    station.admin.call("POST", "/exports", {"format": "ledger_csv"})
    return {
        "/review/:id?": f"/review/{inspection}",
        "/hazards/:id": f"/hazards/{hazard}",
        "/documents/:id": f"/documents/{document}",
        "/sites/:id": f"/sites/{site}",
        "/checklists/:id/:version": "/checklists/cl-lpg-restaurant/1",
    }


def looked_over(page: Page, screen: str) -> Iterator[str]:
    """What axe holds against it, and what does not fit."""
    for each in axe_of(page):
        yield f"{screen}: {each}"
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        yield f"{screen}: wider than the screen"


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["1440x900", "390x844"])
def test_every_screen_of_the_desk_can_be_read_and_used_by_everybody(
    browser: Browser, station: Station, phone: BarePhone, size: dict[str, int], tmp_path: Path
) -> None:
    shown = something_everywhere(station, phone, tmp_path)
    found: list[str] = []
    with desk(browser, station, who="admin", size=size) as page:
        routes = [path for path in page.evaluate(ROUTES) if path not in WITHOUT_SESSION]
        assert len(routes) > 20
        for path in routes:
            address = shown.get(path, path)
            assert ":" not in address, f"something_everywhere says nothing about {path}"
            page.goto(f"{station.url}/desk/#{address}")
            loaded_anew(page)  # a new hash alone loads nothing to wait for
            expect(page.locator("h1:visible").first).to_be_visible(timeout=15_000)
            assert page.url.partition("#")[2] == address, f"{path} led to {page.url}"
            found += looked_over(page, path)
            if path in FORMS:
                FORMS[path](page)
                found += looked_over(page, f"{path}, its form")
    assert set(FORMS) <= set(routes)
    assert found == []


def test_the_admin_adds_a_campaign_and_the_phone_lists_its_sites(
    playwright: Playwright, browser: Browser, station: Station
) -> None:
    station.add_site("西街面馆")
    ends = date.fromisoformat(day()) + timedelta(days=5)
    with desk(browser, station, who="admin") as page:
        page.goto(f"{station.url}/desk/#/campaigns")
        open_dialog(page, "加一个")
        form = page.get_by_role("dialog")
        form.get_by_role("button", name="存好").click()
        expect(form.get_by_role("alert")).to_have_text("写上专项的名称。")
        form.get_by_label("名称").fill("春节前专项")
        form.get_by_label("从哪天", exact=True).fill(day())
        form.get_by_label("到哪天（当天也算）").fill(ends.isoformat())
        form.get_by_role("button", name="存好").click()
        line = page.get_by_role("listitem").filter(has_text="春节前专项")
        expect(line).to_contain_text("正在进行")
        page.goto(f"{station.url}/desk/#/sites")
        page.get_by_role("button", name="专项要查").click()
        due = page.get_by_role("listitem").filter(has_text="西街面馆")
        expect(due).to_contain_text("春节前专项")
    with a_quick_phone(playwright, browser) as carried:
        enrol(carried, station)
        place = carried.page.locator("a, li").filter(has_text="西街面馆").first
        expect(place).to_contain_text("春节前专项")


def saved(page: Page, button: Locator) -> None:
    """Pressed, and with the station."""
    with page.expect_response(lambda told: told.url.endswith("/api/v1/decisions") and told.ok):
        button.click()


def test_the_admin_sets_how_notices_are_numbered_and_worded(
    browser: Browser, station: Station, phone: BarePhone
) -> None:
    with desk(browser, station, who="admin") as page:
        page.get_by_role("link", name="通知书和照片").click()
        number = page.get_by_label("通知书的文号")
        number.get_by_label("地名").fill("一个太长太长太长的地名")
        number.get_by_role("button", name="存好文号").click()
        expect(number.get_by_role("alert")).to_have_text("地名最多 10 个字。")
        number.get_by_label("地名").fill("北山县")
        number.get_by_label("号数最少几位").fill("3")
        year = day()[:4]
        expect(number.locator("[data-sample]")).to_have_text(f"（北山县）安整〔{year}〕007号")
        saved(page, number.get_by_role("button", name="存好文号"))
        expect(page.get_by_text("记下了，从下一份起照这样")).to_be_visible()
        words = page.get_by_label("通知书的话")
        words.get_by_label("结尾").fill("有事请打 {phone}。")
        words.get_by_role("button", name="存好这些话").click()
        expect(words.get_by_role("alert")).to_contain_text("“{phone}”不认识")
        words.get_by_label("结尾").fill("有事请到镇安监站问。")
        words.get_by_role("button", name="看样张").click()
        expect(words.get_by_alt_text(re.compile("第 1 页"))).to_be_visible()
        saved(page, words.get_by_role("button", name="存好这些话"))
        expect(words.get_by_label("结尾")).to_have_value("有事请到镇安监站问。")
        side = page.get_by_label("照片的大小")
        side.get_by_label("长边").fill("3000")
        side.get_by_role("button", name="存好大小").click()
        expect(side.get_by_role("alert")).to_have_text("写 800 到 2560 的整数。")
        side.get_by_label("长边").fill("1400")
        saved(page, side.get_by_role("button", name="存好大小"))
        expect(side.get_by_label("长边")).to_have_value("1400")
    settings = {each["name"]: each for each in station.chief().call("GET", "/settings")["items"]}
    assert settings["document_numbers"]["value"] == {"area": "北山县", "padding": 3}
    assert settings["notice_text"]["value"] == {"closing": "有事请到镇安监站问。"}
    assert settings["photo_side_px"]["value"] == 1400
    subjects = station.chief().call("GET", "/settings")["subjects"]
    assert {settings[name]["id"] for name in subjects} == set(subjects.values())
    site = station.add_site("南门小吃")
    _, (hazard, _) = phone.submit(site, [HOSE, GAS])
    notice = {
        "paper": "notice", "site": site, "site_name": "南门小吃", "station_name": "北河镇安监站",
        "hazards": [{"hazard": hazard, "finding": HOSE["finding"]}], "issued_on": day(),
        "attendance": "absent",
    }  # fmt: skip
    phone.hand_over(phone.fact("document.issued", new_id(), notice))
    (document,) = station.chief().call("GET", f"/sites/{site}")["documents"]
    given = re.fullmatch(rf"（北山县）安整〔{year}〕\d{{3}}号", document["number"])
    assert given, json.dumps(document, ensure_ascii=False)
    with desk(browser, station) as page:
        page.goto(f"{station.url}/desk/#/hazards?q=南门小吃")
        expect(page.get_by_text(document["number"])).to_have_count(1)
        page.goto(f"{station.url}/desk/#/sites/{site}")
        row = page.get_by_label("隐患", exact=True).get_by_role("listitem")
        expect(row.filter(has_text=HOSE["finding"])).to_contain_text(document["number"])
        expect(row.filter(has_text=GAS["finding"])).not_to_contain_text("整改通知书")


def test_the_chief_fills_in_what_a_site_is_asked(browser: Browser, station: Station) -> None:
    site = station.add_site("老街川味馆", attributes={"gas_room": False})
    with desk(browser, station) as page:
        page.goto(f"{station.url}/desk/#/sites/{site}")
        open_dialog(page, "改档案")
        form = page.get_by_role("dialog")
        form.get_by_label("食品经营许可证有效期至").fill("明年")
        form.get_by_role("button", name="存好").click()
        expect(form.get_by_role("alert")).to_contain_text("写成 2027-06 或 2027-06-30")
        form.get_by_label("食品经营许可证有效期至").fill("2029-11")
        form.get_by_label("有专用气瓶间").select_option(label="是／有")
        form.get_by_text("其他情况").click()
        form.get_by_label("层数（层）").fill("2")
        form.get_by_role("button", name="存好").click()
        expect(page.get_by_label("档案", exact=True)).to_contain_text("2029-11")
    kept = station.chief().call("GET", f"/sites/{site}")["site"]["attributes"]
    assert kept == {"gas_room": True, "food_licence_until": "2029-11", "floors": 2}
