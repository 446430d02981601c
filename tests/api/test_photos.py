"""Photos from phone to station: parts by offset, bad bytes, races, receipts, what is shown."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import threading
from typing import Any

import pytest
from PIL import Image

from app.domains import JOB_KINDS
from app.jobs.runner import run_waiting
from app.keys import signature_fits
from app.photos.rules import original_name, parts_folder
from app.photos.staged import StagedFile
from tests.api.township import API, PHOTOS, Phone, Township, digest_header

# As in a real process, where the check makes it an error when it is imported.
pytestmark = pytest.mark.filterwarnings("error::PIL.Image.DecompressionBombWarning")
PLAIN = (PHOTOS / "plain.jpg").read_bytes()
LARGE = (PHOTOS / "large.jpg").read_bytes()


def sha(data: bytes) -> str:
    """The name of a photo."""
    return hashlib.sha256(data).hexdigest()


def send(phone: Phone, data: bytes, *, part_bytes: int = 1024 * 1024) -> Any:
    """Send a photo as the phone does; the last answer."""
    offset, epoch, answer = 0, None, None
    while offset < len(data):
        piece = data[offset : offset + part_bytes]
        answer = phone.part(sha(data), piece, offset=offset, length=len(data), epoch=epoch)
        if answer.status_code != 204:
            return answer
        offset, epoch = int(answer.headers["Upload-Offset"]), int(answer.headers["Upload-Epoch"])
    return answer


def receipt(township: Township, answer: Any) -> dict[str, Any]:
    """The receipt in an answer, its signature checked with the station's key."""
    text, signature = answer.json["receipt"], answer.json["signature"]
    message = ("grid-inspector/photo/1\n" + text).encode()
    assert signature_fits(township.services.signer.public_key, message, signature)
    read: dict[str, Any] = json.loads(text)
    return read


def work(township: Township) -> None:
    """Let the background work happen."""
    run_waiting(township.services, JOB_KINDS)


def head(phone: Phone, data: bytes) -> Any:
    """HEAD of a photo."""
    return phone.get(f"/photos/{sha(data)}", "HEAD")


def kept(township: Township, data: bytes) -> bytes | None:
    """The original in the store."""
    return township.services.photo_store.get(original_name(township.station_id, sha(data)))


def test_anas_photo_is_acknowledged_only_when_its_hash_is_verified(township: Township) -> None:
    ana = township.phone("ana")
    ana.find_hazard(PLAIN)
    before = head(ana, PLAIN)
    assert before.status_code == 204
    assert before.headers["Upload-Offset"] == "0"
    assert before.headers["Upload-Length"] == str(len(PLAIN))
    assert "Photo-Receipt" not in before.headers
    answer = send(ana, PLAIN)
    assert answer.status_code == 200
    told = receipt(township, answer)
    assert told["photo"] == sha(PLAIN)
    assert told["bytes"] == len(PLAIN)
    assert told["condition"] == "ok"
    assert told["station"] == township.station_id
    assert told["epoch"] == 1
    assert kept(township, PLAIN) == PLAIN
    after = head(ana, PLAIN)
    assert after.status_code == 200
    assert json.loads(after.headers["Photo-Receipt"]) == told
    assert signature_fits(
        township.services.signer.public_key,
        ("grid-inspector/photo/1\n" + after.headers["Photo-Receipt"]).encode(),
        after.headers["Photo-Signature"],
    )


def test_a_photo_in_parts_is_the_same_photo(township: Township) -> None:
    ana = township.phone("ana")
    ana.find_hazard(LARGE)
    assert receipt(township, send(ana, LARGE, part_bytes=32 * 1024))["bytes"] == len(LARGE)
    assert kept(township, LARGE) == LARGE
    work(township)
    folder = parts_folder(township.station_id, sha(LARGE))
    assert not list(township.services.photo_store.list(folder)), "parts are thrown away"


def test_a_whole_photo_sent_again_gets_its_receipt_again(township: Township) -> None:
    ana = township.phone("ana")
    ana.find_hazard(PLAIN)
    first, second = send(ana, PLAIN), send(ana, PLAIN)
    assert receipt(township, first) == receipt(township, second)


def test_parts_out_of_order_are_told_the_true_offset(township: Township) -> None:
    ana = township.phone("ana")
    ana.find_hazard(PLAIN)
    size, length = 40_000, len(PLAIN)
    early = ana.part(sha(PLAIN), PLAIN[size:], offset=size, length=length)
    assert early.status_code == 409
    assert early.json["code"] == "wrong-offset"
    assert early.headers["Upload-Offset"] == "0"
    first = ana.part(sha(PLAIN), PLAIN[:size], offset=0, length=length)
    assert first.status_code == 204
    twice = ana.part(sha(PLAIN), PLAIN[:size], offset=0, length=length, epoch=0)
    assert twice.status_code == 409
    assert twice.headers["Upload-Offset"] == str(size)
    rest = ana.part(sha(PLAIN), PLAIN[size:], offset=size, length=length)
    assert receipt(township, rest)["bytes"] == length


def test_a_photo_with_the_wrong_hash_starts_anew(township: Township) -> None:
    ana = township.phone("ana")
    ana.find_hazard(PLAIN)
    spoiled = bytes([PLAIN[0] ^ 1]) + PLAIN[1:]
    answer = ana.part(sha(PLAIN), spoiled, offset=0, length=len(PLAIN))
    assert answer.status_code == 422
    assert answer.json["code"] == "photo-hash-mismatch"
    assert answer.json["retry"] is True
    assert answer.headers["Upload-Offset"] == "0"
    assert answer.headers["Upload-Epoch"] == "1"
    assert kept(township, PLAIN) is None
    assert head(ana, PLAIN).headers["Upload-Epoch"] == "1"
    late = ana.part(sha(PLAIN), PLAIN[:1000], offset=0, length=len(PLAIN), epoch=0)
    assert late.status_code == 409, "a half-dead request of the old try appends nothing"
    unaware = ana.part(sha(PLAIN), PLAIN, offset=0, length=len(PLAIN))
    assert unaware.headers["Upload-Epoch"] == "1", "who never asked is told"
    whole = ana.part(sha(PLAIN), PLAIN, offset=0, length=len(PLAIN), epoch=1)
    assert receipt(township, whole)["condition"] == "ok"


def test_a_spoiled_part_in_the_middle_is_noticed_at_the_end(township: Township) -> None:
    ana = township.phone("ana")
    ana.find_hazard(PLAIN)
    spoiled = PLAIN[:50_000] + b"\0" + PLAIN[50_001:]
    for offset in range(0, len(PLAIN), 30_000):
        piece = spoiled[offset : offset + 30_000]
        answer = ana.part(sha(PLAIN), piece, offset=offset, length=len(PLAIN), epoch=0)
    assert answer.json["code"] == "photo-hash-mismatch"
    assert head(ana, PLAIN).headers["Upload-Offset"] == "0"


def test_a_part_lost_by_the_disk_is_sent_again(township: Township) -> None:
    ana = township.phone("ana")
    ana.find_hazard(PLAIN)
    ana.part(sha(PLAIN), PLAIN[:30_000], offset=0, length=len(PLAIN))
    keep = township.services.photo_store
    for name in list(keep.list(parts_folder(township.station_id, sha(PLAIN)))):
        keep.delete(name)
    rest = ana.part(sha(PLAIN), PLAIN[30_000:], offset=30_000, length=len(PLAIN), epoch=0)
    assert rest.json["code"] == "photo-hash-mismatch"
    again = ana.part(sha(PLAIN), PLAIN, offset=0, length=len(PLAIN), epoch=1)
    assert receipt(township, again)["condition"] == "ok"


@pytest.mark.parametrize(
    ("why", "offset", "size", "length", "status", "code"),
    [
        ("beyond the length", 0, 5_000, 4_000, 422, "part-too-long"),
        ("no bytes at all", 0, 0, 0, 422, "photo-empty"),
        ("an empty part", 0, 0, 4_000, 409, "wrong-offset"),
        ("too large", 0, 1_000, 21 * 2**20, 413, "photo-too-large"),
    ],
)
def test_what_cannot_be_a_part_of_the_photo_is_refused(
    township: Township, why: str, offset: int, size: int, length: int, status: int, code: str
) -> None:
    ana = township.phone("ana")
    ana.find_hazard(PLAIN)
    answer = ana.part(sha(PLAIN), PLAIN[:size], offset=offset, length=length)
    assert (answer.status_code, answer.json["code"]) == (status, code), why
    assert head(ana, PLAIN).headers["Upload-Offset"] == "0"


def test_a_length_that_changes_on_the_way_is_refused(township: Township) -> None:
    ana = township.phone("ana")
    ana.find_hazard(PLAIN)
    ana.part(sha(PLAIN), PLAIN[:1000], offset=0, length=len(PLAIN))
    other = ana.part(sha(PLAIN), PLAIN[1000:2000], offset=1000, length=len(PLAIN) - 1, epoch=0)
    assert other.json["code"] == "photo-length-differs"


def test_a_try_begun_with_a_mistaken_length_locks_nobody_out(township: Township) -> None:
    ana = township.phone("ana")
    ana.find_hazard(PLAIN)
    ana.part(sha(PLAIN), PLAIN[:10], offset=0, length=99)
    first = ana.part(sha(PLAIN), PLAIN, offset=0, length=len(PLAIN))
    assert first.status_code == 409
    epoch = int(first.headers["Upload-Epoch"])
    assert first.headers["Upload-Offset"] == "0"
    whole = ana.part(sha(PLAIN), PLAIN, offset=0, length=len(PLAIN), epoch=epoch)
    assert receipt(township, whole)["bytes"] == len(PLAIN)


@pytest.mark.parametrize(
    ("name", "condition"),
    [
        ("text.jpg", "undecodable"),
        ("truncated.jpg", "undecodable"),
        ("header_bomb_200_megapixels.jpg", "too_many_pixels"),
        ("bomb_120_megapixels.png", "too_many_pixels"),
        ("plain.png", "ok"),
        ("polyglot.jpg", "ok"),
    ],
)
def test_whatever_file_ana_attached_is_kept_with_its_condition(
    township: Township, name: str, condition: str
) -> None:
    data = (PHOTOS / name).read_bytes()
    ana, chen = township.phone("ana"), township.desk("chen")
    ana.find_hazard(data)
    assert receipt(township, send(ana, data))["condition"] == condition
    assert kept(township, data) == data
    work(township)
    shown = chen.get(f"/photos/{sha(data)}/thumbnail")
    if condition == "ok":
        assert shown.status_code == 200
        assert b"<script>" not in shown.data
    else:
        assert shown.json["code"] == "photo-undecodable"
        assert "打不开" in shown.json["detail"]
    original = chen.get(f"/photos/{sha(data)}/original")
    assert original.data == data
    assert original.headers["Content-Disposition"].startswith("attachment;")
    assert original.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert original.headers["Content-Type"] == "application/octet-stream"
    assert original.headers["X-Content-Type-Options"] == "nosniff"


def test_a_photo_broken_behind_a_good_header_ends_up_flagged_for_chen(township: Township) -> None:
    whole = (PHOTOS / "plain.png").read_bytes()
    hollow = whole[:2_000] + bytes(4_000) + whole[6_000:]
    ana, chen = township.phone("ana"), township.desk("chen")
    ana.find_hazard(hollow)
    assert receipt(township, send(ana, hollow))["bytes"] == len(hollow)
    assert kept(township, hollow) == hollow
    assert chen.get(f"/photos/{sha(hollow)}/view").json["code"] == "photo-undecodable"
    work(township)
    told = json.loads(head(ana, hollow).headers["Photo-Receipt"])
    assert told["condition"] == "undecodable"
    assert chen.get(f"/photos/{sha(hollow)}/thumbnail").json["code"] == "photo-undecodable"
    assert chen.get(f"/photos/{sha(hollow)}/original").data == hollow


def test_a_photo_no_fact_speaks_of_is_not_taken(township: Township) -> None:
    ana = township.phone("ana")
    assert head(ana, PLAIN).status_code == 404
    refused = send(ana, PLAIN)
    assert refused.status_code == 404
    assert refused.json["code"] == "photo-not-declared"
    assert kept(township, PLAIN) is None
    crooked = ana.get("/photos/..%2f..%2fetc/thumbnail")
    assert crooked.status_code == 404


def test_bens_phone_learns_nothing_of_anas_photo(township: Township) -> None:
    ana, ben = township.phone("ana"), township.phone("ben")
    ana.find_hazard(PLAIN)
    send(ana, PLAIN)
    work(township)
    ben_desk = township.desk("ben")
    for answer in (head(ben, PLAIN), send(ben, PLAIN), ben_desk.get(f"/photos/{sha(PLAIN)}/view")):
        assert answer.status_code == 404
    there, nowhere = (
        ben.get(f"/photos/{sha(data)}/thumbnail") for data in (PLAIN, b"never anywhere")
    )
    assert there.json == nowhere.json
    assert ana.get(f"/photos/{sha(PLAIN)}/thumbnail").status_code == 200


def test_photos_of_quarantined_facts_are_taken_too(township: Township) -> None:
    ana, chen = township.phone("ana"), township.desk("chen")
    chen.post(f"/enrolments/{ana.enrolment}/revocation")
    ana.find_hazard(PLAIN)
    assert receipt(township, send(ana, PLAIN))["condition"] == "ok"
    assert ana.get(f"/photos/{sha(PLAIN)}/thumbnail").status_code == 403, "but shown no more"


def test_many_senders_of_one_photo_make_one_photo(either_township: Township) -> None:
    township, phone = either_township, either_township.phone("ana")
    phone.find_hazard(LARGE)
    start, answers = threading.Barrier(4), []

    def race(part_bytes: int) -> None:
        start.wait()
        for _ in range(60):
            answer = head(phone, LARGE)
            if answer.status_code == 200:
                break
            offset, epoch = (int(answer.headers[f"Upload-{name}"]) for name in ("Offset", "Epoch"))
            piece = LARGE[offset : offset + part_bytes]
            answer = phone.part(sha(LARGE), piece, offset=offset, length=len(LARGE), epoch=epoch)
            answers.append(answer.status_code)
            if answer.status_code == 200:
                break

    sizes = (64 * 1024, 48 * 1024, 100 * 1024, 64 * 1024)
    threads = [threading.Thread(target=race, args=(size,)) for size in sizes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(answers) <= {200, 204, 409}
    assert head(phone, LARGE).status_code == 200
    assert kept(township, LARGE) == LARGE
    with township.services.database.read() as connection:
        jobs = connection.exec_driver_sql("SELECT count(*) FROM job").scalar()
        parts = connection.exec_driver_sql("SELECT count(*) FROM photo_part").scalar()
    assert (jobs, parts) == (1, 0)


def test_the_same_last_part_four_times_at_once_is_one_photo(either_township: Township) -> None:
    phone = either_township.phone("ana")
    phone.find_hazard(PLAIN)
    start, answers = threading.Barrier(4), []

    def race() -> None:
        start.wait()
        answers.append(send(phone, PLAIN))

    threads = [threading.Thread(target=race) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [a.status_code for a in answers] == [200] * 4
    assert len({a.json["receipt"] for a in answers}) == 1


def test_anas_photo_survives_a_full_disk_at_the_station(
    township: Township, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = township.phone("ana")
    ana.find_hazard(PLAIN)

    def full(_self: StagedFile, _piece: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(StagedFile, "write", full)
        for answer in (send(ana, PLAIN), ana.whole(PLAIN)):
            assert answer.status_code == 507
            assert answer.json["retry"] is True
            assert answer.headers["Retry-After"]
    assert head(ana, PLAIN).headers["Upload-Offset"] == "0"
    files = [*(township.folder / "photos").rglob("*#*")]
    assert files == [], "nothing half-written stays"
    assert receipt(township, send(ana, PLAIN))["condition"] == "ok"


def test_a_cut_or_changed_part_counts_for_nothing(township: Township) -> None:
    ana = township.phone("ana")
    ana.find_hazard(PLAIN)
    changed = ana.part(
        sha(PLAIN), PLAIN, offset=0, length=len(PLAIN), Content_Digest=digest_header(b"other")
    )
    assert changed.json["code"] == "digest-mismatch"
    nowhere = ana.part(sha(PLAIN), PLAIN, offset=0, length=len(PLAIN), Upload_Offset="-1")
    assert nowhere.json["code"] == "part-headers"
    large = ana.part(sha(PLAIN), bytes(1024 * 1024 + 1), offset=0, length=2 * 1024 * 1024)
    assert large.status_code == 413
    assert head(ana, PLAIN).headers["Upload-Offset"] == "0"


def preview_body(*pictures: tuple[bytes, bytes]) -> bytes:
    """[32 bytes hash][4 bytes length][JPEG], repeated."""
    return b"".join(
        hashlib.sha256(photo).digest() + len(small).to_bytes(4, "big") + small
        for photo, small in pictures
    )


def send_previews(phone: Phone, body: bytes) -> Any:
    """POST /sync/previews."""
    headers = {**phone.bearer, "Content-Digest": digest_header(body)}
    return phone.client.post(f"{API}/sync/previews", data=body, headers=headers)


def test_chen_sees_a_preview_while_the_photo_is_on_its_way(township: Township) -> None:
    ana, chen = township.phone("ana"), township.desk("chen")
    ana.find_hazard(PLAIN, LARGE)
    path = f"/photos/{sha(PLAIN)}/thumbnail"
    waiting = chen.get(path)
    assert waiting.status_code == 404
    assert waiting.json["code"] == "photo-not-held"
    small = (PHOTOS / "small.jpg").read_bytes()
    body = preview_body((PLAIN, small), (LARGE, b"no picture"), (b"unknown", small))
    assert send_previews(ana, body).json == {"stored": 1, "ignored": 2}
    preview = chen.get(path)
    assert preview.status_code == 200
    assert preview.headers["Cache-Control"] == "no-store"
    assert chen.get(f"/photos/{sha(LARGE)}/thumbnail").status_code == 404
    send(ana, PLAIN)
    at_once = chen.get(path)
    assert at_once.status_code == 200, "nobody waits for the background work"
    work(township)
    picture = chen.get(path)
    assert "immutable" in picture.headers["Cache-Control"]
    assert picture.headers["Content-Type"] == "image/jpeg"
    assert send_previews(ana, preview_body((PLAIN, small))).json == {"stored": 0, "ignored": 1}


def test_a_turned_photo_stands_upright_at_the_desk_and_tells_no_place(township: Township) -> None:
    data = (PHOTOS / "orientation_6.jpg").read_bytes()
    ana, chen = township.phone("ana"), township.desk("chen")
    ana.find_hazard(data)
    send(ana, data)
    work(township)
    for size, pixels in (("thumbnail", (240, 320)), ("view", (480, 640))):
        answer = chen.get(f"/photos/{sha(data)}/{size}")
        with Image.open(io.BytesIO(answer.data)) as image:
            assert image.size == pixels
            assert not dict(image.getexif())
    assert chen.get(f"/photos/{sha(data)}/original").data == data, "the evidence is untouched"


def test_pictures_are_made_once(township: Township, monkeypatch: pytest.MonkeyPatch) -> None:
    ana, chen = township.phone("ana"), township.desk("chen")
    ana.find_hazard(PLAIN)
    send(ana, PLAIN)
    work(township)

    def never(*_: Any) -> list[bytes]:
        raise AssertionError("made again")

    monkeypatch.setattr("app.photos.api.derive", never)
    assert chen.get(f"/photos/{sha(PLAIN)}/thumbnail").status_code == 200
    assert chen.get(f"/photos/{sha(PLAIN)}/view").status_code == 200
