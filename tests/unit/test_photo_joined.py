"""Words go under a picture without touching it: its pixels are those it had, whoever opens it."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from app.photos import stamp
from app.photos.derive import derive
from app.photos.joined import joined, taken_apart
from app.photos.lettering import FONTS, Lettering, find_lettering
from app.photos.stamp import Words, stamped

LINES = ("老街川味馆 · 后厨", "2026-11-22 10:03:27（已校时）", "照片 7F3A91C2")


@pytest.fixture
def lettering() -> Lettering:
    found = find_lettering(FONTS)
    assert found is not None
    return found


def jpeg(image: Image.Image, **how: object) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", **{"quality": 78, **how})  # type: ignore[arg-type]
    return out.getvalue()


def scene(width: int, height: int) -> Image.Image:
    noise = Image.effect_noise((width // 4, height // 4), 80).resize((width, height))
    return Image.merge("RGB", (noise, noise.transpose(Image.Transpose.ROTATE_180), noise))


def light(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.draft("YCbCr", image.size)
    return image.convert("YCbCr").getchannel("Y")


@pytest.mark.parametrize("size", [(320, 240), (240, 320), (320, 320), (310, 160)])
def test_every_pixel_of_both_pictures_is_there(size: tuple[int, int]):
    upper, lower = jpeg(scene(*size)), jpeg(scene(size[0], 70))
    made = joined(taken_apart(upper), taken_apart(lower))
    assert made is not None
    shown = light(made)
    assert shown.size == (size[0], size[1] + 70)
    assert shown.crop((0, 0, *size)).tobytes() == light(upper).tobytes()
    assert shown.crop((0, size[1], size[0], size[1] + 70)).tobytes() == light(lower).tobytes()


@pytest.mark.parametrize(
    ("why", "upper", "lower"),
    [
        ("another width", jpeg(scene(320, 240)), jpeg(scene(336, 64))),
        ("half a block at its end", jpeg(scene(320, 180)), jpeg(scene(320, 64))),
        ("packed otherwise", jpeg(scene(320, 240), quality=60), jpeg(scene(320, 64))),
        ("tables of its own", jpeg(scene(320, 240), optimize=True), jpeg(scene(320, 64))),
        ("other sampling", jpeg(scene(320, 240), subsampling=0), jpeg(scene(320, 64))),
        ("in passes", jpeg(scene(320, 240), progressive=True), jpeg(scene(320, 64))),
        ("restarts", jpeg(scene(320, 240), restart_marker_rows=1), jpeg(scene(320, 64))),
        ("grey", jpeg(scene(320, 240).convert("L")), jpeg(scene(320, 64))),
        ("the lower one larger", jpeg(scene(320, 64)), jpeg(scene(320, 240))),
        ("cut off", jpeg(scene(320, 240))[:-900], jpeg(scene(320, 64))),
        (
            "no colours told",
            jpeg(scene(320, 240)).replace(b"\x03\x01\x22", b"\x03\x01\0"),
            jpeg(scene(320, 64)),
        ),
        ("nothing", b"", jpeg(scene(320, 64))),
    ],
)
def test_what_does_not_fit_is_left_to_be_drawn(why: str, upper: bytes, lower: bytes):
    assert joined(taken_apart(upper), taken_apart(lower)) is None, why


def test_a_thumbnail_as_the_background_makes_it_is_not_packed_a_second_time(lettering: Lettering):
    original = jpeg(scene(1600, 1200), quality=90)
    (thumbnail,) = derive(io.BytesIO(original), (320,))
    made = light(stamped(thumbnail, Words(LINES), lettering))
    assert made.crop((0, 0, 320, 240)).tobytes() == light(thumbnail).tobytes()
    band = made.crop((0, 240, 320, made.height))
    assert band.getextrema()[1] > 200, "and its words stand under it"


@pytest.mark.parametrize("size", [(320, 240), (320, 180)])
def test_the_words_are_the_same_whether_joined_or_drawn(
    lettering: Lettering, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
):
    picture = jpeg(scene(*size))
    quick = light(stamped(picture, Words(LINES), lettering))
    monkeypatch.setattr(stamp, "joined", lambda *_: None)
    slow = light(stamped(picture, Words(LINES), lettering))
    assert quick.size == slow.size
    box = (0, size[1] + 16, size[0], quick.height)
    pairs = zip(quick.crop(box).tobytes(), slow.crop(box).tobytes(), strict=True)
    assert max(abs(a - b) for a, b in pairs) < 60, "no sign is another one"


def test_other_words_are_other_words_at_once(lettering: Lettering):
    """Nothing made for one export is kept for the next: a place renamed is a place renamed."""
    picture = jpeg(scene(320, 240))
    before = stamped(picture, Words(("老街川味馆",)), lettering)
    after = stamped(picture, Words(("新街川味馆",)), lettering)
    assert before != after
    assert stamped(picture, Words(("老街川味馆",)), lettering) == before
