"""A cell's value as the file spells it, found again while values recur: days, states, names, basis.

Most cells of a ledger repeat something of the rows before; looking a value up costs a tenth of
escaping it. It must not know what is spelled, nor any file.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

ENTRIES_MAX = 256
CHARS_MAX = 200
"""Together they bound one column's memory to some hundred kilobytes."""


class Encoded(dict[Any, str]):
    """`encoded[value]` is `encode(value)`; equal values must be spelled alike."""

    __slots__ = ("_encode",)

    def __init__(self, encode: Callable[[Any], str]) -> None:
        super().__init__()
        self._encode = encode

    def __missing__(self, value: Any) -> str:
        text = self._encode(value)
        if len(text) <= CHARS_MAX:
            if len(self) >= ENTRIES_MAX:
                self.clear()
            self[value] = text
        return text
