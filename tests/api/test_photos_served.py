"""Photos through a real gunicorn: bodies cut by the network, a killed station, two workers."""

from __future__ import annotations

import hashlib
import http.client
import json
import signal
import socket
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.api.township import API, PHOTOS, Phone, Township, copy_township, digest_header
from tests.served import Served

LARGE = (PHOTOS / "large.jpg").read_bytes()
PLAIN = (PHOTOS / "plain.jpg").read_bytes()
ANSWER_BYTES_MAX = 64 * 1024


@dataclass(frozen=True)
class Sending:
    """A served station, Ana's phone, and two photos of a hazard that only this test knows."""

    served: Served
    phone: Phone
    large: bytes
    plain: bytes


@pytest.fixture(scope="module")
def served(
    first_township: Township, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Served, Phone]]:
    """One served station and one phone of Ana's for all tests."""
    township = copy_township(first_township, tmp_path_factory.mktemp("served"))
    phone = township.phone("ana")
    url = f"sqlite:///{township.folder / 'station.db'}"
    made = Served(township.folder / "data", {"DATABASE_URL": url}).serve()
    yield made, phone
    made.stop()
    township.close()


@pytest.fixture
def sending(served: tuple[Served, Phone]) -> Sending:
    """Ana found a hazard with two photos that nobody sent before."""
    station, phone = served
    large, plain = one_of_a_kind(LARGE), one_of_a_kind(PLAIN)
    phone.find_hazard(large, plain)
    return Sending(station, phone, large, plain)


def one_of_a_kind(photo: bytes) -> bytes:
    """The same JPEG with a comment of its own."""
    comment = uuid.uuid4().bytes
    marker = b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big")
    return photo[:2] + marker + comment + photo[2:]


def ask(
    sending: Sending, method: str, data: bytes, **upload: int
) -> tuple[int, dict[str, str], bytes]:
    """One request over a connection of its own: HEAD, or PATCH with one piece."""
    name = hashlib.sha256(sending.large).hexdigest()
    headers = {**sending.phone.bearer, "Content-Digest": digest_header(data)}
    headers |= {f"Upload-{key.capitalize()}": str(value) for key, value in upload.items()}
    connection = http.client.HTTPConnection("127.0.0.1", sending.served.port, timeout=20)
    try:
        body = data if method == "PATCH" else None
        connection.request(method, f"{API}/photos/{name}", body=body, headers=headers)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def progress(sending: Sending) -> tuple[int, int]:
    """Offset and epoch as HEAD tells them."""
    _, headers, _ = ask(sending, "HEAD", b"")
    return int(headers["Upload-Offset"]), int(headers["Upload-Epoch"])


def cut_off(sending: Sending, *, announced: int, sent: bytes) -> bytes:
    """A PATCH whose sender falls silent after some bytes; what the server still says."""
    lines = [
        f"PATCH {API}/photos/{hashlib.sha256(sending.large).hexdigest()} HTTP/1.1",
        "Host: station",
        f"Authorization: Bearer {sending.phone.token}",
        f"Content-Length: {announced}",
        f"Content-Digest: {digest_header(sent)}",
        "Upload-Offset: 0",
        f"Upload-Length: {len(sending.large)}",
        "Connection: close",
    ]
    with socket.create_connection(("127.0.0.1", sending.served.port), timeout=20) as wire:
        wire.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + sent)
        wire.shutdown(socket.SHUT_WR)
        said = b""
        while piece := wire.recv(ANSWER_BYTES_MAX):
            said += piece
    return said


def finish(sending: Sending, *, part_bytes: int) -> dict[str, object]:
    """Go on from wherever the station is; the receipt."""
    for _ in range(200):
        offset, epoch = progress(sending)
        piece = sending.large[offset : offset + part_bytes]
        status, headers, body = ask(
            sending, "PATCH", piece, offset=offset, length=len(sending.large), epoch=epoch
        )
        if status == 200:
            receipt: dict[str, object] = json.loads(json.loads(body)["receipt"])
            return receipt
        assert status in (204, 409), headers
    raise AssertionError("sending did not end")


def original(sending: Sending) -> bytes:
    """The large photo as it is on disk."""
    name = hashlib.sha256(sending.large).hexdigest()
    (path,) = (sending.served.data / "photos" / "originals").rglob(name)
    return path.read_bytes()


@pytest.mark.parametrize("cut_at", [0, 1, 70_000, 131_071])
def test_a_part_cut_by_the_network_counts_for_nothing(sending: Sending, cut_at: int) -> None:
    said = cut_off(sending, announced=131_072, sent=sending.large[:cut_at])
    assert b" 200 " not in said[:20]
    assert b" 204 " not in said[:20]
    assert progress(sending) == (0, 0)
    assert finish(sending, part_bytes=256 * 1024)["bytes"] == len(sending.large)
    assert original(sending) == sending.large


def test_a_killed_station_goes_on_where_it_was(sending: Sending) -> None:
    step = 100_000
    status, _, _ = ask(sending, "PATCH", sending.large[:step], offset=0, length=len(sending.large))
    assert status == 204
    sending.served.stop(signal.SIGKILL)
    sending.served.serve()
    assert progress(sending) == (step, 0)
    assert finish(sending, part_bytes=step)["condition"] == "ok"
    assert original(sending) == sending.large


def test_four_senders_at_two_workers_make_one_photo(sending: Sending) -> None:
    receipts: list[dict[str, object]] = []

    def send(part_bytes: int) -> None:
        receipts.append(finish(sending, part_bytes=part_bytes))

    sizes = (32 * 1024, 48 * 1024, 64 * 1024, 100 * 1024)
    threads = [threading.Thread(target=send, args=(size,)) for size in sizes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(receipts) == 4
    assert len({json.dumps(receipt) for receipt in receipts}) == 1
    assert original(sending) == sending.large


# 0.3 % of the 180 KB a photo has on average.
AROUND_A_PHOTO_BYTES_MAX = 540


def send_whole(
    sending: Sending, data: bytes, *, announced: int | None = None
) -> tuple[bytes, bytes]:
    """PUT as the phone's own code asks for it; the head that went up and all that came back."""
    lines = [
        f"PUT {API}/photos/{hashlib.sha256(sending.plain).hexdigest()} HTTP/1.1",
        f"Host: 127.0.0.1:{sending.served.port}",
        f"Authorization: Bearer {sending.phone.token}",
        f"Content-Length: {announced or len(data)}",
    ]
    head = "\r\n".join(lines).encode() + b"\r\n\r\n"
    with socket.create_connection(("127.0.0.1", sending.served.port), timeout=20) as wire:
        wire.sendall(head + data)
        if announced is not None:
            wire.shutdown(socket.SHUT_WR)
        said = b""
        while b"\r\n\r\n" not in said and (piece := wire.recv(ANSWER_BYTES_MAX)):
            said += piece
    return head, said


def test_next_to_nothing_but_the_photo_travels(sending: Sending) -> None:
    head, answer = send_whole(sending, sending.plain)
    assert answer.startswith(b"HTTP/1.1 204")
    assert b"\r\nPhoto-Held: ok " in answer
    assert len(head) + len(answer) <= AROUND_A_PHOTO_BYTES_MAX


@pytest.mark.parametrize("cut_at", [0, 1, 70_000])
def test_a_whole_photo_cut_by_the_network_counts_for_nothing(sending: Sending, cut_at: int) -> None:
    _, said = send_whole(sending, sending.plain[:cut_at], announced=len(sending.plain))
    assert b"body-cut-short" in said or b"400" in said[:20] or said == b""
    assert [*(sending.served.data / "photos").rglob("*#*")] == [], "nothing half-written stays"
    name = hashlib.sha256(sending.plain).hexdigest()
    assert [*(sending.served.data / "photos").rglob(name)] == []
    assert send_whole(sending, sending.plain)[1].startswith(b"HTTP/1.1 204")
