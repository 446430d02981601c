"""Where the field app cannot work it says so, and the browser's own traps are stepped around."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Playwright, Response, expect

from tests.e2e.phone import Phone, a_phone
from tests.e2e.station import Station
from tests.e2e.steps import (
    OTHER_NAME,
    WECHAT,
    a_picture,
    a_quick_phone,
    begin_visit,
    enrol,
    fill_blanks,
    finish_visit,
    hand_over,
    inspections_of,
    open_hazard,
    photos_held,
    shown,
    wait_for,
)
from tests.served import ROOT

BATCHES = "/api/v1/sync/batches"
API = "**/api/**"
WORKER = "navigator.serviceWorker.getRegistration('/field/')"


def test_li_juns_120_kg_with_a_gas_room_is_no_hazard(
    playwright: Playwright, browser: Browser, station: Station
) -> None:
    """The room for the bottles makes 120 kg right; the batch does not pass through the worker."""
    site = station.add_site("河湾水饺")
    with a_quick_phone(playwright, browser) as phone:
        enrol(phone, station)
        phone.page.reload()
        phone.page.wait_for_function("() => navigator.serviceWorker.controller !== null")
        batches: list[Response] = []
        phone.page.on(
            "response", lambda each: batches.append(each) if BATCHES in each.url else None
        )
        begin_visit(phone, station, site)
        phone.number("LPG-03", "120")
        phone.choose("LPG-04", "合格")
        shown(phone.page, "每一下都已存好")
        for item in ("LPG-03", "LPG-04"):
            expect(phone.item(item).locator("button.say")).to_have_count(0)
        finish_visit(phone)
        hand_over(phone)
    assert batches
    assert not any(each.from_service_worker for each in batches)
    (inspection,) = inspections_of(station, site)
    assert inspection.get("inspection", inspection)["hazards"] == []


def test_a_link_opened_in_wechat_burns_nothing(
    playwright: Playwright, browser: Browser, station: Station
) -> None:
    """It says where to open it instead, and the same link still registers the phone there."""
    link = station.enrolment()["url"]
    with a_quick_phone(playwright, browser, user_agent=WECHAT) as wechat:
        claimed: list[str] = []
        wechat.page.on("request", lambda each: claimed.append(each.method))
        wechat.page.goto(link)
        shown(wechat.page, "微信里打开存不住")
        shown(wechat.page, "在浏览器打开")
        expect(wechat.page.get_by_role("button", name="登记这部手机")).to_have_count(0)
        assert set(claimed) == {"GET"}
    with a_quick_phone(playwright, browser) as phone:
        phone.page.goto(link)
        phone.tap("登记这部手机")
        shown(phone.page, "登记好了")


def test_plain_http_from_another_name_says_why_it_cannot_work(
    playwright: Playwright, browser: Browser, station: Station
) -> None:
    """Nothing is asked of the person that this address could not keep."""
    link = station.enrolment()["url"].replace("127.0.0.1", OTHER_NAME)
    with a_quick_phone(playwright, browser, clean=False) as phone:
        phone.page.goto(link)
        shown(phone.page, "这个网址不是 https 开头")
        expect(phone.page.get_by_role("button", name="登记这部手机")).to_have_count(0)
        ignored = "Cross-Origin-Opener-Policy header has been ignored"
        assert [said for said in phone.trouble if ignored not in said] == []


READY = (
    "断网也能打开",
    "存得进，读得出",
    "能用相机",
    "能取位置",
    "手机时间和站里一致",
    "名单是新的",
    "都交上去了",
)


def ready_to_leave(phone: Phone, station: Station) -> None:
    """下村前检查: a phone just set up lacks nothing but a place on the home screen and a PIN."""
    phone.page.goto(f"{station.url}/field/#/phone")
    for point in READY:
        shown(phone.page, point)
    shown(phone.page, "放到主屏幕，从主屏幕打开")
    shown(phone.page, "还没设 PIN")
    shown(phone.page, "下村前还有 2 样要看一下")


def test_zhou_lis_draft_and_unsent_visit_outlive_an_update_of_the_app(
    playwright: Playwright, browser: Browser, station: Station, tmp_path: Path
) -> None:
    """A new version never interrupts a form; on 今天 it is offered, and keeps both."""
    site, unsent = station.add_site("东关烤肉"), station.add_site("西关烤肉")
    web = tmp_path / "web"
    shutil.copytree(ROOT / "pwa" / "dist", web)
    station.served.stop()
    station.served.settings["GI_WEB_DIR"] = str(web)
    station.served.serve()
    with a_quick_phone(playwright, browser, permissions=["camera", "geolocation"]) as phone:
        page = phone.page
        enrol(phone, station)
        page.reload()
        page.wait_for_function("() => navigator.serviceWorker.controller !== null")
        shown(page, "东关烤肉")
        ready_to_leave(phone, station)
        page.route(API, lambda route: route.abort())  # files come, the station does not answer
        begin_visit(phone, station, unsent)
        finish_visit(phone)
        begin_visit(phone, station, site)
        phone.number("LPG-03", "75")
        shown(page, "每一下都已存好")
        page.evaluate("window.thisPage = true")
        publish_second_build(web)
        page.evaluate(f"{WORKER}.then((each) => each.update())")
        page.wait_for_function(f"() => {WORKER}.then((each) => each.waiting !== null)")
        expect(phone.item("LPG-03").get_by_role("textbox")).to_have_value("75")
        expect(page.get_by_text("有新版本")).to_have_count(0)
        assert page.evaluate("window.thisPage") is True
        use_the_new_version(page, station)
        page.get_by_text("东关烤肉").first.click()
        expect(phone.item("LPG-03").get_by_role("textbox")).to_have_value("75")
        assert inspections_of(station, unsent) == []
        page.unroute(API)
        page.reload()
        wait_for(lambda: len(inspections_of(station, unsent)) == 1, "the visit did not arrive once")


# As an older engine is: no Web Locks, no storage to ask, no codes read, and a worker that takes a
# module for an ordinary script.
OLDER = """
delete Navigator.prototype.locks
delete Navigator.prototype.storage
delete window.BarcodeDetector
const Real = window.Worker
window.Worker = class extends Real { constructor(url) { super(url); window.askedWorkers = true } }
"""


def test_an_older_browser_records_and_hands_over_all_the_same(
    playwright: Playwright, browser: Browser, station: Station, tmp_path: Path
) -> None:
    """The photo is made smaller in the page, one sender by a lease; what is unknown is said so."""
    site = station.add_site("老手机小炒")
    with a_quick_phone(playwright, browser, clean=False) as phone:
        assert phone.context is not None
        phone.context.add_init_script(OLDER)
        enrol(phone, station)
        phone.page.goto(f"{station.url}/field/#/phone")
        shown(phone.page, "这个浏览器不说存的东西会不会被清掉")
        before = photos_held(station)
        begin_visit(phone, station, site)
        phone.choose("LPG-12", "不合格")
        open_hazard(phone, "LPG-12")
        fill_blanks(phone)
        phone.photo(a_picture(tmp_path / "wide.jpg", 5, (2400, 1600)))
        expect(phone.page.locator("li.shot .mark.pass")).to_have_count(1)
        assert phone.page.evaluate("window.askedWorkers") is True
        phone.tap("记下这条隐患")
        expect(phone.item("LPG-12").get_by_text("隐患已记下")).to_be_visible()
        finish_visit(phone)
        hand_over(phone)
        wait_for(lambda: photos_held(station) == before + 1, "the photo did not arrive")
    assert len(inspections_of(station, site)) == 1


def use_the_new_version(page: Page, station: Station) -> None:
    """In 我的 and on 今天, by a tap; the page that comes is the second build's."""
    page.goto(f"{station.url}/field/#/menu")
    shown(page, "有新版本")
    page.goto(f"{station.url}/field/#/")  # told to whoever comes: nothing pops up over a list
    shown(page, "有新版本，不急")
    page.get_by_role("button", name="换上", exact=True).click()
    expect(page.locator("meta[name=second-build]")).to_have_count(1)


def publish_second_build(web: Path) -> None:
    """What a release does: another page, and a worker of another version that brings it."""
    page, worker = web / "field" / "index.html", web / "field" / "sw.js"
    marked = page.read_text().replace("</head>", '<meta name="second-build" content="yes"></head>')
    page.write_text(marked)
    (version,) = set(re.findall(r"(?:field-app-|[`\"'])([0-9a-f]{16})[`\"']", worker.read_text()))
    worker.write_text(worker.read_text().replace(version, version[::-1]))
    for packed in (page, worker):
        packed.with_name(f"{packed.name}.gz").unlink(missing_ok=True)


COMPILED_MS = 3_000  # the first screen of a phone nobody enrolled stands long before
TRACED = "v8,devtools.timeline,disabled-by-default-v8.compile"


def compiled(page: Page, address: str) -> dict[str, str]:
    """Of each script of the app that a start compiled: how much of it came ready made."""
    session = page.context.new_cdp_session(page)
    events: list[dict[str, Any]] = []
    told: list[bool] = []
    session.on("Tracing.dataCollected", lambda part: events.extend(part["value"]))
    session.on("Tracing.tracingComplete", lambda _: told.append(True))
    session.send("Tracing.start", {"categories": TRACED, "transferMode": "ReportEvents"})
    page.goto(address)
    page.get_by_role("heading", name="登记这部手机").wait_for()
    page.wait_for_timeout(COMPILED_MS)
    session.send("Tracing.end")
    while not told:
        page.wait_for_timeout(50)
    scripts = [e["args"]["data"] for e in events if e["name"] in ("v8.compile", "v8.compileModule")]
    mine = [each for each in scripts if "/assets/" in each.get("url", "")]
    return {Path(each["url"]).name.split("-")[0]: each.get("cacheKind", "none") for each in mine}


def test_a_start_finds_the_app_compiled(
    playwright: Playwright, station: Station, tmp_path: Path
) -> None:
    """A slow phone that compiles it anew is a third of a second later, thirty times a day."""
    with a_phone(playwright, tmp_path / "profile") as phone:
        page = phone.start()
        page.goto(f"{station.url}/field/")
        page.wait_for_function("() => navigator.serviceWorker.ready.then(() => true)")
        phone.stop()
        found = compiled(phone.start(offline=True), f"{station.url}/field/")
    assert found["index"] == "full"
    assert found["door"] == "full"  # a later file, which a phone nobody enrolled asks for at once
