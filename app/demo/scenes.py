"""Photos for the demo, drawn: simple scenes of the things inspectors photograph, before and after.

The same seed gives the same bytes. They look like sketches on purpose: nobody should take a demo
photo for evidence. It must not know facts or the ledger.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from random import Random

from PIL import Image, ImageDraw, ImageFilter

WIDTH_PX, HEIGHT_PX = 1200, 900
JPEG_QUALITY = 74
NOISE_SHARE = 0.05
Color = tuple[int, int, int]
Pen = ImageDraw.ImageDraw
Scene = Callable[[Pen, Random, bool], None]

RED: Color = (176, 42, 34)
ORANGE: Color = (214, 122, 38)
GREEN: Color = (58, 122, 76)
INK: Color = (44, 40, 38)
WOOD: Color = (150, 112, 74)
STEEL: Color = (132, 140, 146)
PAPER: Color = (232, 226, 212)


def draw_photo(scene: str, *, seed: int, after: bool = False) -> bytes:
    """One JPEG of a few dozen kilobytes; `after` shows the same place put right."""
    rng = Random(seed)  # noqa: S311 - pictures, not secrets
    image = Image.new("RGB", (WIDTH_PX, HEIGHT_PX), PAPER)
    SCENES[scene](ImageDraw.Draw(image), rng, after)
    return _developed(image, rng)


def draw_signature(*, seed: int) -> bytes:
    """A scribble on paper, as a person signs with a finger."""
    rng = Random(seed)  # noqa: S311 - pictures, not secrets
    image = Image.new("RGB", (800, 300), (252, 251, 248))
    pen = ImageDraw.Draw(image)
    x, y = 120.0, 170.0
    for _stroke in range(3):
        points = [(x, y)]
        for _turn in range(7):
            x += rng.uniform(14, 38)
            y = min(240.0, max(70.0, y + rng.uniform(-60, 60)))
            points.append((x, y))
        pen.line(points, fill=INK, width=7, joint="curve")
        x, y = x - rng.uniform(10, 40), rng.uniform(120, 200)
    out = io.BytesIO()
    image.filter(ImageFilter.BoxBlur(1)).save(out, "JPEG", quality=JPEG_QUALITY)
    return out.getvalue()


def _developed(image: Image.Image, rng: Random) -> bytes:
    """A little blur, grain and uneven light, so that it is not a flat drawing."""
    light = Image.linear_gradient("L").resize(image.size)
    if rng.random() < 0.5:
        light = light.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    shade = Image.merge("RGB", (light, light, light))
    lit = Image.blend(image.filter(ImageFilter.BoxBlur(1)), shade, rng.uniform(0.1, 0.2))
    # Pillow's own noise takes no seed; this one gives the same bytes for the same seed.
    grain = Image.frombytes("L", (60, 45), rng.randbytes(2700)).resize(image.size)
    done = Image.blend(lit, Image.merge("RGB", (grain, grain, grain)), NOISE_SHARE)
    out = io.BytesIO()
    done.save(out, "JPEG", quality=JPEG_QUALITY)
    return out.getvalue()


def _tint(rng: Random, color: Color, spread: int = 18) -> Color:
    """A shade lighter or darker, hardly another hue: things differ, walls do not turn purple."""
    lighter = rng.randint(-spread, spread)
    red, green, blue = (max(0, min(255, c + lighter + rng.randint(-5, 5))) for c in color)
    return red, green, blue


def _room(pen: Pen, rng: Random, wall: Color, floor: Color) -> None:
    line = 560 + rng.randint(-50, 50)
    pen.rectangle((0, 0, WIDTH_PX, line), fill=_tint(rng, wall))
    pen.rectangle((0, line, WIDTH_PX, HEIGHT_PX), fill=_tint(rng, floor))
    for x in range(0, WIDTH_PX + 1, 150):
        pen.line((x, line, x + (x - 600) * 0.5, HEIGHT_PX), fill=_tint(rng, floor, 8), width=3)


def _yard(pen: Pen, rng: Random, ground: Color) -> None:
    pen.rectangle((0, 0, WIDTH_PX, 380), fill=_tint(rng, (176, 194, 206)))
    pen.rectangle((0, 250, WIDTH_PX, 420), fill=_tint(rng, (166, 140, 118)))
    pen.rectangle((0, 420, WIDTH_PX, HEIGHT_PX), fill=_tint(rng, ground))


def _cylinder(pen: Pen, x: int, y: int, size: int, color: Color) -> None:
    pen.rounded_rectangle((x, y, x + size, y + int(size * 2.1)), radius=size // 2, fill=color)
    pen.rectangle((x + size // 3, y - size // 4, x + 2 * size // 3, y + 4), fill=INK)
    pen.arc((x + size // 5, y - size // 2, x + 4 * size // 5, y + 10), 180, 360, INK, 7)
    pen.line((x + size // 5, y + size, x + size // 5, y + int(size * 1.8)), fill=PAPER, width=6)


def _sign(pen: Pen, x: int, y: int, color: Color) -> None:
    pen.rounded_rectangle((x, y, x + 130, y + 90), radius=8, fill=color)
    for row in range(3):
        pen.rectangle(
            (x + 16, y + 18 + row * 22, x + 114 - row * 18, y + 28 + row * 22), fill=PAPER
        )


def _boxes(pen: Pen, rng: Random, area: tuple[int, int, int, int], count: int) -> None:
    left, top, right, bottom = area
    for _ in range(count):
        width, height = rng.randint(90, 190), rng.randint(70, 140)
        x, y = rng.randint(left, right - width), rng.randint(top, bottom - height)
        pen.rectangle((x, y, x + width, y + height), fill=_tint(rng, WOOD, 26), outline=INK)
        pen.line((x, y + height // 2, x + width, y + height // 2), fill=PAPER, width=5)


def _kitchen(pen: Pen, rng: Random, after: bool) -> None:
    _room(pen, rng, (206, 206, 196), (140, 128, 112))
    for y in range(0, 520, 70):
        pen.line((0, y, WIDTH_PX, y), fill=(190, 190, 180), width=2)
    pen.rectangle((640, 330, 1160, 620), fill=STEEL, outline=INK)
    for x in (700, 900):
        pen.ellipse((x, 340, x + 150, 390), fill=INK)
    for number in range(2 if after else rng.randint(5, 7)):
        color = _tint(rng, (120, 130, 140) if number % 2 else (70, 96, 128))
        _cylinder(pen, 60 + number * 105, 480 + (number % 2) * 60, 92, color)
    if after:
        _sign(pen, 340, 160, GREEN)


def _hose(pen: Pen, rng: Random, after: bool) -> None:
    _room(pen, rng, (214, 208, 196), (122, 112, 102))
    _cylinder(pen, 150, 470, 130, _tint(rng, (80, 104, 132)))
    pen.rectangle((720, 300, 1150, 520), fill=STEEL, outline=INK)
    pen.ellipse((800, 310, 960, 360), fill=INK)
    if after:
        pen.line((225, 440, 480, 430, 740, 470), fill=(200, 200, 204), width=20, joint="curve")
    else:
        points = [(225, 440)]
        for step in range(9):
            points.append((260 + step * 60, 560 + rng.randint(-140, 190)))
        pen.line([*points, (740, 470)], fill=ORANGE, width=22, joint="curve")


def _corridor(pen: Pen, rng: Random, after: bool) -> None:
    pen.rectangle((0, 0, WIDTH_PX, HEIGHT_PX), fill=_tint(rng, (196, 190, 178)))
    pen.polygon(
        [(0, HEIGHT_PX), (430, 520), (770, 520), (WIDTH_PX, HEIGHT_PX)], fill=(120, 112, 104)
    )
    pen.polygon([(0, 0), (430, 240), (770, 240), (WIDTH_PX, 0)], fill=(224, 220, 210))
    pen.rectangle((430, 240, 770, 520), fill=(150, 140, 126), outline=INK)
    pen.rectangle((530, 300, 670, 520), fill=_tint(rng, WOOD), outline=INK)
    pen.rectangle((545, 255, 655, 290), fill=GREEN if after else (110, 118, 112))
    if not after:
        _boxes(pen, rng, (180, 480, 1020, 860), rng.randint(7, 11))


def _wires(pen: Pen, rng: Random, after: bool) -> None:
    _room(pen, rng, (212, 204, 190), (128, 118, 104))
    pen.rectangle((470, 160, 700, 400), fill=(206, 206, 202), outline=INK, width=4)
    for x in range(500, 680, 45):
        pen.rectangle((x, 220, x + 28, 300), fill=INK)
    if after:
        pen.rectangle((90, 130, 470, 160), fill=(232, 232, 228), outline=INK)
        pen.rectangle((700, 130, 1120, 160), fill=(232, 232, 228), outline=INK)
        return
    for _ in range(9):
        points = [(rng.randint(480, 690), 400)]
        for _bend in range(5):
            points.append((rng.randint(80, 1120), rng.randint(380, 780)))
        color = rng.choice([RED, INK, (54, 84, 150), ORANGE, (220, 214, 200)])
        pen.line(points, fill=color, width=rng.randint(5, 10), joint="curve")
    pen.rounded_rectangle((340, 700, 760, 770), radius=14, fill=(232, 230, 226), outline=INK)


def _ebike(pen: Pen, rng: Random, after: bool) -> None:
    _room(pen, rng, (204, 198, 186), (132, 124, 114))
    for step in range(6):
        pen.rectangle(
            (820 + step * 62, 620 - step * 70, WIDTH_PX, 690 - step * 70), fill=(150, 142, 132)
        )
    if after:
        _sign(pen, 330, 220, RED)
        return
    color = _tint(rng, rng.choice([RED, (44, 84, 140), INK]))
    for x in (160, 520):
        pen.ellipse((x, 560, x + 210, 770), outline=INK, width=20)
    pen.polygon([(260, 660), (360, 520), (560, 540), (630, 660), (430, 690)], fill=color)
    pen.line((590, 560, 560, 400, 640, 390), fill=INK, width=16)
    pen.rounded_rectangle((300, 480, 480, 530), radius=18, fill=INK)
    pen.line((360, 690, 240, 800, 60, 780, 40, 420), fill=ORANGE, width=9, joint="curve")


def _extinguisher(pen: Pen, rng: Random, after: bool) -> None:
    _room(pen, rng, (216, 212, 204), (132, 126, 120))
    pen.rectangle((360, 180, 840, 800), fill=(196, 54, 44) if after else (150, 60, 52), outline=INK)
    pen.rectangle((385, 205, 815, 775), fill=(226, 224, 220))
    for number in range(2 if after else 1):
        x = 430 + number * 190
        pen.rounded_rectangle(
            (x, 330, x + 140, 740), radius=44, fill=RED if after else (128, 56, 50)
        )
        pen.rectangle((x + 45, 280, x + 95, 340), fill=INK)
        pen.line((x + 90, 300, x + 150, 420, x + 140, 600), fill=INK, width=12, joint="curve")
        pen.ellipse(
            (x + 48, 352, x + 92, 396), fill=GREEN if after else ORANGE, outline=PAPER, width=4
        )
    if not after:
        _boxes(pen, rng, (200, 640, 1000, 880), 4)


def _drums(pen: Pen, rng: Random, after: bool) -> None:
    _yard(pen, rng, (150, 138, 116))
    if after:
        for y in (520, 600):
            pen.line((40, y, 1160, y + rng.randint(-20, 20)), fill=(226, 190, 60), width=16)
        _sign(pen, 530, 430, RED)
        return
    for number in range(rng.randint(7, 10)):
        x, y = 80 + (number % 5) * 210 + rng.randint(-20, 20), 430 + (number // 5) * 170
        color = _tint(rng, rng.choice([(46, 84, 128), (112, 62, 44), (66, 92, 70)]))
        pen.rectangle((x, y, x + 140, y + 210), fill=color)
        pen.ellipse((x, y - 24, x + 140, y + 24), fill=_tint(rng, color, 30), outline=INK)
        for ring in (70, 140):
            pen.line((x, y + ring, x + 140, y + ring), fill=INK, width=4)
    pen.ellipse((300, 780, 760, 860), fill=(60, 52, 46))


def _tank(pen: Pen, rng: Random, after: bool) -> None:
    _yard(pen, rng, (158, 154, 146))
    pen.rounded_rectangle(
        (180, 260, 1020, 620), radius=150, fill=_tint(rng, (206, 208, 206)), outline=INK
    )
    for x in (320, 820):
        pen.polygon([(x, 600), (x + 90, 600), (x + 120, 740), (x - 30, 740)], fill=STEEL)
    pen.rectangle((90, 740, 1110, 810), fill=(140, 132, 122), outline=INK)
    pen.ellipse((540, 180, 660, 300), fill=PAPER, outline=INK, width=8)
    pen.line((600, 240, 600 + (20 if after else 44), 240 - (36 if after else 8)), fill=RED, width=7)
    if after:
        _sign(pen, 860, 340, (40, 92, 150))
        return
    points = [(rng.randint(420, 520), 742)]
    for step in range(5):
        points.append((points[-1][0] + rng.randint(-30, 40), 754 + step * 12))
    pen.line(points, fill=INK, width=9)
    for _ in range(6):
        x = rng.randint(260, 900)
        pen.ellipse((x, 560, x + rng.randint(20, 60), 610), fill=(150, 92, 58))


def _edge(pen: Pen, rng: Random, after: bool) -> None:
    pen.rectangle((0, 0, WIDTH_PX, 520), fill=_tint(rng, (178, 196, 210)))
    pen.rectangle((0, 520, WIDTH_PX, HEIGHT_PX), fill=_tint(rng, (160, 152, 140)))
    for floor in range(3):
        y = 190 + floor * 230
        pen.rectangle((140, y, 900, y + 44), fill=(176, 170, 160), outline=INK)
        for x in (170, 500, 830):
            pen.rectangle((x, y + 44, x + 40, y + 230), fill=(164, 158, 148))
        if after or floor == 0:
            for rail in (40, 80):
                pen.line((140, y - rail, 900, y - rail), fill=(226, 180, 40), width=9)
            for x in range(140, 901, 152):
                pen.line((x, y, x, y - 90), fill=RED, width=9)
    for x in (940, 1080):
        pen.line((x, 120, x, 860), fill=STEEL, width=14)
    for y in range(180, 860, 130):
        pen.line((930, y, 1100, y + rng.randint(-16, 16)), fill=WOOD, width=14)


def _forest(pen: Pen, rng: Random, after: bool) -> None:
    pen.rectangle((0, 0, WIDTH_PX, 420), fill=_tint(rng, (186, 202, 210)))
    pen.polygon(
        [(0, 420), (300, 210), (560, 400), (860, 180), (WIDTH_PX, 380), (WIDTH_PX, 520), (0, 520)],
        fill=(92, 116, 92),
    )
    pen.rectangle(
        (0, 500, WIDTH_PX, HEIGHT_PX), fill=(148, 128, 84) if not after else (150, 136, 116)
    )
    for _ in range(16):
        x, y, size = rng.randint(0, 1150), rng.randint(330, 560), rng.randint(70, 150)
        pen.rectangle((x + size // 2 - 8, y + size, x + size // 2 + 8, y + size + 60), fill=WOOD)
        pen.polygon(
            [(x, y + size), (x + size // 2, y - size // 2), (x + size, y + size)],
            fill=_tint(rng, (52, 92, 58)),
        )
    if after:
        pen.polygon(
            [(180, HEIGHT_PX), (520, 560), (640, 560), (900, HEIGHT_PX)], fill=(176, 160, 138)
        )
        _sign(pen, 880, 600, RED)
        return
    for _ in range(260):
        x, y = rng.randint(0, WIDTH_PX), rng.randint(600, HEIGHT_PX)
        pen.line(
            (x, y, x + rng.randint(-20, 20), y - rng.randint(12, 46)),
            fill=_tint(rng, (176, 150, 84)),
            width=3,
        )
    pen.ellipse((520, 700, 720, 780), fill=(66, 58, 52))
    for puff in range(6):
        pen.ellipse(
            (560 + puff * 18, 560 - puff * 60, 660 + puff * 26, 650 - puff * 50),
            fill=(196, 194, 190),
        )


def _slope(pen: Pen, rng: Random, after: bool) -> None:
    pen.rectangle((0, 0, WIDTH_PX, HEIGHT_PX), fill=_tint(rng, (184, 198, 206)))
    pen.polygon(
        [(0, 260), (WIDTH_PX, 80), (WIDTH_PX, HEIGHT_PX), (0, HEIGHT_PX)],
        fill=_tint(rng, (156, 128, 96)),
    )
    for _ in range(46):
        x, y, size = rng.randint(0, 1180), rng.randint(330, 880), rng.randint(8, 40)
        pen.ellipse((x, y, x + size, y + size * 2 // 3), fill=_tint(rng, (134, 118, 100), 24))
    if after:
        pen.polygon([(260, 420), (880, 340), (960, 640), (320, 730)], fill=(60, 104, 150))
        _sign(pen, 980, 560, ORANGE)
        return
    points = [(120, 520)]
    while points[-1][0] < 1060:
        points.append((points[-1][0] + rng.randint(50, 110), 500 + rng.randint(-50, 70)))
    pen.line(points, fill=(46, 34, 28), width=rng.randint(14, 24), joint="curve")
    x, y = points[len(points) // 2]
    pen.rectangle((x - 90, y - 60, x + 90, y - 36), fill=(236, 214, 90), outline=INK)
    for mark in range(9):
        pen.line((x - 80 + mark * 20, y - 60, x - 80 + mark * 20, y - 48), fill=INK, width=3)


def _fireworks(pen: Pen, rng: Random, after: bool) -> None:
    _room(pen, rng, (222, 206, 178), (132, 116, 96))
    for shelf in range(4):
        y = 190 + shelf * 150
        pen.rectangle((120, y, 1080, y + 18), fill=WOOD)
        for slot in range(4 if after else 9):
            x = 140 + slot * (220 if after else 104)
            pen.rectangle(
                (x, y - rng.randint(70, 110), x + 92, y),
                fill=_tint(rng, RED, 30),
                outline=(226, 180, 60),
                width=4,
            )
    if after:
        _sign(pen, 540, 30, RED)
    else:
        _boxes(pen, rng, (160, 640, 1060, 880), rng.randint(6, 9))


def _bunk(pen: Pen, rng: Random, after: bool) -> None:
    _room(pen, rng, (210, 202, 188), (132, 122, 108))
    pen.rectangle((60, 330, 760, 356), fill=WOOD)
    for x in (70, 720):
        pen.rectangle((x, 330, x + 26, 760), fill=WOOD)
    if after:
        _boxes(pen, rng, (120, 400, 700, 740), 5)
        pen.rectangle((860, 220, 1080, 720), fill=(184, 188, 190), outline=INK)
        return
    pen.rounded_rectangle((80, 270, 740, 332), radius=20, fill=(110, 134, 168))
    pen.rounded_rectangle((90, 240, 240, 290), radius=18, fill=PAPER)
    pen.line((800, 330, 800, 780), fill=WOOD, width=14)
    for y in range(380, 780, 80):
        pen.line((760, y, 840, y), fill=WOOD, width=12)
    _boxes(pen, rng, (110, 400, 1100, 860), 12)


def _workshop(pen: Pen, rng: Random, after: bool) -> None:
    _room(pen, rng, (190, 194, 196), (122, 118, 112))
    pen.rectangle((260, 330, 960, 700), fill=_tint(rng, (72, 112, 96)), outline=INK)
    for x in (340, 700):
        pen.ellipse((x, 400, x + 190, 590), fill=STEEL, outline=INK, width=10)
        pen.ellipse((x + 70, 470, x + 120, 520), fill=INK)
    pen.line((435, 400, 795, 400), fill=INK, width=14)
    pen.line((435, 590, 795, 590), fill=INK, width=14)
    if after:
        pen.rectangle((300, 370, 930, 620), fill=(226, 186, 52), outline=INK)
        for x in range(320, 920, 44):
            pen.line((x, 380, x, 610), fill=INK, width=4)
        return
    for _ in range(90):
        x, y = rng.randint(180, 1080), rng.randint(700, 880)
        pen.ellipse(
            (x, y, x + rng.randint(6, 26), y + rng.randint(4, 12)), fill=_tint(rng, (186, 150, 104))
        )


SCENES: dict[str, Scene] = {
    "kitchen": _kitchen,
    "hose": _hose,
    "corridor": _corridor,
    "wires": _wires,
    "ebike": _ebike,
    "extinguisher": _extinguisher,
    "drums": _drums,
    "tank": _tank,
    "edge": _edge,
    "forest": _forest,
    "slope": _slope,
    "fireworks": _fireworks,
    "bunk": _bunk,
    "workshop": _workshop,
}
SCENES_OF_CHECKLIST: dict[str, tuple[str, ...]] = {
    "cl-lpg-restaurant": ("kitchen", "hose", "extinguisher"),
    "cl-nine-small-fire": ("corridor", "extinguisher", "wires"),
    "cl-mixed-use-premises": ("bunk", "corridor", "ebike"),
    "cl-four-idle-sites": ("drums", "wires"),
    "cl-fuel-station-illegal-oil": ("drums", "tank", "extinguisher"),
    "cl-fireworks-retail": ("fireworks", "extinguisher"),
    "cl-industry-trade-general": ("workshop", "wires"),
    "cl-construction-height-work": ("edge", "wires"),
    "cl-selfbuilt-rental-electric": ("wires", "ebike"),
    "cl-hazchem-tanks": ("tank",),
    "cl-forest-fire": ("forest",),
    "cl-geohazard-point": ("slope",),
}
