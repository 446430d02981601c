"""The watermark's lines and its code, case by case, from tests/vectors/watermark.json.

The phone runs the same cases (pwa/src/rules/watermark.test.ts).
"""

from __future__ import annotations

from typing import Any

import pytest

from sync.watermark import Shot, hash_prefix, watermark_lines
from tests.unit.sync.making import vector

VECTOR = vector("watermark.json")


@pytest.mark.parametrize("case", VECTOR["cases"], ids=lambda case: case["why"])
def test_a_photo_says_where_when_who_and_its_code(case: dict[str, Any]):
    assert list(watermark_lines(Shot(**case["shot"]))) == case["lines"]


@pytest.mark.parametrize("case", VECTOR["codes"], ids=lambda case: case["why"])
def test_the_desk_takes_a_code_for_a_code(case: dict[str, Any]):
    assert hash_prefix(case["text"]) == case["prefix"]
