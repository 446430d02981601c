"""专项 at the desk: a site is listed for a campaign until somebody was there in its days."""

from __future__ import annotations

from typing import Any

from app.clock import new_id
from tests.api.helpers_desk import counted_statements, decided, submit
from tests.api.township import Township


def listed(desk: Any, query: str = "") -> dict[str, list[str]]:
    """By site the names of the campaigns it is listed for."""
    items = desk.get(f"/sites?{query}").json["items"]
    return {each["site"]["id"]: [one["name"] for one in each["campaigns"]] for each in items}


def begin(township: Township, name: str, **more: Any) -> None:
    """A campaign of these days, as the admin sets it."""
    campaign = new_id()
    value = {"name": name, "from": "2026-11-20", "to": "2026-12-10", **more}
    desk, setting = township.desk("dai"), f"campaign:{campaign}"
    decided(desk, township, "setting.set", campaign, name=setting, value=value)


def test_the_desk_lists_what_phones_list_until_it_was_visited(either_township: Township):
    township = either_township
    ana, chen = township.phone("ana"), township.desk("chen")
    hers, other = township.sites[ana.account], township.sites[township.people["ben"]]
    assert set(map(tuple, listed(chen).values())) == {()}
    begin(township, "全镇")
    begin(township, "枣园", areas=[township.areas["zaoyuan"]], to="2026-12-01")
    begin(township, "过去的", to="2026-11-20")
    found = listed(chen)
    assert (found[hers], found[other]) == (["枣园", "全镇"], ["全镇"])
    begin(township, "用专表", checklist="cl-of-its-own", to="2026-12-31")
    submit(ana)  # with another checklist
    assert listed(chen)[hers] == ["用专表"]
    page = chen.get("/sites?due=campaign").json
    assert page["counts"]["campaign"] == page["total"] == len(found)
    assert listed(chen, "due=campaign")[hers] == ["用专表"]
    assert [one["name"] for one in chen.get(f"/sites/{hers}").json["campaigns"]] == ["用专表"]
    decided(township.desk("chen"), township, "site.retired", other, reason="关门了")
    assert listed(chen, "retired=1")[other] == []


def test_campaigns_cost_the_same_statements_for_any_number_of_sites(township: Township):
    begin(township, "全镇")
    chen = township.desk("chen")
    chen.get("/session")
    with counted_statements(township) as statements:
        assert len(listed(chen)) > len(listed(chen, "size=1"))
    half = len(statements) // 2
    assert sorted(statements[:half]) == sorted(statements[half:])
