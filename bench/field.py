"""The field app in real Chromium: size of the first load, cold offline start, time until stored.

The page's own clock is read, with the page's CPU slowed four times; its service worker runs at full
speed. It must not know the server beyond setting up a station with a list to show.
"""

from __future__ import annotations

import gzip
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, Playwright, expect, sync_playwright

from bench.figures import Figure, percentiles_ms
from bench.slowed import how_slow, slow_page
from tests.e2e.phone import Phone, a_phone
from tests.e2e.station import LPG_PLACE, Station, fact, make_station
from tests.guards.test_field_bundle import DIST, first_load

SITES = 200
SITES_MANY = 2_000
MANY_TIMES_MAX = 2.5
STARTS_MANY = 3
SLOWER = 4
STARTS = 5
TAPS = 12
REST_MS = 500  # between two taps: nobody reads the next question faster, and the last one is drawn
WAIT_S_MAX = 60
FIRST_LOAD_KB_MAX = 110
START_S_MAX = 1.2
SAVE_P95_MS_MAX = 50
SITE = "北河小吃店 7"
# Written into the page before its own code: when the list stands, when a change is on the disk, and
# what the disk alone takes: one empty record put strictly into a database of its own.
WATCH = """
(() => {
  window.bench = {listed: null, stores: [], begun: null, told: () => {}}
  const look = () => {
    if (!document.body?.textContent.includes('北河小吃店')) return setTimeout(look, 10)
    void document.body.offsetHeight
    setTimeout(() => { window.bench.listed = performance.now() }, 0)
  }
  look()
  for (const kind of ['input', 'change', 'click'])
    document.addEventListener(kind, () => { window.bench.begun = performance.now() }, true)
  const begin = IDBDatabase.prototype.transaction
  IDBDatabase.prototype.transaction = function (stores, mode, options) {
    const made = begin.call(this, stores, mode, options)
    if (mode === 'readwrite' && options?.durability === 'strict') {
      const begun = window.bench.begun
      made.addEventListener('complete', () => {
        window.bench.stores.push([[].concat(stores).join(' '), performance.now() - begun])
        window.bench.told()
      })
    }
    return made
  }
  window.bench.next = () => {
    window.bench.stored = new Promise((done) => { window.bench.told = done })
  }
  window.bench.floor = async (times, rest) => {
    const asked = indexedDB.open('bench-floor')
    asked.onupgradeneeded = () => asked.result.createObjectStore('nothing')
    await new Promise((done) => { asked.onsuccess = done })
    const took = []
    while (took.length < times) {
      await new Promise((done) => setTimeout(done, rest))
      const begun = performance.now()
      const put = begin.call(asked.result, 'nothing', 'readwrite', {durability: 'strict'})
      put.objectStore('nothing').put(0, 0)
      put.commit()
      await new Promise((done) => { put.oncomplete = done })
      took.push(performance.now() - begun)
    }
    return took
  }
})()
"""


def measure() -> list[Figure]:
    """First load, then starts and saves with two hundred sites, then starts with two thousand."""
    figures = [Figure("field app: first load, JS and CSS", first_load_bytes() / 1000, "KB",
                      FIRST_LOAD_KB_MAX, note="gzip -9")]  # fmt: skip
    with sync_playwright() as driver:
        with _phone_with(driver, SITES) as (phone, station):
            figures.append(how_slow(phone, SLOWER))
            starts = [_cold_start(phone, station) for _ in range(STARTS)]
            saves, finish, floor = _saves(phone, station)
        with _phone_with(driver, SITES_MANY) as (phone, station):
            many = [_cold_start(phone, station) for _ in range(STARTS_MANY)]
    times = statistics.median(many) / statistics.median(starts)
    return [
        *figures,
        *_figures(starts, saves, finish, floor),
        Figure("field app: start with 2,000 sites", statistics.median(many), "s", note="4x"),
        Figure("field app: that, times the start with 200", times, "", MANY_TIMES_MAX),
    ]


@contextmanager
def _phone_with(driver: Playwright, sites: int) -> Iterator[tuple[Phone, Station]]:
    """An enrolled phone that has pulled the list of this many sites, and its station."""
    with tempfile.TemporaryDirectory(prefix="gi-bench-") as folder:
        station = make_station(Path(folder) / "data")
        try:
            _add_sites(station, sites)
            with a_phone(driver, Path(folder) / "profile") as phone:
                _enrol(phone, station)
                yield phone, station
        finally:
            station.served.stop()


def first_load_bytes() -> int:
    """JavaScript and CSS that the first screen needs, packed; `make test` guards the same sum."""
    files = [DIST / name for name in first_load(DIST) if name.endswith((".js", ".css"))]
    return sum(len(gzip.compress(file.read_bytes(), 9)) for file in files)


def _add_sites(station: Station, count: int) -> None:
    body: dict[str, Any] = {"place_types": [LPG_PLACE], "area": station.ids["grid"], "grade": "A"}
    sites = [
        fact("site.registered", f"00000000-0000-4000-8000-{number:012d}",
             {**body, "name": f"北河小吃店 {number}"})
        for number in range(count)
    ]  # fmt: skip
    for start in range(0, count, 100):
        station.admin.decide(*sites[start : start + 100])


def _enrol(phone: Phone, station: Station) -> None:
    page = phone.start()
    page.goto(station.enrolment()["url"])
    phone.tap("登记这部手机")
    expect(page.get_by_text("登记好了")).to_be_visible()
    phone.tap("去看今天")
    expect(page.get_by_text("北河小吃店").first).to_be_visible()
    page.wait_for_function("() => navigator.serviceWorker.ready.then(() => true)")
    page.reload()
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    phone.stop()


def _slow_page(phone: Phone) -> Page:
    """A fresh browser without network, slowed down, with the watch in its pages."""
    page = slow_page(phone, SLOWER)
    page.add_init_script(WATCH)
    return page


def wait_for(page: Page, what: str) -> Any:
    """Ask until it is there; the page's own policy forbids the driver's way of waiting."""
    until = time.monotonic() + WAIT_S_MAX
    while time.monotonic() < until:
        value = page.evaluate(what)
        if value:
            return value
        time.sleep(0.05)
    raise RuntimeError(f"the field app never came so far: {what}")


def _cold_start(phone: Phone, station: Station) -> float:
    """Seconds from asking for the page until its list stands and the main thread is free."""
    page = _slow_page(phone)
    page.goto(f"{station.url}/field/", wait_until="commit")
    listed = float(wait_for(page, "window.bench?.listed"))
    phone.stop()
    return listed / 1000


def _saves(phone: Phone, station: Station) -> tuple[list[float], list[float], list[float]]:
    """Milliseconds from each tap to its strict commit, from the last tap to that of the end, and
    those of an empty strict put in the same page."""
    page = _slow_page(phone)
    page.goto(f"{station.url}/field/")
    page.get_by_text("北河小吃店").first.click()
    phone.tap("开始检查")
    expect(page.locator("[id^=item-]").first).to_be_visible()
    page.wait_for_timeout(REST_MS)
    page.evaluate("window.bench.stores = []")
    for button in page.locator("[id^=item-]").get_by_text("合格", exact=True).all()[:TAPS]:
        _touch(page, button)
    saves: list[float] = page.evaluate("window.bench.stores.map((each) => each[1])")
    floor: list[float] = page.evaluate(f"window.bench.floor({TAPS}, {REST_MS})")
    page.get_by_role("button", name="合格", exact=False).filter(has_text="其余").click()
    phone.tap("收尾")
    page.get_by_text("不在场", exact=True).click()
    expect(page.get_by_role("button", name="存好这次检查")).to_be_visible()
    page.wait_for_timeout(REST_MS)
    page.evaluate("window.bench.stores = []")
    phone.tap("存好这次检查")
    expect(page.get_by_role("heading", name="已存好")).to_be_visible()
    ends: list[list[Any]] = page.evaluate("window.bench.stores")
    phone.stop()
    return saves, [milliseconds for stores, milliseconds in ends if "outbox" in stores], floor


def _touch(page: Page, button: Locator) -> None:
    """A bare touch, and nothing else asked of the page until it is stored: the driver's own way to
    click looks around in the page, four times slower, while the page should be storing."""
    button.scroll_into_view_if_needed()
    page.wait_for_timeout(REST_MS)
    box = button.bounding_box()
    assert box is not None
    page.evaluate("window.bench.next()")
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.evaluate("window.bench.stored")


def _figures(
    starts: list[float], saves: list[float], finish: list[float], floor: list[float]
) -> list[Figure]:
    p50, p95, _ = percentiles_ms([each / 1000 for each in saves])
    floor_p50, floor_p95, _ = percentiles_ms([each / 1000 for each in floor])
    return [
        Figure("field app: cold offline start, list stands", statistics.median(starts), "s",
               START_S_MAX, note=f"median of {STARTS}, worst {max(starts):.2f} s, 4x"),
        Figure("field app: a tap until its strict commit, p50", p50, "ms"),
        Figure("field app: a tap until its strict commit, p95", p95, "ms", SAVE_P95_MS_MAX,
               note=f"{len(saves)} taps, 4x; an empty put {floor_p50:.0f}, p95 {floor_p95:.0f} ms"),
        Figure("field app: finishing until its strict commit", max(finish), "ms", None,
               note="facts, outbox and signature of the visit, 4x"),
    ]  # fmt: skip
