"""Phones that send what was made beforehand: a process and a kept connection each, raw sockets.

Client and server share the machine, so a client must cost next to nothing. It must not know what
the requests say.
"""

from __future__ import annotations

import multiprocessing
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.synchronize import Barrier
from typing import Any

ANSWER_BYTES = 64 * 1024
SILENCE_S_MAX = 120


@dataclass(frozen=True, slots=True)
class Shot:
    """One request, ready for the wire: head and body in pieces that may be shared."""

    kind: str
    pieces: tuple[bytes, ...]

    @property
    def size(self) -> int:
        """Bytes on the wire, without those of TCP."""
        return sum(map(len, self.pieces))

    def as_call(self) -> dict[str, Any]:
        """The same request for a client without a wire."""
        first, *lines = self.pieces[0].decode().strip().split("\r\n")
        method, path, _ = first.split(" ")
        headers = dict(line.split(": ", 1) for line in lines)
        data = b"".join(self.pieces[1:])
        return {"method": method, "path": path, "headers": headers, "data": data}


@dataclass(slots=True)
class Ran:
    """What came of it: the seconds of each request by kind, bytes up and down, the time in all."""

    seconds: float = 0.0
    times: dict[str, list[float]] = field(default_factory=dict)
    sent: dict[str, int] = field(default_factory=dict)
    down: dict[str, int] = field(default_factory=dict)

    @property
    def up(self) -> int:
        """Bytes sent, heads included."""
        return sum(self.sent.values())

    def up_of(self, kind: str) -> int:
        """Bytes sent with requests of one kind."""
        return self.sent.get(kind, 0)

    def count(self, kind: str) -> int:
        """How many requests of a kind were answered."""
        return len(self.times.get(kind, ()))


def request(method: str, path: str, headers: dict[str, str], *body: bytes, kind: str) -> Shot:
    """Make a shot."""
    lines = [f"{method} /api/v1{path} HTTP/1.1", "Host: station"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines.append(f"Content-Length: {sum(map(len, body))}")
    head = ("\r\n".join(lines) + "\r\n\r\n").encode()
    return Shot(kind, (head, *body))


def fire(port: int, shots: Sequence[Shot], ran: Ran) -> None:
    """Send one after the other, each after the answer to the one before."""
    with socket.create_connection(("127.0.0.1", port), timeout=SILENCE_S_MAX) as wire:
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for shot in shots:
            started = time.perf_counter()
            for piece in shot.pieces:
                wire.sendall(piece)
            size = _answer(wire)
            ran.times.setdefault(shot.kind, []).append(time.perf_counter() - started)
            ran.sent[shot.kind] = ran.up_of(shot.kind) + shot.size
            ran.down[shot.kind] = ran.down.get(shot.kind, 0) + size


def _answer(wire: socket.socket) -> int:
    """Read one answer; its bytes. Anything but 200 and 204 ends the bench."""
    said = b""
    while b"\r\n\r\n" not in said:
        piece = wire.recv(ANSWER_BYTES)
        if not piece:
            raise RuntimeError("the station closed the connection")
        said += piece
    head, _, body = said.partition(b"\r\n\r\n")
    at = head.lower().find(b"content-length:")
    length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
    while len(body) < length:
        body += wire.recv(ANSWER_BYTES)
    if not head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 204")):
        raise RuntimeError(f"{head[:60]!r} {body[:300]!r}")
    return len(head) + 4 + len(body)


def run_clients(port: int, plans: Sequence[Sequence[Shot]]) -> Ran:
    """All clients at once, from one starting shot; the time runs until the last answer."""
    here = multiprocessing.get_context("fork")
    start = here.Barrier(len(plans) + 1)
    ends: list[Any] = []
    for plan in plans:
        mine, theirs = here.Pipe(duplex=False)
        process = here.Process(target=_client, args=(port, plan, start, theirs))
        process.start()
        theirs.close()
        ends.append((process, mine))
    start.wait()
    began = time.perf_counter()
    total = Ran()
    for process, mine in ends:
        one: Ran = mine.recv()
        process.join()
        for kind, times in one.times.items():
            total.times.setdefault(kind, []).extend(times)
            total.sent[kind] = total.up_of(kind) + one.up_of(kind)
            total.down[kind] = total.down.get(kind, 0) + one.down[kind]
    total.seconds = time.perf_counter() - began
    return total


def _client(port: int, plan: Sequence[Shot], start: Barrier, tell: Any) -> None:
    ran = Ran()
    start.wait()
    fire(port, plan, ran)
    tell.send(ran)
