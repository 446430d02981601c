"""A phone that cannot upload hands its work over as files; the desk takes them in as batches."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from app.clock import new_id
from app.keys import RescueKey, signature_fits
from app.ledger.rebuild import rebuild
from app.ledger.store import read_station
from sync.limits import RESCUE_CHUNK_BYTES
from tests.api.handover import batch_bytes, found, hazard_body, post, private_line, row_of, sha256
from tests.api.rescue_desk import batch_file, bring, file_of, named
from tests.api.township import PHOTOS, Desk, Phone, Township
from tests.rescue_files import inside

PHOTO = (PHOTOS / "orientation_6.jpg").read_bytes()
OTHER_PHOTO = (PHOTOS / "plain.jpg").read_bytes()


def brought(desk: Desk, file: bytes) -> dict[str, Any]:
    answer = bring(desk, file)
    assert answer.status_code == 200, answer.text
    report: dict[str, Any] = answer.json
    return report


def nothing_came_in(township: Township) -> bool:
    with township.services.database.read() as connection:
        batches = connection.exec_driver_sql("SELECT count(*) FROM batch").scalar_one()
        photos = connection.exec_driver_sql("SELECT count(*) FROM photo").scalar_one()
    return (batches, photos) == (0, 0)


def receipts_fit(township: Township, report: dict[str, Any]) -> bool:
    """Every receipt in the report is signed by the key phones pinned, for exactly what it names."""
    key = township.services.signer.public_key
    for each in report["receipts"]:
        text = json.loads(each["receipt"])
        joined = hashlib.sha256("\n".join(each["facts"]).encode()).hexdigest()
        signed = b"grid-inspector/receipt/1\n" + each["receipt"].encode()
        if joined != text["manifest"] or not signature_fits(key, signed, each["signature"]):
            return False
    return all(
        signature_fits(
            key, b"grid-inspector/photo/1\n" + each["receipt"].encode(), each["signature"]
        )
        for each in report["photo_receipts"]
    )


def test_anas_week_comes_in_by_file_and_a_second_time_changes_nothing(either_township: Township):
    ana, dai, hazard = either_township.phone("ana"), either_township.desk("dai"), new_id()
    file = batch_file(ana, [found(ana, hazard, photos=[named(PHOTO)])], [PHOTO])
    first = brought(dai, file)
    assert first["facts"] == {"new": 1, "known": 0, "quarantined": []}
    assert first["qr_svg"].startswith("<svg")
    assert [code[:4] for code in first["photo_qr_svgs"]] == ["<svg"], "one photo, one code"
    assert first["photos"] == {"new": 1, "known": 0, "waiting": 0, "damaged": 0, "no_room": 0}
    assert first["phone"]["account"] == "Ana" and first["phone"]["enrolment"] == ana.enrolment
    assert receipts_fit(either_township, first) and len(first["photo_receipts"]) == 1
    assert row_of(ana, "hazard", hazard)["state"] == "submitted"
    original = dai.get(f"/photos/{named(PHOTO)['sha256']}/original")
    assert original.data == PHOTO
    again = brought(dai, file)
    assert again["facts"] == {"new": 0, "known": 1, "quarantined": []}
    assert (again["photos"]["new"], again["photos"]["known"]) == (0, 1)
    assert again["receipts"] == first["receipts"]
    assert again["photo_receipts"][0]["receipt"] == first["photo_receipts"][0]["receipt"]
    with either_township.services.database.read() as connection:
        station = read_station(connection, either_township.station_id)
        assert station is not None
        assert rebuild(connection, station, apply=False).differing == 0


def test_what_came_by_file_and_then_over_the_wire_gets_one_and_the_same_receipt(
    township: Township,
):
    ana, batch = township.phone("ana"), new_id()
    plain = batch_bytes(ana, [found(ana)], batch=batch)
    report = brought(township.desk("dai"), batch_file(ana, [], batch=batch, plain=plain))
    wire = post(ana, plain).json
    assert wire["receipt"] == report["receipts"][0]["receipt"]


def test_a_private_line_travels_in_the_file(township: Township):
    ana, hazard, fact = township.phone("ana"), new_id(), new_id()
    private = private_line(fact, {"fix_owner": "李店主"})
    line = found(ana, hazard, id=fact, body=hazard_body(ana), private=sha256(private))
    batch = new_id()
    plain = batch_bytes(ana, [line], [private], batch=batch)
    brought(township.desk("dai"), batch_file(ana, [], batch=batch, plain=plain))
    assert row_of(ana, "hazard", hazard)["fix_owner"] == "李店主"


def test_photos_before_their_facts_wait_and_count_once_the_facts_are_here(
    either_township: Township,
):
    ana, dai = either_township.phone("ana"), either_township.desk("dai")
    line = found(ana, photos=[named(PHOTO), named(OTHER_PHOTO)])
    photos = file_of(ana, inside(None, [PHOTO]), part=2, parts=2, first=1)
    early = brought(dai, photos)
    assert early["photos"]["waiting"] == 1 and early["first"] == 1
    assert early["photo_receipts"] == [], "nothing may be forgotten yet"
    facts = brought(dai, batch_file(ana, [line], [OTHER_PHOTO], parts=2))
    held = {json.loads(each["receipt"])["photo"] for each in facts["photo_receipts"]}
    assert held == {named(PHOTO)["sha256"], named(OTHER_PHOTO)["sha256"]}
    assert brought(dai, photos)["photos"]["known"] == 1
    assert dai.get(f"/photos/{named(PHOTO)['sha256']}/original").data == PHOTO


def test_photos_that_waited_count_when_their_facts_came_over_the_wire(township: Township):
    ana, dai = township.phone("ana"), township.desk("dai")
    photos = file_of(ana, inside(None, [PHOTO]))
    assert brought(dai, photos)["photos"]["waiting"] == 1
    assert ana.hand_over(found(ana, photos=[named(PHOTO)])).status_code == 200
    assert brought(dai, file_of(ana, inside(None, [OTHER_PHOTO])))["photos"]["waiting"] == 1
    assert dai.get(f"/photos/{named(PHOTO)['sha256']}/original").data == PHOTO
    assert brought(dai, photos)["photos"]["known"] == 1


def test_a_revoked_phones_file_is_set_aside_like_its_batches(either_township: Township):
    ana, dai, hazard = either_township.phone("ana"), either_township.desk("dai"), new_id()
    dai.post(f"/enrolments/{ana.enrolment}/revocation")
    report = brought(dai, batch_file(ana, [found(ana, hazard, photos=[named(PHOTO)])], [PHOTO]))
    assert [each["kind"] for each in report["facts"]["quarantined"]] == ["hazard.found"]
    assert "注销" in report["facts"]["quarantined"][0]["sentence"]
    assert report["photos"]["new"] == 1, "its photos are taken too"


def test_a_file_whose_list_nobody_of_the_station_signed_counts_for_nothing(township: Township):
    """Anybody may know the public key and close a file; only the phone can sign its list."""
    ana, ben, dai = township.phone("ana"), township.phone("ben"), township.desk("dai")
    ana.key, real = ben.key, ana.key
    forged = batch_file(ana, [found(ana, n=999_999)])
    ana.key = real
    report = brought(dai, forged)
    assert "签名" in report["facts"]["quarantined"][0]["sentence"]
    phones = {each["enrolment"]: each for each in dai.get("/enrolments").json["items"]}
    assert phones[ana.enrolment]["missing"] == 0, "nor does it make Ana look as if she owed work"


def test_a_photo_that_is_not_what_was_recorded_is_named_and_takes_nothing_else_with_it(
    township: Township,
):
    ana, dai = township.phone("ana"), township.desk("dai")
    sound = inside(None, [PHOTO, OTHER_PHOTO])
    spoilt = sound[:60] + bytes([sound[60] ^ 1]) + sound[61:]
    batch = new_id()
    line = found(ana, photos=[named(PHOTO), named(OTHER_PHOTO)])
    plain = inside(batch_bytes(ana, [line], batch=batch)) + spoilt
    report = brought(dai, file_of(ana, plain, batch=batch))
    assert (report["photos"]["damaged"], report["photos"]["new"]) == (1, 1)
    assert len(report["photo_receipts"]) == 1


def broken_files(phone: Phone) -> dict[str, tuple[bytes, str]]:
    """Why each cannot be read, and the word for it."""
    line = found(phone, photos=[named(PHOTO)])
    good = batch_file(phone, [line], [PHOTO])
    start = good.index(b"}") + 1
    bomb = b"x" * (5 * 2**20)
    foreign = township_key()
    return {
        "not one of ours": (b"PK\x03\x04" + good, "rescue-not-a-file"),
        "empty": (b"", "rescue-not-a-file"),
        "of a later version": (batch_file(phone, [line], version=2), "rescue-newer"),
        "of another station": (file_of(phone, b"x", station=new_id()), "rescue-other-station"),
        "for another key": (file_of(phone, b"x", **foreign), "rescue-other-key"),
        "cut at the end": (good[:-1], "rescue-cut-short"),
        "cut in the header": (good[:40], "rescue-cut-short"),
        "cut after the header": (good[:start], "rescue-cut-short"),
        "with a bit turned in the body": (flipped(good, start + 5), "rescue-damaged"),
        "with a bit turned at the end": (flipped(good, len(good) - 1), "rescue-damaged"),
        "with a header changed on its way": (good.replace(b'"part": 1', b'"part": 2', 1)
            .replace(b'"parts": 1', b'"parts": 2', 1), "rescue-damaged"),
        "with more behind it": (good + b"x", "rescue-damaged"),
        "of an unknown phone": (
            unknown_phone_file(phone, line), "rescue-phone-unknown"
        ),
        "a bomb": (batch_file(phone, [], plain=bomb), "gzip-bomb"),
        "no batch inside": (batch_file(phone, [], plain=b"hello\nyou\n"), "not-json"),
        "another batch than it says": (
            batch_file(phone, [], plain=batch_bytes(phone, [line])), "rescue-damaged"
        ),
        "with a piece nobody knows": (file_of(phone, b"X\x00\x00\x00\x01x"), "rescue-newer"),
        "with a frame too long": (file_of(phone, b"P\xff\xff\xff\xffx"), "rescue-damaged"),
    }  # fmt: skip


def township_key() -> dict[str, str]:
    key = RescueKey(ec.generate_private_key(ec.SECP256R1()))
    return {"public_key": key.public_key, "key_id": key.key_id}


def flipped(file: bytes, at: int) -> bytes:
    return file[:at] + bytes([file[at] ^ 1]) + file[at + 1 :]


def unknown_phone_file(phone: Phone, line: bytes) -> bytes:
    batch = new_id()
    plain = batch_bytes(phone, [line], batch=batch, enrolment=new_id())
    return batch_file(phone, [], batch=batch, plain=plain)


def test_each_unreadable_file_is_told_apart_and_leaves_nothing_behind(township: Township):
    ana, dai = township.phone("ana"), township.desk("dai")
    for why, (file, code) in broken_files(ana).items():
        answer = bring(dai, file)
        assert answer.status_code < 500 and answer.json["code"] == code, (why, answer.text)
        assert len(answer.json["detail"]) > 8, why
    assert nothing_came_in(township)


def test_a_photo_of_many_chunks_keeps_every_byte(township: Township):
    ana, dai = township.phone("ana"), township.desk("dai")
    large = PHOTO + bytes(3 * RESCUE_CHUNK_BYTES)
    brought(dai, batch_file(ana, [found(ana, photos=[named(large)])], [large]))
    assert dai.get(f"/photos/{named(large)['sha256']}/original").data == large


def test_pieces_of_a_large_file_cannot_change_places(township: Township):
    ana, dai = township.phone("ana"), township.desk("dai")
    large = PHOTO + bytes(3 * RESCUE_CHUNK_BYTES)
    file = batch_file(ana, [found(ana, photos=[named(large)])], [large])
    start = file.index(b"}") + 1
    size = RESCUE_CHUNK_BYTES + 16
    one, two = file[start : start + size], file[start + size : start + 2 * size]
    swapped = file[:start] + two + one + file[start + 2 * size :]
    assert bring(dai, swapped).json["code"] == "rescue-damaged"
    dropped = file[: start + size] + file[start + 2 * size :]
    assert bring(dai, dropped).json["code"] == "rescue-cut-short"


def test_the_key_a_phone_is_told_is_signed_by_the_one_it_pinned(township: Township):
    ana = township.phone("ana")
    told = ana.get("/sync/changes?rescue_key=").json["rescue_key"]
    text = f"grid-inspector/rescue-key/1\n{township.station_id}\n{told['key']}"
    assert signature_fits(township.services.signer.public_key, text.encode(), told["signature"])
    assert township.desk("chen").get("/rescue/key").json["rescue_key"]["key"] == told["key"]
    known = ana.get(f"/sync/changes?rescue_key={told['id']}").json
    assert "rescue_key" not in known, "who has it is not told again"
    assert "rescue_key" not in ana.get("/sync/changes").json
