"""Whether what stands on a screen stays where it stands: a thumb is on its way to it.

Chromium itself tells what was drawn in one place and then in another (layout shifts, steady.js).
That somebody has just tapped excuses nothing here: a tap is what opens a screen. It must not know
which screen it looks at.
"""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

WATCH = Path(__file__).with_name("steady.js")
SLOWED = 4
"""Readings and drawing fall apart on a slow phone as they do for inspectors."""
STANDS_MS = 700
DRAWN_MS = 150
DRAWN = """() => new Promise((done) => {
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)))
})"""


def watch_what_moves(page: Page) -> None:
    """From the next document on."""
    page.add_init_script(path=WATCH)


def moved_on_arrival(page: Page, address: str) -> list[str]:
    """What moves while the screen of this address builds up, on a slow phone."""
    assert page.evaluate("Array.isArray(window.moved)"), "nobody watches"
    page.evaluate(DRAWN)  # what was done to the screen before is not this one's
    page.wait_for_timeout(DRAWN_MS)
    slow = page.context.new_cdp_session(page)
    slow.send("Emulation.setCPUThrottlingRate", {"rate": SLOWED})
    page.evaluate("moved.length = 0")
    page.goto(address)
    page.locator("h1, h2").first.wait_for()
    page.wait_for_timeout(STANDS_MS)
    slow.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    slow.detach()
    found: list[str] = page.evaluate("moved.splice(0)")
    return found
