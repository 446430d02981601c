"""Whatever bytes a rescue file holds, reading it ends in its contents or in a sentence (I12)."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.clock import new_id
from app.keys import RescueKey, from_b64url
from app.problems import ProblemError
from app.rescue import problems as _problems  # noqa: F401 - declares their sentences
from app.rescue.contents import Contents, pieces_of, read_contents
from app.rescue.sealed import open_sealed
from sync.limits import BATCH_BYTES_MAX, RESCUE_CHUNK_BYTES
from tests.rescue_files import closed, frame, inside

VECTOR = Path(__file__).parent.parent / "vectors" / "gibatch.json"
STATION = new_id()
KEY = RescueKey(ec.generate_private_key(ec.SECP256R1()))
CASES = int(os.environ.get("GI_FUZZ_CASES", "300"))
FUZZ = settings(max_examples=CASES, deadline=None, suppress_health_check=list(HealthCheck))
WORDS = {"gzip-bomb"}
LINES = b'{"batch":1}\n{"manifest":2}\n'
GOOD = closed(
    inside(LINES, [b"\xff\xd8one", b"\xff\xd8two"]),
    station=STATION,
    public_key=KEY.public_key,
    key_id=KEY.key_id,
)


def read(file: bytes) -> Contents | str:
    """The contents, or the code of the sentence."""
    try:
        return read_contents(open_sealed(io.BytesIO(file), station_id=STATION, key=KEY))
    except ProblemError as error:
        assert error.problem.code.startswith("rescue-") or error.problem.code in WORDS
        return error.problem.code


def sealed_around(plain: bytes) -> bytes:
    return closed(plain, station=STATION, public_key=KEY.public_key, key_id=KEY.key_id)


@FUZZ
@given(st.binary(max_size=3000))
def test_any_bytes_are_told_to_be_no_file(data: bytes):
    assert read(data) == "rescue-not-a-file"


@FUZZ
@given(st.integers(0, len(GOOD) - 1), st.integers(1, 255))
def test_one_changed_byte_anywhere_is_noticed(at: int, by: int):
    assert isinstance(read(GOOD[:at] + bytes([GOOD[at] ^ by]) + GOOD[at + 1 :]), str)


@FUZZ
@given(st.integers(0, len(GOOD) - 1), st.binary(max_size=40), st.integers(0, 40))
def test_a_piece_cut_out_or_put_in_is_noticed(at: int, more: bytes, gone: int):
    changed = GOOD[:at] + more + GOOD[at + gone :]
    assert changed == GOOD or isinstance(read(changed), str)


@FUZZ
@given(st.binary(min_size=1, max_size=400))
def test_any_inside_under_the_right_key_ends_in_a_sentence_or_contents(plain: bytes):
    read(sealed_around(plain))


@FUZZ
@given(
    st.lists(st.tuples(st.sampled_from([b"B", b"P", b"Q"]), st.binary(max_size=80)), max_size=8),
    st.binary(max_size=6),
)
def test_frames_of_any_kind_and_length_end_in_a_sentence_or_contents(
    frames: list[tuple[bytes, bytes]], tail: bytes
):
    plain = b"".join(frame(kind, payload) for kind, payload in frames) + tail
    if plain:
        read(sealed_around(plain))


@pytest.mark.parametrize("more", [-1, 0, 1, RESCUE_CHUNK_BYTES])
def test_a_photo_at_the_edge_of_a_chunk_comes_out_as_it_went_in(more: int):
    photo = os.urandom(RESCUE_CHUNK_BYTES - 37 + more)
    sealed = open_sealed(
        io.BytesIO(sealed_around(inside(None, [photo]))), station_id=STATION, key=KEY
    )
    (framed,) = read_contents(sealed).photos
    assert b"".join(pieces_of(sealed, framed)) == photo
    assert framed.fits and framed.sha256 == hashlib.sha256(photo).hexdigest()


def test_a_bomb_costs_no_more_than_its_limit():
    assert read(sealed_around(inside(bytes(BATCH_BYTES_MAX + 1)))) == "gzip-bomb"


def test_a_file_made_by_the_phones_own_code_opens_here():
    vector = json.loads(VECTOR.read_text())
    scalar = int.from_bytes(from_b64url(vector["private_key"]["d"]), "big")
    key = RescueKey(ec.derive_private_key(scalar, ec.SECP256R1()))
    file = io.BytesIO(base64.b64decode(vector["file"]))
    contents = read_contents(open_sealed(file, station_id=vector["station"], key=key))
    assert contents.batch == "\n".join([*vector["lines"], ""]).encode()
    assert [photo.sha256 for photo in contents.photos] == vector["photos"]
    assert all(photo.fits for photo in contents.photos)


def test_lines_of_a_phone_that_cannot_pack_are_read_as_well():
    contents = read(sealed_around(frame(b"L", LINES)))
    assert isinstance(contents, Contents) and contents.batch == LINES


def test_the_good_file_is_good():
    contents = read(GOOD)
    assert isinstance(contents, Contents)
    assert contents.batch == LINES and [photo.fits for photo in contents.photos] == [True, True]
