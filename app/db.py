"""The database: how connections are opened, how transactions begin, and the one metadata object.

The SQLite recipe is measured (reliability.md T1 to T4): every writing transaction begins IMMEDIATE
behind a fair gate, every commit is synced, checkpoints never run beside a writer. PostgreSQL runs
READ COMMITTED with a retry of the whole transaction. It must not know any table.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, cast

from sqlalchemy import (
    BigInteger,
    Boolean,
    Connection,
    Engine,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    create_engine,
    event,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError

from app.courtesy import writer_first
from app.folders import make_folder
from app.gate import WriterGate
from app.together import Together

SQLITE_FIXED = (3, 51, 3)  # the first release without the WAL-reset bug
WAL_BYTES_MAX = 32 * 1024 * 1024
CHECKPOINT_WAIT_MS_MAX = 5000
CHECKPOINT_PAUSE_S = 30.0  # after a checkpoint that a long reader kept from finishing
BUSY_WAIT_MS_MAX = 15_000
TRANSACTION_TRIES_MAX = 8
CONNECTIONS_KEPT = 16
# On SQLite each has a cache of its own. Only one writes at a time, the gate sees to that.
WRITERS_KEPT = 2
READERS_KEPT = 8
CONNECTIONS_MORE_MAX = 128
LOCK_WAIT_MS_MAX = 10_000
STATEMENT_MS_MAX = 120_000
# A flash disk reads any page about as fast as the next one. With PostgreSQL's 4.0, meant for
# spinning disks, look-ups by key became scans of the whole log: half of a batch's time.
RANDOM_PAGE_COST = 1.1
RETRY_STATES = frozenset({"40001", "40P01"})

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMING)

ARRAY_TYPES: tuple[tuple[type, str], ...] = (
    (LargeBinary, "bytea"),
    (BigInteger, "bigint"),
    (Integer, "integer"),
    (Boolean, "boolean"),
    (Float, "double precision"),
    (String, "text"),
)

T = TypeVar("T")
Row = tuple[Any, ...]


class UnsafeDatabase(RuntimeError):
    """The database is not in the state that makes an acknowledgement true."""


def sqlite_pragmas() -> dict[str, str | int]:
    """The pragmas every SQLite connection must have in force, with the value each must answer."""
    automatic = 1000 if sqlite3.sqlite_version_info >= SQLITE_FIXED else 0
    return {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": BUSY_WAIT_MS_MAX,
        "wal_autocheckpoint": automatic,
        "trusted_schema": 0,
        "cell_size_check": 1,
        "mmap_size": 0,
    }


def install_sqlite_hooks(engine: Engine, *, readonly: bool = False) -> None:
    """Take transactions out of the driver's hands (T1, T2); migrations use the same hooks (T9)."""

    @event.listens_for(engine, "connect")
    def _connect(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        for name, value in sqlite_pragmas().items():
            connection.execute(f"PRAGMA {name}={value}")
        if readonly:
            connection.execute("PRAGMA query_only=ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        _execute(connection, "BEGIN" if readonly else "BEGIN IMMEDIATE")


class Database:
    """One database and the only two ways into it: a declared read, a writing transaction."""

    def __init__(self, url: str, *, gate_wait_s_max: float = 10.0) -> None:
        self.url = url
        self.sqlite = url.startswith("sqlite")
        self.path = Path(make_url(url).database or "") if self.sqlite else None
        self._gate: WriterGate | None = None
        self._checkpoint_after = 0.0
        self.retries = 0
        self._together = Together(self.in_transaction)
        if self.path is not None:
            make_folder(self.path.parent)
            self._gate = WriterGate(self.path, wait_s_max=gate_wait_s_max)
        self.engine = self._make_engine()
        # On SQLite readers have connections of their own, which cannot write at all.
        self._readers = self._make_engine(readonly=True) if self.sqlite else self.engine

    @property
    def engines(self) -> tuple[Engine, ...]:
        """Those of writers and readers, for whoever counts statements."""
        return tuple(dict.fromkeys((self.engine, self._readers)))

    def _make_engine(self, *, readonly: bool = False) -> Engine:
        kept = (READERS_KEPT if readonly else WRITERS_KEPT) if self.sqlite else CONNECTIONS_KEPT
        pool: dict[str, Any] = {
            "pool_size": kept,
            "max_overflow": CONNECTIONS_MORE_MAX,
            "pool_timeout": 20,
            # The one given back last: few connections stay warm, each with a cache of its own.
            "pool_use_lifo": True,
        }
        if self.sqlite:
            engine = create_engine(self.url, connect_args={"check_same_thread": False}, **pool)
            install_sqlite_hooks(engine, readonly=readonly)
            return engine
        options = (
            "-c synchronous_commit=on"
            f" -c random_page_cost={RANDOM_PAGE_COST}"
            f" -c lock_timeout={LOCK_WAIT_MS_MAX} -c statement_timeout={STATEMENT_MS_MAX}"
        )
        return create_engine(
            self.url,
            isolation_level="READ COMMITTED",
            pool_pre_ping=True,
            connect_args={"options": options, "connect_timeout": 10},
            **pool,
        )

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent look at the database; a write inside it fails."""
        options: dict[str, Any] = {}
        if not self.sqlite:
            options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with self._readers.connect().execution_options(**options) as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A writing transaction: committed when the block ends, rolled back when it raises."""
        gate: AbstractContextManager[None] = self._gate.held() if self._gate else nullcontext()
        with gate:
            if self._gate:  # on PostgreSQL it is the station's lock that others wait for
                writer_first.enter()
            try:
                with self.engine.begin() as connection:
                    yield connection
                self._checkpoint_when_large()
            finally:
                writer_first.leave()

    def in_transaction(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a writing transaction, again from the start when PostgreSQL asks for it."""
        for attempt in range(1, TRANSACTION_TRIES_MAX + 1):
            try:
                with self.write() as connection:
                    return work(connection)
            except OperationalError as error:
                state = getattr(error.orig, "sqlstate", None)
                if state not in RETRY_STATES or attempt == TRANSACTION_TRIES_MAX:
                    raise
                self.retries += 1
                time.sleep(0.005 * attempt)
        raise AssertionError("the loop above returns or raises")

    def in_shared_transaction(self, work: Callable[[Connection], T]) -> T:
        """The same for small work many ask for at once: whoever waits meanwhile shares the commit.

        `work` may run in another thread, with its caller's context, and again when a neighbour's
        failed. It returns, or raises, only after its own commit or rollback.
        """
        return cast(T, self._together.run(work))

    def wal_bytes(self) -> int:
        """The size of the write-ahead log; 0 when there is none."""
        if self.path is None:
            return 0
        with suppress(FileNotFoundError):
            return os.stat(f"{self.path}-wal").st_size  # noqa: PTH116 - on the hot path
        return 0

    def checkpoint(self) -> bool:
        """Move the write-ahead log into the file. Nobody may write: the caller has the gate.

        TRUNCATE takes the writer's lock, which is what makes it safe before SQLite 3.51.3 (T4).
        """
        raw = self.engine.raw_connection()
        try:
            cursor = raw.cursor()
            cursor.execute(f"PRAGMA busy_timeout={CHECKPOINT_WAIT_MS_MAX}")
            try:
                busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            finally:
                cursor.execute(f"PRAGMA busy_timeout={BUSY_WAIT_MS_MAX}")
            return not busy
        finally:
            raw.close()

    def _checkpoint_when_large(self) -> None:
        if not self.sqlite or self.wal_bytes() < WAL_BYTES_MAX:
            return
        now = time.monotonic()
        if now >= self._checkpoint_after and not self._checkpointed():
            self._checkpoint_after = now + CHECKPOINT_PAUSE_S

    def _checkpointed(self) -> bool:
        """Work is committed by now: that a full disk has no room for the copy may not deny it."""
        try:
            return self.checkpoint()
        except (sqlite3.Error, DBAPIError):
            return False

    def boot_check(self) -> None:
        """Refuse to serve when an acknowledged commit could be lost."""
        if self.sqlite:
            self._check_pragmas()
            return
        with self.read() as connection:
            level = connection.exec_driver_sql("SHOW synchronous_commit").scalar()
        if level == "off":
            raise UnsafeDatabase(
                "PostgreSQL runs with synchronous_commit=off: acknowledged work could be lost"
            )

    def _check_pragmas(self) -> None:
        with self.read() as connection:
            for name, expected in sqlite_pragmas().items():
                actual = connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                if str(actual).lower() != str(expected):
                    raise UnsafeDatabase(
                        f"SQLite answers {name}={actual}, {expected} is needed: "
                        "is the database on a network folder, or opened by another program?"
                    )

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()
        self._readers.dispose()


def make_database(url: str, *, gate_wait_s_max: float = 10.0) -> Database:
    """The database behind a URL as app/settings.py spells it."""
    return Database(url, gate_wait_s_max=gate_wait_s_max)


# Hot-path statements are plain SQL with `?`, run with tuples: 1.1 times raw speed, where Core's
# executemany is 1.6 and the ORM 7 times slower (performance.md section 5). Written once, for both.


@lru_cache(maxsize=512)
def _spelled(text: str, sqlite: bool) -> str:
    if sqlite:
        return text.replace("= ANY(?)", "IN (SELECT value FROM json_each(?))")
    return text.replace("%", "%%").replace("?", "%s")


def _is_sqlite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"


def _execute(
    connection: Connection, text: str, values: Sequence[Any] = (), *, many: bool = False
) -> list[Row]:
    """Execute without the wrapping around statement and rows, which costs more than SQLite does.

    Whoever listens to statements (tests and the bench count them) still hears every one, and errors
    are SQLAlchemy's, as everybody above expects.
    """
    if connection.dispatch.before_cursor_execute:
        result = connection.exec_driver_sql(text, list(values) if many else tuple(values))
        return [tuple(row) for row in result] if result.returns_rows else []
    cursor = connection.connection.cursor()
    try:
        (cursor.executemany if many else cursor.execute)(text, values)
        rows: list[Row] = [] if many or not cursor.description else list(cursor.fetchall())
    except connection.dialect.loaded_dbapi.Error as error:
        raise _wrapped(connection, text, error) from error
    finally:
        cursor.close()
    return rows


def _wrapped(connection: Connection, text: str, error: Exception) -> DBAPIError:
    """SQLAlchemy's error for the driver's; a connection that is gone goes back to nobody.

    Without the values: people's data is not for logs.
    """
    dialect = connection.dialect
    driver: Any = connection.connection.dbapi_connection
    gone = dialect.is_disconnect(cast(Any, error), driver, None)
    if gone:
        connection.invalidate(error)
    return cast(
        DBAPIError,
        DBAPIError.instance(
            text, None, error, dialect.loaded_dbapi.Error,
            hide_parameters=True, connection_invalidated=gone, dialect=dialect,
        ),
    )  # fmt: skip


def _in_transaction(connection: Connection) -> None:
    if not connection.in_transaction():
        connection.begin()


def run(connection: Connection, text: str, values: Sequence[Any] = ()) -> list[Row]:
    """Run one statement with `?` marks and `= ANY(?)` for a list; the rows it answers, or none."""
    sqlite = _is_sqlite(connection)
    if sqlite and any(isinstance(value, list) for value in values):
        values = [json.dumps(value) if isinstance(value, list) else value for value in values]
    _in_transaction(connection)
    return _execute(connection, _spelled(text, sqlite), tuple(values))


@lru_cache(maxsize=256)
def _insert_text(table: Table, columns: tuple[str, ...], conflict: str, sqlite: bool) -> str:
    names = ", ".join(columns)
    if sqlite:
        marks = ", ".join("?" * len(columns))
        return f"INSERT INTO {table.name} ({names}) VALUES ({marks}) {conflict}"  # noqa: S608
    # Binary parameters: as text, every quote in a row of JSON would be escaped, in Python.
    arrays = ", ".join(f"%b::{_array_type(table, name)}[]" for name in columns)
    return f"INSERT INTO {table.name} ({names}) SELECT * FROM unnest({arrays}) {conflict}"  # noqa: S608


def _array_type(table: Table, name: str) -> str:
    kind = table.c[name].type
    for class_, spelled in ARRAY_TYPES:
        if isinstance(kind, class_):
            return spelled
    raise TypeError(f"no array type for {table.name}.{name}")


def insert_many(
    connection: Connection,
    table: Table,
    columns: tuple[str, ...],
    rows: Sequence[Row],
    *,
    conflict: str = "",
) -> None:
    """Insert any number of rows as one statement; `conflict` is the ON CONFLICT clause."""
    if not rows:
        return
    sqlite = _is_sqlite(connection)
    text = _insert_text(table, columns, conflict, sqlite)
    _in_transaction(connection)
    if sqlite:
        _execute(connection, text, rows, many=True)
        return
    _execute(connection, text, tuple(list(column) for column in zip(*rows, strict=True)))


def upsert(table: Table, columns: tuple[str, ...]) -> str:
    """The ON CONFLICT clause that replaces every named column that is no part of the key."""
    keys = [column.name for column in table.primary_key.columns]
    changes = ", ".join(f"{name} = excluded.{name}" for name in columns if name not in keys)
    return f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {changes}"
