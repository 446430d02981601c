"""One fault of a checklist file: where it is and what to do, in words. It knows no rule itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    file: str
    where: str
    text: str

    def __str__(self) -> str:
        place = " ".join(part for part in (self.file, self.where) if part)
        return f"{place}：{self.text}" if place else self.text
