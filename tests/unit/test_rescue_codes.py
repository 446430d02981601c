"""The receipts of a visit's photos as codes that a phone reads from the desk's screen."""

from __future__ import annotations

import hashlib
import json

from app.photos.rules import receipt_text
from app.rescue import codes

STATION = "018f0000-0000-7000-8000-00000000aaaa"
TIME = "2026-11-22T02:49:02.123Z"
SIGNATURE = "s" * 86


def receipts(count: int) -> list[dict[str, str]]:
    """Of so many photos; each in the words the station signs."""
    return [
        {
            "receipt": receipt_text(
                hashlib.sha256(str(n).encode()).hexdigest(),
                200_000 + n,
                "ok" if n % 5 else "undecodable",
                station=STATION,
                time=TIME,
                epoch=29_000_000,
            ),
            "signature": SIGNATURE,
        }
        for n in range(count)
    ]


def rebuilt(text: str, known: dict[str, int]) -> list[str]:
    """The receipts a code stands for, as a phone puts them together from what it knows."""
    mark, *lines = text.split("\n")
    assert mark == "GIP1"
    found = []
    for line in lines:
        name, condition, epoch, time, signature = line.split(" ")
        assert signature == SIGNATURE
        [photo] = [sha256 for sha256 in known if sha256.startswith(name)]
        text = receipt_text(
            photo, known[photo], condition, station=STATION, time=time, epoch=int(epoch)
        )
        found.append(text)
    return found


def test_the_receipts_of_twenty_photos_fit_into_three_codes_and_none_is_left_out():
    signed = receipts(20)
    texts = codes.photo_texts(signed)
    assert len(texts) == 3
    assert max(len(text) for text in texts) <= codes.QR_PHOTOS_BYTES_MAX
    known = {each["photo"]: each["bytes"] for each in (json.loads(s["receipt"]) for s in signed)}
    assert [each for text in texts for each in rebuilt(text, known)] == [
        each["receipt"] for each in signed
    ]
    assert len(codes.photo_codes(signed)) == 3


def test_more_photos_than_anybody_would_scan_go_by_the_file_alone():
    per_code = codes.photo_texts(receipts(20))[0].count("\n")
    most = codes.QR_PHOTO_CODES_MAX * per_code
    assert len(codes.photo_texts(receipts(most))) == codes.QR_PHOTO_CODES_MAX
    assert codes.photo_codes(receipts(most + 1)) == []
    assert codes.photo_codes([]) == []
