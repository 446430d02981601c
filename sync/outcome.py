"""Results that are not exceptions: a refusal says why in a word and gives the detail.

A refusal is for machines and for the admin's quarantine page; sentences for people are in
problems.py.
It must not know what is done with what was refused: nothing is ever thrown away because of one.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    reason: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail}" if self.detail else self.reason
