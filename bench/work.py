"""What phones hand over in the bench: signed batches of inspections and hazards, and photos.

Words come from the bundled checklist, so that packing them says something. Everything is made
before a clock runs. It must not know how it is sent.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import random
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from PIL import Image

from app.checklists.load import bundled
from app.clock import instant, new_id, utc_now
from app.photos.rules import THUMBNAIL_PIXELS
from bench.load import Shot, request
from bench.station import Phone

ANSWERS = 20
HAZARDS_PER_INSPECTION = 2
PHOTO_BYTES = 180_000
PHOTO_PIXELS = (1600, 1200)
CHECKLIST = "cl-lpg-restaurant"
PACK_LEVEL = 6


@dataclass(slots=True)
class Lines:
    """Fact lines and private lines of one batch to be."""

    facts: list[bytes] = field(default_factory=list)
    privates: list[bytes] = field(default_factory=list)


@cache
def _items() -> tuple[dict[str, Any], ...]:
    checklist = next(each for each in bundled() if each["id"] == CHECKLIST)
    return tuple(item for item in checklist["items"] if item.get("finding"))


def _packed(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _add(
    lines: Lines,
    phone: Phone,
    station: str,
    kind: str,
    subject: str,
    body: dict[str, Any],
    *,
    photos: Iterable[str] = (),
    private: dict[str, str] | None = None,
) -> None:
    phone.n += 1
    fact_id, now = new_id(), instant(utc_now())
    where = {
        "lat": round(36.51 + random.random() / 100, 6),
        "lon": round(117.80 + random.random() / 100, 6),
        "accuracy_m": random.randint(4, 40), "at": now,
    }  # fmt: skip
    fact = {
        "id": fact_id, "kind": kind, "v": 1, "station": station, "subject": subject, "after": [],
        "author": phone.account, "enrolment": phone.enrolment, "n": phone.n,
        "at": now, "offset_ms": 120, "where": where,
        "photos": [{"sha256": sha256, "role": "before", "bytes": len(photo(0)[0] + photo(0)[1])}
                   for sha256 in photos],
        "body": body,
    }  # fmt: skip
    if private is not None:
        line = _packed({"fact": fact_id, "salt": secrets.token_hex(16), "fields": private})
        fact["private"] = hashlib.sha256(line).hexdigest()
        lines.privates.append(line)
    lines.facts.append(_packed(fact))


def add_inspection(
    lines: Lines,
    phone: Phone,
    station: str,
    site: str,
    *,
    hazards: int = HAZARDS_PER_INSPECTION,
    photos: Iterable[list[str]] = (),
    names: bool = False,
) -> None:
    """One visit: an inspection of twenty answers and its hazards; `photos`: hashes per hazard."""
    inspection, found = new_id(), [new_id() for _ in range(hazards)]
    items = _items()
    answers = [
        {"item": items[number % len(items)]["id"], "value": random.choice((True, 2, 12)),
         "verdict": random.choice(("pass", "pass", "pass", "na")), "source": "tapped"}
        for number in range(ANSWERS)
    ]  # fmt: skip
    now = instant(utc_now())
    body = {
        "site": site, "checklist": CHECKLIST, "checklist_version": 1,
        "checklist_sha256": hashlib.sha256(CHECKLIST.encode()).hexdigest(), "method": "routine",
        "started_at": now, "finished_at": now, "answers": answers, "hazards": found,
        "attendance": "signed", "companions": [],
    }  # fmt: skip
    private = {"on_site_name": "张建国", "on_site_phone": "13812342210"} if names else None
    _add(lines, phone, station, "inspection.submitted", inspection, body, private=private)
    of_hazard = list(photos)
    for number, hazard in enumerate(found):
        item = random.choice(items)
        _add(
            lines, phone, station, "hazard.found", hazard, _hazard(site, inspection, item),
            photos=of_hazard[number] if number < len(of_hazard) else (),
            private={"fix_owner": "张建国", "fix_owner_phone": "13812342210"} if names else None,
        )  # fmt: skip


def _hazard(site: str, inspection: str, item: dict[str, Any]) -> dict[str, Any]:
    return {
        "site": site, "inspection": inspection, "checklist": CHECKLIST, "checklist_version": 1,
        "item": item["id"], "level": "general", "spot": "后厨灶台下",
        "finding": item["finding"]["template"].replace("{spot}", "后厨"), "category": "燃气",
        "basis": "；".join(str(each["ref"]) for each in item.get("basis", ())),
        "disposition": "by_deadline", "measure": item["measures"][0],
        "deadline": "2026-11-28", "found_on": "2026-11-21", "source": "routine",
    }  # fmt: skip


def batch_shot(phone: Phone, station: str, lines: Lines) -> Shot:
    """Sign and pack the lines."""
    hashes = "\n".join(hashlib.sha256(line).hexdigest() for line in lines.facts)
    manifest = hashlib.sha256(hashes.encode()).hexdigest()
    batch, sent_at = new_id(), instant(utc_now())
    envelope = {
        "batch": batch, "enrolment": phone.enrolment, "sent_at": sent_at, "offset_ms": 120,
        "n_max": phone.n, "wire": 1, "acknowledged": None, "app": "bench",
        "facts": len(lines.facts), "privates": len(lines.privates),
    }  # fmt: skip
    said = ["grid-inspector/batch/1", station, batch, phone.enrolment, sent_at, phone.n, manifest]
    signature = phone.signer.sign("\n".join(map(str, said)).encode())
    head = [_packed(envelope), _packed({"manifest": manifest, "signature": signature})]
    body = gzip.compress(b"\n".join([*head, *lines.facts, *lines.privates]) + b"\n", PACK_LEVEL)
    headers = {
        "Authorization": f"Bearer {phone.token}", "Content-Encoding": "gzip",
        "Content-Type": "application/x-ndjson", "Content-Digest": _digest(body),
    }  # fmt: skip
    return request("POST", "/sync/batches", headers, body, kind="batch")


def plain_batch(phone: Phone, station: str, sites: list[str], inspections: int) -> Shot:
    """A batch of inspections with two hazards each, no photos."""
    lines = Lines()
    for number in range(inspections):
        add_inspection(lines, phone, station, sites[(phone.n + number) % len(sites)])
    return batch_shot(phone, station, lines)


@cache
def _picture() -> bytes:
    """A noisy JPEG of about 180 KB, as a phone's camera app makes after scaling."""
    noise = Image.effect_noise((PHOTO_PIXELS[0] // 7, PHOTO_PIXELS[1] // 7), 60)
    image = Image.merge("RGB", (noise, noise.rotate(180), noise)).resize(PHOTO_PIXELS)
    best = b""
    for quality in range(95, 20, -3):
        out = io.BytesIO()
        image.save(out, "JPEG", quality=quality)
        best = out.getvalue()
        if len(best) <= PHOTO_BYTES:
            break
    return best


def photo(number: int) -> tuple[bytes, bytes]:
    """A photo of its own in two pieces, the second shared: a comment makes its hash its own."""
    return _marked(_picture(), number)


def _marked(whole: bytes, number: int) -> tuple[bytes, bytes]:
    comment = number.to_bytes(8, "big")
    return whole[:2] + b"\xff\xfe" + (2 + len(comment)).to_bytes(2, "big") + comment, whole[2:]


@cache
def _small() -> bytes:
    noise = Image.effect_noise((THUMBNAIL_PIXELS // 8, THUMBNAIL_PIXELS * 3 // 32), 60)
    image = noise.convert("RGB").resize((THUMBNAIL_PIXELS, THUMBNAIL_PIXELS * 3 // 4))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=78)
    return out.getvalue()


def thumbnail(number: int) -> bytes:
    """A thumbnail of its own, as the background work makes one of a photo."""
    return _marked(_small(), number)[0] + _small()[2:]


def photo_shot(phone: Phone, number: int) -> tuple[str, Shot]:
    """The hash of a photo, and the one request that brings all of it."""
    first, rest = photo(number)
    sha256 = hashlib.sha256(first + rest).hexdigest()
    headers = {"Authorization": f"Bearer {phone.token}"}
    return sha256, request("PUT", f"/photos/{sha256}", headers, first, rest, kind="photo")


def _digest(body: bytes) -> str:
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"
