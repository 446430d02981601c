"""Telephone numbers leave the server masked, wherever in a row they stand."""

from __future__ import annotations

import json

import pytest

from app.auth.masking import mask_phone, masked


@pytest.mark.parametrize(
    ("whole", "shown"),
    [
        ("13812342210", "138****2210"),
        ("138 1234 2210", "138****2210"),
        ("0571-88886666", "****66"),
        ("8888666", "****66"),
        ("110", "****"),
        ("没有电话", "****"),
    ],
)
def test_a_number_is_recognised_but_cannot_be_dialled(whole: str, shown: str) -> None:
    assert mask_phone(whole) == shown


def test_no_corner_of_a_row_shows_a_whole_number() -> None:
    row = {
        "owner_name": "王芳",
        "owner_phone": "13812342210",
        "conflicts": [
            {
                "type": "field",
                "field": "owner_phone",
                "values": [{"value": "13812342210", "fact": "a"}, {"value": "13912342210"}],
                "kept": "13912342210",
            },
            {"type": "field", "field": "deadline", "kept": "2026-11-30"},
        ],
        "people": [{"phone": "13812342210"}, {"phone": None}],
    }
    shown = masked(row)
    assert "12342210" not in json.dumps(shown)
    assert shown["owner_name"] == "王芳"
    assert "2026-11-30" in json.dumps(shown)
    assert row["owner_phone"] == "13812342210", "the row itself is untouched"


def test_a_list_where_a_fields_name_is_expected_neither_fails_nor_shows_a_number() -> None:
    """An answer is any JSON a phone sent: one such row must not shut the page it stands on."""
    odd = {
        "answers": [{"value": {"field": ["spot"], "value": "二楼"}}, {"field": {"a": 1}}],
        "said": [{"field": ["owner_phone", "spot"], "values": [{"value": "13812342210"}]}],
    }
    shown = masked(odd)
    assert shown["answers"] == odd["answers"]
    assert "12342210" not in json.dumps(shown)
