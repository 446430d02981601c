"""One inspector's day, end to end: 王芳 with a phone that dies, 刘海 at the desk, an export."""

from __future__ import annotations

import datetime
import subprocess
import time
import uuid
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import quote

import openpyxl
from PIL import Image, ImageChops
from playwright.sync_api import Locator, Page, Playwright, expect

from tests.e2e.phone import ARGUMENTS, CHROMIUM, Phone, a_phone
from tests.e2e.station import CHIEF_PASSWORD, DeskClient, Station, fact
from tests.e2e.steps import open_hazard

SITE = "老街川味馆"
PHOTOS = Path(__file__).resolve().parent.parent / "fixtures" / "photos"
STATION_ZONE = datetime.timezone(datetime.timedelta(hours=8))
JOB_SECONDS_MAX = 60
PHOTOS_TAKEN = 3
PHOTO_SIDE = 1400  # the station's own wish (photo_side_px)
PHOTO_BYTES_MAX = 250 * 1024  # the aim of pwa/src/data/scale.ts; the largest here is all noise
HAZARDS_FOUND = 4
DESK = {"width": 1440, "height": 900}
REMARK = "二楼楼梯口还是后门？写清楚。"


def months_ago(months: int) -> tuple[int, int]:
    """Year and month so many months before today."""
    today = datetime.datetime.now(STATION_ZONE).date()
    total = today.year * 12 + today.month - 1 - months
    return total // 12, total % 12 + 1


def enrol(phone: Phone, link: str) -> None:
    """Open the link and tap; the list of sites comes down."""
    phone.page.goto(link)
    phone.tap("登记这部手机")
    expect(phone.page.get_by_text("登记好了")).to_be_visible()
    phone.tap("去看今天")
    expect(phone.page.get_by_text(SITE)).to_be_visible()


def wait_for_offline_shell(page: Page) -> None:
    """The service worker has everything that a cold start without network needs."""
    page.wait_for_function("() => navigator.serviceWorker.ready.then(() => true)")
    page.reload()
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")


def open_site(phone: Phone, url: str) -> None:
    """From a cold start to the site's page."""
    phone.page.goto(f"{url}/field/")
    phone.page.get_by_text(SITE).first.click()


def answer_all(phone: Phone) -> None:
    """The values of the story: 120 kg and no gas room, a long old hose, a regulator from 2020."""
    phone.number("LPG-03", "120")
    phone.choose("LPG-04", "不合格")
    phone.number("LPG-13", "2.3")
    phone.month("LPG-15", *months_ago(26))
    phone.month("LPG-10", 2020, 5)
    phone.month("LPG-11", *months_ago(5))
    phone.number("LPG-09", "0.8")
    phone.number("LPG-22", "4")
    phone.month("LPG-19", *months_ago(-12))


def record_hazard(phone: Phone, item: str, photos: list[Path]) -> None:
    """The hazard under its item: add photos, record it."""
    open_hazard(phone, item)
    for number, photo in enumerate(photos, start=1):
        phone.photo(photo)
        expect(phone.page.locator("li.shot")).to_have_count(number)
        expect(phone.page.locator("li.shot .mark.pass")).to_have_count(number)
    phone.tap("记下这条隐患")
    expect(phone.item(item).get_by_text("隐患已记下")).to_be_visible()


def test_wang_fangs_day_from_enrolment_to_the_export(
    playwright: Playwright, station: Station, tmp_path: Path
) -> None:
    """Nothing is lost between a phone that is killed offline and a ledger that opens in Excel."""
    station.add_site(SITE)
    wish = {"name": "photo_side_px", "value": PHOTO_SIDE}
    station.admin.decide(fact("setting.set", str(uuid.uuid4()), wish))
    with a_phone(playwright, tmp_path / "profile") as phone:
        phone.start()
        enrol(phone, station.enrolment()["url"])
        wait_for_offline_shell(phone.page)
        phone.stop()
        fill_offline_and_die(phone, station)
        code = finish_offline(phone, station)
        hand_over(phone, station)
        found = station.chief().call("GET", f"/hazards?q={quote(code)}")["items"]
        assert [item["hazard"]["item"] for item in found] == ["LPG-13"], code
        assert [mark["shape"] for mark in found[0]["hazard"]["photos"][0]["marks"]] == ["circle"]
        return_one_at_the_desk(playwright, station)
        correct_and_resend(phone, station)
        assert phone.trouble == []
    confirm_all(station)
    check_export(station, tmp_path)


def fill_offline_and_die(phone: Phone, station: Station) -> None:
    """A cold start without network, the answers, one hazard, and death in the second, while she
    chooses one more photo."""
    phone.start(offline=True)
    open_site(phone, station.url)
    phone.tap("开始检查")
    answer_all(phone)
    expect(phone.page.get_by_text("每一下都已存好")).to_be_visible()
    record_hazard(phone, "LPG-04", [PHOTOS / "orientation_6.jpg", PHOTOS / "plain.jpg"])
    open_hazard(phone, "LPG-13")
    phone.item("LPG-13").locator("button.say").click()  # all of it has a page
    phone.page.get_by_label("部位").fill("后厨灶台下")
    phone.photo(PHOTOS / "large.jpg")
    expect(phone.page.locator("li.shot .mark.pass")).to_have_count(1)
    with phone.page.expect_file_chooser():
        phone.page.get_by_role("button", name="相册", exact=True).click()
    phone.kill()


def finish_offline(phone: Phone, station: Station) -> str:
    """Everything is still there; the rest is filled, and it is 存好. The code on the photo."""
    page = phone.start(offline=True)
    page.goto(f"{station.url}/field/")
    # back at the very photos she was at, and told what to do
    expect(
        page.get_by_text("上次拍照被系统中断。打勾的都存好了，缺的请重拍或从相册选取")
    ).to_be_visible()
    expect(page.get_by_label("部位")).to_have_value("后厨灶台下")
    expect(page.locator("li.shot")).to_have_count(1)
    code = share_the_photo(page)
    phone.tap("记下这条隐患")
    expect(phone.item("LPG-03").get_by_role("textbox")).to_have_value("120")
    for item in ("LPG-15", "LPG-10"):
        record_hazard(phone, item, [])
    page.get_by_role("button", name="合格", exact=False).filter(has_text="其余").click()
    page.get_by_role("dialog", name="重点再看一眼").get_by_role("button", name="收尾").click()
    page.get_by_text("不在场", exact=True).click()
    phone.tap("存好这次检查")
    expect(page.get_by_role("heading", name="已存好")).to_be_visible()
    phone.tap("回今天")
    expect(page.get_by_text("1 份检查、3 张照片只在这部手机里")).to_be_visible()
    return code


def circle_what_is_wrong(page: Page, picture: Locator) -> None:
    """With a finger, once too often; what was drawn last can be taken back."""
    page.get_by_role("button", name="画圈").click()
    dialog = page.get_by_role("dialog", name="隐患照片")
    expect(dialog.locator("svg.marks.drawing")).to_be_visible()  # its file comes with the first tap
    box = picture.bounding_box()
    assert box is not None
    for start, end in ((0.2, 0.5), (0.6, 0.8)):
        page.mouse.move(box["x"] + start * box["width"], box["y"] + start * box["height"])
        page.mouse.down()
        page.mouse.move(box["x"] + end * box["width"], box["y"] + end * box["height"], steps=3)
        page.mouse.up()
    drawn = dialog.locator("svg.marks g:last-child ellipse")
    expect(drawn).to_have_count(2)
    page.get_by_role("button", name="撤销", exact=True).click()
    expect(drawn).to_have_count(1)


def share_the_photo(page: Page) -> str:
    """Offline: the copy carries its words under the whole picture; the last line is the code."""
    page.get_by_role("button", name="看大图：隐患照片 1").click()
    sheet = page.get_by_role("dialog", name="隐患照片")
    lines = sheet.get_by_role("list", name="照片信息").get_by_role("listitem")
    expect(lines.first).to_contain_text(f"{SITE} · 后厨灶台下")
    picture = sheet.get_by_role("img")
    circle_what_is_wrong(page, picture)
    side = picture.evaluate("img => [img.naturalWidth, img.naturalHeight]")
    with page.expect_download() as coming:
        sheet.get_by_role("button", name="分享这张").click()
    with Image.open(coming.value.path()) as copy:
        assert copy.format == "JPEG"
        assert copy.width == side[0]
        assert copy.height > side[1], "a band with the words under the picture"
        band = copy.convert("L").crop((0, side[1] + 4, copy.width, copy.height))
        assert band.getextrema()[1] > 200, "words in the band"
        red, green, blue = copy.convert("RGB").split()
        red = ImageChops.subtract(red, ImageChops.lighter(green, blue))
        assert red.getextrema()[1] > 150, "the circle is on the copy"
    code = lines.last.inner_text()
    sheet.get_by_role("button", name="关闭").click()
    return code


def hand_over(phone: Phone, station: Station) -> None:
    """Online again: the receipt is shown and every photo is confirmed."""
    assert phone.context is not None
    phone.context.set_offline(False)
    phone.page.goto(f"{station.url}/field/#/hand-over")
    phone.page.get_by_role("button", name="现在上交").or_(
        phone.page.get_by_text("第 1 批")
    ).first.click()
    expect(phone.page.get_by_text("第 1 批")).to_be_visible()
    expect(phone.page.get_by_text("3 张").first).to_be_visible()
    held = wait_for(lambda: photos_held(station) == 3)
    assert held, "the station does not hold all three photos"
    hazards = hazards_of(station.chief()).values()
    pages = [station.chief().call("GET", f"/hazards/{each['id']}") for each in hazards]
    photos = [photo for each in pages for photo in each["photos"]]
    assert max(max(each["width"], each["height"]) for each in photos) == PHOTO_SIDE
    assert max(each["bytes"] for each in photos) <= PHOTO_BYTES_MAX


def photos_held(station: Station) -> int:
    """How many photos of hazards the station holds whole."""
    chief = station.chief()
    total = 0
    for hazard in hazards_of(chief).values():
        photos = chief.call("GET", f"/hazards/{hazard['id']}")["photos"]
        total += sum(bool(photo["held"]) for photo in photos)
    return total


def wait_for(done: Any) -> bool:
    """Ask until it is so, for a bounded time."""
    deadline = time.monotonic() + JOB_SECONDS_MAX
    while time.monotonic() < deadline:
        if done():
            return True
        time.sleep(0.5)
    return False


def hazards_of(desk: DeskClient) -> dict[str, dict[str, Any]]:
    """The ledger's hazards by checklist item."""
    items = desk.call("GET", "/hazards")["items"]
    return {each["hazard"]["item"]: each["hazard"] for each in items}


def return_one_at_the_desk(playwright: Playwright, station: Station) -> None:
    """刘海 sees four hazards, one suspected major, and returns the hose with a remark on 部位."""
    found = hazards_of(station.chief())
    assert set(found) == {"LPG-04", "LPG-10", "LPG-13", "LPG-15"}
    assert [item for item, row in found.items() if row["level"] != "general"] == ["LPG-04"]
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
    page = browser.new_page(viewport=DESK, locale="zh-CN", timezone_id="Asia/Shanghai")
    page.goto(f"{station.url}/desk/")
    page.get_by_label("账号").fill("liuhai")
    page.get_by_label("密码").fill(CHIEF_PASSWORD)
    page.get_by_role("button", name="进站里").click()
    page.get_by_text(SITE).first.click()
    page.get_by_text(found["LPG-13"]["finding"]).first.click()
    page.keyboard.press("r")
    page.get_by_text("部位", exact=True).last.click()
    page.get_by_label("部位要补什么").fill(REMARK)
    with page.expect_response(lambda told: told.url.endswith("/decisions") and told.ok):
        page.get_by_role("button", name="退回这条").click()
    browser.close()


def correct_and_resend(phone: Phone, station: Station) -> None:
    """The remark waits beside that very field; 王芳 corrects it and hands it over again."""
    page = phone.page
    page.goto(f"{station.url}/field/#/hand-over")
    page.reload()
    expect(page.get_by_text(REMARK)).to_be_visible()
    page.get_by_text(REMARK).click()
    expect(page.get_by_text(REMARK)).to_be_visible()
    page.get_by_label("部位").fill("一楼后门内灶台下")
    phone.tap("存好")
    assert wait_for(lambda: hazards_of(station.chief())["LPG-13"]["spot"] == "一楼后门内灶台下"), (
        "the correction did not arrive"
    )


def confirm_all(station: Station) -> None:
    """刘海 settles every hazard and accepts the inspection."""
    chief = station.chief()
    for item, row in hazards_of(chief).items():
        assert row["state"] == "submitted", (item, row["state"])
        chief.decide(confirmation(row))
    assert {row["state"] for row in hazards_of(chief).values()} == {
        "confirmed_general", "confirmed_major",
    }  # fmt: skip
    inspection = next(iter(hazards_of(chief).values()))["inspection"]
    page = chief.call("GET", f"/inspections/{inspection}")
    review = fact("inspection.reviewed", inspection, {"outcome": "accepted"})
    (row,) = chief.decide({**review, "after": page["inspection"]["heads"]})
    assert row["state"] == "accepted"


def confirmation(row: dict[str, Any]) -> dict[str, Any]:
    """General as it is; the suspected major one with the five settled."""
    if row["level"] == "general":
        return {**fact("hazard.confirmed", row["id"], {"level": "general"}), "after": row["heads"]}
    five = {
        "level": "major", "measure": "减到 100 千克以内", "deadline": row["deadline"],
        "fund_wan": 0.2, "contingency": "专人看守，停用后厨",
    }  # fmt: skip
    made = fact("hazard.confirmed", row["id"], five, private={"fix_owner": "张建国"})
    return {**made, "after": row["heads"]}


def check_export(station: Station, tmp_path: Path) -> None:
    """The .xlsx has the four rows and the three photos, for a library and for LibreOffice."""
    chief = station.chief()
    export = chief.call("POST", "/exports", {"format": "ledger_xlsx", "filters": {}})["id"]
    assert wait_for(lambda: chief.call("GET", f"/exports/{export}")["state"] == "done")
    file = tmp_path / "ledger.xlsx"
    file.write_bytes(chief.download(f"/exports/{export}/file"))
    book = openpyxl.load_workbook(file)
    cells = [str(cell.value) for sheet in book for row in sheet for cell in row if cell.value]
    for words in (SITE, "一楼后门内灶台下", "重大", "2.3", "减到 100 千克以内"):
        assert any(words in cell for cell in cells), words
    with zipfile.ZipFile(file) as packed:
        pictures = [name for name in packed.namelist() if name.startswith("xl/media/")]
    assert len(pictures) == PHOTOS_TAKEN
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{tmp_path}/office", "--headless",
         "--convert-to", "pdf", "--outdir", str(tmp_path), str(file)],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    pdf = tmp_path / "ledger.pdf"
    text = subprocess.run(["pdftotext", str(pdf), "-"], check=True, capture_output=True, text=True)
    assert text.stdout.replace("\n", "").count(SITE) >= HAZARDS_FOUND
    images = subprocess.run(["pdfimages", "-list", str(pdf)], capture_output=True, text=True)
    assert len(images.stdout.splitlines()) - 2 >= PHOTOS_TAKEN
