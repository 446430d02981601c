"""How gunicorn serves the application; read by `make run`, the systemd unit and the tests.

Every number is a limit or a measured choice (reliability.md T6 to T8).
It must not know what the application does; it names its module once, to load it before the fork.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import logging
import os
import socket
import struct
import sys
from pathlib import Path
from typing import Any

# Phones are other machines: the default listens on every address. The systemd unit narrows it.
bind = f"{os.environ.get('GI_HOST', '0.0.0.0')}:{os.environ.get('GI_PORT', '8000')}"  # noqa: S104

# Without a buffering proxy every slow phone holds a thread, and with 2x8 fifty of them starve
# everybody; behind nginx GI_THREADS=4 is plenty.
worker_class = "gthread"
workers = int(os.environ.get("GI_WORKERS", "2"))
threads = int(os.environ.get("GI_THREADS", "64"))

# On a full disk Python leaves half of a compiled module behind without a word, and whoever imports
# it next dies of that: a running server compiles nothing to disk.
sys.dont_write_bytecode = True

timeout = 60  # seconds without a sign of life from a worker, not a limit on one request
graceful_timeout = 30  # an upload of one part is over long before
keepalive = 20
# A phone that went silent in the middle of its request (no signal, and nobody said goodbye) gives
# its thread back after this; nginx waits as long. Slow is not silent: any byte counts.
SILENCE_S_MAX = int(os.environ.get("GI_SILENCE_S", "60"))
limit_request_line = 4_094
limit_request_fields = 60
limit_request_field_size = 8_190

# Otherwise a socket that nobody asked for appears in ~/.gunicorn.
control_socket_disable = True
# Signs of life go to memory: a slow disk must not look like a dead worker.
MEMORY_FOLDER = "/dev/shm"  # noqa: S108 (gunicorn makes a file of its own name there)
worker_tmp_dir = MEMORY_FOLDER if Path(MEMORY_FOLDER).is_dir() else None
# X-Forwarded-Proto is believed from nginx on this machine only.
forwarded_allow_ips = "127.0.0.1,::1"
# The application writes its own log, without personal data.
accesslog = None
loglevel = "warning"


# glibc gives every thread an arena that keeps what it once held. Two are enough for threads that
# share one interpreter lock, and what is as large as a picture goes straight back to the system.
M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8  # malloc.h
ARENAS_MAX = 2
KEPT_BYTES_MAX = 512 * 1024


def _keep_little_memory() -> None:
    with contextlib.suppress(OSError, AttributeError):  # another C library keeps what it keeps
        libc = ctypes.CDLL(None)
        libc.mallopt(M_ARENA_MAX, ARENAS_MAX)
        libc.mallopt(M_MMAP_THRESHOLD, KEPT_BYTES_MAX)


def when_ready(server: Any) -> None:
    """Bound every wait for bytes of a client; connections inherit it from where they came in."""
    wait = struct.pack("ll", SILENCE_S_MAX, 0)  # struct timeval
    for listener in server.LISTENERS:
        for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            listener.sock.setsockopt(socket.SOL_SOCKET, option, wait)
    # A phone out of reach is no fault of the server's; only its own are for the log.
    logging.getLogger("gunicorn.error").addFilter(_is_no_silence)


def _is_no_silence(record: logging.LogRecord) -> bool:
    return not (record.exc_info and isinstance(record.exc_info[1], BlockingIOError))


def post_fork(server: Any, worker: Any) -> None:
    """Who takes a lost worker's place and cannot start is tried again, until it can.

    The disk is full, PostgreSQL restarts: that passes. gunicorn would end the whole server, and
    the workers that live with it; only when nothing has been served yet is that an answer.
    """
    worker.booted = server.worker_age > server.num_workers


def on_starting(_server: object) -> None:
    """Read the modules once, so that workers share their memory (SQLAlchemy above all).

    Only modules: connections, keys and threads are made by each worker itself, after the fork. New
    code therefore needs a restart, as a migration does; a reload keeps what was read here.
    """
    _keep_little_memory()
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    importlib.import_module("app.compose")
    if os.environ.get("DATABASE_URL", "").startswith("postgres"):
        importlib.import_module("psycopg")  # otherwise each worker reads it for itself
    # The collector would write into every object it looks at, and so copy every page.
    gc.collect()
    gc.freeze()
