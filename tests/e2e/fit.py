"""Whether a screen fits everybody: what is measured on the page as it stands (fit.js), in words.

Thumbs (size and reach of what can be tapped), small phones and large words (nothing wider than the
screen, nothing cut off), 长辈模式. It must not know which screen it looks at.
"""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

MEASURES = Path(__file__).with_name("fit.js")
TARGET_PX = 44
ELDER_TARGET_PX = 60
ELDER_WORDS_PX = 18
BARS_PART_MAX = 0.5
REACH_PART_MIN = 0.4
ELDERS = ".button, .tabs a, .tabs button, fieldset label, .chip"
"""The main components of 长辈模式: buttons, tabs, choices."""


def _measured(page: Page, name: str, *limits: object) -> list[str]:
    if not page.evaluate("'fit' in window"):
        page.evaluate(MEASURES.read_text(encoding="utf-8"))
    found: list[str] = page.evaluate(f"(limits) => fit.{name}(...limits)", list(limits))
    return found


def small_targets(page: Page) -> list[str]:
    """What can be tapped and is smaller than a finger."""
    return _measured(page, "targets", TARGET_PX)


def cut_off(page: Page) -> list[str]:
    """What is wider than the screen, or not to be read whole, or leaves no room."""
    return _measured(page, "cut") + _measured(page, "bars", BARS_PART_MAX)


def out_of_reach(page: Page) -> list[str]:
    """The main action of a screen that has one, if a thumb does not get there."""
    return _measured(page, "reach", REACH_PART_MIN)


def hard_for_elders(page: Page) -> list[str]:
    """What is too small or too low in 长辈模式."""
    return _measured(page, "elders", ELDERS, ELDER_TARGET_PX, ELDER_WORDS_PX)
