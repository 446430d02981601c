"""One decoded picture at a time on the whole machine: two of the largest would fill a small one."""

from __future__ import annotations

import io
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from app.photos.derive import derive

HOLDER = "from app.photos.check import decoding\nwith decoding():\n    print(flush=True); input()"


@pytest.fixture
def other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[subprocess.Popen[bytes]]:
    """Another process of this machine, with a picture open."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout
        process.stdout.readline()
        yield process
        process.kill()


def deriving() -> tuple[threading.Thread, list[bytes]]:
    """A small picture on its way to become a smaller one."""
    file = io.BytesIO()
    Image.new("RGB", (400, 300), "red").save(file, "JPEG")
    made: list[bytes] = []
    thread = threading.Thread(target=lambda: made.extend(derive(file, (320,))), daemon=True)
    thread.start()
    return thread, made


def test_a_picture_waits_until_another_process_has_done_with_its_own(
    other: subprocess.Popen[bytes],
) -> None:
    thread, made = deriving()
    thread.join(0.5)
    assert not made, "the other one has a picture open"
    other.kill()  # and a process that dies holds nothing
    other.wait()
    thread.join(10)
    assert len(made) == 1


def test_a_process_that_stands_still_with_its_picture_keeps_nobody_waiting_for_ever(
    other: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.photos.check.TURN_S_MAX", 0.2)
    thread, made = deriving()
    thread.join(10)
    assert len(made) == 1
    assert other.poll() is None
