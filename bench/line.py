"""A line of a village: so many bytes a second each way, a round trip long, cut from time to time.

A TCP proxy with the clock of a radio. All connections share the rate, packet by packet in turn;
each packet arrives half a round trip after it has left; a new connection waits for the two round
trips of its handshakes (TCP, TLS). A cut drops what is on its way and ends every connection; for a
while after it none can be made. It knows no HTTP: what was sent up on a connection since the last
answer on it is what may have to be sent again.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

PACKET_BYTES = 1_448
HANDSHAKE_ROUND_TRIPS = 2
LATE_S = 0.03
"""A timer of a busy machine rings late; so much of it is made up for by the next packet, so that
the rate is the rate. No pause of a phone that waits for an answer is as short."""
BUFFER_BYTES = 16 * 1024
QUESTION_BYTES_MAX = 2_048
"""A request no longer than this is a question: head only, no part of a photo."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Rate in bytes a second each way; `stands_s` from one outage to the next cut, None: always."""

    bytes_per_s: float
    round_trip_s: float
    stands_s: float | None = None
    outage_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Cut:
    """What it met: bytes of requests under way without an answer, and how many such requests."""

    bytes_unanswered: int
    requests: int


@dataclass(slots=True, eq=False)
class _Joined:
    """One connection of the phone and the one to the station it leads to."""

    writers: list[asyncio.StreamWriter]
    unanswered: int = 0
    ended: bool = False


@dataclass(slots=True)
class _Way:
    """One direction: one packet after the other."""

    bytes_per_s: float
    free_at: float = 0.0

    async def carry(self, size: int) -> None:
        """Until the packet has left."""
        now = asyncio.get_running_loop().time()
        begun = self.free_at if now - self.free_at < LATE_S else now
        self.free_at = begun + size / self.bytes_per_s
        await asyncio.sleep(max(0.0, self.free_at - now))


@dataclass
class ShapedLine:
    """Listens on `port` as a context; leads to `to_port`, from `begin` on by its shape."""

    to_port: int
    shape: Shape
    bytes_up: int = 0
    bytes_down: int = 0
    connections: int = 0
    cuts: list[Cut] = field(default_factory=list)
    port: int = 0
    _shaped: bool = False
    _out: bool = False
    _at_first: bool = False

    def __enter__(self) -> ShapedLine:
        """Take connections."""
        self._joined: set[_Joined] = set()
        self._ways = [_Way(self.shape.bytes_per_s), _Way(self.shape.bytes_per_s)]
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._do(self._listen())
        return self

    def __exit__(self, *_: object) -> None:
        """End everything."""
        self._do(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def begin(self) -> None:
        """From now on the line has its shape; the first cut comes after a whole stretch."""
        self._do(self._begin())

    def begin_with_the_first(self) -> None:
        """The first connection begins it: whoever prepares goes another way."""
        self._at_first = True

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _listen(self) -> None:
        listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
        self.port = listener.getsockname()[1]
        self._server = await asyncio.start_server(self._serve, sock=listener, limit=BUFFER_BYTES)

    async def _begin(self) -> None:
        self._hang_up()
        self.bytes_up = self.bytes_down = self.connections = 0
        self._shaped = True
        self._cutting = asyncio.create_task(self._cut_again_and_again())

    async def _stop(self) -> None:
        if self._shaped:
            self._cutting.cancel()
        self._server.close()
        self._hang_up()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _cut_again_and_again(self) -> None:
        if self.shape.stands_s is None:
            return
        while True:
            await asyncio.sleep(self.shape.stands_s)
            waiting = [each.unanswered for each in self._joined]
            parts = [size for size in waiting if size > QUESTION_BYTES_MAX]
            self.cuts.append(Cut(sum(waiting), len(parts)))
            self._out = True
            self._hang_up()
            await asyncio.sleep(self.shape.outage_s)
            self._out = False

    def _hang_up(self) -> None:
        for joined in self._joined:
            joined.ended = True
            for writer in joined.writers:
                writer.transport.abort()
        self._joined.clear()

    async def _serve(self, phone: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        joined = _Joined([back])
        if self._at_first and not self._shaped:
            await self._begin()
        if self._out:
            back.transport.abort()
            return
        self._joined.add(joined)
        self.connections += 1
        if self._shaped:
            await asyncio.sleep(HANDSHAKE_ROUND_TRIPS * self.shape.round_trip_s)
        if joined.ended:
            return
        try:
            station, on = await asyncio.open_connection(
                "127.0.0.1", self.to_port, limit=BUFFER_BYTES
            )
            joined.writers.append(on)
            await asyncio.gather(
                self._pass(joined, phone, on, up=True), self._pass(joined, station, back, up=False)
            )
        except (OSError, asyncio.CancelledError):
            pass  # hung up, or the line was taken down: Python 3.11 would print the latter
        finally:
            self._joined.discard(joined)
            for writer in joined.writers:
                writer.close()

    async def _pass(
        self, joined: _Joined, source: asyncio.StreamReader, to: asyncio.StreamWriter, *, up: bool
    ) -> None:
        arrives = 0.0
        while (packet := await source.read(PACKET_BYTES)) and not joined.ended:
            if not self._shaped:
                to.write(packet)
                continue
            await self._ways[up].carry(len(packet))
            if joined.ended:
                return
            if up:
                self.bytes_up += len(packet)
                joined.unanswered += len(packet)
            else:
                self.bytes_down += len(packet)
            arrives = max(arrives + 1e-6, self._loop.time() + self.shape.round_trip_s / 2)
            self._loop.call_at(arrives, self._arrive, joined, to, packet, up)
        # the other side has said all it had to: what is on its way still comes
        await asyncio.sleep(max(0.0, arrives - self._loop.time()))
        if not joined.ended:
            to.close() if not up else to.can_write_eof() and to.write_eof()

    @staticmethod
    def _arrive(joined: _Joined, to: asyncio.StreamWriter, packet: bytes, up: bool) -> None:
        if joined.ended:
            return
        if not up:
            joined.unanswered = 0
        to.write(packet)
