"""A TCP proxy that does to a connection what bad lines do: between real clients and real servers.

Each new connection takes the next planned fault; without one it is a clean line. Bytes are counted
as they leave the client, so a cut after k bytes lets exactly k through, whatever buffers lie
between. It knows no HTTP beyond the bytes it is told to count.
"""

from __future__ import annotations

import contextlib
import random
import select
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

PIECE_BYTES = 64 * 1024
LOOK_EVERY_S = 0.05
SECOND_REPLY_S_MAX = 20.0
NOW = struct.pack("ii", 1, 0)  # SO_LINGER: a close is a reset

# end: FIN towards both. reset: RST towards both. half: FIN towards the server, whose reply still
# comes. silence: nothing more, in either direction; the server is not told that anybody left.
How = Literal["end", "reset", "half", "silence"]


@dataclass(slots=True)
class Fault:
    """What happens to one connection; None means never. Counts are bytes of that connection."""

    up_bytes: int | None = None
    down_bytes: int | None = None
    how: How = "end"
    bytes_per_s: int | None = None
    twice: bool = False
    second_reply: bytearray = field(default_factory=bytearray)  # what the second sending got
    over: threading.Event = field(default_factory=threading.Event)  # it has happened


@dataclass
class BadLine:
    """Cuts everything in flight after so many bytes up on average, without memory (exponential)."""

    bytes_between_cuts: float
    chance: random.Random
    cuts: int = 0
    left: float = 0.0

    def __post_init__(self) -> None:
        """The first stretch."""
        self.left = self.chance.expovariate(1 / self.bytes_between_cuts)

    def through(self, size: int) -> int:
        """How many of these bytes still pass; fewer than all of them is a cut."""
        passed = min(size, int(self.left))
        self.left -= passed
        if passed < size:
            self.cuts += 1
            self.left = self.chance.expovariate(1 / self.bytes_between_cuts)
        return passed


class Proxy:
    """Listens on `port`, leads to `to_port`; use it as a context."""

    def __init__(self, to_port: int, *, bad_line: BadLine | None = None) -> None:
        self.to_port = to_port
        self.bytes_up = 0
        self.generation = 0  # a cut of the whole line ends every connection of an earlier one
        self._bad_line = bad_line
        self._plans: deque[Fault] = deque()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self._listener.settimeout(LOOK_EVERY_S)
        self._stopping = False

    def plan(self, fault: Fault) -> Fault:
        """The next connection gets it."""
        self._plans.append(fault)
        return fault

    def __enter__(self) -> Proxy:
        """Take connections."""
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        """Close everything and wait for it."""
        self._stopping = True
        self.hang_up()
        for thread in self._threads:
            thread.join(5)
        self._listener.close()

    def hang_up(self) -> None:
        """End every connection there is."""
        self.generation += 1

    def counted(self, size: int, generation: int) -> int:
        """How many of so many bytes up still pass."""
        with self._lock:
            if generation != self.generation:
                return 0
            through = size if self._bad_line is None else self._bad_line.through(size)
            self.bytes_up += through
            if through < size:
                self.generation += 1
            return through

    def _start(self, work: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads = [each for each in self._threads if each.is_alive()] + [thread]
        thread.start()

    def _accept(self) -> None:
        while not self._stopping:
            try:
                client, _ = self._listener.accept()
            except TimeoutError:
                continue
            fault = self._plans.popleft() if self._plans else Fault()
            self._start(self._serve, client, fault)

    def _serve(self, client: socket.socket, fault: Fault) -> None:
        try:
            servers = [
                socket.create_connection(("127.0.0.1", self.to_port))
                for _ in range(2 if fault.twice else 1)
            ]
        except OSError:
            _drop([client], reset=True)
            return
        for each in (client, *servers):
            each.settimeout(None)
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        _Joined(self, client, servers, fault).run()


class _Joined:
    """One client and its server (two when it is sent twice), served by one thread alone.

    One thread, because a socket that another thread waits for is not closed when it is closed.
    """

    def __init__(
        self, proxy: Proxy, client: socket.socket, servers: list[socket.socket], fault: Fault
    ) -> None:
        self._proxy, self._client, self._servers, self._fault = proxy, client, servers, fault
        self._generation = proxy.generation
        self._watched = {client, *servers}
        self._up = self._down = 0
        self._silent = self._deaf = False

    def run(self) -> None:
        """Until everything has been said, or cut."""
        reset = True
        try:
            while self._servers[0] in self._watched:
                self._cut_where_planned()
                ready, _, _ = select.select(list(self._watched), [], [], LOOK_EVERY_S)
                if self._generation != self._proxy.generation:
                    raise _Cut
                for each in ready:
                    if not self._silent:
                        self._pass_on(each)
                if self._silent:
                    time.sleep(LOOK_EVERY_S)
            reset = False
        except _Cut:
            reset = self._fault.how == "reset"
        except OSError:
            pass
        finally:
            self._hear_the_second()
            _drop([self._client, *self._servers], reset=reset)
            self._fault.over.set()

    def _cut_where_planned(self) -> None:
        """Also before the first byte and after the last."""
        fault = self._fault
        if fault.up_bytes is None or self._up < fault.up_bytes or self._silent:
            return
        if fault.how == "silence":
            self._silent = True
            fault.over.set()
        elif fault.how != "half":
            raise _Cut
        elif not self._deaf:
            self._deaf = True
            self._end_towards_servers()

    def _pass_on(self, each: socket.socket) -> None:
        if each is self._client:
            self._pass_up()
        elif each is self._servers[0]:
            self._pass_down()
        else:
            self._aside(each)

    def _pass_up(self) -> None:
        left = PIECE_BYTES if self._fault.up_bytes is None else self._fault.up_bytes - self._up
        if self._deaf:  # taken and thrown away, so that the client sees the reply and no reset
            if not self._client.recv(PIECE_BYTES):
                self._watched.discard(self._client)
            return
        piece = self._client.recv(_slow(self._fault, min(left, PIECE_BYTES)))
        if not piece:
            self._watched.discard(self._client)
            self._end_towards_servers()
            return
        through = self._proxy.counted(len(piece), self._generation)
        for server in self._servers:
            server.sendall(piece[:through])
        self._up += through
        if through < len(piece):
            raise _Cut

    def _end_towards_servers(self) -> None:
        for server in self._servers:
            server.shutdown(socket.SHUT_WR)

    def _pass_down(self) -> None:
        left = (
            PIECE_BYTES if self._fault.down_bytes is None else self._fault.down_bytes - self._down
        )
        # With nothing left the reply is waited for all the same: a byte of it shows that the
        # server has done its work, and then nothing of it is passed on.
        piece = self._servers[0].recv(_slow(self._fault, max(1, min(left, PIECE_BYTES))))
        if left <= 0:
            raise _Cut
        self._down += len(piece)
        if piece:
            self._client.sendall(piece)
        else:
            self._watched.discard(self._servers[0])
            _drop(self._servers[:1], reset=False)

    def _aside(self, server: socket.socket) -> None:
        piece = server.recv(PIECE_BYTES)
        self._fault.second_reply += piece
        if not piece:
            self._watched.discard(server)

    def _hear_the_second(self) -> None:
        with contextlib.suppress(OSError):
            for server in self._servers[1:]:
                server.settimeout(SECOND_REPLY_S_MAX)
                while piece := server.recv(PIECE_BYTES):
                    self._fault.second_reply += piece


class _Cut(Exception):
    """The line ends here."""


def _slow(fault: Fault, size: int) -> int:
    """How much to take now; on a slow line a tenth of a second's worth, after waiting for it."""
    if fault.bytes_per_s is None:
        return size
    time.sleep(0.1)
    return max(1, min(size, fault.bytes_per_s // 10))


def _drop(sockets: list[socket.socket], *, reset: bool) -> None:
    for each in sockets:
        with contextlib.suppress(OSError):
            if reset:
                each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NOW)
        each.close()
