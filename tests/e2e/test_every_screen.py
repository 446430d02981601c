"""Every screen of the field app: screen readers, thumbs, small phones, large words, bright sun,
and nothing that stands moves while the rest of the screen arrives.

The screens are those of the app's own router, so that a new one cannot be forgotten. One that needs
something to show (a site, a visit) is told in `a_day_lived`.
"""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Browser, Page, Playwright, expect

from tests.e2e.fit import cut_off, hard_for_elders, out_of_reach, small_targets
from tests.e2e.phone import PHONE, Phone
from tests.e2e.station import Station
from tests.e2e.steady import moved_on_arrival, watch_what_moves
from tests.e2e.steps import (
    ANDROID,
    IPHONE,
    WECHAT,
    a_quick_phone,
    begin_visit,
    enrol,
    finish_visit,
    hand_over,
    inspections_of,
    open_hazard,
    shown,
)
from tests.served import ROOT

AXE = ROOT / "pwa" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
GRAVE = ("serious", "critical")
AXE_RUN = """async (options) => {
  const { violations } = await axe.run(document, { ...options, resultTypes: ['violations'] })
  return violations.map(({ id, impact, nodes }) => (
    { id, impact, where: nodes.map((node) => node.target.join(' ') + ' ' + node.failureSummary) }
  ))
}"""
ROUTES = """() => {
  const { $router } = document.querySelector('#app').__vue_app__.config.globalProperties
  return $router.getRoutes().filter((each) => !each.redirect).map((each) => each.path)
}"""
NARROW = {"width": 320, "height": 568}
LIGHT, DARK, SUN, ELDER = "normal.light.", "normal.dark.", "normal.sun.", "normal.light.elder"
QUIET_MS = 250
LEADS_TO = {"/sites/new": "/steps/[^/]+"}
"""It begins a form, which has an address of its own."""
# Chosen, too: a start looks what was chosen a moment after its first screen, and shows that.
SEEN_AS = "(look) => { localStorage.setItem('gi.look', look); window.showLook(look) }"


def barriers(page: Page, colours_only: bool = False) -> list[str]:
    """What axe holds gravely against the screen, in words a developer can act on."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    rules = {"type": "rule", "values": ["color-contrast"]} if colours_only else RULES
    found: list[dict[str, Any]] = page.evaluate(AXE_RUN, {"runOnly": rules})
    return [f"{each['id']}: {each['where']}" for each in found if each["impact"] in GRAVE]


def looked_over(page: Page, screen: str) -> list[str]:
    """One screen as five people see it."""
    page.locator("h1, h2").first.wait_for()
    page.wait_for_timeout(QUIET_MS)
    found = [*barriers(page), *small_targets(page), *out_of_reach(page)]
    for look in (DARK, SUN):
        page.evaluate(SEEN_AS, look)
        found += [f"{look} {each}" for each in barriers(page, colours_only=True)]
    page.evaluate(SEEN_AS, ELDER)
    found += [f"长辈 {each}" for each in hard_for_elders(page)]
    page.set_viewport_size(NARROW)
    found += [f"长辈 320 {each}" for each in cut_off(page)]
    page.evaluate(SEEN_AS, LIGHT)
    found += [f"320 {each}" for each in cut_off(page)]
    page.set_viewport_size(PHONE)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    found += [f"200 % {each}" for each in cut_off(page)]
    page.evaluate(
        "document.documentElement.style.fontSize = ''; localStorage.removeItem('gi.look')"
    )
    return [f"{screen}: {each}" for each in found]


def longer_words(page: Page, screen: str) -> list[str]:
    """The same screen in English, whose words are longer."""
    page.locator("h1, h2").first.wait_for()
    page.wait_for_timeout(QUIET_MS)
    page.set_viewport_size(NARROW)
    found = [f"320 {each}" for each in cut_off(page)]
    page.set_viewport_size(PHONE)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    found += [f"200 % {each}" for each in cut_off(page)]
    page.evaluate("document.documentElement.style.fontSize = ''")
    return [f"English {screen}: {each}" for each in found]


def a_day_lived(phone: Phone, station: Station, site: str, other: str) -> dict[str, str]:
    """Something for every screen to show, and where: address by path of the router."""
    page = phone.page
    begin_visit(phone, station, site)
    failed_item(phone)
    finish_visit(phone)
    found = looked_over(page, "finished")
    assert not found, "\n".join(found)
    hand_over(phone)
    (inspection,) = inspections_of(station, site)
    hazard = inspection["hazards"][0]
    page.goto(f"{station.url}/field/#/inspections/{inspection['id']}")
    page.get_by_role("button", name=re.compile("出整改通知书")).click()
    expect(page).to_have_url(re.compile("/steps/"))
    notice_form = page.url
    page.goto(f"{station.url}/field/#/menu")
    found = moved_on_arrival(page, notice_form)
    page.get_by_text("不在场", exact=True).click()
    found += looked_over(page, "a notice to be signed")
    assert not found, "\n".join(found)
    phone.tap("出具这份通知书")
    expect(page).to_have_url(re.compile("/notices/"))
    notice = page.url.rsplit("/", 1)[1]
    page.goto(f"{station.url}/field/#/hazards/{hazard}")
    phone.tap("去复查")
    expect(page).to_have_url(re.compile("/steps/"))
    step = page.url.rsplit("/", 1)[1]
    begin_visit(phone, station, other)
    failed_item(phone, record=False)
    visit, draft = re.findall(r"/visits/([^/]+)/hazards/([^/?]+)", page.url)[0]
    return {
        "/enrol/:code?": "/enrol",
        "/sites/:id": f"/sites/{site}",
        "/visits/:draftId": f"/visits/{visit}?item=LPG-04",  # its hazard lies open in place
        "/visits/:draftId/hazards/:hazardId": f"/visits/{visit}/hazards/{draft}",
        "/visits/:draftId/finish": f"/visits/{visit}/finish",
        "/hazards/:id": f"/hazards/{hazard}",
        "/inspections/:id": f"/inspections/{inspection['id']}",
        "/notices/:id": f"/notices/{notice}",
        "/steps/:stepId": f"/steps/{step}",
    }


def failed_item(phone: Phone, *, record: bool = True) -> None:
    """A checklist with a failed item, and its hazard (`record`) recorded."""
    phone.number("LPG-03", "120")
    phone.choose("LPG-04", "不合格")
    shown(phone.page, "每一下都已存好")
    open_hazard(phone, "LPG-04")
    phone.item("LPG-04").locator("button.say").click()  # all of it has a page
    phone.page.get_by_label("部位").wait_for()
    if record:
        phone.tap("记下这条隐患")


def unsent_looked_over(phone: Phone) -> list[str]:
    """上交 without a signal, with something to hand over."""
    page = phone.page
    assert phone.context is not None
    phone.context.set_offline(True)
    page.evaluate("location.hash = '#/feedback'")
    page.get_by_role("textbox").fill("字再大些")
    page.locator(".button.main").click()
    expect(page).to_have_url(re.compile("/menu$"))
    page.evaluate("location.hash = '#/hand-over'")
    shown(page, "1 条记录只在这部手机里；没有信号")
    return looked_over(page, "hand-over, unsent")


def test_an_iphone_goes_to_its_home_screen_first_and_the_way_fits_everybody(
    playwright: Playwright, browser: Browser, station: Station
) -> None:
    """Nothing is claimed in the tab, the code is told for the icon; WeChat's way out fits, too."""
    made = station.enrolment()
    found: list[str] = []
    for name, agent, step in (
        ("iPhone", IPHONE, "添加到主屏幕"),
        ("WeChat", WECHAT, "在浏览器打开"),
    ):
        with a_quick_phone(playwright, browser, user_agent=agent, reduced_motion="reduce") as phone:
            asked: list[str] = []
            phone.page.on("request", lambda each, asked=asked: asked.append(each.method))
            phone.page.goto(made["url"])
            shown(phone.page, step)
            if agent == IPHONE:
                shown(phone.page, "从图标进来要再填一次")
                expect(phone.page.get_by_text(made["code"], exact=True)).to_be_visible()
            expect(phone.page.get_by_role("button", name="登记这部手机")).to_have_count(0)
            found += looked_over(phone.page, name)
            assert set(asked) == {"GET"}
    assert not found, "\n".join(found)


def offered_to_install(phone: Phone, station: Station) -> None:
    """Where the browser would ask by itself, one tap in 放到桌面 has it ask."""
    page = phone.page
    page.goto(f"{station.url}/field/#/install")
    shown(page, "添加到")
    page.evaluate(
        """dispatchEvent(Object.assign(new Event('beforeinstallprompt', { cancelable: true }), {
          prompt: async () => { window.askedBy = 'a tap' },
        }))"""
    )
    page.get_by_role("button", name="放到桌面").click()
    page.wait_for_function("() => window.askedBy === 'a tap'")
    expect(page.get_by_role("button", name="放到桌面")).to_have_count(0)


# When the size chosen came onto the page.
LOOK_AT = """
new MutationObserver(() => {
  if (document.documentElement.dataset.size === 'huge') window.lookAt ??= performance.now()
}).observe(document, { attributes: true, subtree: true, attributeFilter: ['data-size'] })
"""


def test_li_juns_large_words_are_there_before_anything_is_drawn(
    playwright: Playwright, browser: Browser, station: Station
) -> None:
    """Chosen in 我的, kept over a restart, shown without a flash of the standard look."""
    with a_quick_phone(playwright, browser, user_agent=ANDROID) as phone:
        page = phone.page
        enrol(phone, station)
        page.goto(f"{station.url}/field/#/menu")
        for group, choice in (("字的大小", "特大"), ("颜色", "强光"), ("长辈模式", "开")):
            page.get_by_role("group", name=group).get_by_text(choice, exact=True).click()
        page.add_init_script(LOOK_AT)
        page.reload()
        expect(page.get_by_role("group", name="字的大小").get_by_label("特大")).to_be_checked()
        drawn = "performance.getEntriesByName('first-paint')[0].startTime"
        assert page.evaluate(f"window.lookAt < {drawn}")
        seen = page.evaluate("({ ...document.documentElement.dataset })")
        assert seen == {"theme": "sun", "size": "huge", "elder": ""}
        words = "parseFloat(getComputedStyle(document.querySelector('h2')).fontSize)"
        assert page.evaluate(words) >= 24
        offered_to_install(phone, station)


def test_every_screen_of_the_phone_fits_everybody(
    playwright: Playwright, browser: Browser, station: Station
) -> None:
    """At 390 and 320 px, at 200 % text, in four looks; before the enrolment, too."""
    found: list[str] = []
    sites = station.add_site("南门炒鸡店"), station.add_site("西街面馆")
    with a_quick_phone(playwright, browser, user_agent=ANDROID, reduced_motion="reduce") as phone:
        page = phone.page
        watch_what_moves(page)
        page.goto(station.enrolment()["url"])
        shown(page, "登记码")
        found += looked_over(page, "before the enrolment")
        enrol(phone, station)
        lived = a_day_lived(phone, station, *sites)
        for path in page.evaluate(ROUTES):
            address = lived.get(path, path)
            assert ":" not in address, f"a_day_lived says nothing about the screen {path}"
            moved = moved_on_arrival(page, f"{station.url}/field/#{address}")
            found += [f"{path}: {each}" for each in moved]
            found += looked_over(page, path)
            shown_at, wanted = page.url.split("#")[1], LEADS_TO.get(path, address)
            assert re.fullmatch(wanted.split("?")[0], shown_at.split("?")[0]), page.url
        found += unsent_looked_over(phone)
        assert phone.context is not None
        phone.context.set_offline(False)
        for path in page.evaluate(ROUTES):
            page.goto(f"{station.url}/en/field/#{lived.get(path, path)}")
            found += longer_words(page, path)
    assert not found, "\n".join(found)
