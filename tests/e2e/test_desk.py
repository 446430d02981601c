"""The desk in real Chromium: the chief decides by keyboard and thumb.

Real gunicorn, real SQLite, what phones hand over comes over the wire. Nothing is stood in for.
"""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.desk import GAS, HOSE, NARROW, OLD, PHOTOS, WIDE, axe_of, desk, kinds, states
from tests.e2e.phone_over_http import BarePhone, day
from tests.e2e.station import Station, fact
from tests.e2e.steps import wait_for


def test_liuhai_decides_three_hazards_by_keyboard_and_loses_no_word_to_a_reload(
    browser: Browser, station: Station, phone: BarePhone
) -> None:
    site = station.add_site("老街川味馆", lat=36.5123, lon=118.2045)
    here = (PHOTOS / "plain.jpg").read_bytes()
    coming = (PHOTOS / "large.jpg").read_bytes()
    inspection, hazards = phone.submit(site, [GAS, HOSE, OLD], (here, coming))
    phone.send_photo(here)
    with desk(browser, station) as page:
        panel = page.get_by_label("定一下")
        expect(page.get_by_role("heading", name="老街川味馆")).to_be_visible()
        expect(panel.get_by_text("照片 1 张在路上")).to_be_visible()
        expect(page.get_by_text("2.3 米", exact=True)).to_be_visible()
        expect(page.get_by_text("相距")).to_be_visible()
        expect(panel.get_by_role("button", name="收下整份")).to_be_disabled()
        page.keyboard.press("Space")
        expect(page.get_by_role("dialog", name="照片")).to_be_visible()
        page.keyboard.press("Escape")

        page.keyboard.press("2")
        panel.get_by_label("一 · 怎么改").fill("减到 100 千克以内")
        panel.get_by_role("button", name="定为重大").click()
        expect(panel.get_by_text("还差：")).to_be_visible()
        panel.get_by_label("二 · 谁来改").fill("张建国")
        panel.get_by_role("button", name="3 天").click()
        panel.get_by_label("四 · 资金").fill("0")
        panel.get_by_label("五 · 应急措施").fill("关阀，停止用气")
        panel.get_by_role("button", name="定为重大").click()

        # the next hazard is chosen by itself
        expect(page.locator('article[aria-current="true"]')).to_contain_text("软管长2.3米")
        page.keyboard.press("r")
        panel.get_by_role("textbox").fill("照片看不清软管，请补一张")
        page.reload()
        page.locator("article", has_text="软管长2.3米").get_by_role("button").first.click()
        page.keyboard.press("r")
        expect(panel.get_by_role("textbox")).to_have_value("照片看不清软管，请补一张")
        panel.get_by_role("button", name="退回这条").click()
        expect(page.locator('article[aria-current="true"]')).to_contain_text("26个月")
        page.keyboard.press("a")
        expect(page.get_by_text("没有要审的了")).to_be_visible()
    assert states(station, hazards) == ["confirmed_major", "returned", "confirmed_general"]
    shown = station.chief().call("GET", f"/inspections/{inspection}")
    assert shown["inspection"]["state"] == "accepted"
    returned = station.chief().call("GET", f"/hazards/{hazards[1]}")["hazard"]
    assert returned["remarks"] == [{"field": "photos", "text": "照片看不清软管，请补一张"}]


def test_from_order_to_closed_with_a_thumb(
    browser: Browser, station: Station, phone: BarePhone
) -> None:
    site = station.add_site("福兴五金店")
    _, (hazard,) = phone.submit(site, [HOSE])
    with desk(browser, station, size=NARROW) as page:
        page.get_by_role("link", name="福兴五金店").click()
        page.get_by_role("button", name="定为一般，责令限期").click()
        page.get_by_role("button", name="7 天").click()
        page.get_by_role("button", name="定为一般并责令整改").click()
        page.get_by_role("button", name="收下整份").click()
        page.wait_for_url("**/desk/#/review")
        page.get_by_role("navigation").get_by_role("link", name="台账").click()
        page.get_by_placeholder("编号、场所、描述").fill("福兴")
        page.keyboard.press("Enter")
        expect(page.get_by_text("共 1 条")).to_be_visible()
        page.get_by_role("link", name="软管长2.3米").click()
        page.get_by_role("button", name="记一次复查").click()
        page.get_by_text("已整改", exact=True).click()
        page.get_by_role("button", name="记下复查").click()
        # the next step is the filled one, also where the columns stand one below the other
        expect(page.get_by_role("button", name="销号")).to_have_css("display", "flex")
        page.get_by_role("button", name="销号").click()
        page.get_by_role("dialog").get_by_role("button", name="销号").click()
        expect(page.get_by_text("已销号")).to_be_visible()
    assert states(station, [hazard]) == ["closed"]
    assert kinds(station, hazard) == [
        "hazard.found", "hazard.confirmed", "hazard.ordered", "hazard.rechecked", "hazard.closed",
    ]  # fmt: skip


def ordered(station: Station, phone: BarePhone, name: str, photos: tuple[bytes, ...] = ()) -> str:
    """A hazard the chief has ordered to be put right; its id."""
    _, (hazard,) = phone.submit(station.add_site(name), [HOSE], photos)
    for photo in photos:
        phone.send_photo(photo)
    chief = station.chief()
    heads = chief.call("GET", f"/hazards/{hazard}")["hazard"]["heads"]
    confirmed = fact("hazard.confirmed", hazard, {"level": "general"}, after=heads)
    order = fact("hazard.ordered", hazard, {"deadline": day(7)}, after=[confirmed["id"]])
    chief.decide(confirmed, order)
    return hazard


def photos_of(station: Station, hazard: str, role: str) -> list[dict[str, Any]]:
    """The photos of a hazard with this role, as the station knows them."""
    page = station.chief().call("GET", f"/hazards/{hazard}")
    return [photo for photo in page["photos"] if photo["role"] == role]


@pytest.mark.parametrize(
    ("size", "kept", "taken_back"),
    [(WIDE, "large.jpg", "small.jpg"), (NARROW, "orientation_6.jpg", "small.jpg")],
    ids=["1440x900", "390x844"],
)
def test_photos_of_a_recheck_arrive_although_the_network_broke_and_the_page_was_closed(
    browser: Browser,
    station: Station,
    phone: BarePhone,
    size: dict[str, int],
    kept: str,
    taken_back: str,
) -> None:
    before = (PHOTOS / "plain.jpg").read_bytes()
    hazard = ordered(station, phone, f"复查照片 {size['width']}", (before,))
    with desk(browser, station, size=size) as page:
        page.context.route(
            "**/api/v1/photos/*",
            lambda route: route.abort() if route.request.method == "PATCH" else route.continue_(),
        )
        page.goto(f"{station.url}/desk/#/hazards/{hazard}")
        page.get_by_role("button", name="记一次复查").click()
        page.get_by_text("已整改", exact=True).click()
        page.locator('input[data-source="gallery"]').set_input_files(
            [PHOTOS / kept, PHOTOS / taken_back]
        )
        expect(page.get_by_role("button", name="不要第 2 张")).to_be_visible()
        page.get_by_role("button", name="不要第 2 张").click()
        page.reload()  # what was picked stands in the form again
        page.get_by_role("button", name="记一次复查").click()
        expect(page.get_by_role("img", name="第 1 张")).to_be_visible()
        assert axe_of(page) == []
        page.get_by_role("button", name="记下复查").click()
        expect(page.get_by_text("照片还有 1 张没到站里")).to_be_visible()
        (waiting,) = photos_of(station, hazard, "after")
        assert not waiting["held"]
        page.context.unroute("**/api/v1/photos/*")
        page.reload()
        wait_for(lambda: photos_of(station, hazard, "after")[0]["held"], "the photo never went on")
        page.reload()  # the station's own picture from the start
        tile = page.get_by_role("button", name=re.compile("整改后 ?照片，放大看"))
        expect(tile).to_contain_text("刘海")
        tile.locator("img").evaluate("each => each.decode()")  # fails on what is no picture
    (held,) = photos_of(station, hazard, "after")
    assert held["held"]
    assert held["condition"] == "ok"
    original = station.chief().download(f"/photos/{held['sha256']}/original")
    assert hashlib.sha256(original).hexdigest() == held["sha256"]


def test_a_day_is_typed_or_picked_without_a_mouse_and_what_is_no_day_is_not_taken(
    browser: Browser, station: Station, phone: BarePhone
) -> None:
    hazard, year = ordered(station, phone, "日期门店"), int(day()[:4]) + 1
    with desk(browser, station) as page:
        page.goto(f"{station.url}/desk/#/hazards/{hazard}")
        page.get_by_role("button", name="责令限期整改").click()
        field = page.get_by_role("textbox", name="期限")
        field.fill(f"{year}-02-30")
        page.keyboard.press("Tab")
        expect(page.get_by_text("没有这一天")).to_be_visible()
        page.get_by_role("button", name="责令整改", exact=True).click()
        expect(page.get_by_text("选一个期限。")).to_be_visible()
        field.fill(f"{year}年2月8日")
        page.keyboard.press("Tab")
        expect(field).to_have_value(f"{year}-02-08")
        page.keyboard.press("Enter")  # the button beside the field
        expect(page.get_by_role("button", name=f"{year}年2月8日")).to_be_focused()
        assert axe_of(page) == []
        for key in ("ArrowRight", "ArrowDown", "PageDown", "Enter"):
            page.keyboard.press(key)
        expect(field).to_have_value(f"{year}-03-16")
        expect(page.get_by_role("group", name="日历")).to_be_hidden()
        page.keyboard.press("Enter")
        page.keyboard.press("Escape")  # closes the calendar, not the form
        expect(page.get_by_role("dialog")).to_be_visible()
        page.get_by_role("button", name="责令整改", exact=True).click()
        expect(page.get_by_role("dialog")).to_be_hidden()
        page.goto(f"{station.url}/desk/#/hazards")
        page.get_by_role("textbox", name="检查日期从").fill(day(1))
        page.keyboard.press("Enter")
        expect(page.get_by_text("没有这样的隐患")).to_be_visible()
    shown = station.chief().call("GET", f"/hazards/{hazard}")["hazard"]
    assert shown["deadline"] == f"{year}-03-16"


def test_a_hazard_goes_on_paper_with_photos_and_history_and_without_the_menu(
    browser: Browser, station: Station, phone: BarePhone
) -> None:
    hazard = ordered(station, phone, "打印门店", ((PHOTOS / "plain.jpg").read_bytes(),))
    with desk(browser, station) as page:
        page.goto(f"{station.url}/desk/#/hazards/{hazard}")
        expect(page.get_by_role("heading", name="软管长2.3米")).to_be_visible()
        page.emulate_media(media="print")
        for text in ("· 隐患记录 · 打印于", "在手机上记下", "责令限期整改", "怎么改"):
            expect(page.get_by_text(text).locator("visible=true").first).to_be_visible()
        expect(page.get_by_role("navigation").first).to_be_hidden()
        expect(page.get_by_role("heading", name="可以做的")).to_be_hidden()
        whole = page.locator(".shot").first.evaluate("each => getComputedStyle(each).breakInside")
        assert whole == "avoid"
        paper = page.pdf(prefer_css_page_size=True)
        box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", paper)
        assert box is not None
        assert float(box[1]) < float(box[2]), "upright"


def test_two_who_disagree_about_a_site_are_both_named(
    browser: Browser, station: Station, phone: BarePhone
) -> None:
    site = station.add_site("两种说法")
    chief, admin = station.chief(), station.admin
    heads = chief.call("GET", f"/sites/{site}")["site"]["heads"]
    chief.decide(fact("site.amended", site, {"grade": "B"}, after=heads))
    admin.decide(fact("site.amended", site, {"grade": "C"}, after=heads))
    with desk(browser, station) as page:
        page.goto(f"{station.url}/desk/#/sites/{site}")
        box = page.get_by_label("说法不一")
        expect(box.locator(".side", has_text="B 级 每季度查")).to_contain_text("刘海")
        expect(box.locator(".side", has_text="C 级 每半年查")).to_contain_text(":")
        box.locator(".side", has_text="C 级 每半年查").get_by_role("button").click()
        expect(box).to_be_hidden()
    assert chief.call("GET", f"/sites/{site}")["site"]["grade"] == "C"


def test_what_the_desk_empties_is_empty_beside_what_somebody_else_changes(
    browser: Browser, station: Station, phone: BarePhone
) -> None:
    """The note and the telephone number; the address changes while the form is open."""
    site = station.add_site("清空门店", note="后门常年锁着", address="南门 3 号")
    chief = station.chief()
    with desk(browser, station) as page:
        page.goto(f"{station.url}/desk/#/sites/{site}")
        page.get_by_role("button", name="改档案").click()
        heads = chief.call("GET", f"/sites/{site}")["site"]["heads"]
        station.admin.decide(fact("site.amended", site, {"address": "北门 8 号"}, after=heads))
        page.get_by_label("备注").fill("")
        page.get_by_label("去掉现在的电话").check()
        page.get_by_label("名称").fill(" ")
        page.get_by_role("button", name="存好").click()
        expect(page.get_by_text("不能空着：名称")).to_be_visible()
        page.get_by_label("名称").fill("清空门店")
        page.get_by_role("button", name="存好").click()
        expect(page.get_by_role("dialog")).to_be_hidden()
        expect(page.get_by_text("北门 8 号").first).to_be_visible()
        expect(page.get_by_text("后门常年锁着")).to_have_count(0)
        expect(page.get_by_text("138****2210")).to_have_count(0)
        assert axe_of(page) == []
    shown = chief.call("GET", f"/sites/{site}")["site"]
    emptied = {name: shown[name] for name in ("note", "owner_phone", "owner_name", "address")}
    assert emptied == {
        "note": None, "owner_phone": None, "owner_name": "张建国", "address": "北门 8 号",
    }  # fmt: skip
    assert shown["conflicts"] == []


def test_a_photo_that_never_came_is_given_up_with_a_reason_after_a_week(
    browser: Browser, station: Station, phone: BarePhone
) -> None:
    """Not offered on the first day; the browser's clock then goes on by eight."""
    site = station.add_site("缺照片门店")
    _, (hazard,) = phone.submit(site, [HOSE], ((PHOTOS / "small.jpg").read_bytes() + b"late",))
    with desk(browser, station) as page:
        page.goto(f"{station.url}/desk/#/hazards/{hazard}")
        expect(page.get_by_text("照片在路上").first).to_be_visible()
        expect(page.get_by_role("button", name="到不了了")).to_have_count(0)
        page.clock.set_fixed_time(datetime.now(UTC) + timedelta(days=8))
        page.reload()
        page.get_by_role("button", name="到不了了").click()
        page.get_by_role("button", name="记为缺失").click()
        expect(page.get_by_text("要写一句。")).to_be_visible()
        assert axe_of(page) == []
        page.get_by_label("为什么到不了").fill("手机掉河里了")
        page.get_by_role("button", name="记为缺失").click()
        expect(page.get_by_text("照片缺失").first).to_be_visible()
        expect(page.get_by_text("手机掉河里了").first).to_be_visible()
        expect(page.get_by_role("button", name="到不了了")).to_have_count(0)
    (photo,) = station.chief().call("GET", f"/hazards/{hazard}")["hazard"]["photos"]
    assert photo["lost"] == "手机掉河里了"


def test_a_double_click_decides_once_and_a_stale_page_overwrites_nothing(
    browser: Browser, station: Station, phone: BarePhone
) -> None:
    site = station.add_site("宏达木器厂")
    _, (first, second) = phone.submit(site, [HOSE, OLD])
    with desk(browser, station) as page:
        page.goto(f"{station.url}/desk/#/hazards/{first}")
        page.get_by_role("button", name="定为一般", exact=True).dblclick()
        expect(page.get_by_role("button", name="责令限期整改")).to_be_visible()
        page.goto(f"{station.url}/desk/#/hazards/{second}")
        expect(page.get_by_role("heading", name="软管已26个月，超过2年")).to_be_visible()
        chief = station.chief()
        heads = chief.call("GET", f"/hazards/{second}")["hazard"]["heads"]
        remark = {"remarks": [{"field": "spot", "text": "哪个灶台"}]}
        chief.decide({
            "id": "0190b0a0-0000-7000-8000-000000000001", "kind": "hazard.returned",
            "subject": second, "after": heads, "body": remark,
        })  # fmt: skip
        page.get_by_role("button", name="定为一般", exact=True).click()
        expect(page.get_by_role("heading", name="说法不一")).to_be_visible()
        expect(page.get_by_text("退回，要补").first).to_be_visible()
    assert kinds(station, first) == ["hazard.found", "hazard.confirmed"]
    assert states(station, [second]) == ["submitted"]
