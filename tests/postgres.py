"""A real PostgreSQL server for one test run: in a temporary folder, thrown away after.

PostgreSQL refuses to run as root, so as root its commands run as the system account `postgres`.
It must not know the application; it hands out database URLs and nothing else.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import LiteralString

import psycopg
from psycopg import sql

SYSTEM_ACCOUNT = "postgres"
START_SECONDS_MAX = 60
MEMORY = Path("/dev/shm")
MEMORY_BYTES_MIN = 4 * 1024**3  # its log of changes alone may grow to 1 GB
# Speed over durability: a crash of the test machine may lose this cluster, and nobody will miss it.
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
}


class PostgresMissing(RuntimeError):
    """PostgreSQL's server programs are not on this machine."""


def binary(name: str) -> str:
    """The path of one of PostgreSQL's programs, newest version first."""
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name)
    )
    for folder in reversed(folders):
        if (folder / name).exists():
            return str(folder / name)
    found = shutil.which(name)
    if not found:
        raise PostgresMissing(f"{name} not found; install the system package postgresql")
    return found


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def fresh_folder() -> Path:
    """An empty folder, in memory where there is room: on a disk a new database costs ten times."""
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= MEMORY_BYTES_MIN
    return Path(tempfile.mkdtemp(prefix="gi-pg-", dir=MEMORY if roomy else None))


@dataclass
class Cluster:
    """One running PostgreSQL server; `new_database` hands out a fresh database each time."""

    folder: Path = field(default_factory=fresh_folder)
    port: int = field(default_factory=free_port)

    def start(self) -> Cluster:
        """Make the cluster and wait until it answers."""
        binary("initdb")
        if os.geteuid() == 0:
            account = pwd.getpwnam(SYSTEM_ACCOUNT)
            os.chown(self.folder, account.pw_uid, account.pw_gid)
        self._run(
            "initdb",
            "--pgdata",
            str(self.data),
            "--username",
            SYSTEM_ACCOUNT,
            "--auth",
            "trust",
            "--encoding",
            "UTF8",
            "--locale",
            "C.UTF-8",
            "--no-sync",
        )
        options = [
            f"-p {self.port}",
            "-c listen_addresses=127.0.0.1",
            f"-c unix_socket_directories={self.folder}",
        ]
        options += [f"-c {name}={value}" for name, value in SETTINGS.items()]
        self._run(
            "pg_ctl",
            "--pgdata",
            str(self.data),
            "--log",
            str(self.folder / "log"),
            "--wait",
            "--timeout",
            str(START_SECONDS_MAX),
            "--options",
            " ".join(options),
            "start",
        )
        return self

    @property
    def data(self) -> Path:
        """The cluster's data folder."""
        return self.folder / "data"

    def new_database(self, template: str = "template0") -> str:
        """Make a database, empty or as the named one is (nobody connected to it); its URL."""
        name = f"gi_{uuid.uuid4().hex[:16]}"
        self._tell("CREATE DATABASE {} TEMPLATE {}", name, template)
        return self.url(name)

    def url(self, name: str = "postgres") -> str:
        """The SQLAlchemy URL of one database."""
        return f"postgresql+psycopg://{SYSTEM_ACCOUNT}@127.0.0.1:{self.port}/{name}"

    def drop_database(self, url: str) -> None:
        """Drop a database that `new_database` made, whoever is still connected to it."""
        self._tell("DROP DATABASE IF EXISTS {} WITH (FORCE)", url.rsplit("/", 1)[1])

    def stop(self) -> None:
        """Stop the server and remove everything it wrote."""
        if (self.data / "postmaster.pid").exists():
            self._run("pg_ctl", "--pgdata", str(self.data), "--mode", "immediate", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _tell(self, statement: LiteralString, *names: str) -> None:
        """One statement to the server itself, over a connection of its own."""
        words = sql.SQL(statement).format(*(sql.Identifier(name) for name in names))
        address = f"postgresql://{SYSTEM_ACCOUNT}@127.0.0.1:{self.port}/postgres"
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(words)

    def _run(self, program: str, *words: str) -> None:
        account = SYSTEM_ACCOUNT if os.geteuid() == 0 else None
        # Output goes to a file: the server would hold an inherited pipe open for ever.
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(
                [binary(program), *words],
                stdout=output,
                stderr=subprocess.STDOUT,
                user=account,
                group=account,
                extra_groups=[] if account else None,
                cwd="/",
                env={**os.environ, "LC_ALL": "C.UTF-8", "HOME": str(self.folder)},
                timeout=START_SECONDS_MAX * 2,
            )
            if done.returncode:
                output.seek(0)
                raise RuntimeError(f"{program} failed ({done.returncode}): {output.read()}")
