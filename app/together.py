"""Small writing transactions that wait for the same gate share one: one commit, one sync for all.

While one commit is being synced, the next pieces of work gather; whoever leads then runs all of
them in one transaction, in the order they came, and wakes them after its commit. No answer leaves
earlier than alone. A piece that fails takes nobody with it: nothing of the group is committed, and
each runs again by itself. It must not know what is written, nor how a transaction is made.
"""

from __future__ import annotations

import contextvars
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection

TOGETHER_MAX = 16  # pieces in one commit: others wait for the gate, too

Work = Callable[[Connection], Any]
Transact = Callable[[Work], Any]


class _Piece:
    """One caller's work and what became of it."""

    __slots__ = ("alone", "context", "done", "error", "result", "woken", "work")

    def __init__(self, work: Work) -> None:
        self.work = work
        # Whoever runs it, it is its own caller's request that it sees.
        self.context = contextvars.copy_context()
        self.woken = threading.Lock()
        self.woken.acquire()
        self.done = self.alone = False
        self.result: Any = None
        self.error: BaseException | None = None

    def run(self, connection: Connection) -> None:
        self.result = self.context.run(self.work, connection)

    def outcome(self) -> Any:
        if self.error is not None:
            raise self.error
        return self.result


class _Failed(Exception):
    """Takes a group's transaction back because one piece of it could not be done."""


class Together:
    """The queue of one process; `transact` runs a function in a transaction and commits it."""

    def __init__(self, transact: Transact) -> None:
        self._transact = transact
        self._mutex = threading.Lock()
        self._queue: deque[_Piece] = deque()
        self._led = False

    def run(self, work: Work) -> Any:
        """What `work` returned, once it is committed, or what it raised, with nothing written."""
        piece = _Piece(work)
        with self._mutex:
            self._queue.append(piece)
            leads = not self._led
            self._led = True
        if not leads:
            piece.woken.acquire()
        if not (piece.done or piece.alone):
            self._lead(piece)
        if piece.alone:
            return self._transact(work)
        return piece.outcome()

    def _lead(self, mine: _Piece) -> None:
        group: list[_Piece] = []
        try:
            self._transact(lambda connection: self._run_group(connection, group))
        except _Failed:
            for piece in group:
                piece.alone = True
        except BaseException as error:
            # Not again one by one: nobody knows how far a commit came that raised.
            group = group or self._gather()
            for piece in group:
                piece.error = error
        for piece in group:
            piece.done = not piece.alone
        self._pass_on(mine, group)

    def _run_group(self, connection: Connection, group: list[_Piece]) -> None:
        """Called with the gate held, so that all who came while it was waited for take part."""
        if not group:
            group += self._gather()
        for piece in group:
            try:
                piece.run(connection)
            except Exception as error:
                if len(group) > 1:
                    raise _Failed from error
                raise

    def _gather(self) -> list[_Piece]:
        with self._mutex:
            return [self._queue.popleft() for _ in range(min(len(self._queue), TOGETHER_MAX))]

    def _pass_on(self, mine: _Piece, group: list[_Piece]) -> None:
        """Somebody who still waits leads next; everybody whose work is done goes home."""
        with self._mutex:
            following = self._queue[0] if self._queue else None
            self._led = following is not None
        if following is not None:
            following.woken.release()
        for piece in group:
            if piece is not mine:
                piece.woken.release()
