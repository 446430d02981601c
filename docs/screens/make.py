"""Makes the pictures of this folder: every main screen of both apps, on the demo township.

`make screens` runs it. 王芳's phone does a visit on the way, so that its screens show real work.
With a folder of finished demo data as its argument it works on a copy of that and starts at once.
It must not know how the screens are made, only where they are and what a person taps.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from app.demo.people import ADMIN, CHIEF, PASSWORD  # noqa: E402 - found only from the root
from app.demo.scenes import draw_photo  # noqa: E402
from tests.e2e.phone import ARGUMENTS, CHROMIUM, PHONE, Phone  # noqa: E402
from tests.e2e.station import DeskClient  # noqa: E402
from tests.e2e.steps import open_hazard  # noqa: E402
from tests.served import Served, cli  # noqa: E402

HERE = Path(__file__).resolve().parent
WIDE = {"width": 1440, "height": 900}
ON_SITE = {"latitude": 36.49406, "longitude": 118.21604, "accuracy": 12}
COLOURS = 256
PICTURES_BYTES_MAX = 4_000_000
SETTLE_MS = 400
EXPORT_SECONDS_MAX = 60
SIGNED_IN = re.compile("#/review")  # the address of signing in ends in /review too
PHONE_ONLY = ("queue", "more")
"""On a wide desk the queue stands beside the submission, and the menu is always there."""
VISITED, RETURNED = "老街川味馆", "福兴五金店"
WECHAT = "Mozilla/5.0 (Linux; Android 12) AppleWebKit/537.36 Chrome/116.0.0.0 MicroMessenger/8.0.49"


def main(words: list[str]) -> None:
    """All pictures, then how large they are together."""
    with township(Path(words[0]) if words else None) as served, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        wechat(browser, served)
        field(playwright, browser, served)
        for size, view in (("1440", WIDE), ("390", PHONE)):
            desk(browser, served, size, view)
        browser.close()
    total = sum(path.stat().st_size for path in HERE.glob("*.png"))
    print(f"{len(list(HERE.glob('*.png')))} pictures, {total / 1e6:.1f} MB")
    if total > PICTURES_BYTES_MAX:
        raise SystemExit(f"stopped: more than {PICTURES_BYTES_MAX / 1e6:.0f} MB of pictures")


@contextmanager
def township(made: Path | None) -> Iterator[Served]:
    """The demo township, served on a free port from a folder that is thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        served = Served(data)
        served.settings = {"GI_PUBLIC_URL": served.url}
        if made:
            shutil.copytree(made, data)
        else:
            for word in ("migrate", "setup", "demo"):
                data.mkdir(exist_ok=True)
                cli(data, word, **served.settings)
        served.serve()
        try:
            yield served
        finally:
            served.stop()


def both(page: Page, name: str) -> None:
    """The same screen on a phone and on the screen of a PC."""
    picture(page, f"{name}-390")
    page.set_viewport_size(WIDE)
    picture(page, f"{name}-1440")
    page.set_viewport_size(PHONE)


def picture(page: Page, name: str) -> None:
    """One PNG with few colours; a picture of type and flat areas loses nothing that one sees."""
    page.wait_for_load_state("networkidle")
    page.mouse.move(0, 0)
    page.wait_for_timeout(SETTLE_MS)
    path = HERE / f"{name}.png"
    sharp = "css" if page.viewport_size == WIDE else "device"
    page.screenshot(path=path, animations="disabled", caret="hide", scale=sharp)
    with Image.open(path) as shot:
        few = shot.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(path, optimize=True)
    print(f"{path.name}: {path.stat().st_size // 1000} KB", flush=True)


# --- the phone ----------------------------------------------------------------------------------


def new_phone(playwright: Playwright, browser: Browser, **options: str) -> Phone:
    """王芳's."""
    phone = Phone(playwright, Path())
    phone.context = browser.new_context(
        viewport=PHONE, device_scale_factor=2, locale="zh-CN", has_touch=True,
        timezone_id="Asia/Shanghai", geolocation=ON_SITE,
        permissions=["geolocation"], **options,
    )  # type: ignore[arg-type]  # fmt: skip
    phone.context.set_default_timeout(30_000)
    phone.context.new_page()
    return phone


def wechat(browser: Browser, served: Served) -> None:
    """What the link shows where it cannot work."""
    page = browser.new_page(viewport=PHONE, device_scale_factor=2, user_agent=WECHAT)
    page.goto(f"{served.url}/field/#/enrol/AB2C-3DEF")
    page.get_by_text("微信里打开").first.wait_for()
    both(page, "wechat")
    page.close()


def field(playwright: Playwright, browser: Browser, served: Served) -> None:
    """From the enrolment through a visit to the receipt."""
    phone = new_phone(playwright, browser)
    page = phone.page
    page.goto(enrolment(served))
    page.get_by_role("button", name="登记这部手机").wait_for()
    both(page, "enrol")
    phone.tap("登记这部手机")
    page.get_by_text("登记好了").wait_for()
    phone.tap("去看今天")
    page.get_by_text("要先去的").wait_for()
    page.get_by_text(RETURNED).first.wait_for()
    both(page, "today")
    looked_up(phone, served)
    visited(phone, served)
    handed_over(phone, served)
    for name, where in (
        ("receipts", "receipts"), ("menu", "menu"), ("phone", "phone"),
        ("feedback", "feedback"), ("new-site", "sites/new"),
    ):  # fmt: skip
        page.goto(f"{served.url}/field/#/{where}")
        both(page, name)
    phone.stop()


def enrolment(served: Served) -> str:
    """A fresh link for 王芳."""
    desk = DeskClient(served.url)
    desk.sign_in(ADMIN.login, PASSWORD)
    accounts = desk.call("GET", "/accounts")["items"]
    (account,) = [each["id"] for each in accounts if each["login"] == "wangfang"]
    link: str = desk.call("POST", "/enrolments", {"account": account})["url"]
    return link


def looked_up(phone: Phone, served: Served) -> None:
    """Sites, a site, a hazard that goes on, and what the chief sent back."""
    page = phone.page
    page.goto(f"{served.url}/field/#/sites")
    page.get_by_role("searchbox").or_(page.get_by_role("textbox")).first.fill("lj")
    both(page, "sites")
    page.get_by_text(VISITED).first.click()
    page.get_by_text("没销号的隐患").wait_for()
    both(page, "site")
    page.locator("a[href^='#/hazards/']").first.click()
    both(page, "hazard")
    phone.tap("去复查")
    page.get_by_text("未整改").first.click()
    page.get_by_text("选日期").click()
    both(page, "recheck")
    page.goto(f"{served.url}/field/#/hand-over")
    page.get_by_text(RETURNED).first.wait_for()
    page.get_by_text("请补一张").first.click()
    page.get_by_text("请补一张").first.wait_for()
    both(page, "returned")


def visited(phone: Phone, served: Served) -> None:
    """120 kg and no gas room: the checklist, a hazard with photos, 收尾."""
    page = phone.page
    page.goto(f"{served.url}/field/#/sites")
    page.get_by_text(VISITED).first.click()
    phone.tap("开始检查")
    phone.number("LPG-03", "120")
    phone.choose("LPG-04", "不合格")
    phone.number("LPG-13", "2.3")
    phone.item("LPG-03").scroll_into_view_if_needed()
    both(page, "visit")
    hazard(phone, "LPG-04", ["kitchen", "drums"])
    hazard(phone, "LPG-13", [])
    page.get_by_role("button", name="合格").filter(has_text="其余").click()
    page.get_by_role("dialog", name="重点再看一眼").get_by_role("button", name="关闭").click()
    phone.tap("收尾")
    page.get_by_text("不在场", exact=True).click()
    page.get_by_role("button", name="加人").click()
    page.get_by_role("dialog").get_by_text("李军").click()
    both(page, "companions")
    phone.tap("选好了")
    both(page, "finish")


def hazard(phone: Phone, item: str, photos: list[str]) -> None:
    """One hazard; the first of them is pictured."""
    page = phone.page
    open_hazard(phone, item)
    if photos:  # all of it has a page
        phone.item(item).locator("button.say").click()
    for number, scene in enumerate(photos, start=1):
        with tempfile.NamedTemporaryFile(suffix=".jpg") as file:
            file.write(draw_photo(scene, seed=number))
            file.flush()
            phone.photo(Path(file.name))
        page.locator("li.shot .mark.pass").nth(number - 1).wait_for()
    if photos:
        page.evaluate("window.scrollTo(0, 0)")
        both(page, "hazard-draft")
    phone.tap("记下这条隐患")
    phone.item(item).wait_for()


def handed_over(phone: Phone, served: Served) -> None:
    """Without signal first, then with a receipt."""
    page = phone.page
    assert phone.context is not None
    phone.context.set_offline(True)
    phone.tap("存好这次检查")
    page.get_by_role("heading", name="已存好").wait_for()
    both(page, "saved")
    phone.tap("现在上交")
    page.get_by_text("没有信号").first.wait_for()
    both(page, "hand-over-offline")
    phone.context.set_offline(False)
    page.get_by_text("第 1 批").wait_for()
    page.get_by_text("都已上交").first.wait_for()
    both(page, "hand-over")
    page.goto(f"{served.url}/field/#/sites")
    page.get_by_text(VISITED).first.click()
    page.locator("a[href^='#/inspections/']").first.click()
    both(page, "inspection")


# --- the desk -----------------------------------------------------------------------------------


def desk(browser: Browser, served: Served, size: str, view: dict[str, int]) -> None:
    """Every entry of the menu and one record of each kind, as the chief; imports as the admin."""
    page = signed_in(browser, served, CHIEF.login, view, picture_as=f"login-{size}")
    client = DeskClient(served.url)
    client.sign_in(CHIEF.login, PASSWORD)
    waiting = client.call("GET", "/review?tab=waiting")["items"][0]["inspection"]["id"]
    export(client)
    hazards = client.call("GET", "/hazards?state=closed")["items"]
    row = hazards[0]["hazard"]
    checklist = client.call("GET", "/checklists")["items"][0]
    for name, where in (
        ("review", f"review/{waiting}"), ("queue", "review"), ("ledger", "hazards"),
        ("desk-hazard", f"hazards/{row['id']}"), ("desk-sites", "sites"),
        ("desk-site", f"sites/{row['site']}"), ("areas", "areas"), ("people", "people"),
        ("exports", "exports"), ("checklists", "checklists"),
        ("checklist", f"checklists/{checklist['id']}/{checklist['version']}"),
        ("matters", "matters"), ("matters-outcome", "matters?type=outcome"),
        ("desk-feedback", "feedback"), ("quarantine", "quarantine"), ("more", "more"),
    ):  # fmt: skip
        if name in PHONE_ONLY and view is not PHONE:
            continue
        page.goto(f"{served.url}/desk/#/{where}")
        picture(page, f"{name}-{size}")
    page.goto(f"{served.url}/desk/#/review/{waiting}")
    page.get_by_role("button", name="定为重大").click()
    picture(page, f"major-{size}")
    rechecked(page, served, client, size)
    page.context.close()
    page = signed_in(browser, served, ADMIN.login, view)
    page.goto(f"{served.url}/desk/#/imports")
    picture(page, f"imports-{size}")
    page.context.close()


def rechecked(page: Page, served: Served, client: DeskClient, size: str) -> None:
    """The form of a recheck with a photo picked; it is not sent."""
    (item, *_) = client.call("GET", "/hazards?state=rectifying")["items"]
    page.goto(f"{served.url}/desk/#/hazards/{item['hazard']['id']}")
    page.get_by_role("button", name="记一次复查").click()
    page.get_by_text("已整改", exact=True).click()
    with tempfile.NamedTemporaryFile(suffix=".jpg") as file:
        file.write(draw_photo("kitchen", seed=7))
        file.flush()
        page.locator('input[data-source="gallery"]').set_input_files(file.name)
    page.get_by_role("img", name="第 1 张").wait_for()
    picture(page, f"desk-recheck-{size}")


def export(client: DeskClient) -> None:
    """A ledger that is done, to be seen on the page of exports."""
    made = client.call("POST", "/exports", {"format": "ledger_xlsx", "filters": {}})["id"]
    deadline = time.monotonic() + EXPORT_SECONDS_MAX
    while client.call("GET", f"/exports/{made}")["state"] != "done":
        if time.monotonic() > deadline:
            raise SystemExit("stopped: the export was not done in time")
        time.sleep(0.5)


def signed_in(
    browser: Browser, served: Served, login: str, view: dict[str, int], picture_as: str = ""
) -> Page:
    """Somebody at the desk."""
    context = browser.new_context(
        viewport=view, device_scale_factor=2 if view is PHONE else 1, locale="zh-CN",
        timezone_id="Asia/Shanghai",
    )  # type: ignore[arg-type]  # fmt: skip
    page = context.new_page()
    page.goto(f"{served.url}/desk/")
    page.get_by_label("账号").fill(login)
    if picture_as:
        picture(page, picture_as)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="进站里").click()
    page.wait_for_url(SIGNED_IN)
    return page


if __name__ == "__main__":
    main(sys.argv[1:])
