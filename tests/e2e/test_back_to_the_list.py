"""A list is left thirty times a day: she comes back to the row she left; what changed is right."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.e2e.phone import Phone
from tests.e2e.station import Station
from tests.e2e.steps import a_quick_phone, enrol, finish_visit

SITES = 40
SCROLLED_PX = 1_700
OFF_PX_MAX = 2
ROW = """(least) => {
  const rows = [...document.querySelectorAll('a.site-card')]
  const row = rows.find((each) => each.getBoundingClientRect().top > least)
  return { name: row.querySelector('b').textContent, top: row.getBoundingClientRect().top }
}"""
STANDS = """(name) => {
  const rows = [...document.querySelectorAll('a.site-card')]
  const row = rows.find((each) => each.querySelector('b').textContent === name)
  return row?.getBoundingClientRect().top ?? null
}"""


@pytest.fixture(scope="module")
def many(station: Station) -> Station:
    """A station with more sites than a screen shows."""
    for number in range(SITES):
        station.add_site(f"{'老街' if number % 2 else '南门外大街'}{number:02d}号小吃店")
    return station


@pytest.fixture
def long_list(playwright: Playwright, browser: Browser, many: Station) -> Any:
    """今天 of an enrolled phone."""
    with a_quick_phone(playwright, browser, reduced_motion="reduce") as phone:
        enrol(phone, many)
        phone.page.locator("a.site-card").nth(5).wait_for()
        yield phone


def scrolled(page: Page, least: float = 250) -> dict[str, Any]:
    """Down the list, with a thumb; the first row that stands below `least` px then."""
    page.mouse.move(195, 400)
    for _ in range(SCROLLED_PX // 100):
        page.mouse.wheel(0, 100)
        page.wait_for_timeout(40)
    page.wait_for_timeout(300)
    row: dict[str, Any] = page.evaluate(ROW, least)
    return row


def there_and_back(page: Page, row: dict[str, Any]) -> None:
    page.get_by_text(row["name"], exact=True).click()
    expect(page.get_by_role("heading", level=1, name=row["name"])).to_be_visible()
    page.locator(".file").wait_for()
    page.get_by_role("button", name="返回").click()
    page.locator("a.site-card").first.wait_for()


@pytest.mark.parametrize("address", ["/", "/sites?q=小吃", "/grid"])
def test_back_from_a_site_is_the_row_she_left(
    long_list: Phone, station: Station, address: str
) -> None:
    """今天, a search and 我的网格: the same list, the same row in the same place of the screen."""
    page = long_list.page
    page.goto(f"{station.url}/field/#{address}")
    title = {"/": "今天", "/grid": "我的网格"}.get(address, "场所")
    expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()
    page.locator("main:not(.held) a.site-card").nth(5).wait_for()
    row = scrolled(page)
    for _ in range(2):
        there_and_back(page, row)
        assert page.url.endswith(f"#{address}") or "?q=" in page.url
        assert page.evaluate(STANDS, row["name"]) == pytest.approx(row["top"], abs=OFF_PX_MAX)
    if "q=" in address:
        expect(page.get_by_label("找场所")).to_have_value("小吃")


def test_after_a_visit_the_next_row_stands_where_hers_was(
    long_list: Phone, station: Station
) -> None:
    """存好, 回今天: the site is gone from the list, and her thumb is over the next one."""
    page = long_list.page
    row = scrolled(page)
    following = page.evaluate(ROW, row["top"] + 1)
    page.get_by_text(row["name"], exact=True).click()
    long_list.tap("开始检查")
    expect(long_list.item("LPG-03")).to_be_visible()
    finish_visit(long_list)
    long_list.tap("回今天")
    page.locator("a.site-card").first.wait_for()
    assert page.evaluate(STANDS, row["name"]) is None
    page.wait_for_timeout(300)
    assert page.evaluate(STANDS, following["name"]) == pytest.approx(row["top"], abs=OFF_PX_MAX)


def test_a_list_kept_aside_shows_what_happened_meanwhile(
    long_list: Phone, station: Station
) -> None:
    """A site made from 场所 is counted there; another way to 场所 than back begins a new search."""
    page = long_list.page
    later = page.get_by_role("heading", name="随后要去的")
    count = int(re.findall(r"[0-9]+", later.inner_text())[0])
    page.goto(f"{station.url}/field/#/sites?q=南门外")
    expect(page.get_by_text(f"找到 {SITES // 2} 处")).to_be_visible()
    page.get_by_role("link", name="新建").click()
    page.get_by_label("名称").fill("南门外新开的店")
    page.get_by_text("餐饮燃气", exact=True).click()
    long_list.tap("存好这个场所")
    expect(page.get_by_role("heading", level=1, name="南门外新开的店")).to_be_visible()
    page.get_by_role("button", name="返回").click()
    expect(page.get_by_text(f"找到 {SITES // 2 + 1} 处")).to_be_visible()
    page.get_by_role("link", name="今天").click()
    expect(later).to_contain_text(f"{count + 1} 处")
    page.get_by_role("link", name="场所").click()
    expect(page.get_by_text(f"共 {SITES + 1} 处")).to_be_visible()
    expect(page.get_by_label("找场所")).to_have_value("")


# Comes to 场所 and is gone again before it was drawn once.
PASSING_BY = """async () => {
  const { $router } = document.querySelector('#app').__vue_app__.config.globalProperties
  await $router.push('/sites')
  await $router.push('/')
}"""


def test_a_list_left_before_it_was_drawn_is_whole_when_she_comes(
    long_list: Phone, station: Station
) -> None:
    """A quick thumb on the tabs: 场所, 今天, 场所."""
    page = long_list.page
    page.goto(f"{station.url}/field/#/menu")
    page.evaluate(PASSING_BY)
    page.get_by_role("link", name="场所").click()
    expect(page.get_by_text(re.compile("^共 [0-9]+ 处$"))).to_be_visible()
    expect(page.locator("a.site-card").first).to_be_visible()


def test_a_site_half_written_is_there_again(long_list: Phone, station: Station) -> None:
    """Her phone rang and the app was gone: 今天 has it under 没做完的, as far as it was written."""
    page = long_list.page
    begin = page.get_by_role("link", name="新建“渡口”")
    page.goto(f"{station.url}/field/#/sites?q=渡口")
    begin.click()
    expect(page.get_by_label("名称")).to_have_value("渡口")
    page.get_by_role("button", name="返回").click()  # nothing was written: nothing is begun
    begin.click()
    page.get_by_label("名称").fill("渡口羊肉馆")
    page.get_by_text("餐饮燃气", exact=True).click()
    page.get_by_text("还可以写").click()
    page.get_by_label("电话").fill("13900001111")
    expect(page.locator("header")).to_contain_text("每一下都已存好")
    page.goto("about:blank")
    page.goto(f"{station.url}/field/#/")
    expect(page.get_by_text("接着填")).to_have_count(1)
    page.get_by_role("link").filter(has_text="渡口羊肉馆").click()
    expect(page.get_by_label("名称")).to_have_value("渡口羊肉馆")
    expect(page.get_by_label("电话")).to_have_value("13900001111")
    expect(page.get_by_label("餐饮燃气", exact=True)).to_be_checked()
    long_list.tap("存好这个场所")
    expect(page.get_by_role("heading", level=1, name="渡口羊肉馆")).to_be_visible()
    page.goto(f"{station.url}/field/#/")
    page.locator("a.site-card").first.wait_for()
    expect(page.get_by_text("接着填")).to_have_count(0)
