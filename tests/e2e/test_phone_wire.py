"""The phone in real Chromium on a line that breaks at chosen bytes: every visit arrives once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, expect

from tests.e2e.phone import Phone
from tests.e2e.station import Station
from tests.e2e.steps import (
    PICTURE_PIXELS,
    a_picture,
    a_quick_phone,
    enrol,
    fill_blanks,
    finish_visit,
    inspections_of,
    open_hazard,
    photos_held,
    wait_for,
)
from tests.faults.proxy import Fault, Proxy

SLOW_BYTES_PER_S = 5_000
SLOW_PICTURE_PIXELS = (320, 240)  # a few seconds on that line
# What happens to the first connection on which the phone hands a visit over.
FAULTS = {
    "请求没有出去": Fault(up_bytes=0, how="reset"),
    "断在请求头": Fault(up_bytes=120),
    "断在正文": Fault(up_bytes=1_400),
    "收下了回信丢了": Fault(down_bytes=0),
    "回信断在一半": Fault(down_bytes=260),
    "同一请求到了两次": Fault(twice=True),
    "每秒五千字节": Fault(bytes_per_s=SLOW_BYTES_PER_S),
}
HANDED_OVER_MS_MAX = 60_000


@pytest.fixture
def line(station: Station) -> Iterator[Proxy]:
    """The station is reached through it; its links name it too."""
    with Proxy(station.served.port) as proxy:
        station.served.stop()
        station.served.settings["GI_PUBLIC_URL"] = f"http://127.0.0.1:{proxy.port}"
        station.served.serve()
        yield proxy


def test_every_visit_arrives_once_however_the_line_breaks(
    playwright: Playwright, browser: Browser, station: Station, line: Proxy, tmp_path: Path
) -> None:
    """One fault a visit, a photo in each; nobody does anything but wait."""
    sites = {name: station.add_site(name) for name in FAULTS}
    with a_quick_phone(playwright, browser) as phone:
        enrol(phone, station)
        for number, (name, fault) in enumerate(FAULTS.items()):
            pixels = PICTURE_PIXELS if fault.bytes_per_s is None else SLOW_PICTURE_PIXELS
            picture = a_picture(tmp_path / f"{number}.jpg", number, pixels)
            visit_without_signal(phone, line, sites[name], picture)
            line.hang_up()
            line.plan(fault)
            assert phone.context is not None
            phone.context.set_offline(False)
            if fault.bytes_per_s is None:  # a slow line goes on for as long as it is used
                wait_for(fault.over.is_set, f"{name}: the fault did not happen")
            phone.page.goto(f"http://127.0.0.1:{line.port}/field/#/hand-over")
            all_over = phone.page.get_by_text("都已上交")
            expect(all_over.first).to_be_visible(timeout=HANDED_OVER_MS_MAX)
            assert len(inspections_of(station, sites[name])) == 1, name
    wait_for(lambda: photos_held(station) == len(FAULTS), "a photo is missing at the station")


def visit_without_signal(phone: Phone, line: Proxy, site: str, picture: Path) -> None:
    """A hazard with a photo, stored on the phone only."""
    assert phone.context is not None
    page = phone.page
    page.goto(f"http://127.0.0.1:{line.port}/field/#/sites/{site}")
    expect(page.get_by_role("button", name="开始检查", exact=True)).to_be_visible()
    phone.context.set_offline(True)
    phone.tap("开始检查")
    phone.choose("LPG-12", "不合格")
    open_hazard(phone, "LPG-12")
    phone.photo(picture)
    expect(page.locator("li.shot .mark.pass")).to_have_count(1)
    fill_blanks(phone)
    phone.tap("记下这条隐患")
    finish_visit(phone)
