"""The field app on a full phone: 2,000 sites and 20,000 hazards, in real Chromium, CPU slowed 4x.

One site, one visit and its hazard are real; the phone then pulls thousands of copies of their rows
through its own door, the snapshot, so that it keeps them as it keeps any. Every time is told from
the touch, as the browser stamped it, to the frame after the change. It must not know how the app
does it.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Playwright, Route, expect, sync_playwright

from bench.field import SLOWER, wait_for
from bench.figures import Figure
from bench.slowed import how_slow, slow_page
from tests.e2e.phone import Phone, a_phone
from tests.e2e.phone_over_http import day, enrol
from tests.e2e.station import Station, make_station

SITES, HAZARDS, VISITS = 2_000, 20_000, 4_000
ROWS_MANY = 10_000
OPEN_ONE_IN = 8  # of the hazards; the others are closed
STARTS = 5
ROUNDS = 2
REST_MS = 600  # between two taps: nobody reads the next screen faster
START_S_MAX = 1.2
TAP_MS_MAX = 100
SEARCH_MS_MAX = 50
MOUNT_MS_MAX = 300
ROWS_A_PAGE = 2_000
WATCH = Path(__file__).with_name("full_phone.js").read_text(encoding="utf-8")
STREETS = "福兴顺达老街南门北河西关东桥德胜永安和平五一建设新华"
TRADES = ("川味馆", "五金店", "小卖部", "旅馆", "加工厂")
OPEN_STATES = ("confirmed_general", "rectifying", "fix_pending", "submitted")
Row = dict[str, Any]


def measure() -> list[Figure]:
    """Cold starts, taps and letters on a full phone; then a list of ten thousand rows."""
    with sync_playwright() as driver:
        with full_phone(driver, SITES) as (phone, station):
            slower = how_slow(phone, SLOWER)
            starts = [_start(phone, station) for _ in range(STARTS)]
            taps, letters = _walk(phone, station), _letters(phone, station)
        with full_phone(driver, ROWS_MANY) as (phone, station):
            mounts = [_mount(phone, station) for _ in range(ROUNDS)]
    return [
        slower,
        *_start_figures(starts),
        *_touch_figures(taps, letters),
        *_mount_figures(mounts),
    ]


# --- a full phone -----------------------------------------------------------------------------


@contextmanager
def full_phone(driver: Playwright, sites: int) -> Iterator[tuple[Phone, Station]]:
    """An enrolled phone with so many sites and all the hazards, and its station."""
    with tempfile.TemporaryDirectory(prefix="gi-bench-") as folder:
        station = make_station(Path(folder) / "data")
        try:
            with a_phone(driver, Path(folder) / "profile") as phone:
                fill(phone, station, sites)
                yield phone, station
        finally:
            station.served.stop()


def fill(phone: Phone, station: Station, sites: int) -> None:
    """Enrol it; its first snapshot is the station's with all the copies behind."""
    site = station.add_site("老街川味馆", address="老街 1 号", attributes={"stoves": 2}, lat=30.1,
                            lon=110.2, accuracy_m=12)  # fmt: skip
    told = {
        "item": "LPG-13",
        "finding": "连接软管长 2.3 米，超过 2 米，且穿墙",
        "measure": "更换软管",
    }
    enrol(station).submit(site, [told], photos=())
    page = phone.start()
    assert phone.context is not None
    phone.context.route("**/api/v1/sync/snapshot*", _Snapshot(sites))
    page.goto(station.enrolment()["url"])
    phone.tap("登记这部手机")
    expect(page.get_by_text("登记好了")).to_be_visible(timeout=120_000)
    phone.tap("去看今天")
    expect(page.locator("a.site-card").first).to_be_visible(timeout=120_000)
    page.wait_for_function("() => navigator.serviceWorker.ready.then(() => true)")
    page.reload()
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    page.locator("a.site-card").first.wait_for()
    page.wait_for_timeout(3 * REST_MS)
    phone.stop()


class _Snapshot:
    """Answers as the station does, and goes on with copies of the rows it sent."""

    def __init__(self, sites: int) -> None:
        self.sites = sites
        self.pages: list[list[Row]] = []
        self.answer: dict[str, Any] = {}

    def __call__(self, route: Route) -> None:
        if not self.pages:
            self.answer = route.fetch().json()
            rows = [*self.answer["rows"], *copies(self.answer["rows"], self.sites)]
            self.pages = [rows[at : at + ROWS_A_PAGE] for at in range(0, len(rows), ROWS_A_PAGE)]
        page = self.pages.pop(0)
        next_id = page[-1]["id"] if self.pages else None
        route.fulfill(json={**self.answer, "rows": page, "next": next_id})


def copies(rows: list[Row], sites: int) -> Iterator[Row]:
    """So many sites, all the visits and hazards, made of the one real row of each."""
    real = {row["type"]: row for row in rows if row["type"] in ("site", "inspection", "hazard")}
    for n in range(1, sites):
        yield _copy(real["site"], n, name=_name(n), initials=f"{'abcdfghjlm'[n % 10]}jcwg{n}",
                    grade="ABC"[n % 3], address=f"老街 {n} 号", lat=30.1 + n % 50 / 2000,
                    lon=110.2 + n % 41 / 2000,
                    registered_at="2026-01-05T00:00:00.000Z")  # fmt: skip
    for n in range(1, VISITS):
        on = day(0) if n % 8 == 0 else day(-20 - n % 150)
        yield _copy(real["inspection"], n, site=_id("site", n % sites, real), state="accepted",
                    day=on, started_at=f"{on}T01:00:00.000Z", finished_at=f"{on}T01:20:00.000Z",
                    hazards=[])  # fmt: skip
    for n in range(1, HAZARDS):
        state = "closed" if n % OPEN_ONE_IN else OPEN_STATES[n // OPEN_ONE_IN % 4]
        closed = {"closed_on": day(-n % 300)} if state == "closed" else {}
        yield _copy(real["hazard"], n, state=state, site=_id("site", n % sites, real),
                    inspection=_id("inspection", n % VISITS, real), deadline=day(n % 40 - 10),
                    found_on=day(-40 - n % 200), **closed)  # fmt: skip


def _copy(real: Row, n: int, **fields: Any) -> Row:
    row = deepcopy(real["row"])
    made = _id(real["type"], n, {real["type"]: real})
    return {**real, "id": made, "row": {**row, "id": made, **fields}}


def _id(kind: str, n: int, real: dict[str, Row]) -> str:
    """The real one's for number nought."""
    first = str(real[kind]["id"])
    return first if n == 0 else f"{first[:-12]}{n:012x}"


def _name(n: int) -> str:
    return f"{STREETS[n % 25]}{STREETS[n * 7 % 25]}{TRADES[n % 5]}{n}"


# --- the clock --------------------------------------------------------------------------------


def watched_page(phone: Phone, *, tap: bool = False) -> Page:
    """A fresh browser without network, slowed, with the watch in its pages."""
    page = slow_page(phone, SLOWER)
    page.add_init_script(WATCH if tap else f"{WATCH}; window.watch.start.tap = false")
    return page


def _start(phone: Phone, station: Station) -> Row:
    """From asking for the page until its list stands, and until a tap on a row has its answer."""
    page = watched_page(phone, tap=True)
    page.goto(f"{station.url}/field/", wait_until="commit")
    found: Row = wait_for(page, "window.watch?.start?.stands && window.watch.start")
    phone.stop()
    return found


def touched(page: Page, what: str, stands: str) -> Row:
    """A touch, until something changes and until what it asked for is there."""
    page.wait_for_timeout(REST_MS)
    place: list[float] = page.evaluate(f"window.watch.place({what})")
    page.wait_for_timeout(REST_MS)
    page.evaluate(f"window.watch.next('pointerup', () => {stands})")
    page.touchscreen.tap(*place)
    found: Row = wait_for(page, "window.watch.told")
    return found


def typed(page: Page, key: str) -> Row:
    """A letter into the search, until the number of hits has changed."""
    page.wait_for_timeout(REST_MS)
    count = "document.querySelector('.count p').textContent"
    page.evaluate(f"const was = {count}; window.watch.next('keydown', () => {count} !== was)")
    page.keyboard.press(key)
    found: Row = wait_for(page, "window.watch.told")
    return found


def tab(address: str) -> str:
    """The tab at the foot that leads there."""
    return f"'nav.tabs a[href=\"#{address}\"]'"


def named(where: str, text: str) -> str:
    """The first of these that begins with a word."""
    return f"() => window.watch.named('{where}', '{text}')"


FILE = "document.querySelector('main:not(.held) .file')"  # held: there, and not shown yet
ROW = "document.querySelector('main:not(.held) a.site-card')"
LIST = f"document.querySelector('.count p') && {ROW}"
TODAY = f"!{FILE} && document.querySelector('.order') && {ROW}"
UNANSWERED = (
    "() => [...document.querySelectorAll('[id^=item-] fieldset')]"
    ".find((each) => !each.querySelector('label.on')).querySelector('label')"
)
# what is touched one after the other, and what stands when it is answered in full
WALK = (
    ("今天, a site", "'a.site-card'", FILE),
    ("a site, back to 今天", "'.back'", TODAY),
    ("场所, for the first time", tab("/sites"), LIST),
    ("场所, a site", "'a.site-card'", FILE),
    ("a site, its visit", "'.foot .button.main'", "document.querySelector('[id^=item-] label')"),
    ("a visit, an answer", UNANSWERED, "window.watch.found.classList.contains('on')"),
    ("a visit, back to the site", "'.back'", FILE),
    ("a site, back again", "'.back'", LIST),
    ("上交", tab("/hand-over"), "document.querySelector('h1').textContent === '上交'"),
    ("场所 again", tab("/sites"), LIST),
    ("我的网格", "'a[href=\"#/grid\"]'", "document.querySelector('.groups')"),
    ("我的网格, only A级", "'.groups button'", "document.querySelector('.groups button.on')"),
    ("我的网格, back", "'.back'", f"!document.querySelector('.groups') && {ROW}"),
)
KEYS = (*"1234", *["Backspace"] * 4, "l", "Backspace")  # each changes the number of hits


def _ready(phone: Phone, station: Station) -> Page:
    """The list stands, and what comes behind it has come."""
    page = watched_page(phone)
    page.goto(f"{station.url}/field/")
    page.locator("a.site-card").first.wait_for()
    page.wait_for_timeout(3 * REST_MS)
    return page


def _walk(phone: Phone, station: Station) -> dict[str, list[Row]]:
    """Every touch once a round, in a browser started anew each time: the first touch counts too."""
    found: dict[str, list[Row]] = {}
    for _ in range(ROUNDS):
        page = _ready(phone, station)
        for name, what, stands in WALK:
            found.setdefault(name, []).append(touched(page, what, stands))
        phone.stop()
    return found


def _letters(phone: Phone, station: Station) -> list[float]:
    """From each key until the hits stand, typing a word and taking it back."""
    page = _ready(phone, station)
    touched(page, tab("/sites"), LIST)
    page.locator("#search").focus()
    took = [typed(page, key)["stands"] for key in KEYS]
    phone.stop()
    return took


def _mount(phone: Phone, station: Station) -> Row:
    """场所 with ten thousand rows, for the first time since the start."""
    page = _ready(phone, station)
    found = touched(page, tab("/sites"), LIST)
    phone.stop()
    return found


# --- the figures ------------------------------------------------------------------------------


def _start_figures(starts: list[Row]) -> list[Figure]:
    def of(name: str) -> tuple[float, float]:
        all_s = [each[name] / 1000 for each in starts]
        return statistics.median(all_s), max(all_s)

    listed, answered, stands = of("listed"), of("answered"), of("stands")
    return [
        Figure("full phone: cold offline start, list stands", listed[0], "s",
               note=f"median of {len(starts)}, worst {listed[1]:.2f}, {SLOWER}x"),
        Figure("full phone: start until a row answers a tap", answered[0], "s", START_S_MAX,
               note=f"worst {answered[1]:.2f}; its page whole {stands[0]:.2f} ({stands[1]:.2f})"),
    ]  # fmt: skip


def _touch_figures(taps: dict[str, list[Row]], letters: list[float]) -> list[Figure]:
    figures = []
    for name, took in taps.items():
        answered = [each["answered"] for each in took]
        whole = statistics.median(each["stands"] for each in took)
        note = f"worst {max(answered):.0f}; whole {whole:.0f}"
        figures.append(Figure(f"full phone: {name}", statistics.median(answered), "ms",
                              TAP_MS_MAX, note=note))  # fmt: skip
    return [
        *figures,
        Figure("full phone: a letter until its hits stand", statistics.median(letters), "ms",
               SEARCH_MS_MAX, note=f"{len(letters)} keys, worst {max(letters):.0f}"),
    ]  # fmt: skip


def _mount_figures(mounts: list[Row]) -> list[Figure]:
    stands = [each["stands"] for each in mounts]
    return [
        Figure("场所 with 10,000 rows, from the tap until it stands", statistics.median(stands),
               "ms", MOUNT_MS_MAX, note=f"median of {len(mounts)}, worst {max(stands):.0f}"),
    ]  # fmt: skip
