"""Finding the area a person wrote in a cell: a grid's name, or village and grid in one text.

Pure: the areas come in as rows. It must not guess: two areas of the same name need the longer text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

_SEPARATORS = re.compile(r"[\s/／\\>、,，·\-—]+")


class AreaFinder:
    """Looks up areas by what people write, ignoring blanks, slashes and full-width letters."""

    def __init__(self, areas: Sequence[Mapping[str, Any]]) -> None:
        self._by_id = {str(area["id"]): area for area in areas}
        self._found: dict[str, set[str]] = {}
        for area in areas:
            names = self._path(area)
            for start in range(len(names)):
                self._found.setdefault(_plain("".join(names[start:])), set()).add(str(area["id"]))

    def find(self, text: str) -> str | None:
        """The only area meant by `text`, or None when there is none or more than one."""
        ids = self._found.get(_plain(text), set())
        return next(iter(ids)) if len(ids) == 1 else None

    def ambiguous(self, text: str) -> bool:
        return len(self._found.get(_plain(text), set())) > 1

    def path(self, area_id: str) -> str:
        area = self._by_id.get(area_id)
        return " ".join(self._path(area)) if area else ""

    def names(self) -> list[str]:
        """What a drop-down list offers: village and grid, without the town."""
        return [" ".join(names[1:] or names) for names in map(self._path, self._by_id.values())]

    def village_of(self, area_id: str) -> str:
        """The village around an area: two shops of one name in one village are likely the same."""
        area = self._by_id.get(area_id)
        while area and area.get("level") == "grid" and area.get("parent") in self._by_id:
            area = self._by_id[str(area["parent"])]
        return str(area["id"]) if area else area_id

    def _path(self, area: Mapping[str, Any]) -> list[str]:
        names: list[str] = []
        seen: set[str] = set()
        current: Mapping[str, Any] | None = area
        while current and str(current["id"]) not in seen:
            seen.add(str(current["id"]))
            names.insert(0, str(current.get("name") or ""))
            current = self._by_id.get(str(current.get("parent") or ""))
        return names


def _plain(text: str) -> str:
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", text)).lower()


def plain_name(text: str) -> str:
    """A name for comparing: no blanks or brackets, so that (有限公司) meets （有限公司）."""
    return re.sub(r"[\s()（）·.\-]+", "", unicodedata.normalize("NFKC", text)).lower()
