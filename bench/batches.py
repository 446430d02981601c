"""Inspections per second through a real gunicorn, durable, with fold, log and projections.

`python -m bench.batches [sqlite|postgresql] [--batches N]`. Eight phones hand over batches of twenty
inspections (twenty answers and two hazards each) to two workers; then the same batches again, and
the statements a batch costs. Client and server share this machine, so compare ratios in one run.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import hashlib
import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from app.auth import enrolment_store
from app.auth.tokens import new_token
from app.clock import instant, new_id, utc_now
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
INSPECTIONS_PER_BATCH = 20
ANSWERS = 20
HAZARDS_PER_INSPECTION = 2
WORKERS, THREADS = 2, 4
TARGETS = {"sqlite": 2000, "postgresql": 1500}
TARGET_P_MS = (60, 100, 150)
START_S_MAX = 30


@dataclass
class Phone:
    """One enrolled phone with its batches made beforehand."""

    enrolment: str
    account: str
    token: str
    signer: KeySigner
    n: int = 0
    bodies: list[bytes] = field(default_factory=list)


def prepare(env: dict[str, str]) -> tuple[str, list[str], list[Phone], Services]:
    """A station with sites in one village and eight inspectors' phones."""
    import app.domains  # noqa: F401 - registers tables and projections

    services = make_services(read_settings(env))
    now = utc_now()
    write = services.database.in_transaction
    write(upgrade)
    station = write(lambda c: make_station(c, services.settings, now=now, station_id=new_id()))
    admin, area = new_id(), new_id()
    sites = [new_id() for _ in range(60)]
    phones = [
        Phone(new_id(), new_id(), "", KeySigner(ec.generate_private_key(ec.SECP256R1())))
        for _ in range(PHONES)
    ]
    facts = [DeskFact(new_id(), "area.set", area, {"name": "枣园村", "level": "village"})]
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
    return station, sites, phones, services


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


def _line(phone: Phone, station: str, kind: str, subject: str, body: dict[str, Any]) -> bytes:
    phone.n += 1
    fact = {
        "id": new_id(), "kind": kind, "v": 1, "station": station, "subject": subject, "after": [],
        "author": phone.account, "enrolment": phone.enrolment, "n": phone.n,
        "at": instant(utc_now()), "offset_ms": 120,
        "where": {"lat": 36.51234, "lon": 117.80123, "accuracy_m": 12, "at": instant(utc_now())},
        "photos": [], "body": body,
    }  # fmt: skip
    return json.dumps(fact, ensure_ascii=False, separators=(",", ":")).encode()


def _inspection(phone: Phone, station: str, site: str) -> list[bytes]:
    inspection, hazards = new_id(), [new_id() for _ in range(HAZARDS_PER_INSPECTION)]
    answers = [
        {"item": f"LPG-{number:02d}", "value": "是", "verdict": "pass", "source": "tapped"}
        for number in range(ANSWERS)
    ]
    body = {
        "site": site, "checklist": "lpg-restaurant", "checklist_version": 1,
        "checklist_sha256": "0" * 64, "method": "routine", "started_at": instant(utc_now()),
        "finished_at": instant(utc_now()), "answers": answers, "hazards": hazards,
        "attendance": "signed", "companions": [],
    }  # fmt: skip
    found = {
        "site": site, "inspection": inspection, "checklist": "lpg-restaurant",
        "checklist_version": 1, "item": "LPG-11", "level": "general",
        "finding": "燃气连接软管长度超过 2 米，且穿越墙体", "category": "燃气",
        "basis": "《城镇燃气管理条例》", "disposition": "by_deadline", "measure": "更换为不超过 2 米的软管",
        "deadline": "2026-11-28", "found_on": "2026-11-21", "source": "routine",
    }  # fmt: skip
    return [
        _line(phone, station, "inspection.submitted", inspection, body),
        *(_line(phone, station, "hazard.found", hazard, found) for hazard in hazards),
    ]


def make_batch(
    phone: Phone, station: str, sites: list[str], inspections: int = INSPECTIONS_PER_BATCH
) -> bytes:
    """One signed, packed batch."""
    lines = [
        line
        for number in range(inspections)
        for line in _inspection(phone, station, sites[(phone.n + number) % len(sites)])
    ]
    hashes = "\n".join(hashlib.sha256(line).hexdigest() for line in lines)
    manifest = hashlib.sha256(hashes.encode()).hexdigest()
    batch, sent_at = new_id(), instant(utc_now())
    envelope = {
        "batch": batch, "enrolment": phone.enrolment, "sent_at": sent_at, "offset_ms": 120,
        "n_max": phone.n, "wire": 1, "acknowledged": None, "app": "bench",
        "facts": len(lines), "privates": 0,
    }  # fmt: skip
    text = f"grid-inspector/batch/1\n{station}\n{batch}\n{phone.enrolment}\n{sent_at}\n{phone.n}\n{manifest}"
    signed = {"manifest": manifest, "signature": phone.signer.sign(text.encode())}
    head = [json.dumps(envelope).encode(), json.dumps(signed).encode()]
    return gzip.compress(b"\n".join([*head, *lines]) + b"\n", 6)


def serve(data: Path, port: int, settings: dict[str, str]) -> subprocess.Popen[bytes]:
    """Two workers, as behind a buffering proxy."""
    env = environment(
        data, GI_PORT=str(port), GI_WORKERS=str(WORKERS), GI_THREADS=str(THREADS),
        GI_JOBS_IN_PROCESS="0", **settings,
    )  # fmt: skip
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
    raise RuntimeError((data / "gunicorn.log").read_text())


def hand_over(port: int, phone: Phone, bodies: list[bytes], times: list[float]) -> None:
    """One phone on one connection kept alive; the seconds each batch took."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for body in bodies:
        digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
        headers = {
            "Authorization": f"Bearer {phone.token}", "Content-Encoding": "gzip",
            "Content-Type": "application/x-ndjson", "Content-Digest": f"sha-256=:{digest}:",
        }  # fmt: skip
        started = time.perf_counter()
        connection.request("POST", "/api/v1/sync/batches", body, headers)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{answer.status}: {text[:300]!r}")
        times.append(time.perf_counter() - started)


def round_of(port: int, phones: list[Phone], which: slice) -> tuple[float, list[float]]:
    """All phones at once; seconds in all and per batch."""
    times: list[float] = []
    threads = [
        threading.Thread(target=hand_over, args=(port, phone, phone.bodies[which], times))
        for phone in phones
    ]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - started, sorted(times)


def percentiles(times: list[float]) -> tuple[float, float, float]:
    """p50, p95 and p99 in milliseconds."""
    at = [times[min(len(times) - 1, int(len(times) * share))] * 1000 for share in (0.5, 0.95, 0.99)]
    return at[0], at[1], at[2]


def tell(name: str, inspections: int, seconds: float, times: list[float], target: int = 0) -> None:
    """One line of the table."""
    rate = inspections / seconds
    p50, p95, p99 = percentiles(times)
    mark = "" if not target else f"  target {target}: {'met' if rate >= target else 'MISSED'}"
    print(f"{name:34} {rate:8.0f} insp/s   p50 {p50:6.1f}  p95 {p95:6.1f}  p99 {p99:6.1f} ms{mark}")


def cpu_seconds(process: subprocess.Popen[bytes]) -> float:
    """CPU time of gunicorn's workers so far."""
    total = 0.0
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if os.getpgid(int(entry.name)) != process.pid:
                    continue
                words = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except (OSError, IndexError):
                continue
            total += (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
    return total


def measure(kind: str, batches: int) -> None:
    """One database: fresh facts, one phone alone, the same batches again."""
    data = Path(tempfile.mkdtemp(prefix="gi-bench-"))
    cluster = None
    settings: dict[str, str] = {}
    if kind == "postgresql":
        postgres.SETTINGS.update(fsync="on", synchronous_commit="on", full_page_writes="on")
        cluster = postgres.Cluster().start()
        settings["DATABASE_URL"] = cluster.new_database()
    station, sites, phones, services = prepare(environment(data, **settings))
    services.database.close()
    for phone in phones:
        phone.bodies = [make_batch(phone, station, sites) for _ in range(batches)]
    single = [make_batch(phones[0], station, sites) for _ in range(batches)]
    port = postgres.free_port()
    process = serve(data, port, settings)
    try:
        round_of(port, phones, slice(0, 2))
        cpu = cpu_seconds(process)
        seconds, times = round_of(port, phones, slice(2, None))
        count = len(times) * INSPECTIONS_PER_BATCH
        cpu = cpu_seconds(process) - cpu
        tell(f"{kind}, {PHONES} phones", count, seconds, times, TARGETS[kind])
        print(f"{'':34} {cpu * 1000 / count:8.2f} CPU ms an inspection (app)")
        alone: list[float] = []
        started = time.perf_counter()
        hand_over(port, phones[0], single, alone)
        tell(f"{kind}, one phone", len(alone) * INSPECTIONS_PER_BATCH,
             time.perf_counter() - started, sorted(alone))  # fmt: skip
        seconds, times = round_of(port, phones, slice(2, None))
        tell(f"{kind}, the same again", len(times) * INSPECTIONS_PER_BATCH, seconds, times)
        up = sum(map(len, single)) / len(single) / INSPECTIONS_PER_BATCH
        print(f"{'':34} {up:8.0f} bytes up an inspection (target 1200)")
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)
        if cluster is not None:
            cluster.stop()


def main() -> None:
    """Both databases unless one is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", nargs="*", default=["sqlite", "postgresql"])
    parser.add_argument("--batches", type=int, default=40)
    arguments = parser.parse_args()
    for kind in arguments.kinds:
        measure(kind, arguments.batches)


if __name__ == "__main__":
    main()
