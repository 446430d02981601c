"""PostgreSQL killed under the application, and back: nobody is told anything untrue meanwhile."""

from __future__ import annotations

import os
import random
import shlex
import signal
import time
from pathlib import Path

from tests.api.handover import batch_bytes, found, post, row_of, sha256
from tests.api.township import build_township
from tests.faults.server_trouble import SEED, restarted
from tests.faults.station import Behind, behind_gunicorn, temporary_folder
from tests.faults.trouble import Trouble
from tests.postgres import Cluster

STOPS_S_MAX = 20


def kill(cluster: Cluster) -> list[str]:
    """kill -9 of the server; the options to start it with again."""
    options = shlex.split((cluster.data / "postmaster.opts").read_text())[3:]
    pid = int((cluster.data / "postmaster.pid").read_text().splitlines()[0])
    ours = [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]
    os.kill(pid, signal.SIGKILL)
    until = time.monotonic() + STOPS_S_MAX
    # those who served somebody notice it a moment later, and hold its memory until then
    while any(Path(f"/proc/{each}").exists() for each in ours) and time.monotonic() < until:
        time.sleep(0.05)
    return options


def start_again(cluster: Cluster, options: list[str]) -> None:
    """As a service manager does; what the dead server left is cleared up by the new one."""
    cluster._run(
        "pg_ctl", "--pgdata", str(cluster.data), "--log", str(cluster.folder / "log"), "--wait",
        "--options", shlex.join(options), "start",
    )  # fmt: skip


def test_while_postgresql_is_dead_phones_are_told_to_come_again_and_then_all_is_stored_once(
    tmp_path: Path,
):
    cluster = Cluster().start()
    try:
        township = build_township(cluster.new_database(), tmp_path)
        ana = township.phone("ana")
        line = found(ana)
        plain = batch_bytes(ana, [line])
        assert post(ana, batch_bytes(ana, [found(ana)])).status_code == 200
        options = kill(cluster)
        for _ in range(3):  # connections that are dead, then none to be had
            answer = post(ana, plain)
            assert (answer.status_code, answer.json["code"]) == (503, "database-busy"), answer.text
            assert answer.headers["Retry-After"]
        start_again(cluster, options)
        first, again = post(ana, plain), post(ana, plain)
        assert first.status_code == again.status_code == 200, first.text
        assert first.json["receipt"] == again.json["receipt"]
        assert row_of(ana, "hazard", _subject(line))["state"] == "submitted", sha256(line)
        township.services.database.close()
    finally:
        cluster.stop()


def test_postgresql_restarted_while_phones_hand_over_loses_and_doubles_nothing():
    with temporary_folder() as folder:
        folder.chmod(0o755)  # PostgreSQL's own account goes through it
        cluster = Cluster(folder=folder / "pg")
        cluster.folder.mkdir()
        try:
            url = cluster.start().new_database()
            with behind_gunicorn(folder / "station", url) as behind:
                told = restarted(behind, cluster, rounds=2, batches=2)
                _a_worker_is_lost_too(behind, cluster)
        finally:
            cluster.stop()
    assert set(told) <= {"200", "204", "503 database-busy", "503"}, told
    assert told["503 database-busy"] > 0, "nobody was under way"


def _a_worker_is_lost_too(behind: Behind, cluster: Cluster) -> None:
    """Its successor cannot start; that must not end the server and the workers that live."""
    options = kill(cluster)
    behind.served.lose_a_worker()
    log = behind.served.data / "gunicorn.log"
    until = time.monotonic() + STOPS_S_MAX
    while "Exception in worker process" not in log.read_text() and time.monotonic() < until:
        time.sleep(0.1)
    start_again(cluster, options)
    trouble = Trouble(behind, random.Random(f"{SEED} lost"))  # other photos
    trouble.after(trouble.round())
    assert len(behind.served.family()) == 3, "a master and its two workers"


def _subject(line: bytes) -> str:
    return line.decode().split('"subject":"', 1)[1][:36]
