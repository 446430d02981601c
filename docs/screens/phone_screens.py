"""王芳's phone on the demo township: every screen of the field app, on the way through a day.

The addresses are those of the app's own router: one without a picture stops the whole. It must not
know how a picture is kept.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from pictures import SHARP, Album
from playwright.sync_api import Browser, Playwright, expect

from app.demo.people import ADMIN, PASSWORD
from app.demo.scenes import draw_photo
from tests.e2e.phone import PHONE, Phone
from tests.e2e.station import DeskClient
from tests.e2e.steps import ANDROID, open_hazard
from tests.e2e.test_every_screen import ROUTES
from tests.served import Served

ON_SITE = {"latitude": 36.49406, "longitude": 118.21604, "accuracy": 12}
VISITED, RETURNED = "老街川味馆", "福兴五金店"
TOAST_MS = 5_000  # until a message at the lower edge is gone
NAMES = {"/": "today", "/sites/new": "new-site"}
"""Of addresses that do not say it themselves."""


def field(playwright: Playwright, browser: Browser, served: Served, album: Album) -> None:
    """From the enrolment through a visit to the receipt; then what was not on the way."""
    phone = new_phone(playwright, browser)
    page = phone.page
    page.goto(enrolment(served))
    page.get_by_role("button", name="登记这部手机").wait_for()
    album.screen(page, "enrol")
    phone.tap("登记这部手机")
    page.get_by_text("登记好了").wait_for()
    phone.tap("去看今天")
    page.get_by_text("要先去的").wait_for()
    page.get_by_text(RETURNED).first.wait_for()
    album.screen(page, "today")
    for part in (looked_up, visited, handed_over, written_down):
        part(phone, served, album)
    missing = []
    for path in page.evaluate(ROUTES):
        if path in album.routes:
            continue
        if ":" in path:
            missing.append(path)
            continue
        page.goto(f"{served.url}/field/#{path}")
        page.locator("h1").first.wait_for()
        album.screen(page, NAMES.get(path, path.strip("/")), path)
    if missing:
        raise SystemExit(f"stopped: phone_screens.py never comes by {', '.join(missing)}")
    other_views(phone, served, album)
    phone.stop()


def new_phone(playwright: Playwright, browser: Browser, **options: object) -> Phone:
    """王芳's, with a lens that sees a kitchen."""
    phone = Phone(playwright, Path())
    told: dict[str, object] = {
        "user_agent": ANDROID, "geolocation": ON_SITE,
        "permissions": ["geolocation", "camera"], **options,
    }  # fmt: skip
    phone.context = browser.new_context(
        viewport=PHONE, device_scale_factor=SHARP, locale="zh-CN", has_touch=True,
        timezone_id="Asia/Shanghai", **told,
    )  # type: ignore[arg-type]  # fmt: skip
    phone.context.set_default_timeout(30_000)
    phone.context.new_page()
    return phone


def enrolment(served: Served) -> str:
    """A fresh link for 王芳."""
    desk = DeskClient(served.url)
    desk.sign_in(ADMIN.login, PASSWORD)
    accounts = desk.call("GET", "/accounts")["items"]
    (account,) = [each["id"] for each in accounts if each["login"] == "wangfang"]
    link: str = desk.call("POST", "/enrolments", {"account": account})["url"]
    return link


def looked_up(phone: Phone, served: Served, album: Album) -> None:
    """Sites, a site, a hazard that goes on, its recheck, and what the chief sent back."""
    page = phone.page
    page.goto(f"{served.url}/field/#/sites")
    page.get_by_text(VISITED).first.wait_for()
    album.screen(page, "sites")
    search = page.get_by_role("searchbox").or_(page.get_by_role("textbox")).first
    search.fill("lj")
    album.view(page, "sites-found", "场所：打首字母就找到")
    search.fill("不存在的店")
    album.state(page, "nothing-found", "没有找到这个场所")
    site_of(phone, served)
    page.get_by_text("没销号的隐患").wait_for()
    album.screen(page, "site")
    page.locator("a[href^='#/hazards/']").first.click()
    page.wait_for_url("**/hazards/*")
    page.get_by_role("button", name="去复查", exact=True).last.wait_for()
    album.screen(page, "hazard")
    phone.tap("去复查")
    page.get_by_text("未整改").first.wait_for()
    album.screen(page, "step")
    phone.tap("拍照")
    page.get_by_text("和旧照片对齐再拍").wait_for()
    album.view(page, "camera", "复查时的相机：旧照片叠在上面，对齐再拍")
    phone.tap("不拍了")
    page.goto(f"{served.url}/field/#/grid")
    page.get_by_text("地图", exact=True).click()
    page.get_by_label("地图").first.wait_for()
    album.view(page, "grid-map", "我的网格：地图，没信号也能看")
    page.goto(f"{served.url}/field/#/hand-over")
    page.get_by_text(RETURNED).first.wait_for()
    page.get_by_text("请补一张").first.click()
    page.get_by_text("请补一张").first.wait_for()
    album.state(page, "returned", "站长退回，要补")


def site_of(phone: Phone, served: Served) -> None:
    """The page of the site that is visited."""
    page = phone.page
    page.goto(f"{served.url}/field/#/")
    page.get_by_text("要先去的").wait_for()
    page.goto(f"{served.url}/field/#/sites")
    page.locator("a[href^='#/sites/']").filter(has_text=VISITED).first.click()
    page.wait_for_url("**/sites/*-*")


def visited(phone: Phone, served: Served, album: Album) -> None:
    """120 kg and no gas room: the checklist, a hazard with photos, 收尾."""
    page = phone.page
    site_of(phone, served)
    phone.tap("开始检查")
    phone.number("LPG-03", "120")
    phone.choose("LPG-04", "不合格")
    phone.number("LPG-13", "2.3")
    phone.item("LPG-03").scroll_into_view_if_needed()
    album.screen(page, "visit")
    open_hazard(phone, "LPG-04")
    phone.item("LPG-04").scroll_into_view_if_needed()
    album.view(page, "hazard-in-place", "不合格的一项，隐患就地记")
    phone.item("LPG-04").locator("button.say").click()  # all of it has a page
    page.get_by_label("部位").wait_for()
    unreadable(phone, album)
    with_photos(phone, ["kitchen", "drums"])
    page.evaluate("window.scrollTo(0, 0)")
    album.screen(page, "hazard-draft")
    page.locator("li.shot").first.locator("button").first.click()
    album.view(page, "photo", "一张照片：圈出来，带水印看")
    page.go_back()
    phone.tap("记下这条隐患")
    open_hazard(phone, "LPG-13")
    phone.tap("记下这条隐患")
    phone.item("LPG-13").wait_for()
    page.get_by_role("button", name="合格").filter(has_text="其余").click()
    page.get_by_role("dialog").wait_for()
    album.view(page, "key-items", "其余全部合格：重点先再看一眼")
    page.get_by_role("dialog").get_by_role("button", name="关闭").click()
    phone.tap("收尾")
    page.get_by_text("不在场", exact=True).click()
    page.get_by_role("button", name="加人").click()
    page.get_by_role("dialog").get_by_text("李军").click()
    album.view(page, "companions", "和谁一起去的")
    phone.tap("选好了")
    album.screen(page, "finish")


def unreadable(phone: Phone, album: Album) -> None:
    """What the gallery gave holds nothing."""
    with tempfile.NamedTemporaryFile(suffix=".jpg") as file:
        phone.photo(Path(file.name))
    told = phone.page.get_by_text("没有读到内容").first
    told.wait_for()
    told.scroll_into_view_if_needed()
    album.state(phone.page, "photo-unreadable", "照片读不出来")


def with_photos(phone: Phone, scenes: list[str]) -> None:
    """From the gallery, one after the other."""
    for number, scene in enumerate(scenes, start=1):
        with tempfile.NamedTemporaryFile(suffix=".jpg") as file:
            file.write(draw_photo(scene, seed=number))
            file.flush()
            phone.photo(Path(file.name))
            phone.page.locator("li.shot .mark.pass").nth(number - 1).wait_for()


def handed_over(phone: Phone, served: Served, album: Album) -> None:
    """Without signal first, then with a receipt; the notice of what was found."""
    page = phone.page
    assert phone.context is not None
    phone.context.set_offline(True)
    phone.tap("存好这次检查")
    page.get_by_role("heading", name="已存好").wait_for()
    album.view(page, "saved", "已存好")
    phone.tap("现在上交")
    page.get_by_text("没有信号").first.wait_for()
    album.state(page, "no-signal", "没有信号：都在手机里，会自己再交")
    phone.context.set_offline(False)
    page.get_by_text("第 1 批").wait_for()
    page.get_by_text("都已上交").first.wait_for()
    album.screen(page, "hand-over")
    site_of(phone, served)
    page.locator("a[href^='#/inspections/']").first.click()
    page.get_by_role("button", name="出整改通知书").wait_for()
    album.screen(page, "inspection")
    page.get_by_role("button", name="出整改通知书").click()
    page.get_by_text("不在场", exact=True).click()
    page.get_by_text("每一下都已存好").first.wait_for()
    album.view(page, "notice-form", "出整改通知书：谁签收")
    phone.tap("出具这份通知书")
    expect(page.get_by_role("button", name="发图片")).to_be_enabled()
    page.get_by_text("站里已登记").wait_for()
    page.wait_for_timeout(TOAST_MS)
    album.screen(page, "notice")


def written_down(phone: Phone, served: Served, album: Album) -> None:
    """An activity, and the PIN."""
    page = phone.page
    page.goto(f"{served.url}/field/#/activities")
    page.get_by_role("button", name="应急演练").wait_for()
    album.screen(page, "activities")
    page.get_by_role("button", name="应急演练").click()
    page.get_by_label("参加人次").wait_for()
    album.view(page, "activity-form", "记一次活动")
    page.goto(f"{served.url}/field/#/lock")
    page.get_by_role("button", name="设 PIN").wait_for()
    album.screen(page, "lock")
    phone.tap("设 PIN")
    album.view(page, "pin-chosen", "设 PIN")
    page.go_back()


def other_views(phone: Phone, served: Served, album: Album) -> None:
    """Bright sun, and English."""
    page = phone.page
    page.goto(f"{served.url}/field/#/")
    page.get_by_text("要先去的").wait_for()
    page.evaluate("window.showLook('normal.sun.')")
    album.view(page, "today-sun", "今天，强光下")
    page.evaluate("window.showLook('normal.light.')")
    for name, where, words in (
        ("today-en", "", "今天，英文"), ("sites-en", "#/sites", "场所，英文"),
        ("phone-en", "#/phone", "下村前检查，英文"),
    ):  # fmt: skip
        page.goto(f"{served.url}/en/field/{where}")
        page.locator("h1").first.wait_for()
        page.wait_for_function("() => navigator.serviceWorker.ready.then(() => true)")
        album.view(page, name, words)
