"""The three engines as the system packages them: started, closed, killed, each with a profile.

Chromium by chromedriver, Firefox by its own Marionette, WebKitGTK by WebKitWebDriver on a screen of
Xvfb. All run as root in a container. It must not know what is tested.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.e2e.engines.wire import START_SECONDS_MAX, Marionette, OverHttp, Wire, WireError
from tests.postgres import free_port

PHONE = {"width": 390, "height": 844}
ZONE = "Asia/Shanghai"
END_SECONDS_MAX = 10
WEBKIT_WINDOW = Path(__file__).parent / "webkit_window.py"
# What an unattended Firefox must not do: ask about storage (nobody answers), fetch updates, look
# for captive portals. Nothing here changes how a page is run.
FIREFOX_SETTINGS = {
    "marionette.port": 0,  # any free one; it writes which into the profile
    "permissions.default.persistent-storage": 2,  # as a person who says no
    "permissions.default.geo": 2,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.page": 0,
    "browser.aboutwelcome.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "app.update.enabled": False,
    "app.normandy.enabled": False,
    "extensions.systemAddon.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.sessionstore.resume_from_crash": False,
    "toolkit.startup.max_resumed_crashes": -1,  # killed on purpose, again and again
    "intl.accept_languages": "zh-CN",
}


class Engine(ABC):
    """One browser with one profile. `wire` speaks to it while it runs."""

    name = ""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.profile = folder / "profile"
        self.profile.mkdir(parents=True)
        self.process: subprocess.Popen[bytes] | None = None
        self.wire: Wire | None = None

    @abstractmethod
    def start(self) -> Wire:
        """Open the browser on its profile, as large as a phone."""

    def run(self, *command: str, **environment: str) -> None:
        """The browser, or the driver that starts it, in a session of processes of its own."""
        with (self.folder / f"{self.name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                command, env={**os.environ, "TZ": ZONE, **environment},
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    def kill(self) -> None:
        """SIGKILL to every process of it, as a dead battery or a full memory would."""
        assert self.process is not None, "the browser to be killed is not running"
        for pid in family(self.process.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait(timeout=END_SECONDS_MAX)
        self.process, self.wire = None, None

    def stop(self) -> None:
        """Close it properly; what is left of it after that is killed."""
        if self.process is None:
            return
        with suppress(OSError, WireError):
            if self.wire is not None:
                self.wire.end()
        self.kill()


class Chromium(Engine):
    """Debian's chromium and its chromedriver."""

    name = "chromium"

    def start(self) -> Wire:
        port = free_port()
        self.run("chromedriver", f"--port={port}")
        screen = {**PHONE, "pixelRatio": 2, "touch": True}
        arguments = [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--accept-lang=zh-CN", f"--user-data-dir={self.profile}",
        ]  # fmt: skip
        options = {"args": arguments, "mobileEmulation": {"deviceMetrics": screen}}
        self.wire = OverHttp(port, {"browserName": "chrome", "goog:chromeOptions": options})
        return self.wire


class Firefox(Engine):
    """Debian's firefox-esr, without any driver beside it."""

    name = "firefox"

    def start(self) -> Wire:
        settings = FIREFOX_SETTINGS.items()
        lines = [f"user_pref({quoted(name)}, {quoted(value)});\n" for name, value in settings]
        (self.profile / "user.js").write_text("".join(lines))
        told = self.profile / "MarionetteActivePort"
        told.unlink(missing_ok=True)  # a killed one leaves its own
        self.run(
            "firefox-esr", "--marionette", "--headless", "--no-remote", "--profile",
            str(self.profile), MOZ_HEADLESS="1", MOZ_DISABLE_CONTENT_SANDBOX="1",
            MOZ_CRASHREPORTER_DISABLE="1", HOME=str(self.folder),
        )  # fmt: skip
        self.wire = Marionette(self._port(told), {"pageLoadStrategy": "normal"})
        self.wire.command("rect", **PHONE)
        return self.wire

    def _port(self, told: Path) -> int:
        deadline = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < deadline:
            if told.exists() and (said := told.read_text().strip()):
                return int(said)
            time.sleep(0.05)
        raise AssertionError((self.folder / f"{self.name}.log").read_text(errors="replace"))


class WebKit(Engine):
    """libwebkit2gtk in a window of our own: MiniBrowser under automation keeps all in memory."""

    name = "webkit"
    screen: subprocess.Popen[bytes] | None = None

    def start(self) -> Wire:
        port = free_port()
        self.run(
            "WebKitWebDriver", f"--port={port}",
            DISPLAY=self._screen(), GDK_BACKEND="x11", LIBGL_ALWAYS_SOFTWARE="1",
            WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS="1", WEBKIT_DISABLE_DMABUF_RENDERER="1",
            HOME=str(self.folder),
        )  # fmt: skip
        options = {"binary": str(WEBKIT_WINDOW), "args": [str(self.profile)]}
        self.wire = OverHttp(
            port, {"browserName": "MiniBrowser", "webkitgtk:browserOptions": options}
        )
        return self.wire

    def _screen(self) -> str:
        """A screen in memory: GTK has no other way to be without one."""
        read, write = os.pipe()
        self.screen = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", "800x1000x24", "-nolisten", "tcp"],
            pass_fds=(write,), stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(write)
        with os.fdopen(read) as told:
            return f":{told.readline().strip()}"

    def kill(self) -> None:
        super().kill()
        if self.screen is not None:
            self.screen.terminate()  # it takes its lock file with it
            self.screen.wait(timeout=END_SECONDS_MAX)
            self.screen = None


ENGINES: dict[str, type[Engine]] = {each.name: each for each in (Chromium, Firefox, WebKit)}


def quoted(value: Any) -> str:
    """As a settings file of Firefox has it."""
    return str(value).lower() if isinstance(value, bool) else repr(value).replace("'", '"')


def family(pid: int) -> list[int]:
    """This process, its children, and theirs, all at this moment."""
    members = [pid]
    for each in members:  # grows while it is walked
        with suppress(OSError):
            for task in Path(f"/proc/{each}/task").iterdir():
                members += map(int, (task / "children").read_text().split())
    return members


@contextmanager
def an_engine(name: str, folder: Path) -> Iterator[Engine]:
    """A browser that is closed at the end of a test."""
    engine = ENGINES[name](folder)
    try:
        yield engine
    finally:
        engine.stop()
