"""Reading facts: never raises, keeps every byte, refuses what JSON parsers disagree about."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sync.fact import Fact, PrivateLine, parse_fact, parse_private
from sync.limits import PRIVATE_BYTES_MAX
from sync.outcome import Refusal
from tests.unit.sync.making import FOUND, envelope, id_of, line_of, vector

CASES = [pytest.param(case, id=case["why"]) for case in vector("fact.json")["cases"]]
LINE = line_of(envelope("found", "hazard.found", FOUND, enrolment=id_of("phone"), n=7))


def bytes_of(line: str | list[Any]) -> bytes:
    parts = [line] if isinstance(line, str) else line
    return "".join(part if isinstance(part, str) else part[0] * part[1] for part in parts).encode()


@pytest.mark.parametrize("case", CASES)
def test_a_line_is_read_as_promised(case: dict[str, Any]):
    line = bytes_of(case["line"])
    found = parse_fact(line)
    if case["expect"] == "fact":
        assert isinstance(found, Fact), found
        assert found.raw == line
        assert found.sha256 == hashlib.sha256(line).hexdigest()
        assert found.body == json.loads(line)["body"]
    else:
        assert isinstance(found, Refusal)
        assert found.reason == case["expect"]
        assert case.get("detail", found.detail) == found.detail


@given(st.binary(max_size=300))
@example(b"\xff\xfe")
@example(b'{"id":')
@example(b"[" * 300)
def test_no_bytes_at_all_make_the_reader_raise(line: bytes):
    assert isinstance(parse_fact(line), Fact | Refusal)
    assert isinstance(parse_private(line), PrivateLine | Refusal)


@given(st.data())
def test_a_fact_damaged_on_its_way_is_read_or_refused_and_never_changed(data: st.DataObject):
    line = bytearray(LINE)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(line) - 1))
        line[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    found = parse_fact(bytes(line))
    if isinstance(found, Fact):
        assert found.raw == bytes(line)
        assert json.loads(found.raw)["body"] == found.body


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=10)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=20,
)  # fmt: skip


@given(st.dictionaries(st.text(max_size=8), JSON_VALUES, max_size=5), st.booleans())
def test_fields_nobody_knows_yet_survive_to_the_byte(extra: dict[str, Any], spaced: bool):
    body = {**FOUND, **{f"x_{name}": value for name, value in extra.items()}}
    fact = {**envelope("found", "hazard.found", {}), "body": body, "x_top": extra}
    line = json.dumps(fact, separators=(", ", ": ") if spaced else (",", ":")).encode()
    found = parse_fact(line)
    if b"\\u0000" in line or b"\\ud" in line.lower():  # text that PostgreSQL or UTF-8 cannot hold
        return
    assert isinstance(found, Fact), found
    assert found.raw == line
    assert found.body == body


def test_a_private_line_is_read_with_its_hash():
    line = line_of({"fact": id_of("found"), "salt": "0f" * 16, "fields": {"fix_owner": "王五"}})
    found = parse_private(line)
    assert isinstance(found, PrivateLine)
    assert (found.fact, found.fields) == (id_of("found"), {"fix_owner": "王五"})
    assert found.sha256 == hashlib.sha256(line).hexdigest()


@pytest.mark.parametrize(
    "change",
    [{"fact": "x"}, {"salt": "short"}, {"salt": "G" * 32}, {"fields": []}],
    ids=["no fact", "short salt", "salt no hex", "fields no object"],
)
def test_a_private_line_that_is_none_is_refused(change: dict[str, Any]):
    line = {"fact": id_of("found"), "salt": "0" * 32, "fields": {}} | change
    assert isinstance(parse_private(line_of(line)), Refusal)


def test_a_private_line_has_its_own_limit():
    line = {"fact": id_of("f"), "salt": "0" * 32, "fields": {"x": "y" * PRIVATE_BYTES_MAX}}
    assert isinstance(parse_private(line_of(line)), Refusal)
