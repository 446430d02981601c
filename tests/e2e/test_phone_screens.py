"""The field app's screens at work: back is back, a signature again, a remark taken back.

Whether they fit everybody is looked at in test_every_screen.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from app.demo.scenes import draw_photo
from tests.e2e.phone import Phone
from tests.e2e.station import CHIEF_PASSWORD, Station, fact
from tests.e2e.steps import (
    ANDROID,
    a_quick_phone,
    begin_visit,
    enrol,
    finish_visit,
    hand_over,
    inspections_of,
    shown,
    wait_for,
)
from tests.e2e.test_every_screen import looked_over
from tests.tiles import Provider, a_provider

LOOKS_MS = 700
HEARD_OF_TILES = """(there) => new Promise((done) => {
  const opening = indexedDB.open('gi')
  opening.onsuccess = () => {
    const asked = opening.result.transaction('identity').objectStore('identity').get('me')
    asked.onsuccess = () => {
      opening.result.close()
      done(Boolean(asked.result?.map) === there)
    }
  }
})"""


def test_wang_fang_finds_the_places_left_on_a_map_without_a_signal(
    playwright: Playwright, browser: Browser, station: Station
) -> None:
    """The only site with a position lies in the middle; a finger on it leads to its page."""
    station.add_site("北坡小卖部", lat=30.1, lon=110.2, accuracy_m=8)
    with a_quick_phone(playwright, browser, reduced_motion="reduce") as phone:
        page = phone.page
        enrol(phone, station)
        with a_provider() as provider, a_map(station, provider):
            lies_over_tiles(phone, station, provider)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        open_map(page, station, tiles=False)
        page.wait_for_timeout(LOOKS_MS)
        assert not [url for url in asked if "/map/" in url], "this station has no tiles"
        page.context.set_offline(True)
        sheet = page.get_by_role("img", name="家场所的位置")
        found = looked_over(page, "map")
        assert not found, "\n".join(found)
        sheet.scroll_into_view_if_needed()
        sheet.click()
        page.get_by_role("dialog").get_by_role("link", name="北坡小卖部").click()
        expect(page.get_by_role("heading", name="北坡小卖部")).to_be_visible()
        page.context.set_offline(False)


@contextmanager
def a_map(station: Station, provider: Provider) -> Iterator[None]:
    """The station with tiles from `provider`, until the end of the block."""
    before = station.served.settings
    more = {"GI_MAP_TILES": provider.template, "GI_MAP_ATTRIBUTION": "天地图"}
    restarted(station, {**before, **more})
    try:
        yield
    finally:
        restarted(station, before)


def restarted(station: Station, settings: dict[str, str]) -> None:
    """At the same address, told otherwise."""
    station.served.stop()
    station.served.settings = settings
    station.served.serve()


def open_map(page: Page, station: Station, *, tiles: bool) -> None:
    """我的网格 as a map, once the station was heard again and what it says of tiles is kept."""
    page.goto("about:blank")
    with page.expect_response(lambda answer: "/sync/changes" in answer.url):
        page.goto(f"{station.url}/field/#/grid")
    expect(page.get_by_text("应查", exact=False).first).to_be_visible()
    page.wait_for_function(HEARD_OF_TILES, arg=tiles)
    page.get_by_text("地图", exact=True).click()


def lies_over_tiles(phone: Phone, station: Station, provider: Provider) -> None:
    """Online they lie under the points; offline nobody asks, and the points are there as ever."""
    page = phone.page
    open_map(page, station, tiles=True)
    expect(page.get_by_text("底图：天地图")).to_be_visible()
    corner = "document.querySelector('canvas').getContext('2d').getImageData(4, 4, 1, 1).data"
    page.wait_for_function(f"() => {corner}[3] > 150")
    red, green, blue, _ = page.evaluate(f"[...{corner}]")
    assert (red, green, blue) == pytest.approx((196, 214, 180), abs=3)
    assert not looked_over(page, "map with tiles")
    page.get_by_text("名单", exact=True).click()
    page.context.set_offline(True)
    asked = len(provider.asked)
    page.get_by_text("地图", exact=True).click()
    page.wait_for_timeout(LOOKS_MS)
    expect(page.get_by_role("img", name="家场所的位置")).to_be_visible()
    expect(page.get_by_text("底图：天地图")).to_have_count(0)
    assert len(provider.asked) == asked
    page.context.set_offline(False)


def test_the_back_key_takes_what_lies_over_the_screen_and_nothing_that_was_typed(
    playwright: Playwright, browser: Browser, station: Station, tmp_path: Path
) -> None:
    """The choice of checklists, a photo looked at, the camera inside the page."""
    site = station.add_site("西街面馆")
    picture = tmp_path / "kitchen.jpg"
    picture.write_bytes(draw_photo("kitchen", seed=1))
    with a_quick_phone(playwright, browser, user_agent=ANDROID) as phone:
        page = phone.page
        enrol(phone, station)
        page.goto(f"{station.url}/field/#/sites/{site}")
        phone.tap("选检查表")
        back_closes(page, "用哪张检查表", "西街面馆")
        begin_visit(phone, station, site)
        phone.tap("其他隐患")
        page.get_by_label("查到什么问题").fill("后门堆着纸箱")
        shown(page, "照片只拍有问题的地方")
        phone.photo(picture)
        page.get_by_role("button", name="看大图：隐患照片 1").click()
        back_closes(page, "隐患照片", "隐患 1")
        phone.tap("拍照")
        back_closes(page, "拍照", "隐患 1")
        expect(page.get_by_label("查到什么问题")).to_have_value("后门堆着纸箱")
        page.get_by_role("button", name="看大图：隐患照片 1").click()
        phone.tap("关闭")
        page.go_back()
        expect(phone.item("LPG-03")).to_be_visible()


def back_closes(page: Page, over: str, screen: str) -> None:
    """The phone's back key takes away what is over the screen; the screen itself stays."""
    dialog = page.get_by_role("dialog", name=over)
    expect(dialog).to_be_visible()
    page.go_back()
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("heading", name=screen, level=1)).to_be_visible()


def test_a_returned_signature_is_signed_again_and_the_companion_goes_along_all_day(
    playwright: Playwright, browser: Browser, station: Station
) -> None:
    """Both signatures stay; 刘海 is chosen once and stands in the second visit by himself."""
    first, second = station.add_site("桥头面馆"), station.add_site("桥尾面馆")
    with a_quick_phone(playwright, browser) as phone:
        page = phone.page
        enrol(phone, station)
        begin_visit(phone, station, first)
        phone.tap("收尾")
        page.get_by_text("现场签字", exact=True).click()
        sign(page)
        page.get_by_role("button", name="加人").click()
        page.get_by_role("dialog").get_by_text("刘海").click()
        phone.tap("选好了")
        phone.tap("存好这次检查")
        hand_over(phone)
        send_back(station, first, "签名看不清，请重签")
        phone.tap("问问站里有没有新的")
        page.get_by_text("签名看不清，请重签").click()
        shown(page, "原来的签名")
        sign(page, lower=25)
        phone.tap("存好")
        wait_for(lambda: signatures(station, first) == 2, "the new signature did not arrive")
        begin_visit(phone, station, second)
        phone.tap("收尾")
        shown(page, "刘海")
        page.go_back()
        finish_visit(phone)
        wait_for(lambda: inspections_of(station, second) != [], "the second visit did not arrive")
    for site in (first, second):
        (inspection,) = inspections_of(station, site)
        assert inspection["companions"] == [station.ids["liuhai"]]


def sign(page: Page, *, lower: int = 0) -> None:
    """Two strokes with a finger; nobody signs the same twice."""
    pad = page.get_by_role("img", name="手写签名")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    for start, end in (((60, 60), (140, 120)), ((150, 50), (120, 130))):
        page.mouse.move(box["x"] + start[0], box["y"] + start[1] + lower)
        page.mouse.down()
        page.mouse.move(box["x"] + end[0], box["y"] + end[1] + lower, steps=5)
        page.mouse.up()
    shown(page, "签名已存好")


def send_back(station: Station, site: str, text: str, *, field: str = "attendance") -> None:
    """The chief returns the one inspection of a site, with words beside a field."""
    (inspection,) = inspections_of(station, site)
    body = {"outcome": "returned", "remarks": [{"field": field, "text": text}]}
    returned = fact("inspection.reviewed", inspection["id"], body)
    station.chief().decide({**returned, "after": inspection["heads"]})


def test_a_remark_taken_back_on_the_phone_is_gone_at_the_desk(
    playwright: Playwright, browser: Browser, station: Station
) -> None:
    """王芳 empties it because the chief asks; the desk shows none, and the history says so."""
    site = station.add_site("河西面馆")
    with a_quick_phone(playwright, browser) as phone:
        page = phone.page
        enrol(phone, station)
        begin_visit(phone, station, site)
        phone.tap("收尾")
        page.get_by_label("备注").fill("后门常年锁着")
        page.go_back()
        finish_visit(phone)
        hand_over(phone)
        (inspection,) = inspections_of(station, site)
        assert inspection["remark"] == "后门常年锁着"
        send_back(station, site, "后门是开着的，删掉这句", field="remark")
        phone.tap("问问站里有没有新的")
        page.get_by_text("后门是开着的，删掉这句").click()
        page.get_by_label("备注").fill("")
        phone.tap("存好")
        wait_for(
            lambda: inspections_of(station, site)[0]["remark"] is None, "the remark still stands"
        )
        page.goto(f"{station.url}/desk/")
        page.get_by_label("账号").fill("liuhai")
        page.get_by_label("密码").fill(CHIEF_PASSWORD)
        page.get_by_role("button", name="进站里").click()
        expect(page.locator(".frame")).to_be_visible()
        page.goto(f"{station.url}/desk/#/review/{inspection['id']}")
        shown(page, "备注：去掉了")
        expect(page.get_by_text("后门常年锁着")).to_have_count(0)


def signatures(station: Station, site: str) -> int:
    """How many signatures the station's row of the one inspection of a site names."""
    (inspection,) = inspections_of(station, site)
    return sum(photo["role"] == "signature" for photo in inspection["photos"])
