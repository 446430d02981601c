"""`make audit`: Lighthouse's mobile preset on the field app; ends with 1 below a target.

The real gunicorn serves the demo township; 王芳 has her list. Three loads in both languages: the
door and 今天 with files over the line, 今天 with files on the phone as on any morning. Speed
needs a quiet machine: `chrt -r 20 make audit`. It must not know how Lighthouse counts.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Playwright, expect, sync_playwright

from app.demo.people import ADMIN, PASSWORD
from bench.figures import Figure, tell, tell_missed
from tests.e2e.phone import ARGUMENTS, CHROMIUM, a_phone
from tests.e2e.station import DeskClient
from tests.served import ROOT, Served, demo_township

LIGHTHOUSE = ROOT / "bench" / "lighthouse"
PREPARE = ROOT / ".ci" / "prepare.py"
LANGUAGES = {"zh": "/field/", "en": "/en/field/"}
PERFORMANCE_MIN = {"simulate": 97, "devtools": 93}
METHODS = {"simulate": "simulated", "devtools": "applied throttling"}
WHOLE = 100
RUNS = 3
START_S_MAX = 30
LISTED = "老街川味馆"


Run = dict[str, Any]  # what run.js says of one


@dataclass(frozen=True)
class Load:
    """One way to come to a page; `files` as run.js names them."""

    name: str
    files: str
    enrolled: bool = True
    place: str = ""


LOADS = {
    "morning": Load("today, files on the phone", "kept"),
    "list": Load("today, files over the line", "fresh"),
    "door": Load("the door, files over the line", "fresh", enrolled=False, place="#/enrol"),
}


def main(words: list[str]) -> int:
    """All loads, or those named; 1 when a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.audit", description=__doc__)
    parser.add_argument("loads", nargs="*", metavar="load", help=", ".join(LOADS))
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--language", choices=LANGUAGES)
    parser.add_argument("--method", choices=METHODS)
    parser.add_argument("--made", type=Path, help="a finished demo township; a copy of it is used")
    chosen = parser.parse_args(words)
    unknown = set(chosen.loads) - set(LOADS)
    if unknown:
        parser.error(f"no such load: {', '.join(sorted(unknown))}")
    for number in (signal.SIGTERM, signal.SIGINT):  # servers and browsers end with it
        signal.signal(number, lambda *_: sys.exit(1))
    figures: list[Figure] = []
    with (
        tempfile.TemporaryDirectory(prefix="gi-audit-") as folder,
        sync_playwright() as driver,
        demo_township(Path(folder) / "data", chosen.made) as served,
    ):
        for name in chosen.loads or LOADS:
            figures += measured(driver, served, Path(folder) / name, LOADS[name], chosen)
    tell_missed(figures)
    return int(any(each.met is False for each in figures))


def measured(
    driver: Playwright, served: Served, profile: Path, load: Load, chosen: argparse.Namespace
) -> list[Figure]:
    """The figures of one load, told as each language is ready."""
    if load.enrolled:
        enrol(driver, served, profile)
    found: list[Figure] = []
    with chromium(profile) as port:
        for language in [chosen.language] if chosen.language else LANGUAGES:
            address = f"{served.url}{LANGUAGES[language]}"
            listed_on_it(driver, port, address, load)
            for method in [chosen.method] if chosen.method else METHODS:
                runs = lighthouse(port, f"{address}{load.place}", method, load.files, chosen.runs)
                figures = judged(f"{load.name}, {language}, {METHODS[method]}", method, runs)
                tell(f"{load.name}, {language}, {METHODS[method]} ({machine_words(runs)})", figures)
                for fault in sorted({each for run in runs for each in run["wrong"]}):
                    print(f"    {fault}")
                found += figures
            listed_on_it(driver, port, address, load)
    return found


def enrol(driver: Playwright, served: Served, profile: Path) -> None:
    """王芳's phone with her list and both languages' files on it."""
    desk = DeskClient(served.url)
    desk.sign_in(ADMIN.login, PASSWORD)
    accounts = desk.call("GET", "/accounts")["items"]
    (account,) = [each["id"] for each in accounts if each["login"] == "wangfang"]
    with a_phone(driver, profile) as phone:
        page = phone.start()
        page.goto(desk.call("POST", "/enrolments", {"account": account})["url"])
        phone.tap("登记这部手机")
        expect(page.get_by_text("登记好了")).to_be_visible()
        phone.tap("去看今天")
        for address in LANGUAGES.values():
            page.goto(f"{served.url}{address}")
            expect(page.get_by_text(LISTED).first).to_be_visible()
            page.wait_for_function("() => navigator.serviceWorker.ready.then(() => true)")
            page.reload()
            page.wait_for_function("() => navigator.serviceWorker.controller !== null")


@contextmanager
def chromium(profile: Path) -> Iterator[int]:
    """The browser of this profile, ready to be driven from outside; its port."""
    arguments = [CHROMIUM, *ARGUMENTS, "--headless=new", "--remote-debugging-port=0"]
    told = profile / "DevToolsActivePort"
    told.unlink(missing_ok=True)
    process = subprocess.Popen(
        [*arguments, f"--user-data-dir={profile}", "--lang=zh-CN", "about:blank"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        until = time.monotonic() + START_S_MAX
        while not (told.exists() and told.read_text()):
            if time.monotonic() > until or process.poll() is not None:
                raise RuntimeError("Chromium did not start")
            time.sleep(0.1)
        yield int(told.read_text().split()[0])
    finally:
        process.terminate()
        process.wait(timeout=START_S_MAX)


def listed_on_it(driver: Playwright, port: int, address: str, load: Load) -> None:
    """What is measured is the list, not the door; asked before and after."""
    browser = driver.chromium.connect_over_cdp(f"http://127.0.0.1:{port}")
    page = browser.contexts[0].new_page()
    page.goto(f"{address}{load.place}")
    if load.enrolled:
        expect(page.get_by_text(LISTED).first).to_be_visible()
    else:
        expect(page.get_by_role("textbox").first).to_be_visible()
    page.close()
    browser.close()


def lighthouse(
    port: int, address: str, method: str, files: str, times: int
) -> list[dict[str, Any]]:
    """What Lighthouse said of each run."""
    words = [str(LIGHTHOUSE / "run.js"), str(port), address, method, files, str(times)]
    done = subprocess.run(
        [sys.executable, str(PREPARE), "node", *words], stdout=subprocess.PIPE, text=True
    )
    if done.returncode:
        raise SystemExit("stopped: Lighthouse did not come to an end (see above)")
    return [json.loads(line) for line in done.stdout.splitlines()]


def judged(name: str, method: str, runs: list[Run]) -> list[Figure]:
    """Speed is the median of the runs; what no machine excuses must be whole in each of them."""
    speeds = [run["scores"]["performance"] for run in runs]
    took = {key: statistics.median(run["took"][key] for run in runs) for key in runs[0]["took"]}
    note = (
        f"of {', '.join(map(str, speeds))}; first paint {took['fcp']:.0f}, "
        f"largest {took['lcp']:.0f}, blocked {took['tbt']:.0f} ms, shift {took['cls']:.3f}"
    )
    speed = statistics.median(speeds)
    found = [Figure(f"{name}: performance", speed, "", PERFORMANCE_MIN[method], "more", note)]
    for kind in ("accessibility", "best-practices"):
        worst = min(run["scores"][kind] for run in runs)
        found.append(Figure(f"{name}: {kind}", worst, "", WHOLE, "more"))
    return found


def machine_words(runs: list[Run]) -> str:
    """Lighthouse's own measure of the machine; mobile scores are meant for 1,000 and more."""
    index = statistics.median(run["machine"] for run in runs)
    return f"Lighthouse {runs[0]['version']}, machine {index:.0f}, load {os.getloadavg()[0]:.1f}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
