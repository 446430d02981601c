"""Draws the app's icons: a grid cell being ticked, white on safety orange.

Run by hand when the drawing changes (`.venv/bin/python pwa/src/ui/make_icons.py`); the PNGs are committed.
It must not need anything but Pillow.
"""

from pathlib import Path

from PIL import Image, ImageDraw

OUT = Path(__file__).parents[2] / "public" / "field"
ACCENT = (184, 67, 10)
DEEP = (150, 52, 6)
WHITE = (255, 255, 255)
OVERSAMPLE = 4


def stroke(
    draw: ImageDraw.ImageDraw, points: list[tuple[float, float]], width: float, colour: tuple[int, int, int]
) -> None:
    draw.line(points, fill=colour, width=round(width), joint="curve")
    for x, y in (points[0], points[-1]):
        draw.ellipse([x - width / 2, y - width / 2, x + width / 2, y + width / 2], fill=colour)


def icon(size_px: int, *, scale: float, rounded: bool) -> Image.Image:
    """`scale` is the part of the square the drawing fills: maskable icons lose their rim to the phone's mask."""
    full = size_px * OVERSAMPLE
    image = Image.new("RGBA", (full, full), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    corner = full * 0.22 if rounded else 0
    draw.rounded_rectangle([0, 0, full - 1, full - 1], radius=corner, fill=ACCENT)
    side = full * scale
    left = (full - side) / 2
    third = side / 3
    gap = side * 0.045
    for row in range(3):
        for column in range(3):
            x, y = left + column * third, left + row * third
            box = [x + gap, y + gap, x + third - gap, y + third - gap]
            draw.rounded_rectangle(box, radius=third * 0.22, fill=DEEP)
    tick = [(0.14, 0.55), (0.40, 0.80), (0.90, 0.20)]
    stroke(draw, [(left + x * side, left + y * side) for x, y in tick], side * 0.15, WHITE)
    return image.resize((size_px, size_px), Image.Resampling.LANCZOS)


def main() -> None:
    icon(192, scale=0.66, rounded=True).save(OUT / "icon-192.png", optimize=True)
    icon(512, scale=0.66, rounded=True).save(OUT / "icon-512.png", optimize=True)
    icon(512, scale=0.52, rounded=False).save(OUT / "icon-maskable-512.png", optimize=True)
    icon(180, scale=0.62, rounded=False).convert("RGB").save(OUT / "apple-touch-icon.png", optimize=True)


if __name__ == "__main__":
    main()
