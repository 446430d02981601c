"""恢复记录 in real Chromium: a lost machine, real commands, and what an admin reads and does."""

from __future__ import annotations

import json
import shutil
import urllib.request
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, expect

from tests.e2e.desk import HOSE, NARROW, axe_of, desk
from tests.e2e.phone_over_http import BarePhone, enrol
from tests.e2e.station import ADMIN_PASSWORD, REQUEST_SECONDS_MAX, DeskClient, Station, fact
from tests.served import Served, cli

KEYS = ("station-key.pem", "rescue-key.pem")


def pulled(phone: BarePhone) -> dict[str, Any]:
    """Everything the phone may see, as one page."""
    request = urllib.request.Request(
        f"{phone.station.url}/api/v1/sync/changes",
        headers={"Authorization": f"Bearer {phone.claimed['token']}"},
    )
    with urllib.request.urlopen(request, timeout=REQUEST_SECONDS_MAX) as answer:
        page: dict[str, Any] = json.loads(answer.read())
    return page


def hand_back(phone: BarePhone, page: dict[str, Any], *, entrusted: bool) -> None:
    """What the phone had pulled; one of an older release kept nothing closed."""
    lines = [{"type": "page", **page["witness"], "items": page["facts"]}]
    if entrusted:
        epoch, text = page["witness"]["epoch"], page["entrusted"]
        lines.append({"type": "entrusted", "epoch": epoch, "text": text})
    body = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()
    phone.call("POST", "/sync/pulled", body, Content_Type="application/x-ndjson")


def add_person(station: Station, login: str, name: str) -> None:
    """An inspector of the grid, as the desk adds one."""
    station.ids[login] = account_id = f"{len(station.ids):08d}-0000-4000-8000-000000000001"
    account = fact(
        "account.set", account_id, {"login": login, "active": True}, private={"name": name}
    )
    grant = fact("grant.set", account_id, {"roles": ["inspector"], "areas": [station.ids["grid"]]})
    station.admin.decide(account, {**grant, "after": [account["id"]]})


def lost_and_restored(station: Station, folder: Path) -> Station:
    """The machine is gone; another one from last night's backup, with the keys."""
    station.served.stop()
    data = folder / "restored"
    data.mkdir()
    for name in KEYS:
        shutil.copy(station.served.data / name, data / name)
    served = Served(data)
    served.settings = {"GI_PUBLIC_URL": served.url}
    cli(data, "restore", "from", str(folder / "backups"), **served.settings)
    served.serve()
    admin = DeskClient(served.url)
    admin.sign_in("admin", ADMIN_PASSWORD)
    return Station(served, admin, dict(station.ids))


def test_the_admin_reads_what_is_missing_who_can_bring_it_and_puts_the_rest_right(
    browser: Browser, station: Station, tmp_path: Path
) -> None:
    site = station.add_site("红旗饭店")
    old, switched_off = enrol(station), enrol(station)
    cli(station.served.data, "backup", "make", str(tmp_path / "backups"),
        **station.served.settings)  # fmt: skip
    add_person(station, "dingyi", "丁一")
    ding, chief = enrol(station, "dingyi"), enrol(station, "liuhai")
    station.admin.call("POST", f"/enrolments/{switched_off.claimed['enrolment']}/revocation", {})
    ding.submit(site, [HOSE])
    page = pulled(old)
    old.submit(site, [HOSE])
    later = pulled(chief)
    second = lost_and_restored(station, tmp_path)
    try:
        moved = BarePhone(second, old.key, old.claimed, old.n)
        # the chief's own phone is away, an older phone brings the pages: nothing closed with them
        hand_back(moved, {**later, "entrusted": ""}, entrusted=False)
        look(browser, second, page, moved)
    finally:
        second.served.stop()


def look(browser: Browser, second: Station, page: dict[str, Any], phone: BarePhone) -> None:
    """The same page before and after a phone of this release came by."""
    with desk(browser, second, "admin") as shown:
        shown.get_by_role("navigation", name="菜单").get_by_role("link", name="恢复记录").click()
        expect(shown.get_by_label("这次恢复")).to_contain_text("已经找回")
        to_do = shown.get_by_label("要补的")
        expect(to_do).to_contain_text("账号没回来")
        expect(to_do.get_by_role("button", name="补建账号")).to_be_visible()
        away = shown.get_by_label("还没来的手机")
        expect(away).to_contain_text("王芳")
        assert axe_of(shown) == []
        hand_back(phone, page, entrusted=True)
        shown.get_by_role("button", name="再看一次").click()
        told = shown.get_by_label("手机带回来的决定")
        expect(told).to_contain_text("建了或改了账号 丁一")
        expect(told).to_contain_text("停用了 王芳的")
        expect(to_do).to_have_count(0)
        expect(shown.get_by_label("请对一遍")).to_contain_text("丁一")
    with desk(browser, second, "admin", size=NARROW) as shown:
        shown.goto(f"{second.url}/desk/#/restores")
        expect(shown.get_by_label("手机带回来的决定")).to_contain_text("丁一")
        assert axe_of(shown) == []
