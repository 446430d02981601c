"""Photos through a real gunicorn: bodies cut by the network, a killed station, two workers."""

from __future__ import annotations

import hashlib
import http.client
import json
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.township import API, PHOTOS, Phone, build_township, digest_header
from tests.served import Served

LARGE = (PHOTOS / "large.jpg").read_bytes()
PLAIN = (PHOTOS / "plain.jpg").read_bytes()
ANSWER_BYTES_MAX = 64 * 1024


@pytest.fixture
def station(tmp_path: Path) -> Iterator[tuple[Served, Phone]]:
    """A served station and a phone of Ana's that found a hazard with two photos."""
    data = tmp_path / "data"
    data.mkdir()
    url = f"sqlite:///{data / 'station.db'}"
    township = build_township(url, tmp_path)
    phone = township.phone("ana")
    phone.find_hazard(LARGE, PLAIN)
    township.services.database.close()
    served = Served(data, {"DATABASE_URL": url}).serve()
    try:
        yield served, phone
    finally:
        served.stop()


def ask(
    served: Served, phone: Phone, method: str, data: bytes, **upload: int
) -> tuple[int, dict[str, str], bytes]:
    """One request over a connection of its own: HEAD, or PATCH with one piece."""
    name = hashlib.sha256(LARGE).hexdigest()
    headers = {**phone.bearer, "Content-Digest": digest_header(data)}
    headers |= {f"Upload-{key.capitalize()}": str(value) for key, value in upload.items()}
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=20)
    try:
        body = data if method == "PATCH" else None
        connection.request(method, f"{API}/photos/{name}", body=body, headers=headers)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def progress(served: Served, phone: Phone) -> tuple[int, int]:
    """Offset and epoch as HEAD tells them."""
    _, headers, _ = ask(served, phone, "HEAD", b"")
    return int(headers["Upload-Offset"]), int(headers["Upload-Epoch"])


def cut_off(served: Served, phone: Phone, *, announced: int, sent: bytes) -> bytes:
    """A PATCH whose sender falls silent after some bytes; what the server still says."""
    lines = [
        f"PATCH {API}/photos/{hashlib.sha256(LARGE).hexdigest()} HTTP/1.1",
        "Host: station",
        f"Authorization: Bearer {phone.token}",
        f"Content-Length: {announced}",
        f"Content-Digest: {digest_header(sent)}",
        "Upload-Offset: 0",
        f"Upload-Length: {len(LARGE)}",
        "Connection: close",
    ]
    with socket.create_connection(("127.0.0.1", served.port), timeout=20) as wire:
        wire.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + sent)
        wire.shutdown(socket.SHUT_WR)
        said = b""
        while piece := wire.recv(ANSWER_BYTES_MAX):
            said += piece
    return said


def finish(served: Served, phone: Phone, *, part_bytes: int) -> dict[str, object]:
    """Go on from wherever the station is; the receipt."""
    for _ in range(200):
        offset, epoch = progress(served, phone)
        piece = LARGE[offset : offset + part_bytes]
        status, headers, body = ask(
            served, phone, "PATCH", piece, offset=offset, length=len(LARGE), epoch=epoch
        )
        if status == 200:
            receipt: dict[str, object] = json.loads(json.loads(body)["receipt"])
            return receipt
        assert status in (204, 409), headers
    raise AssertionError("sending did not end")


def original(served: Served) -> bytes:
    """The one original on disk."""
    name = hashlib.sha256(LARGE).hexdigest()
    (path,) = (served.data / "photos" / "originals").rglob(name)
    return path.read_bytes()


@pytest.mark.parametrize("cut_at", [0, 1, 70_000, 131_071])
def test_a_part_cut_by_the_network_counts_for_nothing(
    station: tuple[Served, Phone], cut_at: int
) -> None:
    served, phone = station
    said = cut_off(served, phone, announced=131_072, sent=LARGE[:cut_at])
    assert b" 200 " not in said[:20]
    assert b" 204 " not in said[:20]
    assert progress(served, phone) == (0, 0)
    assert finish(served, phone, part_bytes=256 * 1024)["bytes"] == len(LARGE)
    assert original(served) == LARGE


def test_a_killed_station_goes_on_where_it_was(station: tuple[Served, Phone]) -> None:
    served, phone = station
    step = 100_000
    status, _, _ = ask(served, phone, "PATCH", LARGE[:step], offset=0, length=len(LARGE))
    assert status == 204
    served.stop(signal.SIGKILL)
    served.serve()
    assert progress(served, phone) == (step, 0)
    assert finish(served, phone, part_bytes=step)["condition"] == "ok"
    assert original(served) == LARGE


def test_four_senders_at_two_workers_make_one_photo(station: tuple[Served, Phone]) -> None:
    served, phone = station
    receipts: list[dict[str, object]] = []

    def send(part_bytes: int) -> None:
        receipts.append(finish(served, phone, part_bytes=part_bytes))

    sizes = (32 * 1024, 48 * 1024, 64 * 1024, 100 * 1024)
    threads = [threading.Thread(target=send, args=(size,)) for size in sizes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(receipts) == 4
    assert len({json.dumps(receipt) for receipt in receipts}) == 1
    assert original(served) == LARGE


# 0.3 % of the 180 KB a photo has on average.
AROUND_A_PHOTO_BYTES_MAX = 540


def send_whole(
    served: Served, phone: Phone, data: bytes, *, announced: int | None = None
) -> tuple[bytes, bytes]:
    """PUT as the phone's own code asks for it; the head that went up and all that came back."""
    lines = [
        f"PUT {API}/photos/{hashlib.sha256(PLAIN).hexdigest()} HTTP/1.1",
        f"Host: 127.0.0.1:{served.port}",
        f"Authorization: Bearer {phone.token}",
        f"Content-Length: {announced or len(data)}",
    ]
    head = "\r\n".join(lines).encode() + b"\r\n\r\n"
    with socket.create_connection(("127.0.0.1", served.port), timeout=20) as wire:
        wire.sendall(head + data)
        if announced is not None:
            wire.shutdown(socket.SHUT_WR)
        said = b""
        while b"\r\n\r\n" not in said and (piece := wire.recv(ANSWER_BYTES_MAX)):
            said += piece
    return head, said


def test_next_to_nothing_but_the_photo_travels(station: tuple[Served, Phone]) -> None:
    served, phone = station
    head, answer = send_whole(served, phone, PLAIN)
    assert answer.startswith(b"HTTP/1.1 204")
    assert b"\r\nPhoto-Held: ok " in answer
    assert len(head) + len(answer) <= AROUND_A_PHOTO_BYTES_MAX


@pytest.mark.parametrize("cut_at", [0, 1, 70_000])
def test_a_whole_photo_cut_by_the_network_counts_for_nothing(
    station: tuple[Served, Phone], cut_at: int
) -> None:
    served, phone = station
    _, said = send_whole(served, phone, PLAIN[:cut_at], announced=len(PLAIN))
    assert b"body-cut-short" in said or b"400" in said[:20] or said == b""
    assert [*(served.data / "photos").rglob("*#*")] == [], "nothing half-written stays"
    name = hashlib.sha256(PLAIN).hexdigest()
    assert [*(served.data / "photos").rglob(name)] == []
    assert send_whole(served, phone, PLAIN)[1].startswith(b"HTTP/1.1 204")
