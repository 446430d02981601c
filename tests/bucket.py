"""A server that speaks S3, started for tests in a process of its own; it forgets all when it stops.

It must not know photos.
"""

from __future__ import annotations

import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from tests.postgres import free_port

START_S_MAX = 30
BUCKET = "photos"


@dataclass
class BucketServer:
    """One running server with one bucket; `stop` and `start` again is an outage."""

    port: int = field(default_factory=free_port)
    log: Path | None = None  # every request as one line
    _process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """What PHOTO_STORE_URL is set to."""
        return f"s3://{BUCKET}/station"

    @property
    def environment(self) -> dict[str, str]:
        """What tells a program where the bucket is, by the names every S3 client reads."""
        return {
            "AWS_ENDPOINT": f"http://127.0.0.1:{self.port}",
            "AWS_ALLOW_HTTP": "true",
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "station",
            "AWS_SECRET_ACCESS_KEY": "station-secret",
        }

    def start(self) -> BucketServer:
        """Start and make the bucket."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "--host", "127.0.0.1", "--port", str(self.port)],
            stdout=subprocess.DEVNULL,
            stderr=self.log.open("ab") if self.log is not None else subprocess.DEVNULL,
        )  # fmt: skip
        make = urllib.request.Request(f"http://127.0.0.1:{self.port}/{BUCKET}", method="PUT")
        deadline = time.monotonic() + START_S_MAX
        while True:
            try:
                with urllib.request.urlopen(make, timeout=5):
                    return self
            except (urllib.error.URLError, ConnectionError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def asked(self, method: str, within: str) -> int:
        """How many requests of a method there were so far for names below a folder."""
        assert self.log is not None
        said = self.log.read_text(encoding="utf-8", errors="replace")
        return sum(f"{method} /{BUCKET}/{within}/" in line for line in said.splitlines())

    def stop(self) -> None:
        """Stop at once, as a server that lost its power."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
