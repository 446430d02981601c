"""Empty and failing states of the field app: each is brought about as it comes about on a phone.

A station of its own, small and with nothing in it yet; gone wrong is one thing at a time. It must
not know how a picture is kept.
"""

from __future__ import annotations

import datetime
import re
import tempfile
from pathlib import Path

from phone_screens import new_phone
from pictures import SHARP, Album
from playwright.sync_api import Browser, Playwright, expect

from tests.e2e.phone import PHONE
from tests.e2e.station import Station, make_station
from tests.e2e.steps import (
    IPHONE,
    OTHER_NAME,
    WECHAT,
    begin_visit,
    enrol,
    finish_visit,
    hand_over,
    shown,
)
from tests.e2e.test_lock import choose_pin, enter, switched_off_meanwhile
from tests.e2e.test_phone_storage import SHORT_BYTES
from tests.e2e.test_phone_trouble import PHONE_BYTES, a_number_refused

PIN, WRONG = "270419", "270418"
HOURS_OFF = 3
CLOCK_TOLD = re.compile(r"快 \d 小时")


def states(playwright: Playwright, browser: Browser, album: Album) -> None:
    """Where the link does not work, then a new station until a phone is switched off."""
    with tempfile.TemporaryDirectory() as folder:
        station = make_station(Path(folder) / "data")
        try:
            before_the_door(browser, station, album)
            a_new_station(playwright, browser, station, album)
            short_of_room(playwright, browser, station, album)
            clock_wrong(playwright, browser, station, album)
            shared(playwright, browser, station, album)
            switched_off(playwright, browser, station, album)
        finally:
            station.served.stop()


def before_the_door(browser: Browser, station: Station, album: Album) -> None:
    """Places a link is opened in and cannot work, or not yet."""
    link = station.enrolment()["url"]
    for name, agent, url, words in (
        ("wechat", WECHAT, link, "在微信里打开"),
        ("iphone", IPHONE, link, "苹果手机：先放到主屏幕"),
        ("no-https", "", link.replace("127.0.0.1", OTHER_NAME), "网址不是 https"),
    ):
        options = {"user_agent": agent} if agent else {}
        page = browser.new_page(
            viewport=PHONE, device_scale_factor=SHARP, locale="zh-CN", **options
        )
        page.goto(url)
        page.locator("h1, h2").first.wait_for()
        album.state(page, name, words)
        page.close()


def a_new_station(playwright: Playwright, browser: Browser, station: Station, album: Album) -> None:
    """Without network at the door, no site yet, everything done; a wrong code."""
    phone = new_phone(playwright, browser)
    page = phone.page
    page.goto(station.enrolment()["url"])
    page.get_by_role("button", name="登记这部手机").wait_for()
    assert phone.context is not None
    phone.context.set_offline(True)
    phone.tap("登记这部手机")
    page.get_by_role("alert").or_(page.get_by_role("status")).first.wait_for()
    album.state(page, "door-offline", "登记时没有网络")
    phone.context.set_offline(False)
    page.goto(f"{station.url}/field/#/enrol/AAAA-BBBB")
    page.reload()
    phone.tap("登记这部手机")
    page.get_by_role("alert").or_(page.get_by_role("status")).first.wait_for()
    album.state(page, "door-wrong-code", "登记码不对")
    enrol(phone, station)
    page.reload()
    page.locator("h1").first.wait_for()
    album.state(page, "no-site", "还没有场所")
    for name, where, words in (
        ("no-receipt", "hand-over", "还没有收条"),
        ("not-here", "hazards/00000000-0000-4000-8000-000000000001", "这条记录不在这部手机上"),
    ):
        page.goto(f"{station.url}/field/#/{where}")
        page.locator("h1").first.wait_for()
        album.state(page, name, words)
    site = station.add_site("南门炒鸡店")
    page.goto(f"{station.url}/field/#/")
    page.reload()
    shown(page, "南门炒鸡店")
    begin_visit(phone, station, site)
    finish_visit(phone)
    hand_over(phone)
    shown(page, "都已上交")
    page.goto(f"{station.url}/field/#/")
    page.reload()
    shown(page, "今天没有急着去的")
    album.state(page, "nothing-due", "都去过了")
    phone.stop()


def short_of_room(playwright: Playwright, browser: Browser, station: Station, album: Album) -> None:
    """Before the room runs out, and when it has."""
    for size in (SHORT_BYTES, PHONE_BYTES):
        phone = new_phone(playwright, browser)
        page = phone.page
        assert phone.context is not None
        devtools = phone.context.new_cdp_session(page)
        room = {"origin": station.url, "quotaSize": size}
        devtools.send("Storage.overrideQuotaForOrigin", room)
        if size == SHORT_BYTES:
            enrol(phone, station)
            shown(page, "手机快存满了")
            page.goto(f"{station.url}/field/#/menu")
            page.get_by_text("占用手机存储").wait_for()
            page.goto(f"{station.url}/field/#/")
            expect(page.locator("main").get_by_text("手机快存满了")).to_be_visible()
            expect(page.locator(".toast")).to_have_count(0)
            album.state(page, "room-short", "快存满了")
        else:
            site = station.add_site("西街面馆")
            enrol(phone, station)
            with a_number_refused(phone, station, site):
                album.state(page, "room-full", "存满了：刚才那一下没有存上")
        phone.stop()


def clock_wrong(playwright: Playwright, browser: Browser, station: Station, album: Album) -> None:
    """Three hours fast; and what 下村前检查 says of it."""
    phone = new_phone(playwright, browser)
    now = datetime.datetime.now(datetime.UTC)
    phone.page.clock.install(time=now + datetime.timedelta(hours=HOURS_OFF))
    enrol(phone, station)
    phone.page.goto(f"{station.url}/field/#/phone")
    shown(phone.page, "手机时间")
    told = phone.page.get_by_text(CLOCK_TOLD).first
    told.wait_for()
    told.scroll_into_view_if_needed()
    album.state(phone.page, "clock-wrong", "手机时间不对")
    phone.stop()


def shared(playwright: Playwright, browser: Browser, station: Station, album: Album) -> None:
    """The PIN before anything is shown; a wrong one; two people on one phone."""
    phone = new_phone(playwright, browser)
    page = phone.page
    enrol(phone, station)
    choose_pin(phone, station, PIN)
    album.view(page, "lock-set", "锁设好以后：换人、加人、离开多久再问")
    page.reload()
    shown(page, "忘了 PIN")
    album.view(page, "locked", "打开要输 PIN")
    for _ in range(5):
        enter(page, WRONG)
        page.wait_for_timeout(600)
    shown(page, "秒后再试")
    album.state(page, "pin-wrong", "PIN 输错几次")
    phone.stop()


def switched_off(playwright: Playwright, browser: Browser, station: Station, album: Album) -> None:
    """Lost and found again after the station switched it off: what was recorded waits for 站长."""
    phone = new_phone(playwright, browser)
    page = phone.page
    site = station.add_site("河湾水饺")
    enrol(phone, station)
    switched_off_meanwhile(phone, station, site)
    shown(page, "停用")
    album.state(page, "switched-off", "登记被停用的手机：没交的进隔离区等站长")
    phone.stop()
