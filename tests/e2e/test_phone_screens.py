"""Every main screen of the field app: nobody is shut out, nothing runs off the screen.

The desk's pages are looked at in test_desk.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright

from tests.e2e.phone import Phone
from tests.e2e.station import Station
from tests.e2e.steps import (
    a_browser,
    a_quick_phone,
    begin_visit,
    enrol,
    finish_visit,
    hand_over,
    inspections_of,
    shown,
)
from tests.served import ROOT

AXE = ROOT / "pwa" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
GRAVE = ("serious", "critical")
LOOK = """async (rules) => {
  const { violations } = await axe.run(document, { runOnly: rules, resultTypes: ['violations'] })
  return violations.map(({ id, impact, nodes }) => (
    { id, impact, where: nodes.map((node) => node.target.join(' ') + ' ' + node.failureSummary) }
  ))
}"""
PHONE_SCREENS = ("sites", "sites/new", "hand-over", "receipts", "menu", "phone", "feedback", "")


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    with a_browser(playwright) as opened:
        yield opened


def barriers(page: Page, screen: str) -> list[str]:
    """What shuts somebody out on this screen, in words a developer can act on."""
    page.wait_for_load_state("networkidle")
    page.locator("h1, h2").first.wait_for()
    page.evaluate(AXE.read_text())
    found: list[dict[str, Any]] = page.evaluate(LOOK, RULES)
    told = [f"{screen}: {each['id']}: {each['where']}" for each in found if each["impact"] in GRAVE]
    wider = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return [*told, *([f"{screen}: wider than the screen"] if wider else [])]


def test_no_screen_of_the_phone_shuts_wang_fang_out(
    playwright: Playwright, browser: Browser, station: Station
) -> None:
    """From the enrolment to the receipt, with a hazard on the way."""
    site = station.add_site("南门炒鸡店")
    found: list[str] = []
    with a_quick_phone(playwright, browser) as phone:
        page = phone.page
        page.goto(station.enrolment()["url"])
        found += barriers(page, "enrol")
        enrol(phone, station)
        found += barriers(page, "today")
        page.goto(f"{station.url}/field/#/sites/{site}")
        found += barriers(page, "site")
        begin_visit(phone, station, site)
        found += visit_barriers(phone)
        hand_over(phone)
        for screen in PHONE_SCREENS:
            page.goto(f"{station.url}/field/#/{screen}")
            found += barriers(page, screen or "today")
        (inspection,) = inspections_of(station, site)
        page.goto(f"{station.url}/field/#/inspections/{inspection['id']}")
        found += barriers(page, "inspection")
        page.goto(f"{station.url}/field/#/hazards/{inspection['hazards'][0]}")
        found += barriers(page, "hazard")
    assert found == []


def visit_barriers(phone: Phone) -> list[str]:
    """The checklist with a failed item, its hazard, 收尾."""
    page = phone.page
    phone.number("LPG-03", "120")
    phone.choose("LPG-04", "不合格")
    shown(page, "每一下都已存好")
    found = barriers(page, "visit")
    phone.item("LPG-04").locator("button.say").click()
    found += barriers(page, "hazard draft")
    phone.tap("记下这条隐患")
    phone.tap("收尾")
    found += barriers(page, "finish")
    page.go_back()
    finish_visit(phone)
    return found + barriers(page, "finished")
