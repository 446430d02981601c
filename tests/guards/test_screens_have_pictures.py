"""Every screen of the field app has its pictures in docs/screens, and the index knows them all.

`make screens` makes both anew.
"""

from __future__ import annotations

import re

from tests.guards.house import ROOT

SCREENS = ROOT / "docs" / "screens"
ROUTER = ROOT / "pwa" / "src" / "field" / "router.ts"
LOOKS = ("", "-large", "-dark")
PICTURES_BYTES_MAX = 4_000_000


def routes() -> list[str]:
    """The addresses of the field app's router that show something."""
    found = re.findall(r"^  \{ path: '([^']+)'(.*)$", ROUTER.read_text(encoding="utf-8"), re.M)
    return [path for path, rest in found if "redirect:" not in rest]


def shown() -> str:
    """The index."""
    return (SCREENS / "README.md").read_text(encoding="utf-8")


def test_every_screen_has_its_pictures_normal_large_and_dark():
    paths = routes()
    assert len(paths) > 20
    for path in paths:
        row = re.search(rf"^\|[^|]*`{re.escape(path)}` \|(.*)$", shown(), re.M)
        assert row, f"{path} has no row in docs/screens/README.md; run make screens"
        names = re.findall(r'src="([a-z-]+)\.png"', row[1])
        assert [name.removeprefix(names[0]) for name in names] == list(LOOKS), path


def test_the_index_and_the_folder_hold_the_same_pictures():
    told = set(re.findall(r'src="([^"]+\.png)"', shown()))
    assert told == {path.name for path in SCREENS.glob("*.png")}


def test_the_pictures_stay_small():
    assert sum(path.stat().st_size for path in SCREENS.glob("*.png")) <= PICTURES_BYTES_MAX
