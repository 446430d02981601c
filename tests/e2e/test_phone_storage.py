"""A phone whose storage is pulled about: killed in a save, closed under us, open twice, older."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.e2e import killed
from tests.e2e.killed import READ_ALL, Kept, KilledPhone, Lost
from tests.e2e.phone import Phone, a_phone, with_grace
from tests.e2e.station import Station
from tests.e2e.steps import (
    a_quick_phone,
    begin_visit,
    enrol,
    finish_visit,
    inspections_of,
    shown,
    wait_for,
)

KILLS = 6
SHORT_BYTES = 10 * 1024 * 1024  # the app, its lists, and one probe of two
RELEASES = Path(__file__).resolve().parent.parent / "upgrades" / "phones"
RELEASED = sorted(path.stem for path in RELEASES.glob("*.json"))
STORAGE_PROCESS = "storage.mojom.StorageService"
# Takes everything out of the database, deletes it, and makes it anew as that release made it.
AS_RELEASED = """async (release) => {
  const asked = (request) => new Promise((done, failed) => {
    request.onsuccess = () => done(request.result)
    request.onerror = () => failed(request.error)
  })
  const now = await asked(indexedDB.open('gi'))
  const held = {}
  const names = [...now.objectStoreNames]
  const reading = now.transaction(names)
  await Promise.all(names.map(async (name) => {
    held[name] = await asked(reading.objectStore(name).getAll())
  }))
  now.close()
  await asked(indexedDB.deleteDatabase('gi'))
  const opening = indexedDB.open('gi', release.version)
  opening.onupgradeneeded = () => {
    for (const [name, { key, indexes }] of Object.entries(release.stores)) {
      const store = opening.result.createObjectStore(name, { keyPath: key })
      for (const each of indexes) {
        store.createIndex(each.name, each.path, { multiEntry: each.multi })
      }
    }
  }
  const then = await asked(opening)
  const writing = then.transaction(Object.keys(release.stores), 'readwrite')
  for (const [name, { fields }] of Object.entries(release.stores)) {
    for (const record of held[name]) {
      const known = Object.entries(record).filter(([field]) => fields.includes(field))
      writing.objectStore(name).put(Object.fromEntries(known))
    }
  }
  await new Promise((done) => { writing.oncomplete = done })
  then.close()
}"""


def test_what_was_called_stored_is_there_after_every_kill(
    playwright: Playwright, station: Station, tmp_path: Path
) -> None:
    """A few kills of the long run: typing, a picture, the last step."""
    lived = killed.run(playwright, station, tmp_path, kills=KILLS, seed=KILLS)
    assert lived.kills.total() == KILLS


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("a hole", lambda held: held["facts"].pop(0)),
        ("an outbox that forgot", lambda held: held["outbox"].clear()),
        ("a picture of other bytes", lambda held: held["photoBodies"][0].__setitem__(1, "00")),
        ("a visit that is gone", lambda held: held["facts"][0].__setitem__("site", "another")),
    ],
)
def test_the_look_after_a_kill_notices(what: str, change: Any, station: Station) -> None:
    """The same look on what a phone would hold, with one thing wrong."""
    fact = {"id": "f", "n": 1, "state": "unsent", "photos": ["p"], "site": "s"}
    held: dict[str, Any] = {
        "facts": [{**fact, "kind": "inspection.submitted"},
                  {**fact, "id": "g", "n": 2, "kind": "hazard.found"}],
        "outbox": [{"ref": "f"}, {"ref": "g"}], "photoUses": [], "photoBodies": [["p", "p"]],
        "counters": [{"next_n": 3}],
    }  # fmt: skip
    looking = KilledPhone.__new__(KilledPhone)
    looking.kept = Kept(finished=["s"])
    looking.check(held)
    change(held)
    with pytest.raises(Lost):
        looking.check(held)


def test_a_phone_short_of_room_says_so_before_and_what_to_do(
    playwright: Playwright, browser: Browser, station: Station
) -> None:
    """What was really written tells, not what the browser promises; 我的 shows what lies there."""
    with a_quick_phone(playwright, browser) as phone:
        page = phone.page
        assert phone.context is not None
        devtools = phone.context.new_cdp_session(page)
        room = {"origin": station.url, "quotaSize": SHORT_BYTES}
        devtools.send("Storage.overrideQuotaForOrigin", room)  # before anything is stored
        enrol(phone, station)
        page.get_by_role("link", name="我的", exact=True).wait_for()
        page.reload()
        shown(page, "手机快存满了，大约只能再拍 25 张")
        # told over the list, which nothing pushes away under a thumb; on top when she comes back
        expect(page.locator("main").get_by_text("手机快存满了")).to_have_count(0)
        wait_for(lambda: warned(page, station), "today's list never said it")
        assert (
            page.evaluate("navigator.storage.estimate().then((told) => told.quota)") > SHORT_BYTES
        )
        page.goto(f"{station.url}/field/#/menu")
        shown(page, "占用手机存储")
        expect(page.get_by_role("img", name="应用")).to_be_visible()
        expect(page.get_by_text("手机快存满了")).to_be_visible()
        devtools.send("Storage.overrideQuotaForOrigin", {"origin": station.url})
        wait_for(lambda: not warned(page, station), "there is room again and nobody looked")


def warned(page: Page, station: Station) -> bool:
    """Whether 今天 says so to one who comes back to it from 我的."""
    page.goto(f"{station.url}/field/#/menu")
    page.get_by_text("占用手机存储").wait_for()
    page.goto(f"{station.url}/field/#/")
    page.get_by_role("link", name="我的", exact=True).wait_for()
    page.locator("main:not(.held)").wait_for()
    return page.locator("main").get_by_text("手机快存满了").count() > 0


def test_the_database_closed_under_her_is_opened_again(
    playwright: Playwright, station: Station, tmp_path: Path
) -> None:
    """The browser's storage process dies: the next tap is stored all the same."""
    site = station.add_site("城门口炒面")
    with a_phone(playwright, tmp_path / "profile") as phone:
        page = phone.start()
        enrol(phone, station)
        begin_visit(phone, station, site)
        phone.number("LPG-03", "30")
        shown(page, "每一下都已存好")
        end_storage(phone)
        phone.number("LPG-03", "45")
        page.wait_for_timeout(killed.DRAWN_MS)
        shown(page, "每一下都已存好")
        page.reload()
        expect(phone.item("LPG-03").get_by_role("textbox")).to_have_value("45")


def end_storage(phone: Phone) -> None:
    """SIGKILL to the one process that holds this profile's databases."""
    listed = subprocess.run(
        ["pgrep", "-af", "--", f"--user-data-dir={phone.profile}"], capture_output=True, text=True
    )
    (pid,) = [line.split()[0] for line in listed.stdout.splitlines() if STORAGE_PROCESS in line]
    with_grace(int(pid))


def test_one_form_open_in_two_tabs_keeps_what_was_typed_in_either(
    playwright: Playwright, browser: Browser, station: Station
) -> None:
    """Each tab shows what the other stored; the visit is finished once."""
    site = station.add_site("两开面馆")
    with a_quick_phone(playwright, browser) as phone:
        enrol(phone, station)
        begin_visit(phone, station, site)
        assert phone.context is not None
        other = phone.context.new_page()
        other.goto(phone.page.url)
        phone.number("LPG-03", "30")
        expect(box(other, "LPG-03")).to_have_value("30")
        box(other, "LPG-09").fill("0.8")
        expect(box(phone.page, "LPG-09")).to_have_value("0.8")
        phone.page.reload()
        expect(box(phone.page, "LPG-03")).to_have_value("30")
        expect(box(phone.page, "LPG-09")).to_have_value("0.8")
        finish_visit(phone)
        shown(other, "不在")
        # While the phone is on: a test that closes it first has taken away who hands over.
        wait_for(lambda: len(inspections_of(station, site)) == 1, "the visit did not arrive once")


def box(page: Page, item: str) -> Any:
    """Where an item's number is typed."""
    return page.locator(f"#item-{item}").get_by_role("textbox")


@pytest.mark.parametrize("release", RELEASED)
def test_a_database_of_an_earlier_release_is_opened_with_unsent_work_in_it(
    release: str, playwright: Playwright, browser: Browser, station: Station
) -> None:
    """Draft, finished visit and key are all there after the update; the visit is handed over."""
    made = json.loads((RELEASES / f"{release}.json").read_text(encoding="utf-8"))
    finished, begun = station.add_site(f"老版{release}甲"), station.add_site(f"老版{release}乙")
    with a_quick_phone(playwright, browser) as phone:
        page = phone.page
        enrol(phone, station)
        begin_visit(phone, station, finished)
        station.served.stop()
        finish_visit(phone)
        begin_visit(phone, station, begun)
        phone.number("LPG-03", "75")
        shown(page, "每一下都已存好")
        page.goto("about:blank")
        page.goto(f"{station.url}/field/manifest.webmanifest")  # the app's origin without the app
        page.evaluate(AS_RELEASED, made)
        station.served.serve()
        page.goto(f"{station.url}/field/#/")
        wait_for(
            lambda: len(inspections_of(station, finished)) == 1, "the visit was not handed over"
        )
        held = page.evaluate(READ_ALL)
        assert [draft["site"] for draft in held["drafts"]] == [begun]
        page.goto(f"{station.url}/field/#/sites/{begun}")
        phone.tap("接着查")
        expect(box(page, "LPG-03")).to_have_value("75")
