"""A phone with a PIN, and one with two people: nothing of a person is shown before her PIN.

Work goes on all the same: what anybody finished is handed over under her own name.
"""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Playwright, expect

from tests.e2e.phone import Phone, a_phone
from tests.e2e.station import LPG_PLACE, Station, fact
from tests.e2e.steps import (
    a_quick_phone,
    begin_visit,
    enrol,
    finish_visit,
    inspections_of,
    shown,
    wait_for,
)
from tests.served import cli

PIN = "270419"
WRONG = "270418"
FREE_TRIES = 4
LATER_MS = 6 * 60_000
HELD = """async () => {
  const opened = await new Promise((done) => {
    const opening = indexedDB.open('gi')
    opening.onsuccess = () => done(opening.result)
  })
  const asked = opened.transaction(['identity', 'outbox', 'facts'])
  const all = (name) => new Promise((done) => {
    const reading = asked.objectStore(name).getAll()
    reading.onsuccess = () => done(reading.result)
  })
  const [who, outbox, facts] = await Promise.all(['identity', 'outbox', 'facts'].map(all))
  opened.close()
  return { enrolment: who[0]?.enrolment ?? '', outbox: outbox.length, facts: facts.length }
}"""
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


def switched_off_meanwhile(phone: Phone, station: Station, site: str) -> None:
    """An enrolled phone's visit ends without a station, which then switches the phone off."""
    begin_visit(phone, station, site)
    station.served.stop()
    finish_visit(phone)
    mine = held_by(phone.page)["enrolment"]
    phone.page.goto("about:blank")  # its next try would be sooner than a station that just came up
    station.served.serve()
    station.admin.call("POST", f"/enrolments/{mine}/revocation", {})
    phone.page.goto(f"{station.url}/field/#/hand-over")
    phone.page.reload()


def held_by(page: Page) -> dict[str, Any]:
    """Whose phone it is to itself, and how much it holds."""
    found: dict[str, Any] = page.evaluate(HELD)
    return found


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
        page.wait_for_function("() => navigator.serviceWorker.controller !== null")
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
        expect(page.get_by_role("link", name="上交 1 份只在本机")).to_be_visible()
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


def second_inspector(station: Station) -> str:
    """李军, in a grid of his own with one site; the site."""
    ids = {name: str(uuid.uuid4()) for name in ("lijun", "grid4", "site")}
    station.ids.update(ids)
    area = {"name": "幸福村第4网格", "level": "grid", "parent": station.ids["village"]}
    account = fact(
        "account.set", ids["lijun"], {"login": "lijun", "active": True}, private={"name": "李军"}
    )
    grant = fact("grant.set", ids["lijun"], {"roles": ["inspector"], "areas": [ids["grid4"]]})
    body = {
        "name": "李军的饭馆", "place_types": [LPG_PLACE], "area": ids["grid4"], "grade": "A",
    }  # fmt: skip
    station.admin.decide(
        fact("area.set", ids["grid4"], area), account, {**grant, "after": [account["id"]]},
        fact("site.registered", ids["site"], body),
    )  # fmt: skip
    return ids["site"]


def change_to(phone: Phone, station: Station, name: str, pin: str) -> None:
    """我的, 锁和换人, the other one, her PIN."""
    phone.page.goto(f"{station.url}/field/#/lock")
    phone.tap("换人用这部手机")
    phone.tap(name)
    enter(phone.page, pin)
    expect(phone.page.get_by_text("忘了 PIN")).to_have_count(0)


def join(phone: Phone, station: Station, pin: str) -> None:
    """李军 is added with his code on a phone that is 王芳's, and chooses his PIN."""
    phone.page.goto(f"{station.url}/field/#/lock")
    phone.tap("换人用这部手机")
    phone.tap("加一个人（要登记码）")
    phone.page.get_by_label("登记码").fill(station.enrolment("lijun")["code"])
    phone.tap("登记这部手机")
    shown(phone.page, "登记好了")
    phone.tap("去看今天")
    shown(phone.page, "新的 6 位 PIN")
    enter(phone.page, pin)
    shown(phone.page, "再输一遍")
    enter(phone.page, pin)


def test_two_inspectors_on_one_phone_each_see_their_own_and_both_visits_arrive_under_their_names(
    playwright: Playwright, station: Station, tmp_path: Path
) -> None:
    """Without a network from the second enrolment on; nobody enters a PIN when it is back."""
    hers, his = station.add_site("王芳的面馆"), second_inspector(station)
    his_pin = "918273"
    with a_phone(playwright, tmp_path / "profile") as phone:
        page = phone.start()
        enrol(phone, station)
        page.reload()
        page.wait_for_function("() => navigator.serviceWorker.controller !== null")
        shown(page, "王芳的面馆")
        choose_pin(phone, station, PIN)
        join(phone, station, his_pin)
        shown(page, "李军的饭馆")
        assert "王芳的面馆" not in page.evaluate("document.body.innerText")
        station.served.stop()
        begin_visit(phone, station, his)
        finish_visit(phone)
        change_to(phone, station, "王芳", PIN)
        shown(page, "王芳的面馆")
        assert "李军的饭馆" not in page.evaluate("document.body.innerText")
        begin_visit(phone, station, hers)
        finish_visit(phone)
        page.goto(f"{station.url}/field/#/hand-over")
        shown(page, "另外 1 位同事的 1 份检查没有上交")
        assert "李军" not in page.evaluate("document.body.innerText")
        phone.kill()

        station.served.serve()
        page = phone.start()
        page.goto(f"{station.url}/field/#/")
        nothing_shown(page, "面馆", "饭馆")
        for who, site in (("wangfang", hers), ("lijun", his)):
            wait_for(
                lambda site=site: len(inspections_of(station, site)) == 1, f"{who}'s did not come"
            )
            (found,) = inspections_of(station, site)
            assert found.get("inspection", found)["author"] == station.ids[who]
        phone.tap("换人")
        phone.tap("李军")
        enter(page, PIN)
        shown(page, "不对，再输一次")
        enter(page, his_pin)
        page.goto(f"{station.url}/field/#/hand-over")
        shown(page, "第 1 批")
        expect(page.get_by_text("位同事的")).to_have_count(0)
    assert phone.trouble == []


def test_a_phone_switched_off_hands_over_what_it_has_and_then_holds_nothing(
    playwright: Playwright, browser: Browser, station: Station, tmp_path: Path
) -> None:
    """Her visit waits in quarantine for the chief; the backup lets go of it on the phone."""
    site = station.add_site("停用前的面馆")
    with a_quick_phone(playwright, browser) as phone:
        page = phone.page
        enrol(phone, station)
        switched_off_meanwhile(phone, station, site)
        wait_for(lambda: held_by(page)["outbox"] == 0, "a switched-off phone handed over nothing")
        assert held_by(page)["facts"] > 0
        assert inspections_of(station, site) == []
        cli(station.served.data, "backup", "make", str(tmp_path / "backups"),
            **station.served.settings)  # fmt: skip
        page.reload()
        shown(page, "原来的登记已停用")
        assert held_by(page) == {"enrolment": "", "outbox": 0, "facts": 0}
