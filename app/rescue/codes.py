"""The receipts of one file as QR codes, for a phone held before the desk's screen.

A code stands for itself: they may be read in any order, and each names its own signature. Pure
text in, text out. It must not sign anything.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from app.auth.sheet import qr_svg

# A code with more is too fine for a phone's camera; the file and the copied text carry any number.
QR_TEXT_BYTES_MAX = 1_800
QR_PHOTOS_BYTES_MAX = 1_200
QR_PHOTO_CODES_MAX = 6
PHOTO_NAME_CHARS = 12  # of its hash: enough to tell the photos of one phone from each other
RECEIPT_MARK, PHOTOS_MARK, KEY_MARK = "GIR1", "GIP1", "GIK1"


def key_code(key: str, signature: str) -> str:
    """The key phones close files for, signed."""
    return qr_svg("\n".join((KEY_MARK, key, signature)))


def receipt_code(receipts: Sequence[dict[str, str]]) -> str | None:
    """The receipt {receipt, signature} of the words; None without one or when it is too long."""
    if not receipts:
        return None
    text = "\n".join((RECEIPT_MARK, receipts[0]["signature"], receipts[0]["receipt"]))
    return qr_svg(text) if len(text.encode()) <= QR_TEXT_BYTES_MAX else None


def photo_codes(receipts: Sequence[dict[str, str]]) -> list[str]:
    """Codes for photo receipts {receipt, signature}; none when these would be too many to read."""
    texts = photo_texts(receipts)
    return [qr_svg(text) for text in texts] if len(texts) <= QR_PHOTO_CODES_MAX else []


def photo_texts(receipts: Sequence[dict[str, str]]) -> list[str]:
    """What these codes say: a mark, then a line for each photo, as many as one code carries."""
    texts: list[str] = []
    for line in map(_photo_line, receipts):
        if texts and len(texts[-1]) + 1 + len(line) <= QR_PHOTOS_BYTES_MAX:
            texts[-1] += "\n" + line
        else:
            texts.append(PHOTOS_MARK + "\n" + line)
    return texts


def _photo_line(signed: dict[str, str]) -> str:
    """What the phone cannot know: it rebuilds the signed text (tests/vectors/photo_receipt.json).

    `beginning of the hash, condition, epoch, time, signature`, the last four as in `Photo-Held`.
    """
    receipt = json.loads(signed["receipt"])
    name = receipt["photo"][:PHOTO_NAME_CHARS]
    held = f"{receipt['condition']} {receipt['epoch']} {receipt['time']} {signed['signature']}"
    return f"{name} {held}"
