"""`python -m tests.faults.server_trouble --rounds 40`: the server's own troubles, under gunicorn.

A disk that fills up in the middle (two ways), a database another program keeps locked, a photo
store that turns read-only, PostgreSQL restarted under load. People hand over all the while: each is
told to come again, nothing acknowledged is missing, and what was put off goes through, once.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.api.township import build_township
from tests.faults.line import request_bytes
from tests.faults.small_disk import DISK_BYTES, Limit, Tmpfs, may_mount, tmpfs
from tests.faults.station import Behind, behind_gunicorn, temporary_folder
from tests.faults.trouble import Piece, Trouble
from tests.postgres import Cluster
from tests.served import Served

SEED = 20261122
LEFT_BYTES = (0, 0, 40_000, 250_000, 600_000)  # at most so much room when people hand over
ROUND_BYTES_MAX = 600_000  # what one round leaves on the disk for good
RESTARTED_AT = 7
TRIES_MAX = 200
PAUSE_S = 0.05
GATE_WAIT_S = 1
STORE_WAYS = ("read-only", "a file in its place")


# --- a full disk ---


@contextmanager
def on_small_disk(folder: Path, how: str, rounds: int) -> Iterator[tuple[Behind, Tmpfs | Limit]]:
    """A station whose whole data folder lies on a disk that can be filled; its log does not.

    Temporary files have to do with the same disk.
    """
    with ExitStack() as stack:
        disk = None
        if how == "tmpfs":
            size = DISK_BYTES + rounds * ROUND_BYTES_MAX
            disk = stack.enter_context(tmpfs(folder / "data", size))
        url = f"sqlite:///{folder / 'data' / 'station.db'}"
        settings = {"GI_DISK_FREE_MB_MIN": "0", "GI_JOBS_IN_PROCESS": "0"}
        township = build_township(url, folder, **settings)
        stack.callback(township.services.database.close)
        data = {"GI_DATA_DIR": str(folder / "data"), "DATABASE_URL": url}
        data["TMPDIR"] = str(folder / "data" / "tmp")  # one disk holds it all on a small machine
        (folder / "log").mkdir()
        (folder / "data" / "tmp").mkdir()
        served = Served(folder / "log", {**settings, **data, "GI_THREADS": "8"})
        stack.callback(served.stop)
        served.serve()
        yield Behind(township, served), disk or Limit(served)


def full_disk(behind: Behind, disk: Tmpfs | Limit, rounds: int, seed: int = SEED) -> Counter[str]:
    """What people were told."""
    chance = random.Random(seed)
    trouble = Trouble(behind, chance)
    for number in range(rounds):
        pieces = trouble.round()
        leave = chance.randrange(LEFT_BYTES[number % len(LEFT_BYTES)] + 1)
        if number % 3:
            disk.fill(leave)
            trouble.hand_over(pieces, at_once=1 + 4 * (number % 2))
        else:  # it fills up while they hand over
            with ThreadPoolExecutor(1) as somebody:
                filling = somebody.submit(disk.fill, 0)
                trouble.hand_over(pieces, at_once=len(pieces))
            filling.result()
        if number == 0:
            disk.fill(0)
            behind.served.lose_a_worker()  # its successor starts on a full disk
            trouble.hand_over(pieces[2:])
            assert trouble.ready().status in (503, 507), "the monitor is told nothing"
        if number == RESTARTED_AT and isinstance(
            disk, Tmpfs
        ):  # power came back, and the disk is full
            disk.fill(0)
            behind.served.stop()
            behind.served.serve()
            trouble.hand_over(pieces)
        disk.make_room()
        trouble.after(pieces)
    assert trouble.put_off() >= rounds, "the disk was hardly ever full"
    trouble.all_is_well()
    return trouble.told


# --- a locked database ---


def locked(behind: Behind, rounds: int = 1) -> Counter[str]:
    """Another program holds the writer's lock of the file for longer than anybody waits."""
    trouble = Trouble(behind, random.Random(SEED))
    path = behind.township.services.database.path
    assert path is not None
    for _ in range(rounds):
        pieces = trouble.round()
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try:
            acknowledged = trouble.hand_over(pieces, at_once=len(pieces))
            assert acknowledged == [], "acknowledged while nobody could write"
        finally:
            other.execute("ROLLBACK")
            other.close()
        trouble.after(pieces)
    trouble.all_is_well()
    assert trouble.put_off() >= rounds * len(pieces)
    return trouble.told


# --- a photo store that cannot be written ---


@contextmanager
def store_gone(how: str, photos: Path) -> Iterator[None]:
    """For the length of the block: mounted read-only, or a file where the folder was."""
    if how == "read-only":
        Tmpfs(photos.parent).remount("ro")
    else:
        photos.rename(photos.with_name("photos-elsewhere"))
        photos.write_text("somebody's mistake")
    try:
        yield
    finally:
        if how == "read-only":
            Tmpfs(photos.parent).remount("rw")
        else:
            photos.unlink()
            photos.with_name("photos-elsewhere").rename(photos)


@contextmanager
def with_store(folder: Path, ways: Sequence[str]) -> Iterator[tuple[Behind, Path]]:
    """A station whose photos lie in a place of their own, and which waits a short time only."""
    photos = folder / "mounted" / "photos"
    with ExitStack() as stack:
        if "read-only" in ways:
            stack.enter_context(tmpfs(photos.parent))
        where = {"PHOTO_STORE_URL": f"file://{photos}", "GI_GATE_WAIT_S_MAX": str(GATE_WAIT_S)}
        yield stack.enter_context(behind_with(folder, where)), photos


@contextmanager
def behind_with(folder: Path, settings: dict[str, str]) -> Iterator[Behind]:
    """As `behind_gunicorn`, with settings for the tests' own look at the station too."""
    url = f"sqlite:///{folder / 'data' / 'station.db'}"
    township = build_township(url, folder, **settings)
    served = Served(folder / "data", {"GI_JOBS_IN_PROCESS": "0", "DATABASE_URL": url, **settings})
    try:
        yield Behind(township, served.serve())
    finally:
        served.stop()
        township.services.database.close()


def store_read_only(behind: Behind, photos: Path, how: str, rounds: int = 1) -> Counter[str]:
    """Facts and decisions go through, photos wait."""
    trouble = Trouble(behind, random.Random(f"{SEED} {how}"))  # other photos each time
    for _ in range(rounds):
        pieces = trouble.round()
        with store_gone(how, photos):
            acknowledged = trouble.hand_over(pieces, at_once=len(pieces))
            assert sorted(p.name for p in acknowledged) == ["batch", "batch", "decision"]
            ready = trouble.ready()
            assert ready.status == 503 and not ready.json["checks"]["photos"]["ok"], ready
        trouble.after(pieces)
    trouble.all_is_well()
    return trouble.told


# --- PostgreSQL restarted ---


def restart(cluster: Cluster, mode: str) -> None:
    """As an administrator does, or an update of the system in the night."""
    cluster._run(
        "pg_ctl", "--pgdata", str(cluster.data), "--log", str(cluster.folder / "log"),
        "--mode", mode, "--wait", "restart",
    )  # fmt: skip


def restarted(behind: Behind, cluster: Cluster, rounds: int, batches: int = 6) -> Counter[str]:
    """Phones hand over all the while; `rounds` restarts, every second one without a goodbye."""
    trouble = Trouble(behind, random.Random(SEED))
    for number in range(rounds):
        pieces = [piece for _ in range(batches) for piece in trouble.round()]
        queues = [pieces[n :: len(pieces) // batches] for n in range(len(pieces) // batches)]
        under_way, over = threading.Event(), threading.Event()
        with ThreadPoolExecutor(len(queues) + 1) as people:
            busy = [people.submit(_until_done, trouble, queue, under_way) for queue in queues]
            busy.append(people.submit(_keeps_asking, trouble, over))
            under_way.wait(20)
            try:
                restart(cluster, "immediate" if number % 2 else "fast")
            finally:
                over.set()
            for each in busy:
                each.result(120)
        trouble.after(pieces, refused_is_gone=False)
    trouble.all_is_well()
    return trouble.told


def _keeps_asking(trouble: Trouble, over: threading.Event) -> None:
    """Somebody meets the restart, however quickly the others were done."""
    sent = request_bytes("GET", "/sync/changes?limit=1", trouble.phones[0].bearer)
    while not over.is_set():
        trouble.ask(sent)


def _until_done(trouble: Trouble, queue: list[Piece], under_way: threading.Event) -> None:
    """One person: each piece again until it is acknowledged."""
    for piece in queue:
        for _ in range(TRIES_MAX):
            if trouble.hand_over([piece]):
                break
            time.sleep(PAUSE_S)
        else:
            raise AssertionError(f"{piece.name} never went through: {trouble.told}")
        under_way.set()


# --- the command ---


def scenes(rounds: int) -> Iterator[tuple[str, Counter[str]]]:
    """Each trouble with what was told meanwhile."""
    mounts = may_mount()
    for how in ("tmpfs", "limit") if mounts else ("limit",):
        with temporary_folder() as folder, on_small_disk(folder, how, rounds) as (behind, disk):
            yield f"full disk ({how}), {rounds} times", full_disk(behind, disk, rounds)
    ways = STORE_WAYS if mounts else STORE_WAYS[1:]
    with temporary_folder() as folder, with_store(folder, ways) as (behind, photos):
        yield "database locked, twice", locked(behind, 2)
        for how in ways:
            told = store_read_only(behind, photos, how, rounds // 4 or 1)
            yield f"photo store {how}, {rounds // 4 or 1} times", told
    with temporary_folder() as folder:
        folder.chmod(0o755)  # PostgreSQL's own account goes through it
        cluster = Cluster(folder=folder / "pg")
        cluster.folder.mkdir()
        try:
            cluster.start()
            with behind_gunicorn(folder / "station", cluster.new_database()) as behind:
                restarts = rounds // 4 or 1
                told = restarted(behind, cluster, restarts)
                yield f"PostgreSQL restarted {restarts} times", told
        finally:
            cluster.stop()


def main() -> int:
    """All of them; the first that does not hold ends it."""
    words = argparse.ArgumentParser(prog="python -m tests.faults.server_trouble",
                                    description=__doc__)  # fmt: skip
    words.add_argument("--rounds", type=int, default=40)
    asked = words.parse_args()
    later = yes = 0
    for name, told in scenes(asked.rounds):
        print(f"{name}: {dict(told.most_common())}", flush=True)
        later += sum(n for each, n in told.items() if each.startswith("5"))
        yes += sum(n for each, n in told.items() if each.startswith("2"))
    print(f"{later} times put off, {yes} answers of yes; 0 lost, 0 doubled, 0 server faults")
    return 0


if __name__ == "__main__":
    sys.exit(main())
