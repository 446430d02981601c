"""The fast reader never sees another fact in a line than the strict reader does."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.plain_json import plain_object
from sync.fact import Fact, parse_fact
from sync.limits import DEPTH_MAX
from tests.unit.sync.making import FOUND, envelope, id_of, line_of

LINE = line_of(envelope("found", "hazard.found", FOUND, enrolment=id_of("phone"), n=7))
PARTS = (
    b'"', b"\\", b"\\u0000", b"\\ud800", b" ", b"\n", b"{", b"}", b"[", b"]", b",", b":", b"-0",
    b"1.0", b"1e400", b"1e21", b"NaN", b"9007199254740993", b"18446744073709551617", b"0.1",
    b'"a":1,"a":2', b'"id":"x",', b"\xff", b"\xef\xbb\xbf", b"null", b"\x00", b"\x7f",
)  # fmt: skip


def both_agree(line: bytes) -> bool:
    """Whether the fast reader, if it reads the line at all, reads what the strict one reads."""
    plain = plain_object(line)
    if plain is None:
        return True
    return repr(parse_fact(line, plain)) == repr(parse_fact(line))


@given(st.data())
def test_a_damaged_line_is_read_alike_by_both(data: st.DataObject):
    line = bytearray(LINE)
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(line) - 1))
        width = data.draw(st.integers(0, 3))
        line[place : place + width] = data.draw(st.sampled_from(PARTS) | st.binary(max_size=2))
    assert both_agree(bytes(line))


COMPACT, SPACED = (",", ":"), (", ", ": ")
WRITERS = [
    {"ensure_ascii": escaped, "separators": separators}
    for escaped in (False, True)
    for separators in (COMPACT, SPACED)
]
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["{}", "[[", "}{", "\ud800", "\0", "9" * 20]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=12,
)


@given(VALUES, st.sampled_from(WRITERS))
@example({"n": -0.0}, WRITERS[0])
@example({"n": 2**53 + 1}, WRITERS[0])
@example({"n": 1e22}, WRITERS[0])
def test_whatever_stands_in_an_unknown_field_is_read_alike_by_both(
    value: Any, writer: dict[str, Any]
):
    fact = envelope("found", "hazard.found", {**FOUND, "later": value})
    text = json.dumps(fact, **writer)
    assert both_agree(text.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize(
    "tail",
    [
        b'"n":1,"n":2}',
        b'"n":9007199254740993}',
        b'"n":18446744073709551617}',
        b'"n":NaN}',
        b'"n":1e999}',
        b'"t":"\\ud800"}',
        b'"n":' + b"[" * DEPTH_MAX + b"]" * DEPTH_MAX + b"}",
    ],
)
def test_what_the_strict_reader_would_refuse_is_left_to_it(tail: bytes):
    assert plain_object(LINE[:-1] + b"," + tail) is None


def test_the_lines_phones_write_take_the_fast_way():
    plain = plain_object(LINE)
    assert plain is not None
    assert isinstance(parse_fact(LINE, plain), Fact)
