"""Circles and arrows a finger drew on a photo, as figures on a picture of any size.

The phone and the desk draw the same (pwa/src/rules/marks.ts, tests/vectors/marks.json). The photo
that is kept is never drawn on (I13).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from PIL import Image, ImageDraw

Point = tuple[int, int]
HEAD = 0.05  # of the longer side
SPREAD = 0.5  # radians, from the shaft to each side of the head
LINE = 0.008  # of the longer side
COLOUR = (255, 59, 48)
HALO = (255, 255, 255)


def figure_of(mark: Mapping[str, Any], width: int, height: int) -> dict[str, Any]:
    """A circle's box, or an arrow's shaft and the three corners of its head, in pixels."""
    x1, y1, x2, y2 = mark["box"]
    x1, x2, y1, y2 = x1 * width / 1000, x2 * width / 1000, y1 * height / 1000, y2 * height / 1000
    if mark["shape"] == "circle":
        corners = (min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2))
        return {"circle": [_near(each) for each in corners]}
    angle, head = math.atan2(y2 - y1, x2 - x1), HEAD * max(width, height)
    sides = [
        [_near(x2 - head * math.cos(angle + side)), _near(y2 - head * math.sin(angle + side))]
        for side in (-SPREAD, SPREAD)
    ]
    # The shaft ends inside the head, so that the tip is the head's alone.
    end = (x2 - head / 2 * math.cos(angle), y2 - head / 2 * math.sin(angle))
    shaft = [_near(each) for each in (x1, y1, *end)]
    return {"shaft": shaft, "head": [[_near(x2), _near(y2)], *sides]}


def draw_marks(picture: Image.Image, marks: Sequence[Mapping[str, Any]]) -> None:
    """Draw on the picture: red, with white around it, so that it shows on any ground."""
    drawing = ImageDraw.Draw(picture)
    line = max(2, round(LINE * max(picture.size)))
    figures = [figure_of(mark, *picture.size) for mark in marks]
    for colour, pen in ((HALO, line + 2 * max(1, line // 2)), (COLOUR, line)):
        for figure in figures:
            if "circle" in figure:
                drawing.ellipse(figure["circle"], outline=colour, width=pen)
                continue
            drawing.line(figure["shaft"], fill=colour, width=pen)
            corners = [tuple(corner) for corner in figure["head"]]
            drawing.polygon(corners, fill=COLOUR, outline=colour, width=max(1, pen // 4))


def _near(value: float) -> int:
    return math.floor(value + 0.5)
