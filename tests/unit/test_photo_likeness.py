"""What a picture looks like in 128 bits: the same picture stays near, another one stays far."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable
from random import Random

import pytest
from PIL import Image, ImageDraw, ImageEnhance

from app.photos.likeness import (
    BANDS,
    FINGERPRINT_BITS,
    NEAR_BITS_MAX,
    TOO_PLAIN,
    bands,
    differing_bits,
    fingerprint,
)

WIDTH, HEIGHT = 320, 240
PICTURES = 40
MISSED_OF_100_MAX = 5  # of pictures saved again that may come out as others


def picture(seed: int) -> Image.Image:
    """Something with the roughness of a photo: light of several sizes, and objects in it."""
    rng = Random(seed)
    light: Image.Image | None = None
    for side, share in ((3, 0.5), (6, 0.25), (14, 0.15), (40, 0.1)):
        size = (side, max(2, side * 3 // 4))
        levels = bytes(int(min(255, max(0, rng.gauss(120, 70)))) for _ in range(size[0] * size[1]))
        layer = Image.frombytes("L", size, levels).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
        light = layer if light is None else Image.blend(light, layer, share)
    assert light is not None
    image = light.convert("RGB")
    pen = ImageDraw.Draw(image)
    for _ in range(rng.randint(3, 9)):
        x, y = rng.randint(0, 300), rng.randint(0, 220)
        color = (rng.randint(0, 255), rng.randint(0, 255), rng.randint(0, 255))
        pen.rectangle((x, y, x + rng.randint(10, 120), y + rng.randint(10, 120)), fill=color)
    return image


def saved(image: Image.Image, quality: int = 82) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def stamped(image: Image.Image) -> Image.Image:
    marked = image.copy()
    ImageDraw.Draw(marked).rectangle((0, 221, 160, 240), fill="white")
    return marked


SAME: dict[str, Callable[[Image.Image], bytes]] = {
    "saved again, coarsely": lambda image: saved(image, 40),
    "made smaller, as a messenger does": lambda image: saved(image.resize((240, 180)), 60),
    "with a date stamp in a corner": lambda image: saved(stamped(image), 70),
    "darker by a third": lambda image: saved(ImageEnhance.Brightness(image).enhance(0.7), 70),
    "cut by a hundredth": lambda image: saved(image.crop((2, 1, 318, 239)), 80),
}


@pytest.mark.parametrize("change", SAME)
def test_the_same_picture_is_recognised(change: str):
    images = [picture(seed) for seed in range(PICTURES)]
    far = [
        bits
        for image in images
        if (bits := differing_bits(fingerprint(saved(image)), fingerprint(SAME[change](image))))
        > NEAR_BITS_MAX
    ]
    assert len(far) * 100 <= MISSED_OF_100_MAX * PICTURES, far


def test_no_two_pictures_of_different_things_are_taken_for_the_same():
    prints = [fingerprint(saved(picture(seed))) for seed in range(2 * PICTURES)]
    least = min(differing_bits(one, other) for one, other in itertools.combinations(prints, 2))
    assert least > 2 * NEAR_BITS_MAX


def test_a_wall_or_a_dark_room_looks_like_nothing():
    for level in (2, 128, 250):
        assert fingerprint(saved(Image.new("RGB", (WIDTH, HEIGHT), (level,) * 3))) == TOO_PLAIN


def test_whatever_differs_by_no_more_than_the_limit_shares_a_band():
    rng = Random(20261122)
    for _ in range(500):
        number = rng.getrandbits(FINGERPRINT_BITS)
        other = number
        for bit in rng.sample(range(FINGERPRINT_BITS), NEAR_BITS_MAX):
            other ^= 1 << bit
        one, two = f"{number:032x}", f"{other:032x}"
        assert differing_bits(one, two) == NEAR_BITS_MAX
        assert set(bands(one)) & set(bands(two))
    assert len(bands("0" * 32)) == len(set(bands("0" * 32))) == BANDS
