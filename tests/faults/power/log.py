"""The log of a recorded run, as shim.c writes it, with what was acknowledged when.

It must not know what a file means or what a crash does.
"""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

HEAD = struct.Struct("<BHHIQq")


class Op(IntEnum):
    """What happened; the numbers are shim.c's."""

    CREATE = 1
    WRITE = 2
    TRUNCATE = 3
    SYNC_BEGIN = 4
    SYNC_END = 5
    RENAME = 6
    UNLINK = 7
    MKDIR = 8
    LINK = 9
    RMDIR = 10
    MARK = 100


@dataclass(frozen=True, slots=True)
class Record:
    """One record. `offset`: of a write; the size of a truncation; the thread of a sync."""

    op: Op
    inode: int
    offset: int
    first: str
    second: str
    data: bytes


def read_log(path: Path) -> Iterator[Record]:
    """Every record, in order."""
    raw = path.read_bytes()
    at = 0
    while at < len(raw):
        op, first, second, data, inode, offset = HEAD.unpack_from(raw, at)
        at += HEAD.size
        names = raw[at : at + first + second].decode()
        at += first + second
        yield Record(Op(op), inode, offset, names[:first], names[first:], raw[at : at + data])
        at += data


def mark(path: Path, value: Any) -> None:
    """Write down that something was acknowledged; whatever comes after must keep it."""
    data = json.dumps(value).encode()
    record = HEAD.pack(Op.MARK, 0, 0, len(data), 0, 0) + data
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
    try:
        assert os.write(descriptor, record) == len(record)
    finally:
        os.close(descriptor)
