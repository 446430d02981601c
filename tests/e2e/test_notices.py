"""整改通知书 in real Chromium: drawn, signed and given away without signal, then numbered.

The number is the same again after the station's machine was lost.
"""

from __future__ import annotations

import io
import re
import shutil
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.e2e.desk import axe_of, desk
from tests.e2e.phone import Phone
from tests.e2e.station import Station
from tests.e2e.steps import (
    a_quick_phone,
    begin_visit,
    enrol,
    open_hazard,
    wait_for,
)
from tests.served import Served, cli

KEYS = ("station-key.pem", "rescue-key.pem")
A4 = (1240, 1754)
FORMAL = re.compile(r"〔\d{4}〕1号")
# What a share sheet would be given is kept instead of shown: no browser under test has one.
SHARE_SHEET = """
window.given = []
navigator.canShare = (data) => Boolean(data.files?.length)
navigator.share = async (data) => {
  for (const file of data.files) {
    const bytes = new Uint8Array(await file.arrayBuffer())
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
    window.given.push({ name: file.name, type: file.type, hex })
  }
}
"""


def two_hazards_and_done(phone: Phone, station: Station, site: str) -> None:
    """A visit with two hazards, nobody asked to sign it yet."""
    begin_visit(phone, station, site)
    phone.number("LPG-03", "120")
    phone.choose("LPG-04", "不合格")
    phone.number("LPG-13", "2.3")
    for item in ("LPG-04", "LPG-13"):
        open_hazard(phone, item)
        phone.tap("记下这条隐患")
        expect(phone.item(item).get_by_text("隐患已记下")).to_be_visible()
    phone.tap("收尾")
    phone.page.get_by_text("不在场", exact=True).click()
    phone.tap("存好这次检查")
    expect(phone.page.get_by_role("heading", name="已存好")).to_be_visible()


def sign(page: Page) -> None:
    """A finger on the pad."""
    page.get_by_text("现场签字", exact=True).click()
    pad = page.get_by_role("img", name="手写签名")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 40, box["y"] + 90)
    page.mouse.down()
    for step in range(1, 9):
        page.mouse.move(box["x"] + 40 + 25 * step, box["y"] + 90 + (30 if step % 2 else -30))
    page.mouse.up()
    expect(page.get_by_text("签名已存好")).to_be_visible()


def given(phone: Phone, button: str) -> dict[str, Any]:
    """The file a tap hands to the share sheet."""
    page = phone.page
    expect(page.get_by_role("button", name=button)).to_be_enabled()
    page.evaluate("window.given = []")
    phone.tap(button)
    wait_for(lambda: bool(page.evaluate("window.given.length")), "nothing was given")
    files: list[dict[str, Any]] = page.evaluate("window.given")
    assert len(files) == 1
    return {**files[0], "bytes": bytes.fromhex(files[0]["hex"])}


def check_files(phone: Phone, provisional: str) -> None:
    """A picture of one A4 page with ink on it, and a PDF that holds such a page."""
    picture = given(phone, "发图片")
    assert (picture["type"], provisional in picture["name"]) == ("image/png", True)
    with Image.open(io.BytesIO(picture["bytes"])) as image:
        assert (image.format, image.size) == ("PNG", A4)
        grey = image.convert("L")
        assert grey.getextrema()[0] < 60, "an empty page"
        code = grey.crop((A4[0] - 340, 0, A4[0] - 130, A4[1])).point(lambda dot: dot < 60 and 255)
        assert code.getbbox() is not None, "no code on it"
    pdf = given(phone, "发 PDF")
    assert pdf["bytes"].startswith(b"%PDF-1.")
    assert b"/MediaBox[0 0 595.28 841.89]" in pdf["bytes"]
    start = pdf["bytes"].index(b"\xff\xd8\xff")
    with Image.open(io.BytesIO(pdf["bytes"][start:])) as page_of_it:
        assert (page_of_it.format, page_of_it.size) == ("JPEG", A4)
    table = int(pdf["bytes"].rsplit(b"startxref\n", 1)[1].split(b"\n")[0])
    assert pdf["bytes"][table : table + 4] == b"xref"


def documents(station: Station, site: str) -> list[dict[str, Any]]:
    """What the desk shows on the site's page."""
    found: list[dict[str, Any]] = station.chief().call("GET", f"/sites/{site}")["documents"]
    return found


def restored_in_place(station: Station, backups: Path, folder: Path) -> Station:
    """The machine is gone; another one answers at the same address."""
    station.served.stop()
    folder.mkdir()
    for name in KEYS:
        shutil.copy(station.served.data / name, folder / name)
    served = Served(folder, port=station.served.port)
    served.settings = {"GI_PUBLIC_URL": served.url}
    cli(folder, "restore", "from", str(backups), **served.settings)
    served.serve()
    return Station(served, station.admin, dict(station.ids))


def test_a_notice_is_signed_and_given_away_offline_and_keeps_its_number_through_a_lost_machine(
    playwright: Playwright, browser: Browser, station: Station, tmp_path: Path
) -> None:
    site = station.add_site("清溪面馆")
    cli(station.served.data, "backup", "make", str(tmp_path / "backups"), **station.served.settings)
    with a_quick_phone(playwright, browser) as phone:
        phone.context.add_init_script(SHARE_SHEET)  # type: ignore[union-attr]
        enrol(phone, station)
        page = phone.page
        page.reload()
        page.wait_for_function("() => navigator.serviceWorker.controller !== null")
        expect(page.get_by_text("清溪面馆").first).to_be_visible()
        phone.context.set_offline(True)  # type: ignore[union-attr]
        two_hazards_and_done(phone, station, site)
        phone.tap("出整改通知书")
        paper = page.get_by_alt_text(re.compile("安全隐患整改通知书 第 1 页"))
        expect(paper).to_be_visible()
        phone.tap("出具这份通知书")
        expect(page.get_by_role("alert")).to_contain_text("请选现场有没有人签字")
        sign(page)
        assert axe_of(page) == []
        phone.tap("出具这份通知书")
        expect(page.get_by_text("只在本机，已存好")).to_be_visible()
        told = page.get_by_text("临时编号").first.inner_text()
        provisional = re.search(r"临-[0-9A-F]{8}-\d+", told)
        assert provisional is not None, told
        assert axe_of(page) == []
        check_files(phone, provisional[0])
        visit = page.url
        page.goto(f"{station.url}/field/#/hand-over")

        phone.context.set_offline(False)  # type: ignore[union-attr]
        wait_for(lambda: bool(documents(station, site)), "the notice never arrived")
        number = documents(station, site)[0]["number"]
        assert FORMAL.search(number), number
        page.goto(visit)
        shown_number(page, number)
        seen_and_voided_at_the_desk(browser, station, site, number, provisional[0])
        page.reload()
        expect(page.get_by_text("已作废：单位名称写错")).to_be_visible(timeout=60_000)

        second = restored_in_place(station, tmp_path / "backups", tmp_path / "second")
        try:
            page.reload()
            wait_for(lambda: bool(documents(second, site)), "the notice did not come back")
            wait_for(lambda: documents(second, site)[0]["number"] == number, "another number")
            page.goto(visit)
            shown_number(page, number)
        finally:
            second.served.stop()


def shown_number(page: Page, number: str) -> None:
    """The phone has heard of the station's number and says it beside its own."""
    expect(page.get_by_text(f"文号 {number}")).to_be_visible(timeout=60_000)


def seen_and_voided_at_the_desk(
    browser: Browser, station: Station, site: str, number: str, provisional: str
) -> None:
    """The chief finds it on the site and on its hazard, with both numbers, and voids it."""
    with desk(browser, station) as shown:
        hazard = documents(station, site)[0]["hazards"][0]
        shown.goto(f"{station.url}/desk/#/hazards/{hazard}")
        expect(shown.get_by_label("整改通知书")).to_contain_text(number)
        shown.goto(f"{station.url}/desk/#/sites/{site}")
        shown.get_by_label("整改通知书").get_by_role("link").click()
        expect(shown.get_by_role("heading", name=number)).to_be_visible()
        expect(shown.get_by_text(f"临时编号 {provisional}")).to_be_visible()
        expect(shown.get_by_alt_text(re.compile("安全隐患整改通知书 第 1 页"))).to_be_visible()
        assert axe_of(shown) == []
        shown.get_by_role("button", name="作废").click()
        shown.get_by_label("为什么作废").fill("单位名称写错")
        shown.get_by_role("dialog").get_by_role("button", name="作废").click()
        expect(shown.get_by_text("作废原因：单位名称写错")).to_be_visible()
    assert documents(station, site)[0]["state"] == "void"
