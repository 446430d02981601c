"""Every table of one database as lines of JSON, and back: the same form for SQLite and PostgreSQL.

What is dumped is what the database holds, not what this program declares, so that no table can be
forgotten. Whoever hands the connection in sees to it that all reads are of one moment. It must not
know what any table means.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Boolean, Connection, LargeBinary, inspect

from app.db import run
from app.photos.staged import StagedFile

FORMAT = 1
ROWS_AT_ONCE = 1000
PIECE_BYTES = 1024 * 1024
PACKING_LEVEL = 3  # a ledger shrinks to a quarter at any level; this one takes a third of the time
NOT_DUMPED = frozenset({"alembic_version"})  # the manifest names the schema's revision
BYTES, TRUTH, PLAIN = "bytes", "truth", "plain"


class DumpError(Exception):
    """A dump that cannot be read; the text says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A file as the manifest names it."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class _Shape:
    """A table's columns and how each travels."""

    name: str
    columns: tuple[str, ...]
    kinds: tuple[str, ...]


class SealedFile:
    """A file that is hashed as it is written and durable under its name when `seal` returns."""

    def __init__(self, path: Path) -> None:
        self._file = StagedFile(path)
        self._hash = hashlib.sha256()
        self._bytes = 0

    def write(self, piece: bytes) -> int:
        """Append; how many bytes, as gzip wants to hear."""
        self._file.write(piece)
        self._hash.update(piece)
        self._bytes += len(piece)
        return len(piece)

    def flush(self) -> None:
        """Nothing waits here."""

    def seal(self) -> Sealed:
        """Sync and rename."""
        self._file.settle()
        return Sealed(self._hash.hexdigest(), self._bytes)

    def close(self) -> None:
        """Let go; without `seal` the file never was there."""
        self._file.close()


def write_packed(path: Path, lines: Iterator[bytes]) -> Sealed:
    """Lines into a gzip file, whole or not at all. Raises OSError."""
    file = SealedFile(path)
    try:
        # no name and no time inside: the same rows give the same bytes
        with gzip.GzipFile("", "wb", PACKING_LEVEL, file, mtime=0) as packed:
            for line in lines:
                packed.write(line + b"\n")
        return file.seal()
    finally:
        file.close()


def read_packed(path: Path) -> Iterator[bytes]:
    """The lines of such a file. Raises OSError, EOFError and zlib.error for a damaged one."""
    with gzip.open(path, "rb") as packed:
        for line in packed:
            yield line.rstrip(b"\n")


def seal_of(path: Path) -> Sealed:
    """Hash and size of a file as it is on the disk now."""
    found, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            found.update(piece)
            size += len(piece)
    return Sealed(found.hexdigest(), size)


def write_dump(
    connection: Connection, path: Path, progress: Callable[[int], None] = lambda _rows: None
) -> tuple[Sealed, dict[str, int]]:
    """Dump every table; the file's seal and how many rows each table gave."""
    counts: dict[str, int] = {}
    return write_packed(path, _lines(connection, counts, progress)), counts


def _lines(
    connection: Connection, counts: dict[str, int], progress: Callable[[int], None]
) -> Iterator[bytes]:
    shapes = _shapes(connection)
    yield orjson.dumps(
        {
            "format": FORMAT,
            "tables": [{"name": s.name, "columns": s.columns, "kinds": s.kinds} for s in shapes],
        }
    )
    done = 0
    for place, shape in enumerate(shapes):
        counts[shape.name] = 0
        for block in _blocks(connection, shape):
            for row in block:
                yield orjson.dumps([place, *map(_told, row, shape.kinds)])
            counts[shape.name] += len(block)
            done += len(block)
            progress(done)
    yield orjson.dumps({"end": counts})


def _shapes(connection: Connection) -> list[_Shape]:
    look = inspect(connection)
    found = []
    for name in sorted(set(look.get_table_names()) - NOT_DUMPED):
        columns = look.get_columns(name)
        kinds = tuple(_kind(each["type"]) for each in columns)
        found.append(_Shape(name, tuple(each["name"] for each in columns), kinds))
    return found


def _kind(type_: object) -> str:
    if isinstance(type_, LargeBinary):
        return BYTES
    return TRUTH if isinstance(type_, Boolean) else PLAIN


def _blocks(connection: Connection, shape: _Shape) -> Iterator[list[Any]]:
    """Rows as they lie, a block at a time, in bounded memory on both databases."""
    text = f"SELECT {', '.join(shape.columns)} FROM {shape.name}"  # noqa: S608 - read from the schema
    streaming = connection.execution_options(stream_results=True)
    result = streaming.exec_driver_sql(text)
    while block := result.fetchmany(ROWS_AT_ONCE):
        yield list(block)


def _told(value: Any, kind: str) -> Any:
    if value is None or kind == PLAIN:
        return value
    return bool(value) if kind == TRUTH else base64.b64encode(bytes(value)).decode()


def _meant(value: Any, kind: str) -> Any:
    return base64.b64decode(value) if kind == BYTES and value is not None else value


def load_dump(
    connection: Connection, path: Path, progress: Callable[[int], None] = lambda _rows: None
) -> dict[str, int]:
    """Fill the empty tables of a schema of the same revision; rows by table. Raises DumpError."""
    lines = read_packed(path)
    head = orjson.loads(next(lines, b"{}"))
    if head.get("format") != FORMAT:
        raise DumpError(f"{path.name} is of a form this program does not know")
    shapes = [_Shape(s["name"], tuple(s["columns"]), tuple(s["kinds"])) for s in head["tables"]]
    _compare_shapes(connection, shapes)
    counts = dict.fromkeys((shape.name for shape in shapes), 0)
    ended, done = None, 0
    for place, block in _rows(lines):
        if place < 0:
            ended = block
            continue
        _insert(connection, shapes[place], block)
        counts[shapes[place].name] += len(block)
        done += len(block)
        progress(done)
    if ended != [counts]:
        raise DumpError(f"{path.name} ends before its last row")
    _follow_identities(connection, counts)
    return counts


def _rows(lines: Iterator[bytes]) -> Iterator[tuple[int, list[Any]]]:
    """Blocks of rows of one table; place -1 brings the counts the dump ends with."""
    block: list[Any] = []
    before = -1
    for line in lines:
        row = orjson.loads(line)
        ends = isinstance(row, dict)
        if block and (ends or row[0] != before or len(block) == ROWS_AT_ONCE):
            yield before, block
            block = []
        if ends:
            yield -1, [row["end"]]
            return
        before = row[0]
        block.append(row[1:])


def _compare_shapes(connection: Connection, shapes: list[_Shape]) -> None:
    here = {shape.name: set(shape.columns) for shape in _shapes(connection)}
    told = {shape.name: set(shape.columns) for shape in shapes}
    if here != told:
        wrong = sorted(
            name for name in here.keys() | told.keys() if here.get(name) != told.get(name)
        )
        raise DumpError(f"the dump's tables are not those of its schema: {', '.join(wrong)}")


def _insert(connection: Connection, shape: _Shape, block: list[Any]) -> None:
    sqlite = connection.dialect.name == "sqlite"
    marks = ", ".join(("?" if sqlite else "%s",) * len(shape.columns))
    # The numbers the database gave are part of what is restored: the log names facts by them.
    own_keys = "" if sqlite else " OVERRIDING SYSTEM VALUE"
    names = ", ".join(shape.columns)
    text = f"INSERT INTO {shape.name} ({names}){own_keys} VALUES ({marks})"  # noqa: S608 - the schema's
    rows = [tuple(map(_meant, row, shape.kinds)) for row in block]
    connection.exec_driver_sql(text, rows)


def _follow_identities(connection: Connection, tables: dict[str, int]) -> None:
    """Numbers given from now on go on behind those that were loaded (SQLite does so itself)."""
    if connection.dialect.name == "sqlite":
        return
    look = inspect(connection)
    for table in tables:
        for column in look.get_columns(table):
            if column.get("identity") and tables[table]:
                name = column["name"]
                run(
                    connection,
                    f"SELECT setval(pg_get_serial_sequence('{table}', '{name}'),"  # noqa: S608
                    f" (SELECT max({name}) FROM {table}))",
                )
