"""What stands under each photo of an export: spooled to disk beside the rows, found by its hash.

Memory holds a number for each photo and no words. It must not know what the words are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson


class Captions:
    """Lines by photo; of a photo in two hazards those of the first."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._places: dict[bytes, int] = {}

    @contextmanager
    def writing(self) -> Iterator[Callable[[str, list[str]], None]]:
        """Gives the function that tells the lines of one photo."""
        with self._path.open("wb") as file:

            def tell(sha256: str, lines: list[str]) -> None:
                if (key := bytes.fromhex(sha256)) not in self._places:
                    self._places[key] = file.tell()
                    file.write(orjson.dumps(lines) + b"\n")

            yield tell

    @contextmanager
    def reading(self) -> Iterator[Callable[[str], list[str]]]:
        """Gives the function that says the lines of one photo; none where nothing is known."""
        with self._path.open("rb") as file:

            def said(sha256: str) -> list[str]:
                place = self._places.get(bytes.fromhex(sha256))
                if place is None:
                    return []
                file.seek(place)
                lines: list[str] = orjson.loads(file.readline())
                return lines

            yield said
