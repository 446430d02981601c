"""A station that is killed again and again, the people who use it, and what was promised to them.

Clients do what phones and pages do: they ask again until there is an answer. Every answer is kept
as a promise, and `check` compares all promises with database, files and log. It must not know where
a process dies.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from app.db import run
from app.doctor import examine
from app.ledger.rebuild import rebuild
from app.ledger.store import read_station
from app.ledger.verify import verify
from app.photos.rules import original_name
from tests.api.township import Desk, Phone, Township, build_township
from tests.faults.points import FOLDER_VARIABLE, Point, arm, struck
from tests.served import Served

ANSWER_S_MAX = 60
PAUSE_S = 0.03
LEASE_PASSED = "2026-01-01T00:00:00.000Z"


@dataclass(slots=True)
class Reply:
    """What came back, in the shape Flask's test client gives it."""

    status_code: int
    headers: Message
    data: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.data.decode(errors="replace")

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.data)


@dataclass
class Wire:
    """A client over a real connection that asks again until it is answered, as a phone does."""

    served: Served
    cookies: dict[str, str] = field(default_factory=dict)
    asked_again: int = 0

    def set_cookie(self, name: str, value: str) -> None:
        """As Flask's test client has it."""
        self.cookies[name] = value

    def open(self, path: str, *, method: str = "GET", headers: Any = None, **more: Any) -> Reply:
        """One request, repeated while nobody or only a 5xx answers."""
        sent, body = dict(headers or {}), more.get("data") or b""
        if "json" in more:
            body, sent["Content-Type"] = json.dumps(more["json"]).encode(), "application/json"
        if more.get("query_string"):
            path = f"{path}?{urlencode(more['query_string'])}"
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        until = time.monotonic() + ANSWER_S_MAX
        while time.monotonic() < until:
            reply = self._once(method, path, body, sent)
            if reply is not None and reply.status_code < 500:
                return reply
            self.asked_again += 1
            time.sleep(PAUSE_S)
        raise AssertionError(f"no answer to {method} {path} within {ANSWER_S_MAX} s: {reply}")

    def _once(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Reply | None:
        wire = http.client.HTTPConnection("127.0.0.1", self.served.port, timeout=20)
        try:
            wire.request(method, path, body or None, headers)
            answer = wire.getresponse()
            return Reply(answer.status, answer.headers, answer.read())
        except (OSError, http.client.HTTPException):
            return None
        finally:
            wire.close()

    def post(self, path: str, **more: Any) -> Reply:
        """POST."""
        return self.open(path, method="POST", **more)

    def put(self, path: str, **more: Any) -> Reply:
        """PUT."""
        return self.open(path, method="PUT", **more)

    def patch(self, path: str, **more: Any) -> Reply:
        """PATCH."""
        return self.open(path, method="PATCH", **more)


@dataclass
class Promises:
    """What was acknowledged: nothing of it may ever be gone, or be there twice."""

    facts: list[str] = field(default_factory=list)  # sha256 of lines under a receipt
    desk_facts: list[str] = field(default_factory=list)  # ids of decisions that were answered
    photos: dict[str, bytes] = field(default_factory=dict)
    receipts: dict[str, str] = field(default_factory=dict)  # batch -> the receipt's text
    enrolments: list[str] = field(default_factory=list)
    exports: dict[str, bytes] = field(default_factory=dict)
    sites: list[str] = field(default_factory=list)  # names that were imported


@dataclass
class World:
    """One installation with its people; `folder` is a temporary one."""

    folder: Path
    township: Township
    settings: dict[str, str]
    promises: Promises = field(default_factory=Promises)
    served: Served | None = None
    ana: Phone = field(init=False)
    chen: Desk = field(init=False)
    dai: Desk = field(init=False)
    before: dict[str, Any] = field(default_factory=dict)  # what a scene keeps for its next turn

    def __post_init__(self) -> None:
        # The server runs by the real clock: sessions made here must still be good there.
        self.township.clock.now = datetime.now(UTC)
        self.ana = self.township.phone("ana")
        self.chen, self.dai = self.township.desk("chen"), self.township.desk("dai")

    @property
    def data(self) -> Path:
        """The installation's data folder."""
        return self.folder / "data"

    @property
    def faults(self) -> Path:
        """Where a point is armed."""
        return self.folder / "faults"

    def serve(self, *, jobs: bool, workers: int = 1) -> None:
        """Start the server, with or without background work; one that runs is killed first."""
        self.stop()
        self.faults.mkdir(exist_ok=True)
        more = {
            "GI_JOBS_IN_PROCESS": str(int(jobs)),
            "GI_WORKERS": str(workers),
            "GI_THREADS": "12",
            FOLDER_VARIABLE: str(self.faults),
        }
        arguments = ("--config", "tests/faults/kill_gunicorn.py")
        self.served = Served(self.data, {**self.settings, **more}, arguments).serve()
        for person in (self.ana, self.chen, self.dai):
            known = dict(person.client.cookies) if isinstance(person.client, Wire) else {}
            if isinstance(person, Desk) and not known:
                found = person.client.get_cookie("gi_session")
                assert found is not None
                known = {"gi_session": found.value}
            person.client = Wire(self.served, known)

    def stop(self) -> None:
        """End the server as a power switch would."""
        if self.served is not None:
            import signal

            self.served.stop(signal.SIGKILL)
            self.served = None

    def wire(self) -> Wire:
        """A client that nobody knows yet."""
        assert self.served is not None
        return Wire(self.served)

    def arm(self, point: Point, *, later: int = 0) -> None:
        """The next process that gets there dies."""
        arm(self.faults, point, later=later)

    def struck(self, point: Point) -> bool:
        """Whether somebody died there."""
        return struck(self.faults, point)

    def ask(self, sql: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """One look into the database."""
        with self.township.services.database.read() as connection:
            return run(connection, sql, values)

    def let_leases_pass(self) -> None:
        """A minute goes by: whoever holds a lease and is dead has lost it."""
        self.township.services.database.in_transaction(
            lambda c: run(
                c, "UPDATE job SET lease_until = ? WHERE state = 'running'", (LEASE_PASSED,)
            )
        )

    def wait(self, what: str, sql: str, values: tuple[Any, ...] = (), *, want: Any = 1) -> None:
        """Until a question to the database is answered by `want`."""
        until = time.monotonic() + ANSWER_S_MAX
        while time.monotonic() < until:
            # A worker begins with background work at its first request; people keep coming.
            self.wire().open("/healthz")
            if self.ask(sql, values)[0][0] == want:
                return
            time.sleep(PAUSE_S)
        raise AssertionError(f"waited in vain: {what}")

    def wait_struck(self, point: Point) -> None:
        """Until somebody has died in the background."""
        until = time.monotonic() + ANSWER_S_MAX
        while time.monotonic() < until and not self.struck(point):
            time.sleep(PAUSE_S)
        assert self.struck(point), f"{point.name} was never reached"


def make_world(folder: Path, database_url: str | None = None) -> World:
    """A township of five people on SQLite, or on the given PostgreSQL database."""
    url = database_url or f"sqlite:///{folder / 'data' / 'station.db'}"
    (folder / "data").mkdir(parents=True, exist_ok=True)
    township = build_township(url, folder)
    return World(folder, township, {"DATABASE_URL": url} if database_url else {})


def check(world: World, *, thorough: bool = True) -> None:
    """Every promise against what is there; `thorough`: the log, the rows and the files as well."""
    _check_facts(world)
    _check_photos(world)
    _check_the_rest(world)
    if thorough:
        _check_ledger(world)
        check_every_file_is_explained(world)


def _counted(world: World, sql: str) -> dict[str, int]:
    return {str(key): int(count) for key, count in world.ask(sql)}


def _check_facts(world: World) -> None:
    """I1: everything acknowledged is in the log exactly once."""
    logged = _counted(world, "SELECT fact_sha256, COUNT(*) FROM log_entry GROUP BY fact_sha256")
    assert set(logged.values()) == {1}
    lost = [sha256 for sha256 in world.promises.facts if sha256 not in logged]
    assert lost == [], f"{len(lost)} acknowledged facts are gone"
    ids = _counted(world, "SELECT fact_id, COUNT(*) FROM fact WHERE fact_id IS NOT NULL GROUP BY 1")
    assert [each for each in world.promises.desk_facts if ids.get(each) != 1] == []
    texts = dict(world.ask("SELECT batch_id, receipt FROM batch"))
    assert {batch: texts.get(batch) for batch in world.promises.receipts} == world.promises.receipts


def _check_photos(world: World) -> None:
    """I13: every photo under a receipt, and every one a row holds, is there to the last byte."""
    held = {row[0] for row in world.ask("SELECT sha256 FROM photo WHERE state = 'held'")}
    assert [sha256 for sha256 in world.promises.photos if sha256 not in held] == []
    for sha256 in held:
        data = original(world, sha256).read_bytes()
        assert hashlib.sha256(data).hexdigest() == sha256, f"{sha256} is damaged"


def original(world: World, sha256: str) -> Path:
    """Where a photo lies."""
    return world.data / "photos" / original_name(world.township.station_id, sha256)


def _check_the_rest(world: World) -> None:
    claimed = world.ask(
        "SELECT enrolment_id, COUNT(*) FROM enrolment WHERE revoked_at IS NULL GROUP BY 1"
    )
    known = {enrolment for enrolment, _ in claimed}
    assert set(world.promises.enrolments) <= known
    codes = world.ask("SELECT COUNT(*), COUNT(DISTINCT enrolment_id) FROM enrolment_code"
                      " WHERE enrolment_id IS NOT NULL")[0]  # fmt: skip
    assert codes[0] == codes[1] == len(known), "one code, one phone"
    names = [json.loads(row)["name"] for (row,) in world.ask("SELECT row FROM site")]
    assert [name for name in world.promises.sites if names.count(name) != 1] == []


def _check_ledger(world: World) -> None:
    """I6, I7, I8: no gaps, every link holds, every row is what its facts say."""
    services = world.township.services
    with services.database.read() as connection:
        if services.database.sqlite:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        station = read_station(connection, world.township.station_id)
        assert station is not None
        report = verify(connection, station, [], server_key=services.signer.public_key)
        assert report.breaks == []
        found = rebuild(connection, station, apply=False)
        assert (found.differing, found.extra) == (0, [])


def check_every_file_is_explained(world: World) -> None:
    """Each file below the data folder is named by a row, or the doctor says what it is."""
    services = world.township.services
    with services.database.read() as connection:
        findings = examine(services, connection)
    told = {
        finding.path for finding in findings
        if finding.path is not None and finding.kind != "stranger"
    }  # fmt: skip
    named = named_by_rows(world)
    silent = [
        path
        for path in files_of(world.data)
        if told.isdisjoint((path, *path.parents))
        and path not in named
        and not is_house(world, path)
    ]
    assert silent == [], "files nobody names and the doctor does not explain"
    assert told.isdisjoint(named), "the doctor calls a file in use a leftover"
    assert [each.words for each in findings if each.grave] == []


def files_of(folder: Path) -> list[Path]:
    """Every file below a folder."""
    return [path for path in sorted(folder.rglob("*")) if path.is_file()]


HOUSE = ("station.db", "station.db-wal", "station.db-shm", "station.db.gate",
         "station.db.gate-waiting", "station-key.pem", "rescue-key.pem",
         "gunicorn.log")  # fmt: skip


def is_house(world: World, path: Path) -> bool:
    """The files every installation has."""
    return path.parent == world.data and path.name in HOUSE


def named_by_rows(world: World) -> set[Path]:
    """The files some row stands for, found by the names contract.md gives them."""
    photos, station = world.data / "photos", world.township.station_id
    names: list[str] = []
    for sha256, made in world.ask("SELECT sha256, thumbnail_at FROM photo WHERE state = 'held'"):
        names.append(f"originals/{station}/{sha256[:2]}/{sha256}")
        if made:
            below = f"derived/{station}/{sha256[:2]}/{sha256}"
            names += [f"{below}-thumbnail", f"{below}-view"]
    for (sha256,) in world.ask("SELECT sha256 FROM photo WHERE state = 'wanted'"):
        names.append(f"derived/{station}/{sha256[:2]}/{sha256}-preview")
    names += [name for (name,) in world.ask("SELECT name FROM photo_part")]
    done = "SELECT job_id FROM job WHERE kind = 'exports.make' AND state = 'done'"
    names += [f"exports/{station}/{job}" for (job,) in world.ask(done)]
    return {photos / name for name in names}


def keep_facts(world: World, lines: Iterable[bytes], receipt: str) -> None:
    """A batch was answered."""
    hashes = [hashlib.sha256(line).hexdigest() for line in lines]
    read = json.loads(receipt)
    assert read["count"] == len(hashes)
    world.promises.facts += hashes
    world.promises.receipts[read["batch"]] = receipt
