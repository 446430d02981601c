"""A thumb that counts: what standard work costs in taps, typed characters and scrolls.

The page counts what really reached it (trusted events), not what a test meant to do; a menu of the
system (a list of years) costs two taps. It must not know which work is being measured.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import FloatRect, Locator, Page

ANDROID = (
    "Mozilla/5.0 (Linux; Android 14; 23021RAAEC) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/126.0.0.0 Mobile Safari/537.36"
)
CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
SCROLL_PIXELS = 560
"""One push of a thumb over two thirds of the screen."""
SCROLLS_MAX = 40
STILL_MS = 150
TWO_FRAMES = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
COUNTING = """
window.thumb = { taps: 0, digits: 0, letters: 0 };
addEventListener('pointerup', (event) => {
  if (event.isTrusted) window.thumb.taps += 1;
}, true);
addEventListener('change', (event) => {
  if (event.target.tagName === 'SELECT') window.thumb.taps += 2;
}, true);
addEventListener('beforeinput', (event) => {
  for (const each of event.data ?? '') {
    window.thumb[/[0-9.]/.test(each) ? 'digits' : 'letters'] += 1;
  }
}, true);
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """What was needed; `typed` counts figures, `letters` everything else."""

    taps: int
    typed: int
    letters: int
    scrolls: int

    def __sub__(self, other: Cost) -> Cost:
        return Cost(
            self.taps - other.taps, self.typed - other.typed,
            self.letters - other.letters, self.scrolls - other.scrolls,
        )  # fmt: skip


class Thumb:
    """One finger on one page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.scrolls = 0

    def cost(self) -> Cost:
        """Everything so far."""
        seen: dict[str, int] = self.page.evaluate("window.thumb")
        return Cost(seen["taps"], seen["digits"], seen["letters"], self.scrolls)

    def tap(self, what: str | Locator) -> None:
        """The button, link or word of this name, pushed into sight first if it is not there."""
        target = self._named(what) if isinstance(what, str) else what
        target = target.first
        target.wait_for()
        self._bring_into_sight(target)
        box = self._standing_still(target)
        self.page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    def write(self, field: Locator, figures: str) -> None:
        """Tap the field and type; the number pad comes by itself."""
        self.tap(field)
        field.press_sequentially(figures)

    def _named(self, name: str) -> Locator:
        pattern = re.compile(f"^{re.escape(name)}$")
        button = self.page.get_by_role("button", name=pattern)
        link = self.page.get_by_role("link", name=pattern)
        return button.or_(link).or_(self.page.get_by_text(name, exact=True))

    def _standing_still(self, target: Locator) -> FloatRect:
        """Where it is, once it moves no more: nobody hits what still comes up."""
        before = None
        while (box := target.bounding_box()) != before or box is None:
            before = box
            self.page.wait_for_timeout(STILL_MS)
            self.page.evaluate(TWO_FRAMES)  # a busy machine draws nothing for longer than that
        return box

    def _bring_into_sight(self, target: Locator) -> None:
        for _ in range(SCROLLS_MAX):
            side: int = target.evaluate(IN_SIGHT)
            if side == 0:
                return
            self.page.mouse.move(195, 420)
            self.page.mouse.wheel(0, side * SCROLL_PIXELS)
            self.page.wait_for_timeout(60)
            self.scrolls += 1
        raise AssertionError("scrolled and scrolled, and it never came into sight")


IN_SIGHT: Any = """(element) => {
  const box = element.getBoundingClientRect();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  if (y < 0) return -1;
  if (y > innerHeight) return 1;
  const top = document.elementFromPoint(x, y);
  const label = element.closest('label');
  const own = top && (element.contains(top) || top.contains(element));
  return own || (top && label && label.contains(top)) ? 0 : y > innerHeight / 2 ? 1 : -1;
}"""
