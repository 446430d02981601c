"""Makes the pictures of this folder and its index: every screen of both apps.

`make screens` runs it: the field app on the demo township (phone_screens.py) and in its empty and
failing states (phone_states.py), then the desk. With a folder of finished demo data as its argument
it works on a copy of that and starts at once. It must not know how the screens are made, only where
they are and what a person taps.
"""

from __future__ import annotations

import re
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from index import write_index  # noqa: E402 - what follows is found only from the root
from phone_screens import field  # noqa: E402
from phone_states import states  # noqa: E402
from pictures import HERE, Album, keep, settle  # noqa: E402

from app.demo.people import ADMIN, CHIEF, PASSWORD  # noqa: E402
from app.demo.scenes import draw_photo  # noqa: E402
from tests.e2e.phone import PHONE  # noqa: E402
from tests.e2e.station import DeskClient  # noqa: E402
from tests.e2e.steps import a_browser  # noqa: E402
from tests.served import Served, demo_township  # noqa: E402

WIDE = {"width": 1440, "height": 900}
PICTURES_BYTES_MAX = 4_000_000
EXPORT_SECONDS_MAX = 60
WAIT_MS_MAX = 30_000
SIGNED_IN = re.compile("#/review")  # the address of signing in ends in /review too
PHONE_ONLY = ("queue", "more")
"""On a wide desk the queue stands beside the submission, and the menu is always there."""
LENS = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")
"""The browser's own moving picture stands for a kitchen."""
WIDE_ONLY = ("findings", "restores", "rescue", "password-change")
"""Lists and words that look the same on a phone, only narrower."""


def main(words: list[str]) -> None:
    """All pictures, the index, then how large they are together."""
    expect.set_options(timeout=WAIT_MS_MAX)
    album = Album()
    for old in HERE.glob("*.png"):
        old.unlink()
    with (
        sync_playwright() as playwright,
        a_browser(playwright, *LENS) as browser,
    ):
        states(playwright, browser, album)
        with (
            tempfile.TemporaryDirectory() as folder,
            demo_township(Path(folder) / "data", Path(words[0]) if words else None) as served,
        ):
            field(playwright, browser, served, album)
            for size, view in (("1440", WIDE), ("390", PHONE)):
                desk(browser, served, size, view)
    write_index(album)
    total = sum(path.stat().st_size for path in HERE.glob("*.png"))
    print(f"{len(list(HERE.glob('*.png')))} pictures, {total / 1e6:.1f} MB")
    if total > PICTURES_BYTES_MAX:
        raise SystemExit(f"stopped: more than {PICTURES_BYTES_MAX / 1e6:.0f} MB of pictures")


def picture(page: Page, name: str) -> None:
    """A screen of the desk."""
    settle(page)
    keep(page, f"desk-{name}")


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
        ("hazard", f"hazards/{row['id']}"), ("sites", "sites"),
        ("site", f"sites/{row['site']}"), ("areas", "areas"), ("people", "people"),
        ("exports", "exports"), ("checklists", "checklists"),
        ("checklist", f"checklists/{checklist['id']}/{checklist['version']}"),
        ("matters", "matters"), ("matters-outcome", "matters?type=outcome"),
        ("feedback", "feedback"), ("quarantine", "quarantine"), ("more", "more"),
        ("activities", "activities"), ("campaigns", "campaigns"), ("findings", "findings"),
        ("restores", "restores"), ("rescue", "rescue"), ("password-change", "password-change"),
    ):  # fmt: skip
        if (name in PHONE_ONLY and view is not PHONE) or (name in WIDE_ONLY and view is PHONE):
            continue
        page.goto(f"{served.url}/desk/#/{where}")
        picture(page, f"{name}-{size}")
    page.goto(f"{served.url}/desk/#/review/{waiting}")
    page.get_by_role("button", name="定为重大").click()
    picture(page, f"major-{size}")
    rechecked(page, served, client, size)
    page.context.close()
    page = signed_in(browser, served, ADMIN.login, view)
    for name in ("imports", "settings"):
        page.goto(f"{served.url}/desk/#/{name}")
        picture(page, f"{name}-{size}")
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
        page.get_by_role("img", name="第 1 张").wait_for()  # the browser reads it when it likes
    picture(page, f"recheck-{size}")


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
        viewport=view, device_scale_factor=1, locale="zh-CN",
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
