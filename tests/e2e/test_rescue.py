"""A phone that stays without a network hands its work over as files, and believes the receipt."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, Playwright, expect

from tests.e2e.phone import Phone
from tests.e2e.station import ADMIN_PASSWORD, Station
from tests.e2e.steps import (
    a_browser,
    a_quick_phone,
    enrol,
    fill_blanks,
    finish_visit,
    open_hazard,
    shown,
)

PHOTO = Path(__file__).resolve().parent.parent / "fixtures" / "photos" / "orientation_6.jpg"
DESK = {"width": 1440, "height": 900}
FRAME = (1280, 960)  # of the phone's camera
# The browser here has no share sheet: this one keeps what it is handed, once it may, and can be
# closed without sending, as a person does. Like the real ones it takes only endings it knows.
# And a reader of codes as Android has it without Google's services: it is there and does not work.
BROWSER_OF_A_CHEAP_PHONE = """
  window.BarcodeDetector = class {
    detect() { return Promise.reject(new DOMException('service unavailable', 'NotSupportedError')) }
  }
  const may = (key) => sessionStorage.getItem(key) === '1'
  const takes = ({ name }) => /[.]txt$/.test(name)
  navigator.canShare = ({ files }) => may('shares') && files.every(takes)
  navigator.share = async ({ files }) => {
    if (may('closes')) throw new DOMException('Share canceled', 'AbortError')
    window.handed = [...new Uint8Array(await files[0].arrayBuffer())]
  }
"""


@pytest.fixture(scope="module")
def camera(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the phone's camera sees: a film of pictures, opened when the camera is."""
    return tmp_path_factory.mktemp("camera") / "seen.mjpeg"


@pytest.fixture(scope="module")
def browser(playwright: Playwright, camera: Path) -> Iterator[Browser]:
    seen = f"--use-file-for-fake-video-capture={camera}"
    with a_browser(playwright, "--use-fake-device-for-media-stream", seen) as opened:
        yield opened


def record_visit_offline(phone: Phone, station: Station, site: str) -> None:
    """A finding with a photo, stored on a phone that has lost its network."""
    page = phone.page
    page.goto(f"{station.url}/field/#/sites/{site}")
    expect(page.get_by_role("button", name="开始检查", exact=True)).to_be_visible()
    assert phone.context is not None
    phone.context.set_offline(True)
    phone.tap("开始检查")
    phone.choose("LPG-12", "不合格")
    open_hazard(phone, "LPG-12")
    phone.photo(PHOTO)
    expect(page.locator("li.shot .mark.pass")).to_have_count(1)
    fill_blanks(phone)
    phone.tap("记下这条隐患")
    finish_visit(phone)


def export(phone: Phone, station: Station, folder: Path) -> list[Path]:
    """做成文件, and every one of them stored."""
    page = phone.page
    page.goto(f"{station.url}/field/#/hand-over")
    phone.tap("导出到文件（交给管理员）")
    phone.tap("做成文件")
    files = []
    buttons = page.get_by_role("button", name="存到手机", exact=True)
    expect(buttons.first).to_be_visible()
    for button in buttons.all():
        with page.expect_download() as stored:
            button.click()
        files.append(folder / stored.value.suggested_filename)
        stored.value.save_as(files[-1])
    return files


def open_desk(browser: Browser, station: Station) -> Page:
    """The admin signs in and goes to 手机文件."""
    page = browser.new_context(viewport=DESK, locale="zh-CN").new_page()
    page.goto(f"{station.url}/desk/")
    page.get_by_label("账号").fill("admin")
    page.get_by_label("密码").fill(ADMIN_PASSWORD)
    page.get_by_role("button", name="进站里").click()
    page.get_by_role("link", name="手机文件").click()
    return page


def share(phone: Phone, station: Station, folder: Path) -> Path:
    """发给管理员: the sheet is closed once without sending, then it hands the file over."""
    page = phone.page
    page.evaluate("sessionStorage.setItem('shares', '1'); sessionStorage.setItem('closes', '1')")
    page.goto(f"{station.url}/field/#/hand-over")
    phone.tap("导出到文件（交给管理员）")
    phone.tap("做成文件")
    phone.tap("发给管理员")
    expect(page.get_by_role("button", name="发给管理员", exact=True)).to_be_enabled()
    expect(page.locator(".part .done")).to_have_count(0)  # nothing is said to be sent
    expect(page.locator("[role=alert], .line.fail")).to_have_count(0)  # and nothing is wrong
    page.evaluate("sessionStorage.removeItem('closes')")
    phone.tap("发给管理员")
    shown(page, "发出去了")
    file = folder / "shared.gibatch.txt"
    file.write_bytes(bytes(page.evaluate("window.handed")))
    return file


def codes_on_screen(desk: Locator, folder: Path) -> list[Path]:
    """Each code of a receipt as it stands on the desk's screen, turned to one after another."""
    desk.get_by_role("button", name="给手机扫二维码").click()
    code, files = desk.get_by_role("img", name="收条的二维码"), []
    while True:
        files.append(folder / f"code{len(files)}.png")
        code.screenshot(path=files[-1])
        onward = desk.get_by_role("button", name="下一张")
        if not onward.count() or onward.is_disabled():
            return files
        before = code.get_attribute("src")
        onward.click()
        expect(code).not_to_have_attribute("src", before or "")
        code.evaluate("each => each.decode()")


def hold_before_camera(code: Path, film: Path) -> None:
    """The code somewhere in the camera's picture, on the desk's grey."""
    frame, shot = Image.new("RGB", FRAME, "#889"), Image.open(code).convert("RGB")
    frame.paste(shot.resize((700, 700)).rotate(4, expand=True, fillcolor="#fff"), (300, 110))
    jpeg = io.BytesIO()
    frame.save(jpeg, "JPEG", quality=80)
    film.write_bytes(jpeg.getvalue() * 2)


def choose(page: Page, label: str, file: Path) -> None:
    page.get_by_label(label).set_input_files(file)


def test_wang_fangs_week_without_network_comes_in_by_file_and_her_phone_believes_the_receipt(
    playwright: Playwright, browser: Browser, camera: Path, station: Station, tmp_path: Path
) -> None:
    """Made offline, imported twice at the desk, settled by the signed receipt alone.

    The receipt comes as codes: that of the photo as a picture, that of the words by the camera.
    """
    site = station.add_site("河边小馆")
    with a_quick_phone(playwright, browser, accept_downloads=True) as phone:
        assert phone.context is not None
        phone.context.add_init_script(BROWSER_OF_A_CHEAP_PHONE)
        phone.context.grant_permissions(["camera"])
        enrol(phone, station)
        record_visit_offline(phone, station, site)
        files = export(phone, station, tmp_path)
        # a browser that can share no files offers the download alone
        expect(phone.page.get_by_role("button", name="发给管理员")).to_have_count(0)
        assert len(files) == 1
        shared = share(phone, station, tmp_path)
        assert files[0].read_bytes().startswith(b"GIBATCH")
        desk = open_desk(browser, station)
        desk.locator("input[type=file]").set_input_files([shared, files[0], PHOTO])
        shown(desk, "张照片")
        expect(desk.get_by_text("读好了")).to_have_count(2)
        shown(desk, "站里早就有，没有重复收")
        shown(desk, "这不是手机导出的文件")
        back = desk.locator("section.return").first  # she exported twice: one receipt for each
        words, photo = codes_on_screen(back, tmp_path)
        with desk.expect_download() as receipt:
            back.get_by_role("button", name="下载收条文件").click()
        receipt.value.save_as(tmp_path / "receipt.gireceipt")
        page = phone.page
        choose(page, "选码的照片或截图", PHOTO)
        shown(page, "图里没有找到码")
        choose(page, "选码的照片或截图", photo)
        shown(page, "收妥了：1 张照片。还有")
        hold_before_camera(words, camera)
        phone.tap("扫收条的码")
        shown(page, "收妥了：")
        shown(page, "都交清了")
        choose(page, "选收条文件", tmp_path / "receipt.gireceipt")
        shown(page, "以前读过了")
        page.goto(f"{station.url}/field/#/hand-over")
        shown(page, "都收妥了")
        shown(page, "第 1 批")
    found = station.chief().call("GET", f"/inspections?site={site}")["items"]
    assert len(found) == 1, "it came in once"
