"""What a fault below means to whoever waits for an answer: come again, or somebody must make room.

Only faults of the machine and the database that pass by themselves, or that the administrator can
end. It must not know any route; whatever it does not name was not foreseen.
"""

from __future__ import annotations

import errno
import logging

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.gate import GateBusy
from app.problems import ProblemError

log = logging.getLogger("grid_inspector.faults")

BUSY_RETRY_S = 2
DISK_RETRY_S = 60  # somebody has to come and make room
BUSY_STATES = frozenset({"55P03", "40001", "40P01"})
LEAVING_STATES = frozenset({"57P01", "57P02", "57P03"})
FULL_STATE, IO_STATE = "53100", "58030"
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
NOT_WRITABLE = frozenset({errno.EROFS, errno.EIO})
# SQLITE_FULL is said of ENOSPC alone. A quota that is used up, a file system that turned read-only
# and a dying disk are all an I/O error to it; the shared memory that no longer fits is too.
UNWRITABLE_NAMES = ("SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_CANTOPEN")


def foreseen(error: Exception) -> ProblemError | None:
    """The problem to answer with, each with a time to come again; None for what nobody foresaw."""
    if isinstance(error, (GateBusy, PoolTimeout)):
        return _busy()
    if isinstance(error, DBAPIError):
        return _of_database(error)
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        return _disk("disk-full")
    if isinstance(error, OSError) and error.errno in NOT_WRITABLE:
        return _unwritable(error)
    return None


def _of_database(error: DBAPIError) -> ProblemError | None:
    name = getattr(error.orig, "sqlite_errorname", "")
    # No state at all on PostgreSQL: no server answered.
    state = getattr(error.orig, "sqlstate", "")
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")) or state in BUSY_STATES:
        return _busy()
    if name == "SQLITE_FULL" or state == FULL_STATE:
        return _disk("disk-full")
    if name.startswith(UNWRITABLE_NAMES) or state == IO_STATE:
        return _unwritable(error.orig)
    leaving = state is not None and (state.startswith("08") or state in LEAVING_STATES)
    away = state is None and isinstance(error, OperationalError)
    return _busy() if error.connection_invalidated or leaving or away else None


def _busy() -> ProblemError:
    return ProblemError("database-busy", headers={"Retry-After": str(BUSY_RETRY_S)})


def _disk(code: str) -> ProblemError:
    return ProblemError(code, headers={"Retry-After": str(DISK_RETRY_S)})


def _unwritable(error: object) -> ProblemError:
    """Phones wait; whoever keeps the server needs the system's own words, not a traceback."""
    log.error("the disk cannot be written: %s %s", getattr(error, "sqlite_errorname", ""), error)
    return _disk("disk-unwritable")
