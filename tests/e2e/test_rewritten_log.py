"""Somebody rewrites the station's ledger overnight: the inspector's phone notices, and says so.

Real gunicorn, the real file with every hash and the whole log made to agree, real Chromium.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.sync_api import Browser, Playwright, expect

from tests.e2e.station import CHIEF_PASSWORD, Station
from tests.e2e.steps import a_quick_phone, enrol, shown, wait_for
from tests.faults.rewrite import rewrite
from tests.served import cli

DESK = {"width": 1440, "height": 900}


def say(phone: object, station: Station, words: str) -> None:
    """意见反馈: the shortest thing a phone hands over."""
    page = phone.page  # type: ignore[attr-defined]
    page.goto(f"{station.url}/field/#/feedback")
    page.locator("textarea").fill(words)
    page.get_by_role("button", name="记下，交给站里").click()
    shown(page, "记下了")
    page.goto(f"{station.url}/field/#/hand-over")


def test_a_rewritten_ledger_is_noticed_by_the_phone_and_seen_at_the_desk(
    playwright: Playwright, browser: Browser, station: Station, tmp_path: Path
):
    with a_quick_phone(playwright, browser) as phone:
        enrol(phone, station)
        say(phone, station, "灭火器有 12 具")
        shown(phone.page, "第 1 批")
        shown(phone.page, "1 条记录，服务器已于今天")
        wait_for(lambda: bool(_kept(phone)), "the phone keeps the head it was shown")
        station.served.stop()
        database = next(station.served.data.glob("*.db"))
        honest = shutil.copy(database, tmp_path / "honest.db")
        rewrite(database, "灭火器有 12 具", "灭火器有 99 具")
        for beside in station.served.data.glob(f"{database.name}-*"):
            beside.unlink()
        station.served.serve()
        phone.page.reload()
        shown(phone.page, "站里的记录和以前给这部手机的凭据对不上")
        shown(phone.page, "检查照常做，这部手机上的都留着，不会清")
        phone.page.screenshot(path=str(tmp_path / "alarm.png"))
        # Nothing is blocked: the next work goes out as ever.
        say(phone, station, "还是能交")
        shown(phone.page, "第 2 批")
        _desk_sees(browser, station, tmp_path)
        # ... until the ledger that the phone knew is back.
        station.served.stop()
        shutil.copy(honest, database)
        for beside in station.served.data.glob(f"{database.name}-*"):
            beside.unlink()
        station.served.serve()
    assert "every link holds" in cli(station.served.data, "ledger", "verify")


def _kept(phone: object) -> object:
    page = phone.page  # type: ignore[attr-defined]
    return page.evaluate(
        """() => new Promise((told) => {
          const opening = indexedDB.open('gi')
          opening.onsuccess = () => {
            const found = opening.result.transaction('settings').objectStore('settings')
              .get('log_witness')
            found.onsuccess = () => { opening.result.close(); told(found.result?.value ?? null) }
          }
        })"""
    )


def _desk_sees(browser: Browser, station: Station, folder: Path) -> None:
    context = browser.new_context(viewport=DESK, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{station.url}/desk/#/login")
    page.locator("input").nth(0).fill("liuhai")
    page.locator("input").nth(1).fill(CHIEF_PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="核对提醒")).to_be_visible()
    page.goto(f"{station.url}/desk/#/findings")
    expect(page.get_by_text("站里的记录和以前给它的凭据对不上")).to_be_visible()
    expect(page.get_by_text("那份凭据确实是本站签过的")).to_be_visible()
    page.screenshot(path=str(folder / "desk.png"))
    context.close()
