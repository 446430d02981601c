"""The database beside programs that are not ours, such as its own shell: they know no gate.

Ours queue at the writer's gate, all processes of one machine. Another program commits whenever
SQLite lets it, also between what a transaction of ours reads and what it writes.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from tests.api.township import Township

WAIT_S_MAX = 10
PATIENCE_S_MAX = 60  # on a wall clock, so generous
SHELL = """
import sqlite3, sys
shell = sqlite3.connect(sys.argv[1], timeout=float(sys.argv[2]), isolation_level=None)
try:
    shell.execute("CREATE TABLE IF NOT EXISTS note (written_at text)")
    shell.execute("INSERT INTO note VALUES (datetime('now'))")
    print("written")
except sqlite3.OperationalError as error:
    print(error)
"""


def writes(township: Township, *, wait_s: float) -> str:
    """What another process is told that writes a line into the database."""
    path: Path | None = township.services.database.path
    program = [sys.executable, "-c", SHELL, str(path), str(wait_s)]
    ran = subprocess.run(
        program, capture_output=True, text=True, timeout=PATIENCE_S_MAX, check=True
    )
    return ran.stdout.strip()


@contextmanager
def another_program_between(township: Township) -> Iterator[list[str]]:
    """It writes between the first reading of a transaction of ours and its first writing."""
    told, read = list[str](), list[bool]()

    def between(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        read.append(statement.startswith("SELECT"))
        if any(read) and not read[-1] and not told:
            told.append(writes(township, wait_s=0))

    engine = township.services.database.engine
    event.listen(engine, "before_cursor_execute", between)
    try:
        yield told
    finally:
        event.remove(engine, "before_cursor_execute", between)


def revokes(township: Township) -> Callable[[], Any]:
    ana, chen = township.phone("ana"), township.desk("chen")
    return lambda: chen.post(f"/enrolments/{ana.enrolment}/revocation")


def hands_out(township: Township) -> Callable[[], Any]:
    chen = township.desk("chen")
    return lambda: chen.post("/enrolments", {"account": township.people["ben"]})


@pytest.mark.parametrize("work", [revokes, hands_out])
def test_nobody_is_sent_away_because_another_program_writes_in_the_same_moment(
    township: Township, work: Callable[[Township], Callable[[], Any]]
):
    asks = work(township)
    assert writes(township, wait_s=0) == "written"
    with another_program_between(township) as told:
        answer = asks()
    # The other one waits for us: what was read still holds when it is acted on.
    assert (answer.status_code, told) == (200, ["database is locked"]), answer.text
    assert writes(township, wait_s=WAIT_S_MAX) == "written"
