"""Letting the writer pass: what a process only prepares waits while one of its threads writes.

The threads of a process share one core, and everybody in every process waits for the one that holds
the station: work that nobody waits for must not slow it down. It must not know what is written.
"""

from __future__ import annotations

import threading

COURTESY_S_MAX = 0.05  # nothing waits longer than this: courtesy is no lock


class Courtesy:
    """Whether a thread of this process is the writer that others wait for."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._inside = 0
        self._nobody_inside = threading.Event()
        self._nobody_inside.set()
        self._mine = threading.local()

    def enter(self) -> None:
        """This thread holds what others wait for, until `leave`."""
        if getattr(self._mine, "inside", False):
            return
        self._mine.inside = True
        with self._mutex:
            self._inside += 1
            self._nobody_inside.clear()

    def leave(self) -> None:
        """This thread holds it no more, if it ever did."""
        if not getattr(self._mine, "inside", False):
            return
        self._mine.inside = False
        with self._mutex:
            self._inside -= 1
            if not self._inside:
                self._nobody_inside.set()

    def let_pass(self) -> None:
        """Called before work that keeps a core busy and that nobody else waits for."""
        self._nobody_inside.wait(COURTESY_S_MAX)


writer_first = Courtesy()
