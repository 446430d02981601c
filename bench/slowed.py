"""How slow a page really is when the browser is told to slow it: beside realtime work it hardly is.

It must not know what is measured with it.
"""

from __future__ import annotations

from playwright.sync_api import Page

from bench.figures import Figure
from tests.e2e.phone import Phone

# Milliseconds for the same work, the middle of a few.
SPIN = """
() => Array.from({length: 5}, () => {
  const began = performance.now()
  let sum = 0
  for (let count = 0; count < 2e7; count++) sum += count % 7
  return sum && performance.now() - began
}).sort((one, other) => one - other)[2]
"""
SETTLE_MS = 300


def slow_page(phone: Phone, rate: float) -> Page:
    """A fresh browser without network, told to slow its page so many times."""
    page = phone.start(offline=True)
    assert phone.context is not None
    phone.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": rate})
    return page


def how_slow(phone: Phone, rate: float) -> Figure:
    """Times slower than the same browser untold; far below `rate` a run says little."""
    quick = slow_page(phone, 1).evaluate(SPIN)
    phone.stop()
    page = slow_page(phone, rate)
    page.wait_for_timeout(SETTLE_MS)
    slow = page.evaluate(SPIN)
    phone.stop()
    return Figure("slowing of the page, measured", slow / quick, "x", note=f"told {rate:g}x")
