"""The phone of bench/shaped_line.py in real Chromium: its code in a page, the requests its own.

The page is of the line's own address, so that all it asks for goes over the line; pictures are made
in it and scaled as the camera's are. It must not know the shape of the line.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from bench.bad_line import node
from bench.line import ShapedLine
from tests.e2e.phone import ARGUMENTS, CHROMIUM
from tests.served import ROOT, Served

PAGE = "<!doctype html><meta charset=utf-8><script src=/bench-day.js></script>"
RUN_MS_MAX = 3_600_000


def in_chromium(_served: Served, line: ShapedLine, code: str) -> dict[str, Any]:
    """Makes the day over the still free line, then hands it over."""
    day = {"visits": int(os.environ["GI_VISITS"]), "photos": int(os.environ["GI_PHOTOS"])}
    day |= {"photo_bytes": int(os.environ["GI_PHOTO_BYTES"]), "pictures": True}
    with tempfile.TemporaryDirectory(prefix="gi-bench-") as folder, sync_playwright() as driver:
        script = Path(folder) / "day.js"
        subprocess.run(
            [*node("", "../tests/shaped_line.bundle.ts"), str(script)], cwd=ROOT / "pwa", check=True
        )
        context = driver.chromium.launch_persistent_context(
            str(Path(folder) / "profile"), executable_path=CHROMIUM, headless=True,
            args=ARGUMENTS, bypass_csp=True,
        )  # fmt: skip
        try:
            page = context.pages[0]
            page.set_default_timeout(RUN_MS_MAX)
            page.route("**/bench-day", lambda r: r.fulfill(body=PAGE, content_type="text/html"))
            page.route("**/bench-day.js", lambda route: route.fulfill(path=script))
            page.goto(f"http://127.0.0.1:{line.port}/bench-day")
            page.evaluate("([code, day]) => fieldDay.prepare(code, day)", [code, day])
            line.begin()
            told: dict[str, Any] = page.evaluate("fieldDay.handOver()")
            return told
        finally:
            context.close()
