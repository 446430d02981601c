"""A fact kind is a declaration, a registry line and a vector: the third is easily forgotten."""

from __future__ import annotations

from sync.kinds import KINDS
from tests.guards.house import ROOT


def test_every_kind_of_fact_stands_in_a_shared_vector():
    files = (ROOT / "tests" / "vectors").rglob("*.json")
    said = "\n".join(path.read_text(encoding="utf-8") for path in files)
    assert [name for name in KINDS if f'"{name}"' not in said] == []
