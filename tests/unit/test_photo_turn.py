"""One decoded picture at a time on the whole machine: two of the largest would fill a small one."""

from __future__ import annotations

import io
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from PIL import Image

from app.photos.derive import derive

HOLDER = "from app.photos.check import decoding\nwith decoding():\n    print(flush=True); input()"


def test_a_picture_waits_until_another_process_has_done_with_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    file = io.BytesIO()
    Image.new("RGB", (400, 300), "red").save(file, "JPEG")
    made: list[bytes] = []
    other = subprocess.Popen(
        [sys.executable, "-c", HOLDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert other.stdin
    assert other.stdout
    other.stdout.readline()
    thread = threading.Thread(target=lambda: made.extend(derive(file, (320,))), daemon=True)
    thread.start()
    thread.join(0.5)
    assert not made, "the other one has a picture open"
    other.kill()  # and a process that dies holds nothing
    other.wait()
    thread.join(10)
    assert len(made) == 1
