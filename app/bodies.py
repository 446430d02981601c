"""Reading what was sent: whole, within limits, unchanged on the way, and strict JSON.

gunicorn hands over a body that was cut short with no word (T6), and Flask cuts a chunked body at
its limit without one (T7); both are refused here. It must not know what a body means.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
import socket
import time
import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import flask
from werkzeug.exceptions import ClientDisconnected

from app.problems import ProblemError
from sync.limits import DEPTH_MAX, INTEGER_MAX

JSON_DEPTH_MAX = DEPTH_MAX
READ_BYTES = 64 * 1024
DRAIN_BYTES_MAX = 4 * 1024 * 1024
DRAIN_S_MAX = 5.0
DRAIN_READ_BYTES = 8 * 1024
_DIGEST = re.compile(r"sha-256=:([A-Za-z0-9+/=]+):")
_SURROGATE = re.compile("[\ud800-\udfff]")
_OUTSIDE_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"|([\[{])|([\]}])', re.DOTALL)


def read_body(request: flask.Request, *, limit_bytes: int, digest: bool, required: bool) -> bytes:
    """The body exactly as it was sent, or a problem that says what is wrong with it."""
    length = _length(request, limit_bytes)
    if length is None:
        if required:
            raise ProblemError("length-required")
        return b""
    try:
        raw = request.get_data(cache=True, parse_form_data=False)
    except (ClientDisconnected, OSError):  # the line broke loudly; gunicorn is silent at an end
        _expect_no_more(request)
        raise _cut_short(length, 0) from None
    if len(raw) != length:
        raise _cut_short(length, len(raw))
    if digest:
        check_digest(request.headers.get("Content-Digest", ""), raw)
    return raw


def _length(request: flask.Request, limit_bytes: int) -> int | None:
    """What Content-Length says, within the limit."""
    if request.headers.get("Transfer-Encoding"):
        raise ProblemError("length-required")
    length = request.content_length
    if length is not None and length > limit_bytes:
        raise ProblemError("too-large", limit=shown_size(limit_bytes))
    return length


class ComingBody:
    """A body that is taken as it comes, so that a slow phone costs a piece of memory, not a photo.

    `length` is what was announced, `digest` what Content-Digest says (None when it says nothing).
    """

    def __init__(self, request: flask.Request, *, limit_bytes: int, digest: bool) -> None:
        length = _length(request, limit_bytes)
        if length is None:
            raise ProblemError("length-required")
        header = request.headers.get("Content-Digest", "")
        self.length = length
        self.digest = _stated_digest(header) if digest or header else None
        self._request = request

    def pieces(self) -> Iterator[bytes]:
        """The bytes, once; a problem at the end when they are not those that were announced."""
        seen, left = hashlib.sha256() if self.digest else None, self.length
        while left > 0:
            try:
                piece = self._request.stream.read(min(READ_BYTES, left))
            except (ClientDisconnected, OSError):
                _expect_no_more(self._request)
                piece = b""
            if not piece:
                raise _cut_short(self.length, self.length - left)
            left -= len(piece)
            if seen:
                seen.update(piece)
            yield piece
        if seen and seen.digest() != self.digest:
            raise ProblemError("digest-mismatch")


def _expect_no_more(request: flask.Request) -> None:
    """A phone that fell silent says no goodbye either.

    gunicorn would wait two seconds for one, each time, in the loop that lets everybody else in.
    """
    line = request.environ.get("gunicorn.socket")
    if line is not None:
        with suppress(OSError):
            line.shutdown(socket.SHUT_RD)


def _cut_short(expected: int, received: int) -> ProblemError:
    return ProblemError("body-cut-short", expected=expected, received=received)


def shown_size(limit_bytes: int) -> str:
    """A limit as people read it."""
    if limit_bytes >= 1024 * 1024:
        return f"{limit_bytes // (1024 * 1024)} MB"
    return f"{limit_bytes // 1024} KB"


def check_digest(header: str, raw: bytes) -> None:
    """Content-Digest (RFC 9530) must be there and must match what arrived."""
    if _stated_digest(header) != hashlib.sha256(raw).digest():
        raise ProblemError("digest-mismatch")


def _stated_digest(header: str) -> bytes:
    found = _DIGEST.search(header)
    if not found:
        raise ProblemError("digest-required")
    try:
        return base64.b64decode(found.group(1), validate=True)
    except binascii.Error:
        raise ProblemError("digest-required") from None


def inflate(raw: bytes, *, limit_bytes: int) -> bytes:
    """Ungzip within a limit; a bomb costs no more memory than the limit."""
    inflater = zlib.decompressobj(wbits=31)
    try:
        out = inflater.decompress(raw, limit_bytes + 1)
    except zlib.error:
        raise ProblemError("not-gzip") from None
    if len(out) > limit_bytes:
        raise ProblemError("gzip-bomb", limit=shown_size(limit_bytes))
    if not inflater.eof:
        raise ProblemError("body-cut-short", expected=len(raw), received=len(raw))
    if inflater.unused_data:
        raise ProblemError("not-gzip")
    return out


def parse_json(raw: bytes) -> Any:
    """Strict JSON: bounded depth, no NaN, no key twice, no lone surrogates, no huge integers."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise ProblemError("not-json") from None
    if _depth(raw) > JSON_DEPTH_MAX:
        raise ProblemError("json-too-deep", limit=JSON_DEPTH_MAX)
    try:
        value = json.loads(
            text, parse_constant=_refuse, object_pairs_hook=_unique, parse_int=_integer
        )
    except ValueError:
        raise ProblemError("not-json") from None
    if "\\u" in text and _SURROGATE.search(json.dumps(value, ensure_ascii=False)):
        raise ProblemError("not-json")
    return value


def _depth(raw: bytes) -> int:
    """How deep brackets nest, without recursion, strings skipped."""
    depth = deepest = 0
    for found in _OUTSIDE_STRINGS.finditer(raw):
        if found.group(1):
            depth += 1
            deepest = max(deepest, depth)
        elif found.group(2):
            depth -= 1
    return deepest


def _refuse(text: str) -> Any:
    raise ValueError(text)


def _integer(text: str) -> int:
    if len(text) > 17 or abs(int(text)) > INTEGER_MAX:
        raise ValueError("integer out of range")
    return int(text)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("duplicate key")
    return value


def drain(request: flask.Request) -> None:
    """Read the rest of a refused body within bounds, so that the client sees the answer."""
    if request.headers.get("Transfer-Encoding") or not request.content_length:
        return
    until = time.monotonic() + DRAIN_S_MAX
    left = min(request.content_length, DRAIN_BYTES_MAX)
    try:
        while left > 0 and time.monotonic() < until:
            part = request.stream.read(min(DRAIN_READ_BYTES, left))
            if not part:
                return
            left -= len(part)
    except (OSError, ClientDisconnected):  # cut short: nobody is left to see the answer
        return
