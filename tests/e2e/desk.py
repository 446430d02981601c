"""Somebody at the desk in real Chromium: signing in, what axe says, what the ledger holds.

It must not know what a test wants to find out.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, Request, expect

from tests.e2e.phone import EXPECTED_NOISE, WAIT_MS_MAX
from tests.e2e.station import ADMIN_PASSWORD, CHIEF_PASSWORD, Station
from tests.served import ROOT

PHOTOS = ROOT / "tests" / "fixtures" / "photos"
AXE = ROOT / "pwa" / "node_modules" / "axe-core" / "axe.min.js"
QUIET_MS = 100
WIDE = {"width": 1440, "height": 900}
NARROW = {"width": 390, "height": 844}
PEOPLE = {"liuhai": CHIEF_PASSWORD, "admin": ADMIN_PASSWORD}
GAS = {"finding": "现场存瓶约120千克，未设专用气瓶间", "level": "suspected_major", "item": "LPG-04"}
HOSE = {"finding": "软管长2.3米，超过2.0米", "item": "LPG-13", "measure": "更换软管"}
OLD = {"finding": "软管已26个月，超过2年", "item": "LPG-14", "measure": "更换软管"}


@contextmanager
def desk(
    browser: Browser, station: Station, who: str = "liuhai", size: dict[str, int] = WIDE
) -> Iterator[Page]:
    """Somebody signed in; the page must not have complained when it closes."""
    context = browser.new_context(
        viewport=size, locale="zh-CN", timezone_id="Asia/Shanghai", has_touch=size is NARROW,
        accept_downloads=True,
    )  # fmt: skip
    context.set_default_timeout(WAIT_MS_MAX)
    page, trouble = context.new_page(), []
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on(
        "console",
        lambda said: (
            trouble.append(said.text)
            if said.type == "error" and not any(each in said.text for each in EXPECTED_NOISE)
            else None
        ),
    )
    page.goto(f"{station.url}/desk/")
    page.get_by_label("账号").fill(who)
    page.get_by_label("密码").fill(PEOPLE[who])
    page.get_by_role("button", name="进站里").click()
    expect(page.locator(".frame")).to_be_visible()
    yield page
    context.close()
    assert trouble == []


def loaded_anew(page: Page) -> None:
    """Reload until nothing is under way; Playwright's own waiting takes half a second longer."""
    under_way, begun = set[Request](), []

    def begin(request: Request) -> None:
        if request.is_navigation_request():  # what the page before it asked for ends unheard
            under_way.clear()
        begun.append(request)
        under_way.add(request)

    def end(request: Request) -> None:
        under_way.discard(request)

    page.on("request", begin)
    page.on("requestfinished", end)
    page.on("requestfailed", end)
    page.reload()
    for _ in range(WAIT_MS_MAX // QUIET_MS):
        seen = len(begun)
        page.wait_for_timeout(QUIET_MS)
        if not under_way and len(begun) == seen:
            break
    for event, listener in (("request", begin), ("requestfinished", end), ("requestfailed", end)):
        page.remove_listener(event, listener)
    assert not under_way, [request.url for request in under_way]


def axe_of(page: Page) -> list[str]:
    """What axe holds against the page as it stands."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    told = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{each['id']} {node['target']} {node.get('failureSummary', '')}"
        for each in told["violations"]
        for node in each["nodes"][:3]
    ]


def states(station: Station, hazards: list[str]) -> list[str]:
    """What the ledger says of these hazards."""
    chief = station.chief()
    return [chief.call("GET", f"/hazards/{each}")["hazard"]["state"] for each in hazards]


def kinds(station: Station, hazard: str) -> list[str]:
    """The history of a hazard as kinds."""
    return [
        entry["kind"] for entry in station.chief().call("GET", f"/hazards/{hazard}")["timeline"]
    ]
