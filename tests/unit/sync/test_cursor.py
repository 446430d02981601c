"""The cursor on the wire, from tests/vectors/cursor.json."""

from __future__ import annotations

from typing import Any

import pytest

from sync.cursor import Cursor, parse_cursor
from tests.unit.sync.making import vector


@pytest.mark.parametrize(
    "case", [pytest.param(each, id=each["why"]) for each in vector("cursor.json")["cases"]]
)
def test_a_cursor_is_read_exactly_or_not_at_all(case: dict[str, Any]):
    found = parse_cursor(case["text"])
    if case["index"] is None:
        assert found is None
    else:
        assert found == Cursor(case["index"], case["scope_version"])
        assert str(found) == case["text"]
