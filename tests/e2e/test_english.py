"""The field app in English: other files over the same phone; what is recorded stays the same."""

from __future__ import annotations

import json
import re
from pathlib import Path

from playwright.sync_api import Page, Playwright, expect

from tests.e2e.phone import Phone, a_phone
from tests.e2e.station import Station
from tests.e2e.steps import enrol, inspections_of, open_hazard, shown, wait_for
from tests.served import ROOT

HAN = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]+")
# Everything a person sees or is read out, but for what lies in the closed parts of the page.
SAID = """() => [
  document.title, document.body.innerText,
  ...['aria-label', 'title', 'alt', 'placeholder'].flatMap((name) =>
    [...document.querySelectorAll('[' + name + ']')].map((each) => each.getAttribute(name))),
].join('\\n')"""
SITE = "老街饺子馆"
STATION = "北河镇安监站"
HOSE = "LPG-13"
SCREENS = ("", "sites", "sites/{site}", "hand-over", "menu", "phone", "lock", "feedback")


def chinese_on(page: Page) -> set[str]:
    """What still stands there in Chinese."""
    return set(HAN.findall(page.evaluate(SAID)))


def data_of(station: Station, site: str) -> str:
    """What may: names, the checklists, and the other language's own name."""
    asked = (f"/sites/{site}", "/areas", "/accounts")
    rows = [json.dumps(station.admin.call("GET", path), ensure_ascii=False) for path in asked]
    checklists = (ROOT / "app" / "checklists" / "data").glob("*.yaml")
    return "".join(
        [*rows, *(each.read_text(encoding="utf-8") for each in checklists), STATION, "中文"]
    )


def test_wang_fang_changes_to_english_and_back_and_records_the_same(
    playwright: Playwright, station: Station, tmp_path: Path
) -> None:
    """Nothing is asked anew, a cold start without network works, no screen is half Chinese."""
    site = station.add_site(SITE)
    known = data_of(station, site)
    with a_phone(playwright, tmp_path / "phone") as phone:
        page = phone.start()
        enrol(phone, station)
        page.goto(f"{station.url}/field/#/menu")
        phone.tap("English")
        page.wait_for_url(f"{station.url}/en/field/#/menu")
        page.wait_for_function("() => navigator.serviceWorker.ready.then(() => true)")
        page.goto(f"{station.url}/en/field/#/sites/{site}")
        phone.tap("Start inspection")
        phone.number(HOSE, "2.3")
        shown(page, "over 2.0 米: fail")
        phone.stop()

        page = phone.start(offline=True)
        page.goto(f"{station.url}/en/field/")
        shown(page, "Unfinished")
        for address in SCREENS:
            page.goto(f"{station.url}/en/field/#/{address.format(site=site)}")
            expect(page.locator("h1")).to_be_visible()
            half = {each for each in chinese_on(page) if each not in known}
            assert half == set(), address or "today"
        save_in_english(phone, f"{station.url}/en/field/#/sites/{site}")
        page.goto(f"{station.url}/en/field/#/menu")
        phone.tap("中文")  # its files are still here, network or none
        page.wait_for_url(f"{station.url}/field/#/menu")
        shown(page, "字的大小")
        assert phone.context is not None
        phone.context.set_offline(False)
        wait_for(lambda: len(inspections_of(station, site)) == 1, "the inspection arrived")
        assert phone.trouble == []
    listed = station.chief().call("GET", f"/hazards?site={site}")["items"]
    (hazard,) = (each["hazard"] for each in listed)
    for field in ("finding", "basis", "measure"):
        assert HAN.search(hazard[field]), hazard[field]
        assert not re.search(r"[A-Za-z]{3}", hazard[field]), hazard[field]


def save_in_english(phone: Phone, page_of_site: str) -> None:
    """Go on with the visit, record its hazard, nobody there to sign."""
    phone.page.goto(page_of_site)
    phone.tap("Go on")
    open_hazard(phone, HOSE)
    phone.tap("Record this hazard")
    phone.tap("Finish")
    phone.page.get_by_text("Absent", exact=True).click()
    phone.tap("Save inspection")
    expect(phone.page.get_by_role("heading", name="Saved", exact=True)).to_be_visible()
