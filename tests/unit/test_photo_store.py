"""The photo store on real folders and a full disk, bad photos, and each part's one answer."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from app.photos.check import check_image
from app.photos.derive import NotAPicture, derive
from app.photos.keep import KeepError, ObjectPhotoStore, make_photo_store
from app.photos.rules import Part, Upload, plan_part, split_previews

# As in a real process, where the check makes it an error when it is imported.
pytestmark = pytest.mark.filterwarnings("error::PIL.Image.DecompressionBombWarning")
PHOTOS = Path(__file__).parent.parent / "fixtures" / "photos"
NOBODY = 65534
STATION = "0193a000-0000-7000-8000-000000000001"
NAME = f"originals/{STATION}/ab/" + "ab" * 32


@pytest.fixture
def store(tmp_path: Path) -> ObjectPhotoStore:
    """A store in a fresh folder."""
    return make_photo_store(f"file://{tmp_path / 'photos'}")


def put_in_process(folder: Path, size: int) -> str:
    """What putting `size` bytes says, in a process whose files may not exceed 300 KB."""
    program = (
        "import resource, signal, sys\n"
        "from app.photos.keep import KeepError, make_photo_store\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))\n"
        f"store = make_photo_store('file://{folder}')\n"
        "try:\n"
        f"    store.put('originals/full', bytes({size}))\n"
        "except KeepError as error:\n"
        "    print(error.code)\n"
        "else:\n"
        "    print('kept')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_a_photo_comes_back_byte_for_byte(store: ObjectPhotoStore) -> None:
    data = (PHOTOS / "plain.jpg").read_bytes()
    store.put(NAME, data)
    assert store.get(NAME) == data
    pieces = store.stream(NAME)
    assert pieces is not None
    assert b"".join(pieces) == data
    tail = store.stream(NAME, start=len(data) - 100)
    assert tail is not None
    assert b"".join(tail) == data[-100:]
    assert store.size(NAME) == len(data)


def test_a_photo_from_a_file_is_the_same_as_one_from_memory(
    store: ObjectPhotoStore, tmp_path: Path
) -> None:
    source = tmp_path / "whole"
    source.write_bytes(os.urandom(6_000_000))
    store.put(NAME, source)
    found = store.get(NAME)
    assert found is not None
    assert hashlib.sha256(found).digest() == hashlib.sha256(source.read_bytes()).digest()


def test_what_is_not_there_is_none_and_deleting_it_is_no_error(store: ObjectPhotoStore) -> None:
    assert store.get(NAME) is None
    assert store.stream(NAME) is None
    assert store.size(NAME) is None
    assert not store.exists(NAME)
    store.delete(NAME)


def test_the_first_of_two_writers_keeps_the_name(store: ObjectPhotoStore) -> None:
    assert store.put_if_absent(NAME, b"first")
    assert not store.put_if_absent(NAME, b"second")
    assert store.get(NAME) == b"first"


def test_parts_are_listed_by_their_folder_alone(store: ObjectPhotoStore) -> None:
    for offset in ("0-aa", "100-bb"):
        store.put(f"parts/{STATION}/{'ab' * 32}/1/{offset}", b"x")
    store.put(f"parts/{STATION}/{'cd' * 32}/1/0-aa", b"x")
    found = sorted(store.list(f"parts/{STATION}/{'ab' * 32}"))
    assert [name.rsplit("/", 1)[1] for name in found] == ["0-aa", "100-bb"]


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "originals/../x", "/etc/x", "originals/A", "x", "a/b\0", "a//b", ""],
)
def test_no_name_leaves_the_folder(store: ObjectPhotoStore, name: str) -> None:
    with pytest.raises(ValueError, match="not a name"):
        store.put(name, b"x")


def test_a_photo_is_synced_with_its_folders_before_it_counts(
    store: ObjectPhotoStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    synced: list[str] = []
    real = os.fsync

    def noted(descriptor: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    store.put(NAME, b"bytes")
    top = tmp_path / "photos"
    staged = f"{top / NAME}#1"
    assert synced[:2] == [staged, str((top / NAME).parent)], "its bytes before it has its name"
    assert str(top) in synced


def test_anas_photo_survives_a_full_disk(tmp_path: Path) -> None:
    small_disk = tmp_path / "small"
    assert put_in_process(small_disk, 100_000) == "kept"
    assert put_in_process(small_disk, 2_000_000) == "disk-full"
    store = make_photo_store(f"file://{small_disk}")
    assert store.size("originals/full") == 100_000, "what was kept before is untouched"
    assert list(store.list("originals")) == ["originals/full"], "nothing half-written stays"


def test_what_a_killed_process_left_is_removed_when_the_photo_comes_again(
    store: ObjectPhotoStore, tmp_path: Path
) -> None:
    store.put(NAME, b"whole")
    old, young = (tmp_path / "photos" / f"{NAME}#{number}" for number in (1, 2))
    for path in (old, young):
        path.write_bytes(b"half")
    os.utime(old, (0, 0))
    store.put(NAME, b"whole")
    assert not old.exists()
    assert young.exists(), "it may belong to a request that is still running"
    assert list(store.list("originals")) == [NAME]


@pytest.fixture
def as_nobody() -> Iterator[None]:
    """Root may write anywhere, so the test gives that up for a moment."""
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(NOBODY)
    yield
    if is_root:
        os.seteuid(0)


def test_a_folder_that_may_not_be_written_says_so(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    folder = tmp_path / "readonly"
    store = make_photo_store(f"file://{folder}")
    folder.chmod(0o555)
    request.getfixturevalue("as_nobody")
    with pytest.raises(KeepError) as caught:
        store.put("originals/x", b"x")
    assert caught.value.code == "store-read-only"


@pytest.mark.parametrize(
    ("name", "condition"),
    [
        ("plain.jpg", "ok"),
        ("orientation_6.jpg", "ok"),
        ("plain.png", "ok"),
        ("plain.webp", "ok"),
        ("polyglot.jpg", "ok"),
        ("truncated.jpg", "undecodable"),
        ("text.jpg", "undecodable"),
        ("empty.jpg", "undecodable"),
        ("header_bomb_200_megapixels.jpg", "too_many_pixels"),
        ("bomb_120_megapixels.png", "too_many_pixels"),
    ],
)
def test_a_photo_is_judged_while_the_phone_waits(name: str, condition: str) -> None:
    data = (PHOTOS / name).read_bytes()
    assert check_image(data).condition == condition


def test_the_little_picture_inside_exif_does_not_pass_for_the_end_of_a_photo() -> None:
    inner = (PHOTOS / "small.jpg").read_bytes()
    whole = (PHOTOS / "plain.jpg").read_bytes()
    length = (2 + len(inner)).to_bytes(2, "big")
    outer = whole[:2] + b"\xff\xe1" + length + inner + whole[2:]
    assert check_image(outer).condition == "ok"
    assert check_image(outer[: len(outer) // 2]).condition == "undecodable"


def test_a_thumbnail_stands_upright_and_tells_no_place() -> None:
    with (PHOTOS / "orientation_6.jpg").open("rb") as file:
        view, thumbnail = derive(file, (1280, 320))
    for data, size in ((view, (480, 640)), (thumbnail, (240, 320))):
        with Image.open(io.BytesIO(data)) as image:
            assert image.size == size
            assert not dict(image.getexif())
        assert b"PhoneMaker" not in data


def test_a_script_behind_a_photo_does_not_reach_its_thumbnail() -> None:
    with (PHOTOS / "polyglot.jpg").open("rb") as file:
        assert b"<script>" in file.read()
        file.seek(0)
        assert all(b"<script>" not in data for data in derive(file, (1280, 320)))


@pytest.mark.parametrize("name", ["text.jpg", "truncated.jpg", "header_bomb_200_megapixels.jpg"])
def test_no_thumbnail_is_made_of_what_is_no_picture(name: str) -> None:
    with (PHOTOS / name).open("rb") as file, pytest.raises(NotAPicture):
        derive(file, (320,))


FRESH = Upload(held=False, received=0, epoch=0, declared=frozenset({1000}), length=None)
HALF = Upload(held=False, received=400, epoch=2, declared=frozenset({1000}), length=1000)


@pytest.mark.parametrize(
    ("why", "upload", "part", "do", "problem"),
    [
        ("the first part of several", FRESH, Part(0, 400, 1000, None), "append", None),
        ("a photo in one part", FRESH, Part(0, 1000, 1000, None), "complete", None),
        ("the next part", HALF, Part(400, 300, 1000, 2), "append", None),
        ("the last part", HALF, Part(400, 600, 1000, 2), "complete", None),
        ("the same part twice", HALF, Part(0, 400, 1000, 2), "wrong-offset", None),
        ("parts out of order", HALF, Part(700, 300, 1000, 2), "wrong-offset", None),
        ("half-dead, from before the restart", HALF, Part(400, 600, 1000, 1), "wrong-offset", None),
        (
            "from before the restart, and never asked",
            HALF,
            Part(400, 600, 1000, None),
            "wrong-offset",
            None,
        ),
        ("an empty part moves nothing", HALF, Part(400, 0, 1000, 2), "wrong-offset", None),
        ("beyond the length", HALF, Part(400, 601, 1000, 2), "refuse", "part-too-long"),
        ("no bytes at all", FRESH, Part(0, 0, 0, None), "refuse", "photo-empty"),
        ("too large", FRESH, Part(0, 10, 21 * 2**20, None), "refuse", "photo-too-large"),
        ("another length", HALF, Part(400, 10, 999, 2), "refuse", "photo-length-differs"),
        (
            "the phone with the declared length takes over from a mistaken one",
            Upload(held=False, received=5, epoch=0, declared=frozenset({1000}), length=6),
            Part(0, 400, 1000, None),
            "restart",
            None,
        ),
        (
            "already here",
            Upload(held=True, received=1000, epoch=1, declared=frozenset({1000}), length=1000),
            Part(0, 1000, 1000, None),
            "held",
            None,
        ),
    ],
)
def test_each_part_meets_its_one_answer(
    why: str, upload: Upload, part: Part, do: str, problem: str | None
) -> None:
    step = plan_part(upload, part)
    assert (step.do, step.problem) == (do, problem), why


def test_previews_are_read_as_far_as_they_are_whole() -> None:
    one = b"\xab" * 32 + (5).to_bytes(4, "big") + b"small"
    too_large = b"\xcd" * 32 + (25_000).to_bytes(4, "big") + b"x" * 25_000
    previews, unreadable = split_previews(one + too_large + one[:-1])
    assert [(p.sha256, p.data) for p in previews] == [("ab" * 32, b"small")]
    assert unreadable == 2
