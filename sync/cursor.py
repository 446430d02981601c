"""Where a phone stands in a station's log: the last index it holds, and the version of what it may
see.

Written "123.4" on the wire. It must not know what changes a scope version; it only carries it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TEXT = re.compile(r"(0|[1-9][0-9]{0,15})\.(0|[1-9][0-9]{0,15})")


@dataclass(frozen=True, slots=True, order=True)
class Cursor:
    index: int
    scope_version: int

    def __str__(self) -> str:
        return f"{self.index}.{self.scope_version}"


def parse_cursor(text: str) -> Cursor | None:
    """The cursor written as "123.4", or None when the text is no cursor."""
    found = _TEXT.fullmatch(text)
    if found is None:
        return None
    return Cursor(int(found[1]), int(found[2]))
