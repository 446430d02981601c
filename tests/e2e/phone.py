"""A phone for browser tests: real Chromium with a profile of its own that survives being killed.

It knows how a thumb uses the app (tap, type, choose a file) and nothing of what a test wants.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import BrowserContext, Locator, Page, Playwright

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"width": 390, "height": 844}
WAIT_MS_MAX = 15_000
# The station answers 401, 404 and 409 in the course of things, and an offline phone cannot connect.
EXPECTED_NOISE = ("Failed to load resource", "net::ERR_")


@dataclass
class Phone:
    """One browser profile; `start` opens it, `kill` ends every process of it without a word."""

    playwright: Playwright
    profile: Path
    options: dict[str, object] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    context: BrowserContext | None = None
    trouble: list[str] = field(default_factory=list)

    def start(self, *, offline: bool = False) -> Page:
        """Open the browser; what its console complains about is kept in `trouble`."""
        self.profile.mkdir(parents=True, exist_ok=True)
        self.context = self.playwright.chromium.launch_persistent_context(
            str(self.profile), executable_path=CHROMIUM, headless=True,
            args=[*ARGUMENTS, *self.arguments], viewport=PHONE, device_scale_factor=2,
            locale="zh-CN", timezone_id="Asia/Shanghai", has_touch=True,
            **self.options,
        )  # type: ignore[call-overload]  # fmt: skip
        self.context.set_default_timeout(WAIT_MS_MAX)
        self.context.set_offline(offline)
        page = self.context.pages[0]
        page.on("pageerror", lambda error: self.trouble.append(f"page error: {error}"))
        page.on("console", lambda message: self._heard(message.type, message.text))
        return page

    def _heard(self, kind: str, text: str) -> None:
        if kind == "error" and not any(noise in text for noise in EXPECTED_NOISE):
            self.trouble.append(text)

    @property
    def page(self) -> Page:
        """The one page."""
        assert self.context is not None
        return self.context.pages[0]

    def kill(self) -> None:
        """SIGKILL to the whole process tree, as a dead battery or a full memory would."""
        listed = subprocess.run(
            ["pgrep", "-f", "--", f"--user-data-dir={self.profile}"], capture_output=True, text=True
        )
        assert listed.stdout, "the browser to be killed is not running"
        for pid in listed.stdout.split():
            with_grace(int(pid))
        self.context = None

    def stop(self) -> None:
        """Close it properly."""
        if self.context is not None:
            self.context.close()
            self.context = None

    # --- a thumb ---

    def tap(self, name: str, *, exact: bool = True) -> None:
        """Tap the button or link of this name."""
        page = self.page
        button = page.get_by_role("button", name=name, exact=exact)
        link = page.get_by_role("link", name=name, exact=exact)
        button.or_(link).first.click()

    def item(self, item: str) -> Locator:
        """The card of a checklist item."""
        return self.page.locator(f"#item-{item}")

    def choose(self, item: str, word: str) -> None:
        """合格, 不合格 or 无此项."""
        self.item(item).get_by_text(word, exact=True).first.click()

    def number(self, item: str, value: str) -> None:
        """Type a number into an item."""
        self.item(item).get_by_role("textbox").fill(value)

    def month(self, item: str, year: int, month: int) -> None:
        """Choose year and month."""
        self.item(item).get_by_label("年", exact=True).select_option(str(year))
        self.item(item).get_by_label("月", exact=True).select_option(str(month))

    def photo(self, path: Path) -> None:
        """Choose a picture from the gallery."""
        with self.page.expect_file_chooser() as chooser:
            self.page.get_by_role("button", name="相册", exact=True).click()
        chooser.value.set_files(str(path))


def with_grace(pid: int) -> None:
    """Kill one process that may be gone already."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


@contextmanager
def a_phone(playwright: Playwright, profile: Path, **options: object) -> Iterator[Phone]:
    """A phone that is put away at the end of a test."""
    phone = Phone(playwright, profile, options)
    try:
        yield phone
    finally:
        phone.stop()
