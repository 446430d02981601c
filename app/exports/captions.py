"""What goes with each photo of an export: spooled to disk beside the rows, found by its hash.

Memory holds a number for each photo and no words. It must not know what the words are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson

from app.photos.stamp import Words


class Captions:
    """Words by photo; of a photo in two hazards those of the first."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._places: dict[bytes, int] = {}

    @contextmanager
    def writing(self) -> Iterator[Callable[[str, Words], None]]:
        """Gives the function that tells the words of one photo."""
        with self._path.open("wb") as file:

            def tell(sha256: str, words: Words) -> None:
                if (key := bytes.fromhex(sha256)) not in self._places:
                    self._places[key] = file.tell()
                    file.write(orjson.dumps([words.lines, words.marks]) + b"\n")

            yield tell

    @contextmanager
    def reading(self) -> Iterator[Callable[[str], Words]]:
        """Gives the function that says the words of one photo; none where nothing is known."""
        with self._path.open("rb") as file:

            def said(sha256: str) -> Words:
                place = self._places.get(bytes.fromhex(sha256))
                if place is None:
                    return Words()
                file.seek(place)
                return Words(*orjson.loads(file.readline()))

            yield said
