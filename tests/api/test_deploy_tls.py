"""The TLS recipe of deploy/, with a local certificate authority, a real nginx and a real gunicorn.

The application behind has one worker with one thread: whatever holds it is seen at once.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.postgres import free_port
from tests.served import ROOT, Served

NAME = "localhost"
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")


def named(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def certificate_files(folder: Path) -> tuple[Path, Path, Path]:
    """A local authority and a certificate it signed: (authority, full chain, key)."""
    now = dt.datetime.now(dt.UTC)
    authority_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))

    def built(subject: str, public: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(named(subject))
            .issuer_name(named("Township test authority"))
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(hours=1))
            .not_valid_after(now + dt.timedelta(days=2))
        )

    authority = (
        built("Township test authority", authority_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    names = [x509.DNSName(NAME), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    leaf = (
        built(NAME, key.public_key())
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "authority.pem").write_bytes(authority.public_bytes(pem))
    (folder / "chain.pem").write_bytes(leaf.public_bytes(pem) + authority.public_bytes(pem))
    (folder / "key.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return folder / "authority.pem", folder / "chain.pem", folder / "key.pem"


@dataclass
class Station:
    """nginx and the application behind it, as a phone and as an administrator see them."""

    http_port: int
    https_port: int
    trust: ssl.SSLContext
    access_log: Path
    home: Path

    def get(self, path: str, timeout: float = 10) -> tuple[int, Message, bytes]:
        url = f"https://{NAME}:{self.https_port}{path}"
        try:
            with urllib.request.urlopen(url, timeout=timeout, context=self.trust) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.headers, refused.read()

    def begin_upload(self, length: int, path: str) -> ssl.SSLSocket:
        """Send the head of an upload and not yet its body."""
        plain = socket.create_connection((NAME, self.https_port), timeout=20)
        line = self.trust.wrap_socket(plain, server_hostname=NAME)
        head = f"POST {path} HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: {length}\r\n"
        line.sendall((head + "Content-Type: application/x-ndjson\r\n\r\n").encode())
        return line

    def reached_the_application(self, path: str) -> bool:
        return path in self.access_log.read_text(errors="replace")

    def wait_until_reached(self, path: str) -> bool:
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            if self.reached_the_application(path):
                return True
            time.sleep(0.05)
        return False


def start_nginx(folder: Path, upstream: str, http_port: int, https_port: int) -> None:
    _, chain, key = (folder / name for name in ("authority.pem", "chain.pem", "key.pem"))
    written = subprocess.run(
        [str(ROOT / "deploy" / "configure-nginx"), "--name", NAME, "--certificate", str(chain),
         "--key", str(key), "--into", str(folder), "--upstream", upstream,
         "--http-port", f"127.0.0.1:{http_port}", "--https-port", str(https_port)],
        capture_output=True, text=True,
    )  # fmt: skip
    assert written.returncode == 0, written.stderr
    main = folder / "nginx-main.conf"
    main.write_text(
        f"pid {folder}/nginx.pid;\nerror_log {folder}/error.log;\nworker_processes 1;\n"
        "events { worker_connections 256; }\n"
        f"http {{ access_log off; include /etc/nginx/mime.types;\n"
        + "".join(
            f"{kind}_temp_path {folder}/{kind};\n"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        + f"include {folder}/grid-inspector.conf;\n}}\n"
    )
    started = subprocess.run([str(NGINX), "-c", str(main)], capture_output=True, text=True)
    assert started.returncode == 0, started.stderr


@pytest.fixture(scope="module")
def station() -> Iterator[Station]:
    assert NGINX, "the system package nginx-light is missing"
    folder = Path(tempfile.mkdtemp(prefix="gi-tls-"))
    folder.chmod(0o755)
    authority, _, _ = certificate_files(folder)
    access_log = folder / "gunicorn-access.log"
    access_log.touch()
    home = folder / "home"
    home.mkdir()
    served = Served(
        folder / "data",
        settings={
            "GI_WORKERS": "1",
            "GI_THREADS": "1",
            "GI_BEHIND_PROXY": "1",
            "GI_PUBLIC_URL": f"https://{NAME}",
            "HOME": str(home),
        },
        arguments=("--access-logfile", str(access_log)),
    )
    http_port, https_port = free_port(), free_port()
    try:
        served.start()
        start_nginx(folder, f"127.0.0.1:{served.port}", http_port, https_port)
        trust = ssl.create_default_context(cafile=str(authority))
        yield Station(http_port, https_port, trust, access_log, home)
    finally:
        if (folder / "nginx.pid").exists():
            subprocess.run([str(NGINX), "-c", str(folder / "nginx-main.conf"), "-s", "stop"])
        served.stop()
        shutil.rmtree(folder, ignore_errors=True)


def test_a_phone_that_trusts_the_authority_gets_the_field_app_over_https(station: Station):
    status, headers, page = station.get("/field/")
    assert status == 200
    assert "网格安检" in page.decode()
    assert headers.get_all("Strict-Transport-Security") == ["max-age=31536000"]


def test_a_browser_that_does_not_trust_it_is_refused(station: Station):
    with pytest.raises(ssl.SSLCertVerificationError):
        stranger = ssl.create_default_context()
        plain = socket.create_connection((NAME, station.https_port), timeout=10)
        stranger.wrap_socket(plain, server_hostname=NAME)


def test_an_address_typed_without_https_is_sent_on(station: Station):
    with socket.create_connection(("127.0.0.1", station.http_port), timeout=10) as line:
        line.sendall(f"GET /field/?code=A1 HTTP/1.0\r\nHost: {NAME}\r\n\r\n".encode())
        answer = b"".join(iter(lambda: line.recv(4096), b"")).decode()
    assert answer.startswith("HTTP/1.1 308")
    assert f"Location: https://{NAME}:{station.https_port}/field/?code=A1\r\n" in answer


def test_five_phones_on_a_bad_line_hold_nobody_up(station: Station):
    path = "/api/v1/sync/batches?from=slow-phone"
    slow = [station.begin_upload(200_000, path) for _ in range(5)]
    try:
        for line in slow:
            line.sendall(b"x" * 5_000)
        started = time.monotonic()
        status, _, _ = station.get("/healthz")
        assert status == 200
        assert time.monotonic() - started < 2
        assert not station.reached_the_application("slow-phone")
        for line in slow:
            line.sendall(b"x" * 195_000)
        answers = [line.recv(64) for line in slow]
        assert all(answer.startswith(b"HTTP/1.1 4") for answer in answers)  # nobody signed in
        assert station.wait_until_reached("slow-phone")
    finally:
        for line in slow:
            line.close()


def test_a_body_that_breaks_off_never_reaches_the_application(station: Station):
    line = station.begin_upload(100_000, "/api/v1/sync/batches?from=cut-off-phone")
    line.sendall(b"x" * 60_000)
    line.close()
    whole = station.begin_upload(10, "/api/v1/sync/batches?from=whole-phone")
    whole.sendall(b"0123456789")
    assert whole.recv(64).startswith(b"HTTP/1.1 4")
    whole.close()
    assert station.wait_until_reached("whole-phone")
    assert not station.reached_the_application("cut-off-phone")


def test_a_body_too_large_for_anything_ends_at_the_door(station: Station):
    line = station.begin_upload(50_000_000, "/api/v1/sync/batches?from=huge-phone")
    assert line.recv(64).startswith(b"HTTP/1.1 413")
    line.close()
    assert not station.reached_the_application("huge-phone")


def test_gunicorn_leaves_no_control_socket_behind(station: Station):
    assert station.get("/healthz")[0] == 200
    assert list(station.home.iterdir()) == []
