"""How a picture of a screen is taken and kept: in which look, in few colours, named once.

`Album` remembers what was taken, so that the index can be written from it and nothing is forgotten.
It must not know any screen.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect

HERE = Path(__file__).resolve().parent
LOOKS = {"": "normal.light.", "large": "huge.light.elder", "dark": "normal.dark."}
"""Ends of file names by what pwa/src/field/early_look.ts takes; `large` is the largest there is."""
SHARP = 1.5  # of the standard look on a phone; the others are kept at 1
COLOURS = 96
SETTLE_MS = 400
BUSY = re.compile("^正在[取读画看]")
ADDRESS = """() => document.querySelector('#app').__vue_app__
  .config.globalProperties.$router.currentRoute.value.matched[0].path"""


@dataclass
class Album:
    """Pictures by section of the index, in the order they were taken."""

    routes: dict[str, str] = field(default_factory=dict)
    """Address of the router by its picture's name."""
    views: list[tuple[str, str]] = field(default_factory=list)
    """Name and words of what else a screen shows."""
    states: list[tuple[str, str]] = field(default_factory=list)

    def screen(self, page: Page, name: str, path: str = "") -> None:
        """A screen of the field app in three looks; the router says which, or who led to it."""
        settle(page)
        self.routes[path or str(page.evaluate(ADDRESS))] = name
        for look, told in LOOKS.items():
            page.evaluate("(look) => window.showLook(look)", told)
            keep(page, f"{name}-{look}" if look else name, sharp=not look)
        page.evaluate("(look) => window.showLook(look)", LOOKS[""])

    def view(self, page: Page, name: str, words: str) -> None:
        """Something that opens on a screen."""
        settle(page)
        keep(page, name)
        self.views.append((name, words))

    def state(self, page: Page, name: str, words: str) -> None:
        """An empty or failing state."""
        settle(page)
        keep(page, f"state-{name}")
        self.states.append((f"state-{name}", words))


# one further down may be lazy and never come
SEEN_IMAGES_THERE = """
() => [...document.images].every(
  (image) => image.complete || image.getBoundingClientRect().top > innerHeight)
"""


def settle(page: Page) -> None:
    """Nothing moves any more, and no finger lies anywhere."""
    page.wait_for_load_state("networkidle")
    expect(page.get_by_text(BUSY)).to_have_count(0)
    # the driver's own way of waiting evaluates text in the page, which the desk's policy forbids
    while not page.evaluate(SEEN_IMAGES_THERE):
        page.wait_for_timeout(SETTLE_MS / 4)
    page.mouse.move(0, 0)
    page.wait_for_timeout(SETTLE_MS)


def keep(page: Page, name: str, *, sharp: bool = False) -> None:
    """One PNG with few colours; a picture of type and flat areas loses nothing that one sees."""
    path = HERE / f"{name}.png"
    page.screenshot(
        path=path, animations="disabled", caret="hide", scale="device" if sharp else "css"
    )
    with Image.open(path) as shot:
        few = shot.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(path, optimize=True)
    print(f"{path.name}: {path.stat().st_size // 1000} KB", flush=True)
