"""The real application under a real gunicorn, on a data folder and a port of its own.

For tests that need the wire itself: framing, workers, restarts. It must not know what is asked.
"""

from __future__ import annotations

import io
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

from app.cli.__main__ import main
from tests.postgres import free_port

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS_MAX = 30


def environment(data: Path, **settings: str) -> dict[str, str]:
    """The environment of one installation, free of what the developer's shell happens to set."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GI_")}
    kept.pop("DATABASE_URL", None)
    return {**kept, "GI_DATA_DIR": str(data), "GI_HOST": "127.0.0.1", **settings}


def typed(data: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run one command, which may say no, in this process: one of its own takes over a second."""
    out, wrong = io.StringIO(), io.StringIO()
    known = environment(data, **settings)
    with (
        mock.patch.dict(os.environ, known, clear=True),
        redirect_stdout(out),
        redirect_stderr(wrong),
    ):
        code = main(words)
    return subprocess.CompletedProcess(words, code, out.getvalue(), wrong.getvalue())


def said(data: Path, *words: str, **settings: str) -> str:
    """The same for a command that must say yes; what it said."""
    done = typed(data, *words, **settings)
    assert done.returncode == 0, f"app.cli {' '.join(words)}: {done.stdout}{done.stderr}"
    return done.stdout


def cli(data: Path, *words: str, **settings: str) -> str:
    """Run one command of the command line as a process of its own and return what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", *words],
        cwd=ROOT, env=environment(data, **settings), capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, f"app.cli {' '.join(words)}: {done.stdout}{done.stderr}"
    return done.stdout


@dataclass
class Served:
    """One running installation; `start` migrates and sets up first, `stop` ends it kindly."""

    data: Path
    settings: dict[str, str] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> Served:
        """Migrate, set up, serve, and wait until it answers."""
        self.data.mkdir(parents=True, exist_ok=True)
        cli(self.data, "migrate", **self.settings)
        cli(self.data, "setup", **self.settings)
        return self.serve()

    def serve(self) -> Served:
        """Serve what is there already (after a stop, or a kill)."""
        log = (self.data / "gunicorn.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py",
             *self.arguments, "wsgi:app"],
            cwd=ROOT, env=environment(self.data, GI_PORT=str(self.port), **self.settings),
            stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
        deadline = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.url}/healthz", timeout=2):
                    return self
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.1)
        log_text = (self.data / "gunicorn.log").read_text(errors="replace")
        self.stop()
        raise AssertionError(f"the application did not start:\n{log_text[-3000:]}")

    def family(self) -> list[int]:
        """Process numbers: gunicorn's master, then its workers."""
        assert self.process is not None
        master = self.process.pid
        said = Path(f"/proc/{master}/task/{master}/children").read_text()
        return [master, *map(int, said.split())]

    def lose_a_worker(self) -> None:
        """One dies, as when memory is short; back once another one was begun in its place."""
        before = self.family()
        os.kill(before[1], signal.SIGKILL)
        deadline = time.monotonic() + START_SECONDS_MAX
        while len(set(self.family()) - set(before)) == 0 and time.monotonic() < deadline:
            time.sleep(0.1)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End every process of this installation, and only those."""
        if self.process is None:
            return
        try:
            os.killpg(self.process.pid, how)
            self.process.wait(timeout=45)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait(timeout=10)
        self.process = None


@contextmanager
def demo_township(data: Path, made: Path | None = None) -> Iterator[Served]:
    """The demo township on a free port; a copy of one `made` before saves its twenty seconds."""
    served = Served(data)
    served.settings = {"GI_PUBLIC_URL": served.url}
    if made:
        shutil.copytree(made, data)
    data.mkdir(exist_ok=True)
    for word in ("migrate",) if made else ("migrate", "setup", "demo"):
        cli(data, word, **served.settings)
    served.serve()
    try:
        yield served
    finally:
        served.stop()
