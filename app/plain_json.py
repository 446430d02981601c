"""JSON lines written the plain way, read at full speed; everything else is the strict reader's.

A line that orjson writes back byte for byte holds no key twice, no number it could not keep, no
space and no odd escape. What is left to rule out is looked for in the bytes. It must not judge: a
line that is not plain may still be a good fact.
"""

from __future__ import annotations

from typing import Any

import orjson

from sync.limits import DEPTH_MAX

# Whole numbers beyond 2^53 have at least this many digits in a row.
_LONG_NUMBER = b"0" * 16
_ZEROS = bytes(ord("0") if chr(byte).isdecimal() and byte < 128 else byte for byte in range(256))
_NO_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")


def plain_object(line: bytes) -> dict[str, Any] | None:
    """The object in a plain line; None for whatever deserves the strict reader."""
    if b"\\" in line or _LONG_NUMBER in line.translate(_ZEROS):
        return None
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    if type(found) is not dict or orjson.dumps(found) != line or not _is_shallow(line):
        return None
    return found


def _is_shallow(line: bytes) -> bool:
    """Whether brackets nest no deeper than a fact may; brackets in a text only ever say no."""
    brackets = line.translate(None, _NO_BRACKETS)
    for _ in range(DEPTH_MAX):
        brackets = brackets.replace(b"{}", b"").replace(b"[]", b"")
        if not brackets:
            return True
    return False
