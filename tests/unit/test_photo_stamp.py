"""What is on a copy of a photo: marks, and words people can read, whole and never boxes."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageFont

from app.photos.lettering import FONTS, Lettering, find_lettering
from app.photos.marks import figure_of
from app.photos.stamp import Words, stamped

PHOTOS = Path(__file__).parents[1] / "fixtures" / "photos"
LINES = ("老街川味馆 · 后厨", "2026-11-22 10:03:27（已校时）", "照片 7F3A91C2")
RARE = "\U0010fffd"  # a sign for private use, in no font


@pytest.fixture
def lettering() -> Lettering:
    """The font of this machine: .ci/system-packages sees to it."""
    found = find_lettering(FONTS)
    assert found is not None
    return found


def picture(width: int, height: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), (200, 30, 30)).save(out, "JPEG")
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    assert image.format == "JPEG"
    return image.convert("RGB")


def test_the_picture_stays_whole_above_its_words(lettering: Lettering):
    made = opened(stamped(picture(320, 240), Words(LINES), lettering))
    assert made.width == 320
    assert made.height > 240
    for place in ((0, 0), (319, 0), (0, 235), (319, 235), (160, 120)):
        assert made.getpixel(place) == pytest.approx((200, 30, 30), abs=12), place
    assert made.crop((0, 244, 320, made.height)).convert("L").getextrema()[1] > 200


def test_every_sign_of_the_lines_is_drawn_as_itself(lettering: Lettering):
    signs = sorted({sign for line in LINES for sign in line if not sign.isspace()})
    drawn = {sign: lettering.sign(24, sign).pixels for sign in signs}
    assert None not in drawn.values()
    shapes = {(pixels.size, pixels.tobytes()) for pixels in drawn.values() if pixels}
    assert len(shapes) == len(signs), "no two signs look alike, as boxes would"


def test_a_sign_no_font_has_becomes_the_printers_mark_and_no_box(lettering: Lettering):
    rare, mark = lettering.sign(24, RARE), lettering.sign(24, "〓")
    assert rare.pixels is not None
    assert mark.pixels is not None
    assert rare.pixels.tobytes() == mark.pixels.tobytes()


def test_a_long_line_goes_on_in_the_next_row(lettering: Lettering):
    short = opened(stamped(picture(320, 240), Words(("馆" * 10,)), lettering))
    long = opened(stamped(picture(320, 240), Words(("馆" * 60,)), lettering))
    assert long.height > short.height
    right = long.crop((316, 244, 320, long.height)).convert("L")
    assert right.getextrema()[1] < 60, "nothing runs off the edge"


def test_a_font_without_chinese_is_no_font(tmp_path: Path):
    latin = tmp_path / "latin.ttf"
    built_in = ImageFont.load_default(16)
    assert isinstance(built_in, ImageFont.FreeTypeFont)
    assert isinstance(built_in.path, io.BytesIO)
    latin.write_bytes(built_in.path.getvalue())
    assert find_lettering((str(latin), str(tmp_path / "nowhere.ttf"))) is None


MARKS = json.loads((Path(__file__).parents[1] / "vectors" / "marks.json").read_text("utf-8"))


@pytest.mark.parametrize("case", MARKS["cases"], ids=lambda case: case["why"])
def test_marks_have_the_same_figure_as_on_the_phone(case: dict[str, Any]):
    assert figure_of(case["mark"], case["width"], case["height"]) == case["figure"]


def test_a_circle_is_drawn_on_the_copy_where_the_finger_was():
    mark = {"shape": "circle", "box": [250, 250, 750, 750]}
    bare = picture(320, 240)
    made = opened(stamped(bare, Words(marks=[mark]), None))
    assert made.size == (320, 240), "no font, no band; the marks are there all the same"
    assert made.getpixel((160, 120)) == pytest.approx((200, 30, 30), abs=12), "what it is around"
    edge = [made.getpixel((x, 120)) for x in range(74, 88)]
    assert any(min(pixel) > 180 for pixel in edge), "white around the red"
    assert stamped(bare, Words(LINES), None) == bare
