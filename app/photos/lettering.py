"""Chinese letters for pictures: a font of the machine, and each sign drawn once and kept.

A sign the font has not got becomes 〓, the printer's mark for a missing type; without a font that
has Chinese nothing is written at all, and whoever asked is told. It must not know what is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path

from PIL import Image, ImageFont

from app.settings import Settings

# Where the distributions put the fonts their package managers know (docs/settings.md names them).
FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/wqy-microhei/wqy-microhei.ttc",
    "/System/Library/Fonts/PingFang.ttc",
    "C:/Windows/Fonts/msyh.ttc",
)
_FACES_MAX = 12
_CHINESE = "安检隐患餐"
_MISSING = "〓"
_NOBODYS = "\U0010fffe"  # no font has it: its picture is the box for missing signs
# Of one size: names and words of some hundred places, or the letters of a few large pictures.
_SIGNS_KEPT_MAX = 4_000
_PIXELS_KEPT_MAX = 1_000_000  # 4 MB
_SIZES_KEPT_MAX = 3
INK, PAPER = (255, 255, 255), (16, 23, 29)
_TRIED_PX = 16


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign as it is drawn: its pixels, where they lie from the pen, how far the pen moves."""

    pixels: Image.Image | None
    left: int
    top: int
    right: int
    bottom: int
    advance: float


class _Signs(dict[str, Sign]):
    """The signs of one size, and pieces of several; drawn when first asked for."""

    def __init__(self, draw: Callable[[str], Sign]) -> None:
        super().__init__()
        self._draw = draw
        self._pixels = 0

    def __missing__(self, letter: str) -> Sign:
        sign = self._draw(letter)
        self._pixels += 0 if sign.pixels is None else sign.pixels.width * sign.pixels.height
        if self._pixels > _PIXELS_KEPT_MAX or len(self) >= _SIGNS_KEPT_MAX:
            self.clear()
            self._pixels = 0
        self[letter] = sign
        return sign


@dataclass(slots=True)
class Lettering:
    """One face of a font file, in any size."""

    path: Path
    face: int
    _fonts: dict[int, ImageFont.FreeTypeFont] = field(default_factory=dict)
    _signs: dict[int, _Signs] = field(default_factory=dict)

    def font(self, pixels: int) -> ImageFont.FreeTypeFont:
        """The face in one size (pixels of height)."""
        font = self._fonts.get(pixels)
        if font is None:
            basic = ImageFont.Layout.BASIC
            font = ImageFont.truetype(str(self.path), pixels, index=self.face, layout_engine=basic)
            self._fonts[pixels] = font
        return font

    def signs(self, pixels: int) -> Mapping[str, Sign]:
        """Every sign, and every piece of text, in one size; a second time it costs a look-up."""
        found = self._signs.get(pixels)
        if found is None:
            if len(self._signs) >= _SIZES_KEPT_MAX:
                self._signs.clear()
            found = self._signs[pixels] = _Signs(partial(self._drawn, pixels))
        return found

    def sign(self, pixels: int, letter: str) -> Sign:
        """One sign in one size."""
        return self.signs(pixels)[letter]

    def _drawn(self, pixels: int, text: str) -> Sign:
        if len(text) == 1:
            return self._sign(pixels, text)
        signs = self.signs(pixels)
        return _piece([signs[each] for each in text])

    def _sign(self, pixels: int, letter: str) -> Sign:
        font = self.font(pixels)
        if not letter.isspace() and _is_box(font, letter):
            letter = _MISSING if not _is_box(font, _MISSING) else "?"
        mask, (left, top) = font.getmask2(letter, mode="L", anchor="ls")
        size = mask.size
        shown = _inked(Image.frombytes("L", size, bytes(mask))) if size[0] and size[1] else None
        left, top = int(left), int(top)
        return Sign(shown, left, top, left + size[0], top + size[1], font.getlength(letter))


def _inked(mask: Image.Image) -> Image.Image:
    shown = Image.new("RGB", mask.size, PAPER)
    shown.paste(INK, mask=mask)
    return shown


def _piece(signs: list[Sign]) -> Sign:
    """Signs side by side as one: what is asked for again is then put down in one go."""
    pen, placed = 0.0, []
    for sign in signs:
        if sign.pixels is not None:
            placed.append((round(pen), sign, sign.pixels))
        pen += sign.advance
    if not placed:
        return Sign(None, 0, 0, 0, 0, pen)
    left = min(at + sign.left for at, sign, _ in placed)
    right = max(at + sign.right for at, sign, _ in placed)
    top, bottom = min(s.top for _, s, _ in placed), max(s.bottom for _, s, _ in placed)
    shown = Image.new("RGB", (right - left, bottom - top), PAPER)
    for at, sign, pixels in placed:
        shown.paste(pixels, (at + sign.left - left, sign.top - top))
    return Sign(shown, left, top, right, bottom, pen)


def _is_box(font: ImageFont.FreeTypeFont, letter: str) -> bool:
    return bytes(font.getmask(letter)) == bytes(font.getmask(_NOBODYS))


def lettering_of(settings: Settings) -> Lettering | None:
    """The font of this machine; None when none has Chinese."""
    return find_lettering((str(settings.font),) if settings.font else FONTS)


@lru_cache(maxsize=4)
def find_lettering(paths: tuple[str, ...]) -> Lettering | None:
    """The first of these files that has Chinese."""
    return next(_chinese(Path(path) for path in paths if Path(path).is_file()), None)


def _chinese(paths: Iterable[Path]) -> Iterator[Lettering]:
    """Each usable font by its face for simplified Chinese, where the file names one."""
    for path in paths:
        faces = [face for face in range(_FACES_MAX) if _writes_chinese(path, face)]
        simplified = [face for face in faces if "SC" in _name(path, face).split()]
        for face in (simplified or faces)[:1]:
            yield Lettering(path, face)


def _name(path: Path, face: int) -> str:
    return str(ImageFont.truetype(str(path), _TRIED_PX, index=face).getname()[0])


def _writes_chinese(path: Path, face: int) -> bool:
    try:
        font = ImageFont.truetype(str(path), _TRIED_PX, index=face)
    except OSError:
        return False  # no such face, or no font at all
    return not any(_is_box(font, letter) for letter in _CHINESE)
