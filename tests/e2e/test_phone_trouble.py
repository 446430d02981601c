"""A phone in trouble: full, cut off for a week, behind a log-in page, with a wrong clock."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import Browser, Page, Playwright, expect

from tests.e2e.phone import Phone
from tests.e2e.station import CHIEF_PASSWORD, Station
from tests.e2e.steps import (
    a_quick_phone,
    begin_visit,
    enrol,
    finish_visit,
    hand_over,
    inspections_of,
    open_hazard,
    shown,
    wait_for,
)

PHOTO = Path(__file__).resolve().parent.parent / "fixtures" / "photos" / "orientation_6.jpg"
PHONE_BYTES = 8_000_000
TAKE_ROOM = """() => new Promise((done) => {
  const opening = indexedDB.open('other-things', 1)
  opening.onupgradeneeded = () => opening.result.createObjectStore('things')
  opening.onsuccess = async () => {
    for (let bytes = 1 << 16; bytes >= 256; ) {
      const put = opening.result.transaction('things', 'readwrite')
      put.objectStore('things').put(crypto.getRandomValues(new Uint8Array(bytes)), Math.random())
      const fitted = await new Promise((told) => {
        put.oncomplete = () => told(true)
        put.onabort = () => told(false)
      })
      if (!fitted) bytes = bytes / 2
    }
    opening.result.close()
    done()
  }
})"""
GIVE_ROOM_BACK = """() => new Promise((done) => {
  indexedDB.deleteDatabase('other-things').onsuccess = () => done()
})"""
DAYS_OFF = 3
LOOK_MS = 1_000
LOGIN_PAGE = "<!doctype html><title>Wi-Fi</title><p>请先登录</p>".encode()
DESK = {"width": 1440, "height": 900}


class LoginPage(BaseHTTPRequestHandler):
    """Answers everything with 200 and a page, as a hotel's network does."""

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(LOGIN_PAGE)))
        self.end_headers()
        self.wfile.write(LOGIN_PAGE)

    do_POST = do_PATCH = do_GET

    def log_message(self, *_words: object) -> None:
        """Quiet."""


@contextmanager
def captive_portal(port: int) -> Iterator[None]:
    """Somebody else answers at the station's address."""
    server = ThreadingHTTPServer(("127.0.0.1", port), LoginPage)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


def small_phone(phone: Phone, station: Station) -> None:
    """Before anything is stored: the browser gives this app so much room and no more."""
    assert phone.context is not None
    session = phone.context.new_cdp_session(phone.page)
    room = {"origin": station.url, "quotaSize": PHONE_BYTES}
    session.send("Storage.overrideQuotaForOrigin", room)


@contextmanager
def full(page: Page) -> Iterator[None]:
    """Something else takes all room to the last bytes, and is deleted again."""
    page.evaluate(TAKE_ROOM)
    try:
        yield
    finally:
        page.evaluate(GIVE_ROOM_BACK)


@contextmanager
def a_number_refused(phone: Phone, station: Station, site: str) -> Iterator[None]:
    """In a visit the second number finds no room on the phone; afterwards there is some again."""
    begin_visit(phone, station, site)
    phone.number("LPG-03", "30")
    shown(phone.page, "每一下都已存好")
    with full(phone.page):
        phone.number("LPG-03", "45")
        shown(phone.page, "刚才那一下没有存上")
        yield


def test_ana_keeps_her_draft_and_is_told_when_the_phone_is_full(
    playwright: Playwright, browser: Browser, station: Station
) -> None:
    """What she typed stays, it says that it is not stored, and one tap stores it later."""
    site = station.add_site("西街早点铺")
    with a_quick_phone(playwright, browser) as phone:
        page = phone.page
        small_phone(phone, station)
        enrol(phone, station)
        with a_number_refused(phone, station, site):
            shown(page, "手机存满了")
            expect(phone.item("LPG-03").get_by_role("textbox")).to_have_value("45")
        phone.tap("再存一次")
        shown(page, "每一下都已存好")
        page.reload()
        expect(phone.item("LPG-03").get_by_role("textbox")).to_have_value("45")
        photo_on_a_full_phone(phone)


def photo_on_a_full_phone(phone: Phone) -> None:
    """It says so before a picture is taken that could not be kept; later it takes one."""
    page = phone.page
    phone.choose("LPG-12", "不合格")
    open_hazard(phone, "LPG-12")
    expect(page.get_by_role("button", name="记下这条隐患")).to_be_visible()
    with full(page):
        phone.tap("相册")
        shown(page, "手机存满了")
    phone.photo(PHOTO)
    expect(page.locator("li.shot .mark.pass")).to_have_count(1)


def test_a_login_page_is_no_receipt_and_the_work_is_handed_over_later(
    playwright: Playwright, browser: Browser, station: Station
) -> None:
    """200 with a page is not the station: the work stays here, with words, until it answers."""
    site = station.add_site("十里香面馆")
    with a_quick_phone(playwright, browser) as phone:
        page = phone.page
        enrol(phone, station)
        begin_visit(phone, station, site)
        station.served.stop()
        finish_visit(phone)
        with captive_portal(station.served.port):
            phone.tap("现在上交")
            shown(page, "连上了需要登录的网络")
            shown(page, "只在本机")
            expect(page.get_by_text("站里已收到")).to_have_count(0)
        station.served.serve()
        expect(page.get_by_text("第 1 批").first).to_be_visible(timeout=60_000)
    assert len(inspections_of(station, site)) == 1


def test_a_week_without_the_station_ends_by_itself(
    playwright: Playwright, browser: Browser, station: Station
) -> None:
    """Nobody taps: when the station is back, the phone hands over, and nothing is there twice."""
    site = station.add_site("桥头快餐")
    with a_quick_phone(playwright, browser) as phone:
        page = phone.page
        page.clock.install()
        enrol(phone, station)
        begin_visit(phone, station, site)
        station.served.stop()
        finish_visit(phone)
        phone.tap("现在上交")
        shown(page, "没有信号")
        for _day in range(3):
            page.clock.fast_forward("48:00:00")
            shown(page, "没有信号")
        shown(page, "1 份检查")
        station.served.serve()
        page.clock.fast_forward("24:00:00")
        wait_for(lambda: handed_over(page), "the phone did not hand over by itself")
        shown(page, "都已上交")
    wait_for(lambda: len(inspections_of(station, site)) == 1, "the inspection did not arrive once")


def handed_over(page: Page) -> bool:
    """Another minute of the phone's clock; whether a receipt has come."""
    page.clock.fast_forward("01:05")
    page.wait_for_timeout(LOOK_MS)
    return page.get_by_text("第 1 批").is_visible()


def test_a_phone_clock_three_days_off_is_shown_to_the_chief(
    playwright: Playwright, browser: Browser, station: Station
) -> None:
    """The work is taken as it is; 刘海 sees how far the clock was off, before deciding."""
    site = station.add_site("老王火锅")
    now = datetime.datetime.now(datetime.UTC)
    with a_quick_phone(playwright, browser) as phone:
        phone.page.clock.install(time=now + datetime.timedelta(days=DAYS_OFF))
        enrol(phone, station)
        begin_visit(phone, station, site)
        finish_visit(phone)
        hand_over(phone)
        phone.page.goto(f"{station.url}/field/#/phone")
        shown(phone.page, f"手机时间快 {DAYS_OFF} 天")
    page = browser.new_page(viewport=DESK, locale="zh-CN", timezone_id="Asia/Shanghai")
    page.goto(f"{station.url}/desk/")
    sign_in(page)
    page.get_by_text("老王火锅").first.click()
    shown(page, f"手机时间快 {DAYS_OFF} 天")
    page.close()


def sign_in(page: Page) -> None:
    """刘海 at the desk."""
    page.get_by_label("账号").fill("liuhai")
    page.get_by_label("密码").fill(CHIEF_PASSWORD)
    page.get_by_role("button", name="进站里").click()
