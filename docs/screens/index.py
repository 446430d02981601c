"""Writes README.md of this folder: which picture shows what.

The list of the desk's pictures is what lies in the folder. It must not know how they were taken.
"""

from __future__ import annotations

import re

from pictures import HERE, LOOKS, Album

from tests.served import ROOT

ROUTER = ROOT / "pwa" / "src" / "field" / "router.ts"
WIDTH = 200
DESK_WIDTHS = {"1440": 460, "390": 140}
WORDS = {
    "/sites/:id": "一户一档", "/visits/:draftId": "检查表", "/hazards/:id": "一条隐患",
    "/visits/:draftId/hazards/:hazardId": "记一条隐患", "/inspections/:id": "一次检查",
    "/steps/:stepId": "复查",
}  # fmt: skip
"""Where the router's title is short because the screen's own heading says more."""
ACROSS = 4


def write_index(album: Album) -> None:
    """The whole page."""
    told = dict(re.findall(r"path: '([^']+)',.*title: '([^']+)'", ROUTER.read_text()))
    lines = [
        "# Screens",
        "",
        "Made by `make screens`, never by hand; the township is fictional.",
        "A guard test fails when an address of the field app has no picture here.",
        "",
        "## The field app",
        "",
        "390 px wide. `large` is 特大 with 长辈模式.",
        "",
        "| screen | normal | large | dark |",
        "|---|---|---|---|",
    ]
    for path in told:
        name = album.routes[path]
        shots = [image(f"{name}-{look}" if look else name) for look in LOOKS]
        lines.append(f"| {WORDS.get(path, told[path])} `{path}` | {' | '.join(shots)} |")
    lines += ["", "### What opens on them", "", *grid(album.views)]
    lines += ["", "### Empty and failing states", "", *grid(album.states)]
    lines += ["", "## The desk", "", "| screen | 1440 px | 390 px |", "|---|---|---|"]
    for name in sorted({path.stem.rsplit("-", 1)[0] for path in HERE.glob("desk-*.png")}):
        shots = [
            image(f"{name}-{size}", width) if (HERE / f"{name}-{size}.png").exists() else ""
            for size, width in DESK_WIDTHS.items()
        ]
        lines.append(f"| {name.removeprefix('desk-')} | {' | '.join(shots)} |")
    (HERE / "README.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def grid(pictures: list[tuple[str, str]]) -> list[str]:
    """A table of pictures with their words below."""
    lines = []
    for start in range(0, len(pictures), ACROSS):
        row = pictures[start : start + ACROSS]
        row += [("", "")] * (ACROSS - len(row))
        shots = [image(name) if name else "" for name, _ in row]
        if not lines:
            lines += [f"| {' | '.join(words for _, words in row)} |", "|---" * ACROSS + "|"]
        else:
            lines.append(f"| {' | '.join(words for _, words in row)} |")
        lines.append(f"| {' | '.join(shots)} |")
    return lines


def image(name: str, width: int = WIDTH) -> str:
    """HTML, because a picture in Markdown has no width."""
    return f'<img src="{name}.png" width="{width}" alt="">'
