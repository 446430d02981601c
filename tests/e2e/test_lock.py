"""A phone with a PIN: nothing of a person is shown before it; her work goes on all the same."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, Playwright, expect

from tests.e2e.phone import Phone, a_phone
from tests.e2e.station import Station
from tests.e2e.steps import begin_visit, enrol, finish_visit, inspections_of, shown, wait_for

PIN = "270419"
WRONG = "270418"
FREE_TRIES = 4
LATER_MS = 6 * 60_000
GO_AWAY = """(ms) => {
  const see = (state) => {
    Object.defineProperty(document, 'visibilityState', { get: () => state, configurable: true })
    document.dispatchEvent(new Event('visibilitychange'))
  }
  see('hidden')
  const real = Date.now
  Date.now = () => real() + ms
  see('visible')
}"""


def enter(page: Page, pin: str) -> None:
    """Six keys of the pad."""
    for digit in pin:
        page.get_by_role("button", name=digit, exact=True).click()


def choose_pin(phone: Phone, station: Station, pin: str) -> None:
    """我的, 锁, twice the same."""
    phone.page.goto(f"{station.url}/field/#/lock")
    phone.tap("设 PIN")
    enter(phone.page, pin)
    shown(phone.page, "再输一遍")
    enter(phone.page, pin)
    shown(phone.page, "离开多久再问 PIN")


def nothing_shown(page: Page, *words: str) -> None:
    """Neither on the screen nor for a screen reader; the lock is."""
    shown(page, "忘了 PIN")
    text = page.evaluate("document.body.innerText")
    for word in words:
        assert word not in text


def test_a_killed_phone_asks_for_the_pin_before_it_shows_anything(
    playwright: Playwright, station: Station, tmp_path: Path
) -> None:
    """Wrong ones wait, over a restart too; what was finished is handed over all the same."""
    name = "锁着的面馆"
    site = station.add_site(name)
    with a_phone(playwright, tmp_path / "profile") as phone:
        page = phone.start()
        enrol(phone, station)
        page.reload()
        page.wait_for_function("navigator.serviceWorker.controller !== null")
        begin_visit(phone, station, site)
        choose_pin(phone, station, PIN)
        page.goto(f"{station.url}/field/#/sites/{site}")
        phone.tap("接着查")
        page.evaluate(GO_AWAY, LATER_MS)
        nothing_shown(page, name)
        enter(page, PIN)
        phone.number("LPG-03", "30")  # the very form she left
        station.served.stop()
        finish_visit(phone)
        phone.kill()

        page = phone.start()
        page.goto(f"{station.url}/field/#/")
        nothing_shown(page, name)
        enter(page, PIN)
        shown(page, "1 份检查只在本机")
        page.reload()
        for _ in range(FREE_TRIES + 1):
            enter(page, WRONG)
            expect(page.get_by_role("status")).to_have_attribute("aria-label", "输了 0 位，共 6 位")
        shown(page, "秒后再试")
        phone.kill()
        page = phone.start()
        page.goto(f"{station.url}/field/#/")
        shown(page, "秒后再试")
        nothing_shown(page, name)
        station.served.serve()
        page.reload()  # nobody enters anything: the sender has its own key
        wait_for(
            lambda: len(inspections_of(station, site)) == 1, "nothing came while it was locked"
        )
    assert phone.trouble == []
