"""The traps that only a real gunicorn shows: bodies cut short or chunked, slow phones (T6 to T8).

The SQLite and migration traps (T1 to T5, T9) are in tests/contract and tests/upgrades.
"""

from __future__ import annotations

import gzip
import http.client
import json
import runpy
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.handover import batch_bytes, found, headers
from tests.api.township import API, Phone, Township, build_township
from tests.guards.house import ROOT
from tests.served import Served

WAIT_S = 20
SLOW_PHONES = 50


@pytest.fixture(scope="module")
def township(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Township]:
    folder: Path = tmp_path_factory.mktemp("traps")
    made = build_township(f"sqlite:///{folder / 'data' / 'station.db'}", folder)
    yield made
    made.services.database.close()


@pytest.fixture(scope="module")
def served(township: Township) -> Iterator[Served]:
    """The same station behind a real gunicorn with its own settings."""
    made = Served(township.folder / "data", {"GI_JOBS_IN_PROCESS": "0"}).serve()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def ana(township: Township) -> Phone:
    return township.phone("ana")


def facts_in(township: Township) -> int:
    file = sqlite3.connect(str(township.services.database.path))
    try:
        return int(file.execute("SELECT count(*) FROM fact").fetchone()[0])
    finally:
        file.close()


def request(path: str, sent: dict[str, str], *, method: str = "POST") -> bytes:
    lines = [f"{method} {API}{path} HTTP/1.1", "Host: station"]
    lines += [f"{name}: {value}" for name, value in sent.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def talk(served: Served, *parts: bytes, finish: bool = False) -> tuple[int, dict[str, str], bytes]:
    """Send raw bytes and read the whole answer."""
    with socket.create_connection(("127.0.0.1", served.port), timeout=WAIT_S) as wire:
        for part in parts:
            wire.sendall(part)
        if finish:
            wire.shutdown(socket.SHUT_WR)
        answer = http.client.HTTPResponse(wire)
        answer.begin()
        return answer.status, dict(answer.getheaders()), answer.read()


def test_a_body_cut_short_stores_nothing_and_is_told_so(
    served: Served, township: Township, ana: Phone
):
    """gunicorn answers 200 to `Content-Length: 100` with 10 bytes and a FIN."""
    body = gzip.compress(batch_bytes(ana, [found(ana)]))
    before = facts_in(township)
    sent = {**headers(ana, body), "Content-Length": str(len(body))}
    status, _, text = talk(served, request("/sync/batches", sent), body[:-10], finish=True)
    assert (status, json.loads(text)["code"]) == (400, "body-cut-short")
    assert facts_in(township) == before


def test_a_chunked_body_is_refused_before_it_can_be_cut(
    served: Served, township: Township, ana: Phone
):
    """Flask cuts a chunked body at its limit and answers 200."""
    body = gzip.compress(batch_bytes(ana, [found(ana)]))
    chunk = f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n"
    before = facts_in(township)
    sent = {**headers(ana, body), "Transfer-Encoding": "chunked"}
    status, _, text = talk(served, request("/sync/batches", sent), chunk)
    assert (status, json.loads(text)["code"]) == (411, "length-required")
    login = {"Content-Type": "application/json", "Transfer-Encoding": "chunked"}
    status, _, text = talk(served, request("/session", login), b"2\r\n{}\r\n0\r\n\r\n")
    assert (status, json.loads(text)["code"]) == (411, "length-required")
    assert facts_in(township) == before


def test_a_body_far_over_the_limit_sees_its_status_not_a_broken_pipe(served: Served, ana: Phone):
    large = b"x" * 6_000_000
    sent = {**headers(ana, large), "Content-Length": str(len(large))}
    status, _, text = talk(served, request("/sync/batches", sent), large)
    assert (status, json.loads(text)["code"]) == (413, "too-large")


def test_who_is_not_signed_in_sees_401_after_sending_a_large_body(served: Served, ana: Phone):
    large = b"x" * 3_000_000
    sent = {**headers(ana, large), "Content-Length": str(len(large)), "Authorization": "Bearer no"}
    status, _, text = talk(served, request("/sync/batches", sent), large)
    assert (status, json.loads(text)["code"]) == (401, "unauthorised")


def test_two_lengths_or_a_length_that_is_none_never_reach_the_ledger(
    served: Served, township: Township, ana: Phone
):
    body = gzip.compress(batch_bytes(ana, [found(ana)]))
    before = facts_in(township)
    sent = {**headers(ana, body), "Content-Length": str(len(body))}
    double = request("/sync/batches", sent).replace(
        b"\r\n\r\n", f"\r\nContent-Length: {len(body) - 1}\r\n\r\n".encode()
    )
    both = request("/sync/batches", {**sent, "Transfer-Encoding": "chunked"})
    for start in (double, both):
        status, _, _ = talk(served, start, body)
        assert 400 <= status < 500
    assert facts_in(township) == before


def test_fifty_slow_phones_do_not_starve_a_fast_one(served: Served, township: Township, ana: Phone):
    """T8: with 2x8 threads 80 % of the fast phone's requests timed out."""
    body = gzip.compress(batch_bytes(ana, [found(ana)]))
    sent = {**headers(ana, body), "Content-Length": "200000"}
    stop = threading.Event()
    wires = []
    for _ in range(SLOW_PHONES):
        wire = socket.create_connection(("127.0.0.1", served.port), timeout=WAIT_S)
        wire.sendall(request("/sync/batches", sent))
        wires.append(wire)

    def drip() -> None:
        while not stop.wait(0.2):
            for wire in wires:
                wire.sendall(b"x" * 100)

    dripping = threading.Thread(target=drip)
    dripping.start()
    try:
        fast = http.client.HTTPConnection("127.0.0.1", served.port, timeout=WAIT_S)
        times = []
        for _ in range(10):
            started = time.monotonic()
            fast.request("GET", "/healthz")
            assert fast.getresponse().read()
            times.append(time.monotonic() - started)
    finally:
        stop.set()
        dripping.join()
        for wire in wires:
            wire.close()
    assert sorted(times)[len(times) // 2] < 2.0


def test_gunicorn_is_configured_with_more_threads_than_slow_phones(
    monkeypatch: pytest.MonkeyPatch,
):
    for name in ("GI_WORKERS", "GI_THREADS", "GI_HOST", "GI_PORT"):
        monkeypatch.delenv(name, raising=False)
    configured = runpy.run_path(str(ROOT / "deploy" / "gunicorn.conf.py"))
    assert configured["worker_class"] == "gthread"
    assert configured["workers"] * configured["threads"] > SLOW_PHONES
    assert configured["control_socket_disable"] is True


def test_audits_that_audited_nothing_count_as_failed():
    """T10: pip-audit without --strict says "no known vulnerabilities" when it could not ask."""
    text = "\n".join(
        path.read_text(encoding="utf-8")
        for path in (ROOT / "CONTRIBUTING.md", ROOT / "docs" / "dependencies.md")
        if path.exists()
    )
    assert "pip-audit --strict" in text


def test_a_batch_through_gunicorn_is_stored_before_the_answer(
    served: Served, township: Township, ana: Phone
):
    body = gzip.compress(batch_bytes(ana, [found(ana), found(ana)]))
    before = facts_in(township)
    sent = {**headers(ana, body), "Content-Length": str(len(body))}
    status, _, text = talk(served, request("/sync/batches", sent), body)
    assert status == 200, text
    assert facts_in(township) == before + 2
