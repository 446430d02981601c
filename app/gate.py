"""The writer gate: one writer at a time on one SQLite file, in fair order, over all processes.

SQLite's own busy time-out is a lottery (7 times the p99 at eight clients); this queue is first
come, first served inside a process and takes turns between processes.
A waiter gives up after a bounded time, so that a stuck process never hangs the others.
It must not know what is written.
"""

from __future__ import annotations

import fcntl
import os
import select
import stat
import threading
import time
import zlib
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from app.folders import meeting_folder

POLL_MS = 4  # a waiter looks this often even if nobody rings: a holder may have been killed
YIELD_S = 0.0005  # long enough for a waiter in another process to hear the bell
BELLS = 64  # two databases with one bell only wake each other for nothing


class GateBusy(Exception):
    """The gate was not free within the time a request may wait."""


class WriterGate:
    """A lock file for the writer, one that shows that another process waits, a bell to wake it."""

    def __init__(self, beside: Path, *, wait_s_max: float) -> None:
        self._main_path = beside.with_name(beside.name + ".gate")
        self._waiting_path = beside.with_name(beside.name + ".gate-waiting")
        self._bell_path = _bell_path(beside)
        self._wait_s_max = wait_s_max
        self._mutex = threading.Lock()
        self._queue: deque[threading.Lock] = deque()
        self._main = -1
        self._waiting = -1
        self._bell = -1
        self._bell_poll = select.poll()
        self._pid = 0
        self._ours_last = False

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the gate for the length of the block; GateBusy when it does not come free."""
        deadline = time.monotonic() + self._wait_s_max
        self._open_in_this_process()
        self._enter_queue(deadline)
        try:
            self._take_file(deadline)
            try:
                yield
            finally:
                self._ours_last = True
                fcntl.flock(self._main, fcntl.LOCK_UN)
                self._ring()
        finally:
            self._leave_queue()

    def _open_in_this_process(self) -> None:
        """Open the lock files once per process: descriptors from before a fork share one lock."""
        with self._mutex:
            if self._pid == os.getpid():
                return
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
            self._main = os.open(self._main_path, flags, 0o600)
            self._waiting = os.open(self._waiting_path, flags, 0o600)
            self._bell = _open_bell(self._bell_path)
            self._bell_poll = select.poll()
            if self._bell >= 0:
                self._bell_poll.register(self._bell, select.POLLIN)
            self._queue.clear()
            self._pid = os.getpid()

    def _enter_queue(self, deadline: float) -> None:
        ticket = threading.Lock()
        ticket.acquire()
        with self._mutex:
            self._queue.append(ticket)
            if self._queue[0] is ticket:
                ticket.release()
        if ticket.acquire(timeout=max(0.0, deadline - time.monotonic())):
            return
        with self._mutex:
            mine_by_now = bool(self._queue) and self._queue[0] is ticket
            if not mine_by_now:
                self._queue.remove(ticket)
        if not mine_by_now:
            raise GateBusy

    def _leave_queue(self) -> None:
        with self._mutex:
            self._queue.popleft()
            if self._queue:
                self._queue[0].release()

    def _take_file(self, deadline: float) -> None:
        if self._ours_last and self._someone_else_waits():
            time.sleep(YIELD_S)
        self._ours_last = False
        if self._try(self._main, fcntl.LOCK_EX):
            return
        shows = self._try(self._waiting, fcntl.LOCK_SH)
        try:
            while not self._try(self._main, fcntl.LOCK_EX):
                if time.monotonic() > deadline:
                    raise GateBusy
                self._listen()
        finally:
            if shows:
                fcntl.flock(self._waiting, fcntl.LOCK_UN)

    def _ring(self) -> None:
        """Wake a waiter in another process."""
        if self._bell >= 0 and self._someone_else_waits():
            with suppress(OSError):  # it is full of rings nobody heard: there is one to hear
                os.write(self._bell, b"!")

    def _listen(self) -> None:
        """Sleep until the bell rings, or for a short time."""
        if self._bell < 0:
            time.sleep(POLL_MS / 1000)
        elif self._bell_poll.poll(POLL_MS):
            with suppress(OSError):  # another process heard it first
                os.read(self._bell, 1)

    def _someone_else_waits(self) -> bool:
        if self._try(self._waiting, fcntl.LOCK_EX):
            fcntl.flock(self._waiting, fcntl.LOCK_UN)
            return False
        return True

    @staticmethod
    def _try(descriptor: int, kind: int) -> bool:
        with suppress(BlockingIOError):
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
            return True
        return False


def _bell_path(beside: Path) -> Path:
    """Not beside the database: whoever copies that folder expects files in it."""
    number = zlib.crc32(str(beside.resolve()).encode()) % BELLS
    return meeting_folder() / f"grid-inspector-{os.getuid()}-{number}.bell"


def _open_bell(path: Path) -> int:
    """A named pipe that all processes hold open; -1 where there is none of our own."""
    try:
        with suppress(FileExistsError):
            os.mkfifo(path, 0o600)
        bell = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return -1
    found = os.fstat(bell)
    if stat.S_ISFIFO(found.st_mode) and found.st_uid == os.getuid():
        return bell
    os.close(bell)
    return -1
