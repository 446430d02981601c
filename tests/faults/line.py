"""A phone on the wire: the requests of pwa/src/transport as bytes, over one port, one at a time.

It speaks as the phone does and tries again as the phone does; a broken line is None, not an
exception. It must not know which faults lie in wait, nor what a test expects.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import json
import socket
import ssl
from dataclasses import dataclass
from typing import Any

from tests.api.handover import headers as batch_headers
from tests.api.township import API, Phone, digest_header

ANSWER_S_MAX = 20.0
TRIES_MAX = 40
PART_BYTES = 32 * 1024


@dataclass(frozen=True, slots=True)
class Reply:
    """One whole answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        """Its body as a JSON object."""
        return dict(json.loads(self.body))

    @property
    def code(self) -> str:
        """The word of a problem; empty when it is none."""
        kind = self.headers.get("content-type", "")
        return str(self.json["code"]) if kind.startswith("application/problem+json") else ""

    @property
    def offset(self) -> int:
        """Where the station says an upload stands."""
        return int(self.headers["upload-offset"])


def request_bytes(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """A request as it leaves the phone."""
    lines = [f"{method} {API}{path} HTTP/1.1", "Host: localhost", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if method not in ("GET", "HEAD"):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def ask(port: int, sent: bytes, *, trust: ssl.SSLContext | None = None,
        wait_s: float = ANSWER_S_MAX) -> Reply | None:  # fmt: skip
    """Send one request on a connection of its own; None when no whole answer came back."""
    try:
        plain = socket.create_connection(("127.0.0.1", port), timeout=wait_s)
        with trust.wrap_socket(plain, server_hostname="localhost") if trust else plain as line:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                line.sendall(sent)  # an answer may be there all the same
            return _whole_reply(_read_to_end(line), head_only=sent.startswith(b"HEAD"))
    except OSError:
        return None


def _read_to_end(line: socket.socket) -> bytes:
    said = b""
    while piece := line.recv(64 * 1024):
        said += piece
    return said


def _whole_reply(said: bytes, *, head_only: bool) -> Reply | None:
    """The reply if all of it is there, as a browser takes it; otherwise None."""
    head, end, body = said.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.split(":", 1) for line in lines if ":" in line)
    names = {name.lower(): value.strip() for name, value in pairs}
    if not end or (not head_only and len(body) != int(names.get("content-length", 0))):
        return None
    return Reply(int(first.split(" ")[1]), names, body)


def batch_request(phone: Phone, plain: bytes, *, packed: bool = True) -> bytes:
    """A batch as one request."""
    body = gzip.compress(plain, mtime=0) if packed else plain
    return request_bytes("POST", "/sync/batches", batch_headers(phone, body, packed=packed), body)


def whole_request(phone: Phone, photo: bytes) -> bytes:
    """A whole photo as one request."""
    return request_bytes("PUT", f"/photos/{named(photo)}", phone.bearer, photo)


def part_request(phone: Phone, photo: bytes, offset: int, size: int, epoch: str | None) -> bytes:
    """One part of a photo."""
    part = photo[offset : offset + size]
    headers = {
        **phone.bearer,
        "Content-Type": "application/octet-stream",
        "Content-Digest": digest_header(part),
        "Upload-Offset": str(offset),
        "Upload-Length": str(len(photo)),
        **({} if epoch is None else {"Upload-Epoch": epoch}),
    }
    return request_bytes("PATCH", f"/photos/{named(photo)}", headers, part)


def place_request(phone: Phone, photo: bytes) -> bytes:
    """The question how far a photo has come."""
    return request_bytes("HEAD", f"/photos/{named(photo)}", phone.bearer)


def named(photo: bytes) -> str:
    """The hash a photo is known by."""
    return hashlib.sha256(photo).hexdigest()


@dataclass(slots=True)
class Line:
    """The phone's way to a port, with its patience."""

    phone: Phone
    port: int
    trust: ssl.SSLContext | None = None

    def ask(self, sent: bytes, wait_s: float = ANSWER_S_MAX) -> Reply | None:
        """One request."""
        return ask(self.port, sent, trust=self.trust, wait_s=wait_s)

    def batch_until_receipt(self, sent: bytes) -> str:
        """The same bytes until there is a receipt; its text."""
        for _ in range(TRIES_MAX):
            reply = self.ask(sent)
            if reply is not None and reply.status == 200:
                return str(reply.json["receipt"])
        raise AssertionError(f"no receipt after {TRIES_MAX} tries")

    def photo_until_held(self, photo: bytes, part_bytes: int = PART_BYTES) -> tuple[str, int]:
        """Asked where it stands, then parts from there; (receipt text, bytes of bodies sent)."""
        sent = 0
        for _ in range(TRIES_MAX):
            place = self.ask(place_request(self.phone, photo))
            while place is not None and place.status in (200, 204):
                if "photo-receipt" in place.headers:
                    return place.headers["photo-receipt"], sent
                offset, epoch = place.offset, place.headers["upload-epoch"]
                sent += len(photo[offset : offset + part_bytes])
                place = self.ask(part_request(self.phone, photo, offset, part_bytes, epoch))
                if place is not None and place.status == 200:
                    return str(place.json["receipt"]), sent
        raise AssertionError(f"not held after {TRIES_MAX} tries")
