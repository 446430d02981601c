"""What stands in no index is not asked for: the ledger does without some, to write fewer pages."""

from __future__ import annotations

import re

import app.domains  # noqa: F401 - registers the projections
from app.ledger.refold import tables_at_sites
from app.projections import registered
from sync.kinds import SHAPES
from tests.guards.house import APP, named, python_files

BY_HASH = re.compile(r"\bl\.fact_sha256\s*=|\bFROM log_entry WHERE [^\"]*fact_sha256")


def test_the_log_is_never_searched_by_a_hash():
    """`log_entry.fact_sha256` is what a leaf covers; who looks for a fact comes by `fact.seq`."""
    searching = [
        named(path) for path in python_files(APP) if BY_HASH.search(path.read_text("utf-8"))
    ]
    assert searching == []


def test_whatever_lies_at_a_site_is_found_through_its_projection():
    """Subjects have no index by site; the area of a moved site reaches them by these tables."""
    at_sites = [
        shape.type
        for shape in SHAPES.values()
        if shape.type != "site" and any(field.name == "site" for field in shape.row)
    ]
    tables = {registered()[type_].table.name: registered()[type_].table for type_ in at_sites}
    assert sorted(tables) == sorted(tables_at_sites())
    for name, table in tables.items():
        firsts = [[column.name for column in index.columns][:2] for index in table.indexes]
        assert ["station_id", "site_id"] in firsts, name
