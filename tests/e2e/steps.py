"""What an inspector does again and again in the browser tests, and a quick phone to do it on.

A quick phone is a context of a browser that is shared by all tests: it has storage and a service
worker of its own, but cannot be killed. It must not know what a test wants to find out.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Error, Page, Playwright, expect

from tests.e2e.phone import ARGUMENTS, CHROMIUM, PHONE, WAIT_MS_MAX, Phone
from tests.e2e.station import Station

OTHER_NAME = "station.lan"
"""Neither https nor this machine, as the browser sees it; and this machine all the same."""
OPENS_MS = 1_000
NOT_OPEN = re.compile("填隐患|Fill in hazard|Go on with the hazard")
WECHAT = (
    "Mozilla/5.0 (Linux; Android 12; V2166A) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 "
    "Chrome/116.0.0.0 Mobile Safari/537.36 MicroMessenger/8.0.49.2600(0x28003133) NetType/4G"
)
ANDROID = "Mozilla/5.0 (Linux; Android 13; K) AppleWebKit/537.36 Chrome/126.0.0.0 Mobile"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"
)
WAIT_SECONDS_MAX = 60.0
PICTURE_PIXELS = (640, 480)
expect.set_options(timeout=WAIT_MS_MAX)  # machines that run tests are busy
# Told twice, so that a violation is found whatever the browser's own wording is.
TELL_VIOLATIONS = """
document.addEventListener('securitypolicyviolation', (event) => {
  console.error('content security policy: ' + event.violatedDirective + ' ' + event.blockedURI)
})
"""


@contextmanager
def a_browser(playwright: Playwright, *more: str) -> Iterator[Browser]:
    """One Chromium for phones and desks; `more` of its arguments."""
    mapped = f"--host-resolver-rules=MAP {OTHER_NAME} 127.0.0.1"
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, mapped, *more])
    try:
        yield browser
    finally:
        browser.close()


@contextmanager
def a_quick_phone(
    playwright: Playwright, browser: Browser, *, clean: bool = True, **options: Any
) -> Iterator[Phone]:
    """A phone in a context of its own; at the end nothing may stand in its console (`clean`)."""
    phone = Phone(playwright, Path())
    phone.context = browser.new_context(
        viewport=PHONE, device_scale_factor=2, locale="zh-CN",
        timezone_id="Asia/Shanghai", has_touch=True, **options,
    )  # type: ignore[arg-type]  # fmt: skip
    phone.context.set_default_timeout(WAIT_MS_MAX)
    phone.context.add_init_script(TELL_VIOLATIONS)
    page = phone.context.new_page()
    page.on("pageerror", lambda error: phone.trouble.append(f"page error: {error}"))
    page.on("console", lambda message: phone._heard(message.type, message.text))
    try:
        yield phone
        assert not clean or phone.trouble == []
    finally:
        phone.stop()


def enrol(phone: Phone, station: Station) -> None:
    """Open the link, tap, and have the app ready for a cold start."""
    page = phone.page
    page.goto(station.enrolment()["url"])
    phone.tap("登记这部手机")
    expect(page.get_by_text("登记好了")).to_be_visible()
    phone.tap("去看今天")
    page.wait_for_function("() => navigator.serviceWorker.ready.then(() => true)")


def a_picture(path: Path, seed: int, pixels: tuple[int, int] = PICTURE_PIXELS) -> Path:
    """A JPEG of its own for every seed: the same bytes would be the same photo."""
    small = (pixels[0] // 8, pixels[1] // 8)
    noise = random.Random(seed).randbytes(small[0] * small[1])
    Image.frombytes("L", small, noise).resize(pixels).convert("RGB").save(path)
    return path


def photos_held(station: Station) -> int:
    """How many photos of hazards the station holds whole."""
    chief = station.chief()
    hazards = chief.call("GET", "/hazards?size=200")["items"]
    each = (chief.call("GET", f"/hazards/{item['hazard']['id']}")["photos"] for item in hazards)
    return sum(bool(photo["held"]) for photos in each for photo in photos)


def begin_visit(phone: Phone, station: Station, site: str) -> None:
    """From the site's page into its checklist."""
    page = phone.page
    page.goto(f"{station.url}/field/#/sites/{site}")
    phone.tap("开始检查")
    expect(phone.item("LPG-03")).to_be_visible()


def open_hazard(phone: Phone, item: str) -> None:
    """In place under a failed item; of a figure, or after a kill in between, a tap opens it."""
    panel = phone.item(item).locator(".in-place")
    closed = phone.item(item).locator("button.say").filter(has_text=NOT_OPEN)
    try:
        expect(panel).to_be_visible(timeout=OPENS_MS)
    except AssertionError:
        with suppress(Error):  # it may open by itself meanwhile; a second tap would lead away
            closed.click(timeout=OPENS_MS)
        expect(panel).to_be_visible()


def fill_blanks(phone: Phone) -> None:
    """The first choice for each blank of the sentence; without it, nothing is recorded."""
    for blank in phone.page.locator(".finding .blank").all():
        blank.locator(".chip").first.click()
    expect(phone.page.locator(".finding [data-open]")).to_have_count(0)


def finish_visit(phone: Phone) -> None:
    """Nobody there to sign; 存好."""
    phone.tap("收尾")
    phone.page.get_by_text("不在场", exact=True).click()
    phone.tap("存好这次检查")
    expect(phone.page.get_by_role("heading", name="已存好")).to_be_visible()


def hand_over(phone: Phone) -> None:
    """现在上交 (it may be on its way already), until the receipt is shown."""
    phone.tap("现在上交")
    shown(phone.page, "第 1 批")


def inspections_of(station: Station, site: str) -> list[dict[str, Any]]:
    """What the station's ledger holds of one site."""
    items: list[dict[str, Any]] = station.chief().call("GET", f"/inspections?site={site}")["items"]
    return items


def wait_for(done: Callable[[], bool], what: str) -> None:
    """Ask until it is so, for a bounded time."""
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    while time.monotonic() < deadline:
        if done():
            return
        time.sleep(0.3)
    raise AssertionError(what)


def shown(page: Page, text: str) -> None:
    """A person sees this."""
    expect(page.get_by_text(text).first).to_be_visible()
