"""A phone that remembers what it was told, for the drill: own facts with receipts, pages, numbers.

It behaves as pwa/src/transport/restored.ts does after a restore; it must not know what was lost.
"""

from __future__ import annotations

import hashlib
import json
import random
from dataclasses import dataclass, field
from typing import Any

from app.clock import new_id
from tests.api.handover import batch_bytes, found, hazard_body, noted, post, private_line, sha256
from tests.api.restoring import changes, head_line, page_line, post_pulled
from tests.api.township import API, Phone

FACTS_MIN, FACTS_MAX = 2, 5


@dataclass(slots=True)
class Sent:
    """A batch and its receipt."""

    body: bytes
    lines: list[bytes]
    privates: list[bytes]
    receipt: str
    signature: str

    @property
    def size(self) -> int:
        """Of the log after it."""
        return int(json.loads(self.receipt)["log"]["size"])


@dataclass
class Remembering:
    """One phone; everything below survives the loss of the station."""

    phone: Phone
    chance: random.Random
    statement: dict[str, str] | None = None
    sent: list[Sent] = field(default_factory=list)
    photos: dict[str, bytes] = field(default_factory=dict)
    pages: list[dict[str, Any]] = field(default_factory=list)
    heads: dict[int, dict[str, Any]] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)  # hazard -> number, as its pages told
    cursor: str | None = None
    epoch: int = 1

    def work(self, photo: bytes) -> None:
        """One visit: hazards with private parts, a note, a photo; then news is fetched."""
        lines, privates = [], []
        named = {"sha256": hashlib.sha256(photo).hexdigest(), "role": "before", "bytes": len(photo)}
        for place in range(self.chance.randint(FACTS_MIN, FACTS_MAX)):
            fact_id, hazard = new_id(), new_id()
            private = private_line(fact_id, {"fix_owner": "王芳"})
            body = hazard_body(self.phone)
            more = {"photos": [named]} if place == 0 else {}
            lines.append(
                found(self.phone, hazard, id=fact_id, private=sha256(private), body=body, **more)
            )
            privates.append(private)
        lines.append(noted(self.phone, hazard))
        self.hand_over(lines, privates)
        self.photos[named["sha256"]] = photo
        assert self.phone.whole(photo).status_code == 204

    def hand_over(self, lines: list[bytes], privates: list[bytes]) -> None:
        """One batch, remembered with its receipt."""
        body = batch_bytes(self.phone, lines, privates)
        answer = post(self.phone, body)
        assert answer.status_code == 200, answer.text
        told = answer.json
        self.sent.append(Sent(body, lines, privates, told["receipt"], told["signature"]))

    def pull(self) -> None:
        """News, with what proves it."""
        while True:
            page = changes(self.phone, self.cursor, limit=50)
            if page["facts"]:
                self.pages.append(page_line(page))
            for item in page["facts"]:
                if "number" in item:
                    self.numbers[json.loads(item["line"])["subject"]] = item["number"]
            self.note(page["head"])
            self.cursor = page["cursor"]
            if not page["more"]:
                return

    def note(self, head: dict[str, Any]) -> None:
        """The newest head of its epoch."""
        self.heads[head["epoch"]] = head

    def knows(self) -> set[str]:
        """Hashes of every fact this phone has seen or written."""
        pulled = {sha256(each["line"].encode()) for page in self.pages for each in page["items"]}
        return pulled | {sha256(line) for batch in self.sent for line in batch.lines}

    # --- after the restore ---

    def come_back(self) -> None:
        """First contact with the restored station, all of it."""
        if self.phone.get("/sync/changes?limit=1").status_code == 401:
            self._return()
        told = changes(self.phone, limit=1)
        opened, epoch = told["opened"], told["epoch"]
        assert opened is not None
        size = opened["size"] if opened["from"] == self.epoch else 0
        lost = [batch for batch in self.sent if batch.size > size]
        lines = [head_line(head) for number, head in self.heads.items() if number != epoch]
        lines += [
            {"type": "receipt", "receipt": batch.receipt, "signature": batch.signature,
             "facts": [sha256(line) for line in batch.lines]}
            for batch in lost
        ]  # fmt: skip
        lines += [page for page in self.pages if page["to"] > size]
        answer = post_pulled(self.phone, lines)
        assert (answer.status_code, answer.json["refused"]) == (200, []), answer.text
        for batch in lost:
            body = batch_bytes(self.phone, batch.lines, batch.privates)
            again = post(self.phone, body)
            assert again.status_code == 200, again.text
            assert json.loads(again.json["receipt"])["exceptions"] == []
        for name, photo in self.photos.items():
            if "Photo-Receipt" not in self.phone.get(f"/photos/{name}", "HEAD").headers:
                assert self.phone.whole(photo).status_code == 204
        self.epoch = epoch

    def _return(self) -> None:
        assert self.statement is not None
        text = self.statement["text"]
        proof = self.phone.key.sign(f"grid-inspector/return/1\n{text}")
        word = {"statement": text, "signature": self.statement["signature"], "proof": proof}
        answer = self.phone.client.post(f"{API}/enrolments/return", json=word)
        assert answer.status_code == 200, answer.text
        self.phone.token = answer.json["token"]
