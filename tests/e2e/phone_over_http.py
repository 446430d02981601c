"""A phone without a screen: enrols with its own key and hands over facts and photos over HTTP.

For desk tests, which need what phones bring but not how. It asserts nothing: a refusal raises.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import urllib.request
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from app.clock import instant, new_id
from tests.api.township import PhoneKey, digest_header
from tests.e2e.station import REQUEST_SECONDS_MAX, Station

STATION_ZONE = timedelta(hours=8)
LPG = "cl-lpg-restaurant"


def day(offset_days: int = 0) -> str:
    """A day in the station's zone, from today on."""
    return (datetime.now(UTC) + STATION_ZONE + timedelta(days=offset_days)).date().isoformat()


@dataclass
class BarePhone:
    """An enrolled key that numbers and signs what it hands over."""

    station: Station
    key: PhoneKey
    claimed: dict[str, Any]
    n: int = 0

    def call(self, method: str, path: str, body: bytes, **headers: str) -> bytes:
        """One request with the phone's token; a refusal raises."""
        sent = {
            "Authorization": f"Bearer {self.claimed['token']}",
            "Content-Digest": digest_header(body),
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        request = urllib.request.Request(
            f"{self.station.url}/api/v1{path}", data=body, method=method, headers=sent
        )
        with urllib.request.urlopen(request, timeout=REQUEST_SECONDS_MAX) as answer:
            content: bytes = answer.read()
        return content

    def fact(self, kind: str, subject: str, body: dict[str, Any], **more: Any) -> bytes:
        """One line of JSON, numbered."""
        self.n += 1
        line = {
            "id": new_id(), "kind": kind, "v": 1, "station": self.claimed["station"]["id"],
            "subject": subject, "after": [], "author": self.claimed["account"]["id"],
            "enrolment": self.claimed["enrolment"], "n": self.n, "at": instant(datetime.now(UTC)),
            "offset_ms": 0, "where": None, "photos": [], "body": body, **more,
        }  # fmt: skip
        return json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode()

    def hand_over(self, *facts: bytes) -> None:
        """A signed batch."""
        batch, sent_at = str(uuid.uuid4()), instant(datetime.now(UTC))
        hashes = "\n".join(hashlib.sha256(line).hexdigest() for line in facts)
        manifest = hashlib.sha256(hashes.encode()).hexdigest()
        enrolment = self.claimed["enrolment"]
        envelope = {
            "batch": batch, "enrolment": enrolment, "sent_at": sent_at, "offset_ms": 0,
            "n_max": self.n, "wire": 1, "acknowledged": None, "app": "0.1.0",
            "facts": len(facts), "privates": 0,
        }  # fmt: skip
        signed = (
            f"grid-inspector/batch/1\n{self.claimed['station']['id']}\n{batch}\n{enrolment}\n"
            f"{sent_at}\n{self.n}\n{manifest}"
        )
        head = [{"manifest": manifest, "signature": self.key.sign(signed)}]
        lines = [json.dumps(each).encode() for each in (envelope, *head)]
        body = gzip.compress(b"\n".join([*lines, *facts]) + b"\n")
        self.call(
            "POST", "/sync/batches", body,
            Content_Type="application/x-ndjson", Content_Encoding="gzip",
        )  # fmt: skip

    def send_photo(self, data: bytes) -> None:
        """A photo in one part."""
        sha256 = hashlib.sha256(data).hexdigest()
        self.call(
            "PATCH", f"/photos/{sha256}", data, Content_Type="application/octet-stream",
            Upload_Offset="0", Upload_Length=str(len(data)),
        )  # fmt: skip

    def submit(
        self, site: str, hazards: list[dict[str, Any]], photos: tuple[bytes, ...] = ()
    ) -> tuple[str, list[str]]:
        """One inspection with hazards, the photos on the first of them; their ids."""
        inspection, found = new_id(), [new_id() for _ in hazards]
        now = instant(datetime.now(UTC))
        body = {
            "site": site, "checklist": LPG, "checklist_version": 1,
            "checklist_sha256": "0" * 64, "method": "routine", "started_at": now,
            "finished_at": now, "hazards": found, "attendance": "absent",
            "answers": [
                {"item": "LPG-01", "value": "pass", "verdict": "pass", "source": "rest_pass"},
                {"item": "LPG-13", "value": 2.3, "verdict": "fail", "source": "measured"},
            ],
        }  # fmt: skip
        named = [
            {"sha256": hashlib.sha256(p).hexdigest(), "role": "before", "bytes": len(p)}
            for p in photos
        ]
        where = {"lat": 36.5125, "lon": 118.2046, "accuracy_m": 12, "at": now}
        lines = [self.fact("inspection.submitted", inspection, body, where=where)]
        for place, (hazard, told) in enumerate(zip(found, hazards, strict=True)):
            own = {
                "site": site, "inspection": inspection, "checklist": LPG, "checklist_version": 1,
                "level": "general", "disposition": "by_deadline", "deadline": day(3),
                "found_on": day(), "source": "routine", "spot": "后厨", "category": "燃气", **told,
            }  # fmt: skip
            photos_of_it = named if place == 0 else []
            lines.append(self.fact("hazard.found", hazard, own, photos=photos_of_it, where=where))
        self.hand_over(*lines)
        return inspection, found


def enrol(station: Station, who: str = "wangfang") -> BarePhone:
    """A phone of this person."""
    code = station.enrolment(who)["code"]
    key = PhoneKey()
    body = json.dumps(key.claim_body(code)).encode()
    request = urllib.request.Request(
        f"{station.url}/api/v1/enrolments/claim", data=body, method="POST",
        headers={"Content-Type": "application/json"},
    )  # fmt: skip
    with urllib.request.urlopen(request, timeout=REQUEST_SECONDS_MAX) as answer:
        return BarePhone(station, key, json.loads(answer.read()))
