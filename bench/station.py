"""A station for the bench: in a temporary folder, served by a real gunicorn, with eight phones.

It must not know what is measured, nor what the phones send.
"""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from app.auth import enrolment_store
from app.auth.tokens import new_token
from app.clock import new_id, utc_now
from app.compose import make_services
from app.keys import KeySigner
from app.ledger.append import append
from app.ledger.incoming import DeskFact, desk_incoming, server_sender
from app.ledger.station import make_station
from app.migrate import upgrade
from app.services import Services
from app.settings import read_settings
from tests import postgres
from tests.served import environment

ROOT = Path(__file__).resolve().parent.parent
PHONES = 8
SITES = 60
START_S_MAX = 30


@dataclass
class Phone:
    """One enrolled phone and how far it has numbered its facts."""

    enrolment: str
    account: str
    token: str
    signer: KeySigner
    n: int = 0


@dataclass(slots=True)
class Made:
    """What was set up."""

    station: str
    admin: str
    sites: list[str]
    phones: list[Phone]
    services: Services


def prepare(env: dict[str, str]) -> Made:
    """A station with an admin, sites in one village and eight inspectors' phones."""
    import app.domains  # noqa: F401 - registers tables and projections

    services = make_services(read_settings(env))
    now = utc_now()
    write = services.database.in_transaction
    write(upgrade)
    station = write(lambda c: make_station(c, services.settings, now=now, station_id=new_id()))
    admin, area = new_id(), new_id()
    admin_made = new_id()
    sites = [new_id() for _ in range(SITES)]
    phones = [
        Phone(new_id(), new_id(), "", KeySigner(ec.generate_private_key(ec.SECP256R1())))
        for _ in range(PHONES)
    ]
    facts = [DeskFact(new_id(), "area.set", area, {"name": "枣园村", "level": "village"})]
    admin_grant = {"roles": ["admin"], "areas": []}
    facts += [
        DeskFact(admin_made, "account.set", admin, {"login": "admin", "active": True},
                 private={"name": "管理员"}),
        DeskFact(new_id(), "grant.set", admin, admin_grant, [admin_made]),
    ]  # fmt: skip
    facts += [_site(site, area, number) for number, site in enumerate(sites)]
    for number, phone in enumerate(phones):
        facts += _person(phone.account, f"w{number}", area)
    _record(services, station, admin, facts)
    for phone in phones:
        token = new_token()
        phone.token = token.text
        write(lambda c, phone=phone, token=token: enrolment_store.add_enrolment(
            c, station, phone.enrolment, account_id=phone.account,
            public_key=phone.signer.public_key, token_hash=token.hash, label="", now=now,
        ))  # fmt: skip
    return Made(station, admin, sites, phones, services)


def _site(site: str, area: str, number: int) -> DeskFact:
    body = {"name": f"北河小吃店 {number}", "place_types": ["餐饮"], "area": area, "grade": "B"}
    return DeskFact(new_id(), "site.registered", site, body)


def _person(account: str, login: str, area: str) -> list[DeskFact]:
    made = new_id()
    grant = {"roles": ["inspector"], "areas": [area]}
    return [
        DeskFact(made, "account.set", account, {"login": login, "active": True},
                 private={"name": f"网格员 {login}"}),
        DeskFact(new_id(), "grant.set", account, grant, [made]),
    ]  # fmt: skip


def _record(services: Services, station: str, author: str, facts: list[DeskFact]) -> None:
    now = utc_now()
    salts = (uuid.uuid4().hex for _ in facts)
    incoming = desk_incoming(facts, station_id=station, author_id=author, now=now, salts=salts)
    sender = server_sender(author)
    services.database.in_transaction(lambda c: append(c, station, incoming, sender, now=now))


@dataclass(slots=True)
class Served:
    """A running station with its phones; `pids` are the processes whose memory counts."""

    data: Path
    settings: dict[str, str]
    port: int
    station: str
    admin: str
    sites: list[str]
    phones: list[Phone]
    process: subprocess.Popen[bytes]

    def pids(self) -> list[int]:
        """gunicorn's master and workers."""
        return [pid for pid in _all_pids() if _group_of(pid) == self.process.pid]

    def cpu_s(self) -> float:
        """CPU time of gunicorn's processes so far."""
        return sum(map(_cpu_s, self.pids()))

    def memory_bytes(self) -> int:
        """Proportional set size of the process tree: shared pages are counted once."""
        return sum(map(_pss_bytes, self.pids()))


@contextmanager
def served_station(kind: str, **settings: str) -> Iterator[Served]:
    """Set up, serve with two workers, and throw everything away at the end."""
    data = Path(tempfile.mkdtemp(prefix="gi-bench-"))
    cluster = None
    if kind == "postgresql":
        durable = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
        postgres.SETTINGS.update(durable)
        on_disk = Path(tempfile.mkdtemp(prefix="gi-bench-pg-"))
        cluster = postgres.Cluster(folder=on_disk).start()
        settings["DATABASE_URL"] = cluster.new_database()
    try:
        made = prepare(environment(data, **settings))
        made.services.database.close()
        port = postgres.free_port()
        process = _serve(data, port, settings)
        try:
            yield Served(data, settings, port, made.station, made.admin, made.sites,
                         made.phones, process)  # fmt: skip
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(timeout=60)
    finally:
        if cluster is not None:
            cluster.stop()
        shutil.rmtree(data, ignore_errors=True)


def _serve(data: Path, port: int, settings: dict[str, str]) -> subprocess.Popen[bytes]:
    """gunicorn as it is deployed: two workers, threads as deploy/gunicorn.conf.py says."""
    env = environment(data, GI_PORT=str(port), GI_WORKERS="2", **settings)
    log = (data / "gunicorn.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", "wsgi:app"],
        cwd=ROOT, env=env, stdout=log, stderr=log, start_new_session=True,
    )  # fmt: skip
    deadline = time.monotonic() + START_S_MAX
    while time.monotonic() < deadline:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return process
        except OSError:
            time.sleep(0.1)
    os.killpg(process.pid, signal.SIGTERM)
    raise RuntimeError((data / "gunicorn.log").read_text())


def _all_pids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _group_of(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return -1


def _cpu_s(pid: int) -> float:
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def _pss_bytes(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)
