"""要定的事 in real Chromium: one press settles what two people said, another takes it back."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.e2e.desk import HOSE, NARROW, PHOTOS, axe_of, desk, kinds, states
from tests.e2e.phone_over_http import BarePhone
from tests.e2e.station import Station, fact


def test_liuhai_takes_one_of_two_values_with_a_thumb_and_then_the_other(
    browser: Browser, station: Station, phone: BarePhone
) -> None:
    site = station.add_site("两处说法饭店")
    _, (hazard,) = phone.submit(site, [HOSE])
    chief = station.chief()
    heads = chief.call("GET", f"/hazards/{hazard}")["hazard"]["heads"]
    hers = phone.fact("hazard.amended", hazard, {"spot": "二楼东头"}, after=heads)
    said = {**fact("hazard.amended", hazard, {"spot": "二楼西头"}), "after": heads}
    chief.call("POST", "/decisions", {"facts": [said]})
    phone.hand_over(hers)
    with desk(browser, station, size=NARROW) as page:
        page.goto(f"{station.url}/desk/#/matters?type=field")
        card = page.get_by_label("写得不一样").filter(has_text="两处说法饭店")
        expect(card.get_by_text("王芳")).to_be_visible()
        expect(card.get_by_text("刘海")).to_be_visible()
        expect(card.locator("mark")).to_have_count(2)
        assert sorted(card.locator("mark").all_inner_texts()) == ["东", "西"]
        assert axe_of(page) == []
        card.locator(".side").filter(has_text="二楼东头").get_by_role("button").click()
        expect(card.get_by_text("定好了")).to_be_visible()
        row = chief.call("GET", f"/hazards/{hazard}")["hazard"]
        assert (row["spot"], row["conflicts"]) == ("二楼东头", [])
        card.get_by_role("button", name="定错了，用另一个").click()
        expect(card.get_by_text("改过来了")).to_be_visible()
        assert chief.call("GET", f"/hazards/{hazard}")["hazard"]["spot"] == "二楼西头"
        page.reload()
        expect(page.get_by_label("写得不一样").filter(has_text="两处说法饭店")).to_have_count(0)


def test_the_same_thing_reported_twice_becomes_one_and_two_again(
    browser: Browser, station: Station, phone: BarePhone
) -> None:
    site = station.add_site("报了两遍饭店")
    shown = (PHOTOS / "plain.jpg").read_bytes()
    _, (first,) = phone.submit(site, [HOSE], (shown,))
    phone.send_photo(shown)
    _, (second,) = phone.submit(site, [{**HOSE, "finding": "软管长，超过2.0米"}])
    with desk(browser, station) as page:
        page.get_by_role("navigation", name="菜单").get_by_role("link", name="要定的事").click()
        card = page.get_by_label("可能是同一处").filter(has_text="报了两遍饭店")
        expect(card.get_by_text("软管长2.3米")).to_be_visible()
        expect(card.get_by_text("软管长，超过")).to_be_visible()
        assert axe_of(page) == []
        card.get_by_role("button", name="是同一处", exact=True).click()
        expect(card.get_by_role("status")).to_contain_text("并到")
        assert states(station, [first, second]) == ["submitted", "void"]
        page.goto(f"{station.url}/desk/#/hazards/{first}")
        merged = page.get_by_label("并在一起的")
        expect(merged.get_by_text("软管长，超过2.0米")).to_be_visible()
        merged.get_by_role("button", name="不是同一处").click()
        expect(merged).to_have_count(0)
        assert states(station, [second]) == ["reopened"]
        assert kinds(station, second)[-2:] == ["hazard.reopened", "hazard.linked"]
        page.goto(f"{station.url}/desk/#/matters")
        expect(page.get_by_label("可能是同一处").filter(has_text="报了两遍饭店")).to_have_count(0)
