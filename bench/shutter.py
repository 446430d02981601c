"""The camera of the field app in real Chromium: from the shutter until the photo is on the disk.

And ten photos in a row on a slow phone: does the screen stand still, does memory grow.

A file of picture frames stands in for the lens. Slowing reaches the page, not its workers, as the
browser offers no more; it must not know the server beyond setting up a station.
"""

from __future__ import annotations

import io
import os
import random
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

from bench.figures import Figure
from tests.e2e.phone import Phone, a_phone
from tests.e2e.station import make_station
from tests.e2e.steps import begin_visit, enrol
from tests.e2e.thumb import ANDROID

SHOTS = 7
IN_A_ROW = 10
SLOWER = 6
DURABLE_MS_MAX = 400
TASK_MS_MAX = 1_000  # longer, and a person taps again
HEAP_MB_MAX = 8
FRAME_PIXELS = (1920, 1440)
BETWEEN_MS = 300
ONE_S = 1.5  # given to each photo where CPU is counted
LENS = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
# When the shutter was touched, when the photo's bytes were on the disk, and how the page fared.
WATCH = """
(() => {
  const seen = window.shutter = {touched: [], stored: [], tasks: [], gaps: []}
  addEventListener('click', (event) => {
    if (event.target.closest?.('.shutter')) seen.touched.push(performance.now())
  }, true)
  const begin = IDBDatabase.prototype.transaction
  IDBDatabase.prototype.transaction = function (stores, mode, options) {
    const made = begin.call(this, stores, mode, options)
    const photo = mode === 'readwrite' && [].concat(stores).includes('photoBodies')
    if (photo) made.addEventListener('complete', () => { seen.stored.push(performance.now()) })
    return made
  }
  new PerformanceObserver((list) => {
    for (const each of list.getEntries()) seen.tasks.push(each.duration)
  }).observe({type: 'longtask'})
  let before = performance.now()
  const frame = (now) => {
    seen.gaps.push(now - before)
    before = now
    requestAnimationFrame(frame)
  }
  requestAnimationFrame(frame)
})()
"""


def measure() -> list[Figure]:
    """One photo after the other at full speed, then ten in a row on a slow page."""
    with (
        tempfile.TemporaryDirectory(prefix="gi-bench-") as folder,
        _at_a_hazard(Path(folder)) as (
            page,
            devtools,
        ),
    ):
        _shoot(page, 1)  # the first opens databases and a worker
        took = [_durable_ms(page) for _ in range(SHOTS)]
        page_ms, all_ms = _cpu_a_photo(page, devtools, folder)
        task, gap, heap_before, heap_after, kept = _in_a_row(page, devtools)
    return [
        Figure("camera: shutter until the photo is on the disk", statistics.median(took), "ms",
               DURABLE_MS_MAX, note=f"median of {SHOTS}, worst {max(took):.0f} ms"),
        Figure("camera: CPU of all of the browser for a photo", all_ms, "ms",
               note=f"of it {page_ms:.0f} ms on the page's own thread, the film taken off"),
        Figure("camera: ten in a row, longest task of the page", task, "ms", TASK_MS_MAX,
               note=f"CPU slowed {SLOWER}x; longest time between two frames {gap:.0f} ms"),
        Figure("camera: that, memory of the page more than before", heap_after - heap_before, "MB",
               HEAP_MB_MAX, note=f"{heap_before:.1f} before, {heap_after:.1f} after"),
        Figure("camera: that, photos on the disk", kept, "", IN_A_ROW, "more"),
    ]  # fmt: skip


@contextmanager
def _at_a_hazard(folder: Path) -> Iterator[tuple[Page, Any]]:
    """A phone with a hazard open, its lens looking at a noisy wall, 连拍 chosen."""
    station = make_station(folder / "data")
    site = station.add_site("北河小吃店")
    lens = f"--use-file-for-fake-video-capture={_film(folder / 'wall.mjpeg')}"
    try:
        with (
            sync_playwright() as driver,
            a_phone(driver, folder / "profile", user_agent=ANDROID) as phone,
        ):
            phone.arguments = (*LENS, lens)
            phone.start()
            enrol(phone, station)
            phone.page.add_init_script(WATCH)
            begin_visit(phone, station, site)
            phone.page.reload()
            _open_camera(phone)
            assert phone.context is not None
            yield phone.page, phone.context.new_cdp_session(phone.page)
    finally:
        station.served.stop()


def _open_camera(phone: Phone) -> None:
    phone.number("LPG-13", "2.3")
    phone.item("LPG-13").locator("button.say").click()
    phone.tap("拍照")
    expect(phone.page.get_by_role("button", name="拍一张")).to_be_visible()
    phone.page.get_by_label("连拍").check()


def _film(path: Path) -> Path:
    """A few frames no two of which are alike; every photo of them is one of its own."""
    chance = random.Random(1)
    with path.open("wb") as film:
        for _ in range(12):
            small = (FRAME_PIXELS[0] // 6, FRAME_PIXELS[1] // 6)
            noise = Image.frombytes("L", small, chance.randbytes(small[0] * small[1]))
            frame = io.BytesIO()
            noise.resize(FRAME_PIXELS).convert("RGB").save(frame, "JPEG", quality=90)
            film.write(frame.getvalue())
    return path


def _shoot(page: Page, times: int) -> None:
    """As fast as a thumb: the next touch does not wait for the photo before it."""
    stored = page.evaluate("shutter.stored.length")
    for _ in range(times):
        page.evaluate("document.querySelector('.shutter').click()")
        page.wait_for_timeout(BETWEEN_MS)
    for _ in range(600):
        if page.evaluate("shutter.stored.length") >= stored + times:
            return
        page.wait_for_timeout(50)


def _durable_ms(page: Page) -> float:
    _shoot(page, 1)
    took: float = page.evaluate("shutter.stored.at(-1) - shutter.touched.at(-1)")
    return took


def _cpu_a_photo(page: Page, devtools: Any, folder: str) -> tuple[float, float]:
    """Milliseconds of CPU for one photo: of the page's thread, and of every process."""
    devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
    idle = _spent_s(page, devtools, folder, 0)
    page_s, all_s = _spent_s(page, devtools, folder, SHOTS)
    # the film costs as much while nobody shoots
    return (page_s - idle[0]) / SHOTS * 1000, (all_s - idle[1]) / SHOTS * 1000


def _spent_s(page: Page, devtools: Any, folder: str, shots: int) -> tuple[float, float]:
    """CPU seconds of the page's thread and of the browser in the time SHOTS photos are given."""
    page_before, before = _thread_s(devtools), _browser_s(folder)
    until = time.monotonic() + SHOTS * ONE_S
    _shoot(page, shots)
    page.wait_for_timeout(max(0, until - time.monotonic()) * 1000)
    return _thread_s(devtools) - page_before, _browser_s(folder) - before


def _thread_s(devtools: Any) -> float:
    found = devtools.send("Performance.getMetrics")["metrics"]
    return float(next(each["value"] for each in found if each["name"] == "TaskDuration"))


def _browser_s(folder: str) -> float:
    """CPU seconds of the processes that work for this profile, so far."""
    listed = subprocess.run(
        ["pgrep", "-f", "--", f"--user-data-dir={folder}/profile"], capture_output=True, text=True
    )
    ticks = 0
    for pid in listed.stdout.split():
        with suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _in_a_row(page: Page, devtools: Any) -> tuple[float, float, float, float, int]:
    """Longest task and frame gap in ms, the page's memory before and after in MB, photos kept."""
    before, stored = _heap_mb(devtools), page.evaluate("shutter.stored.length")
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.evaluate("shutter.tasks = []; shutter.gaps = []")
    _shoot(page, IN_A_ROW)
    task, gap = page.evaluate("[Math.max(0, ...shutter.tasks), Math.max(0, ...shutter.gaps)]")
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    page.wait_for_timeout(BETWEEN_MS)
    kept = page.evaluate("shutter.stored.length") - stored
    return task, gap, before, _heap_mb(devtools), kept


def _heap_mb(devtools: Any) -> float:
    """What the page holds after a thorough clearing: objects, and the bytes they point to."""
    devtools.send("HeapProfiler.collectGarbage")
    used = devtools.send("Runtime.getHeapUsage")
    names = ("usedSize", "embedderHeapUsedSize", "backingStorageSize")
    return float(sum(used.get(name, 0) for name in names)) / 1e6
