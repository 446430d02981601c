"""`python -m tests.e2e.killed --kills 200`: Chromium is killed in the middle of saves.

One phone, one profile: she types, takes a picture, finishes a visit, hands over; SIGKILL falls at
a random moment. What the screen had called stored is kept here, apart from the phone, and must be
there after every start; at the end the station holds each finished visit once.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Error, Playwright, expect, sync_playwright

from tests.e2e.phone import Phone
from tests.e2e.station import Station, make_station
from tests.e2e.steps import a_picture, enrol, finish_visit, inspections_of, open_hazard, wait_for

ITEM = "LPG-03"
"""A number field: what it holds tells how many saves came through."""
# The screen draws a change at the latest so long after it, stored or not (DRAW_WAIT_MS_MAX of
# pwa/src/data/drafts.ts, and a frame): from then on 已存好 means this change.
DRAWN_MS = 100
KILL_AFTER_MS_MAX = {"typing": 900, "photo": 2_500, "finishing": 5_000}
WEIGHTS = {"typing": 4, "photo": 3, "finishing": 3}
SECONDS_AFTER_KILL_MAX = 20
BACK_AT_THE_CAMERA_MAX = 4
SITE_MS_MAX = 5_000

TYPE_ON = """async ({ item, from, drawn }) => {
  const box = document.querySelector(`#item-${item} input`)
  const pause = (ms) => new Promise((over) => setTimeout(over, ms))
  for (let value = from; ; value += 1) {
    box.value = String(value)
    box.dispatchEvent(new Event('input', { bubbles: true }))
    await pause(drawn)
    while (!document.body.textContent.includes('每一下都已存好')) await pause(5)
    await window.stored(value)
  }
}"""
READ_ALL = """async () => {
  const opened = await new Promise((done, failed) => {
    const opening = indexedDB.open('gi')
    opening.onsuccess = () => done(opening.result)
    opening.onerror = () => failed(opening.error)
  })
  const names = ['drafts', 'facts', 'outbox', 'photoBodies', 'photoUses', 'counters']
  const asked = opened.transaction(names)
  const all = (name) => new Promise((done) => {
    const reading = asked.objectStore(name).getAll()
    reading.onsuccess = () => done(reading.result)
  })
  const found = {}
  await Promise.all(names.map(async (name) => { found[name] = await all(name) }))
  opened.close()
  const hex = (byte) => byte.toString(16).padStart(2, '0')
  const hash = async (body) =>
    [...new Uint8Array(await crypto.subtle.digest('SHA-256', body))].map(hex).join('')
  const bodies = await Promise.all(
    found.photoBodies.map(async ({ sha256, body }) => [sha256, await hash(body)]))
  return { ...found, photoBodies: bodies }
}"""


class Lost(AssertionError):
    """Something the screen had called stored is not there."""


@dataclass
class Kept:
    """What the screen called stored: kept here, apart from the phone."""

    site: str = ""
    typed: int = 0
    asked: int = 0
    photos: int = 0
    """pictures in the open draft"""
    finished: list[str] = field(default_factory=list)
    """sites whose visit was 已存好"""
    finishing: str | None = None
    """a site whose visit may be stored, or not: the kill fell before anybody saw it"""


class Killer:
    """Counts down in a thread of its own, so that the kill can fall inside any step."""

    def __init__(self, phone: Phone, after_ms: float) -> None:
        self.phone = phone
        self.struck = False
        self.timer = threading.Timer(after_ms / 1000, self.strike)
        self.timer.start()

    def strike(self) -> None:
        self.struck = True
        self.phone.kill()

    def wait(self) -> None:
        self.timer.join(SECONDS_AFTER_KILL_MAX)


class KilledPhone:
    """One profile that lives through every kill."""

    def __init__(self, playwright: Playwright, station: Station, folder: Path, seed: int) -> None:
        self.station = station
        self.chance = random.Random(seed)
        self.phone = Phone(playwright, folder / "profile")
        self.kept = Kept()
        self.visits = 0
        self.photos = 0
        self.kills: Counter[str] = Counter()
        self.called_stored: Counter[str] = Counter()

    def enrol(self) -> None:
        """The phone is the station's, and starts without a network from now on."""
        self.phone.start()
        enrol(self.phone, self.station)
        self.phone.page.reload()
        self.phone.page.wait_for_function("() => navigator.serviceWorker.controller !== null")
        self.phone.stop()

    def once(self) -> None:
        """Start, look that everything is there, work, be killed."""
        page = self.phone.start()
        page.expose_function("stored", self.note)  # the driver loses its way if killed in this
        page.goto(f"{self.station.url}/field/#/")
        self.look()
        if not self.kept.site:
            self.next_site()
        steps = {"typing": self.type_on, "photo": self.take_photo, "finishing": self.finish}
        (name,) = self.chance.choices(list(WEIGHTS), list(WEIGHTS.values()))
        self.open_visit()
        killer = Killer(self.phone, self.chance.uniform(0, KILL_AFTER_MS_MAX[name]))
        try:
            steps[name]()
            page.wait_for_timeout(SECONDS_AFTER_KILL_MAX * 1_000)
        except Lost:
            raise
        except (Error, AssertionError):
            if not killer.struck:  # it failed before it was killed
                raise
        killer.wait()
        assert self.phone.context is None, "the kill did not come"
        self.kills[name] += 1

    def next_site(self) -> None:
        self.visits += 1
        self.kept = Kept(
            site=self.station.add_site(f"第{self.visits}家面馆"), finished=self.kept.finished
        )
        self.phone.page.reload()  # a start asks the station what is new

    def open_visit(self) -> None:
        page = self.phone.page
        begin_or_go_on(self.phone, self.station, self.kept.site)
        if self.kept.typed:
            held = int(page.locator(f"#item-{ITEM} input").first.input_value())
            if not self.kept.typed <= held <= self.kept.asked:
                raise Lost(f"{self.kept.typed} was stored, up to {self.kept.asked} typed: {held}")

    def type_on(self) -> None:
        """Digit after digit; each is told to this process once the screen says 已存好."""
        page = self.phone.page
        start = self.kept.asked + 1
        self.kept.asked += 10_000  # whatever was typed and not called stored may be there or not
        page.evaluate(TYPE_ON, {"item": ITEM, "from": start, "drawn": DRAWN_MS})

    def note(self, value: int) -> None:
        self.kept.typed = value
        self.called_stored["typing"] += 1

    def take_photo(self) -> None:
        """A picture for a hazard; it counts once its mark is drawn."""
        page, phone = self.phone.page, self.phone
        phone.choose("LPG-12", "不合格")
        open_hazard(phone, "LPG-12")
        marks = page.locator("li.shot .mark.pass")
        if self.kept.photos:
            expect(marks.nth(self.kept.photos - 1)).to_be_visible()
        before = marks.count()  # one more, if a kill fell between the save and the look
        self.photos += 1
        phone.photo(a_picture(self.phone.profile.parent / f"{self.photos}.jpg", self.photos))
        expect(marks).to_have_count(before + 1)
        self.kept.photos = before + 1
        self.called_stored["photo"] += 1

    def finish(self) -> None:
        """The visit becomes facts, in one transaction."""
        self.kept.finishing = self.kept.site
        finish_visit(self.phone)
        self.kept.finished.append(self.kept.site)
        self.kept.finishing = None
        self.kept.site = ""
        self.called_stored["finishing"] += 1

    def look(self) -> None:
        """What lies in the database against what was called stored."""
        self.check(self.phone.page.evaluate(READ_ALL))

    def check(self, held: dict[str, Any]) -> None:
        """Raises Lost."""
        check_numbers(held)
        check_photos(held)
        visited = [fact["site"] for fact in held["facts"] if fact["kind"] == "inspection.submitted"]
        if len(visited) != len(set(visited)):
            raise Lost("a visit became facts twice")
        missing = set(self.kept.finished) - set(visited)
        if missing:
            raise Lost(f"{len(missing)} finished visits are gone")
        self.settle(visited)

    def settle(self, visited: list[str]) -> None:
        """A kill inside the last step leaves the whole visit or the whole draft, never half."""
        site, self.kept.finishing = self.kept.finishing, None
        if site is not None and site in visited:
            self.kept.finished.append(site)
            self.kept.site = ""
            self.called_stored["finishing, unseen"] += 1


def begin_or_go_on(phone: Phone, station: Station, site: str) -> None:
    """Into the checklist: a new visit, or the one that was cut off."""
    begin = phone.page.get_by_role("button", name="开始检查", exact=True)
    go_on = phone.page.get_by_role("button", name="接着查", exact=True)
    for _ in range(BACK_AT_THE_CAMERA_MAX):
        phone.page.goto(f"{station.url}/field/#/sites/{site}")
        with suppress(AssertionError):  # killed at the camera, the app goes back to that item first
            expect(begin.or_(go_on).first).to_be_visible(timeout=SITE_MS_MAX)
            break
    begin.or_(go_on).first.click()
    expect(phone.item(ITEM)).to_be_visible()


def check_numbers(held: dict[str, Any]) -> None:
    """1, 2, 3 ... without a hole, and whatever is not receipted stands in the outbox (I15, I4)."""
    numbers = sorted(fact["n"] for fact in held["facts"])
    if numbers != list(range(1, len(numbers) + 1)):
        raise Lost(f"numbers with a hole: {numbers}")
    if held["counters"] and held["counters"][0]["next_n"] != len(numbers) + 1:
        raise Lost(f"the counter stands at {held['counters'][0]['next_n']} after {len(numbers)}")
    waiting = {entry["ref"] for entry in held["outbox"]}
    for fact in held["facts"]:
        if fact["state"] != "receipted" and fact["id"] not in waiting:
            raise Lost(f"fact {fact['n']} is neither receipted nor in the outbox")


def check_photos(held: dict[str, Any]) -> None:
    """Every picture a draft or a fact names is there, byte for byte (I13)."""
    bodies = dict(held["photoBodies"])
    named = {use["sha256"] for use in held["photoUses"]}
    for fact in held["facts"]:
        named |= set(fact["photos"])
    for sha256 in named:
        if bodies.get(sha256) != sha256:
            raise Lost(f"photo {sha256[:12]} is not what was taken")


def hand_over_all(killed: KilledPhone) -> None:
    """At the end nothing is killed any more: every finished visit is at the station once."""
    page = killed.phone.start()
    page.goto(f"{killed.station.url}/field/#/")
    killed.look()
    page.goto(f"{killed.station.url}/field/#/hand-over")
    wait_for(lambda: page.evaluate(READ_ALL)["outbox"] == [], "the phone did not hand over all")
    killed.phone.stop()
    for site in killed.kept.finished:
        stored = len(inspections_of(killed.station, site))
        if stored != 1:
            raise Lost(f"a visit is at the station {stored} times")


def run(
    playwright: Playwright, station: Station, folder: Path, *, kills: int, seed: int
) -> KilledPhone:
    """`kills` kills on one profile; raises Lost when anything called stored is not there."""
    killed = KilledPhone(playwright, station, folder, seed)
    killed.enrol()
    began = time.monotonic()
    for number in range(1, kills + 1):
        killed.once()
        if number % 10 == 0:
            print(f"{number} kills, {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    hand_over_all(killed)
    return killed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 30))
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        station = make_station(folder / "station")
        try:
            killed = run(playwright, station, folder, kills=told.kills, seed=told.seed)
        except BaseException:
            print(f"again: python -m tests.e2e.killed --kills {told.kills} --seed {told.seed}")
            raise
        finally:
            station.served.stop()
    print(f"seed {told.seed}: killed in {dict(killed.kills)},", end=" ")
    print(f"called stored before {dict(killed.called_stored)}, nothing lost")
    return 0 if all(killed.called_stored[each] for each in WEIGHTS) else 1


if __name__ == "__main__":
    sys.exit(main())
