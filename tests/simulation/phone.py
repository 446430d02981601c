"""A small model of the phone: what it keeps on disk, what it sends, when it forgets.

It follows pwa/src/data/handover.ts and pwa/src/transport: one fixed batch at a time, settled by a
verified receipt and by nothing else, photos after their facts, changes by cursor, heads compared.
Its work is a generator: at every `yield` the world may kill it, and only the disk survives.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from tests.simulation.chance import DAY_MS
from tests.simulation.disk import Prepared
from tests.simulation.fetcher import Fetcher
from tests.simulation.network import Reply, Request
from tests.simulation.photo_sender import HASH_FAILURES_MAX, PhotoSender
from tests.simulation.recorder import Step
from tests.simulation.station import line_of, sha_of

FACTS_KEPT_DAYS = 30
ROUNDS_MAX = 4


class Phone(PhotoSender, Fetcher):
    # --- the sender ---

    def work(self) -> Step:
        """One waking of the sender."""
        if self.disk.signed_out and not (yield from self._return()):
            return
        for _ in range(ROUNDS_MAX):
            if self.left() == (0, 0):
                break
            yield "wakes"
            if not (yield from self._send_text()):
                return
            yield from self._send_previews()
            if not (yield from self._send_photos()):
                return
            if self.left()[0] == 0:
                break
        if not (yield from self._fetch()):
            return
        yield "tidies"
        self._tidy()

    def _send_text(self) -> Step:
        facts_max = 2000
        for _ in range(200):
            batch = self._next_batch(facts_max)
            if batch is None:
                return True
            if batch.enrolment != self.disk.enrolment:
                self.dissolve()
                continue
            yield "prepared"
            self._announce(batch)
            reply = yield Request.make("batch", self.disk.token, batch.body)
            yield "answered"
            if self.disk.batch is not batch:
                return False  # restored or enrolled anew meanwhile
            if reply is None:
                return False
            if reply.status != 200:
                smaller = self._after_refusal(batch, reply)
                if smaller is None:
                    return False
                facts_max = smaller
                continue
            if not self._settle(batch, reply.body):
                return False
            facts_max = 2000
        return False

    def _announce(self, batch: Prepared) -> None:
        """What the station may know of this phone's numbers from now on."""
        told = [(f.enrolment, f.n) for s in batch.facts if (f := self.disk.facts.get(s))]
        for enrolment, n in [(batch.enrolment, batch.n_max), *told]:
            self.truth.announced[enrolment] = max(n, self.truth.announced.get(enrolment, 0))

    def _next_batch(self, facts_max: int) -> Prepared | None:
        disk = self.disk
        if disk.batch is not None or self.full:
            return disk.batch
        unsent = [f for f in disk.facts.values() if f.state == "unsent" and not f.parked]
        unsent.sort(key=lambda fact: fact.n)
        if not unsent:
            return None
        facts = unsent[:facts_max]
        id_, sent_at = self.chance.id(), self.clock.instant(self.clock_error_ms)
        privates = [f.private for f in facts if f.private and not self.forgets_private]
        manifest = sha_of("\n".join(f.sha256 for f in facts).encode())
        envelope = {
            "batch": id_, "enrolment": disk.enrolment, "sent_at": sent_at,
            "offset_ms": disk.offset_ms, "n_max": disk.n, "wire": 1,
            "acknowledged": disk.cursor, "app": f"sim {self.app}", "facts": len(facts),
            "privates": len(privates),
        }  # fmt: skip
        text = (
            f"grid-inspector/batch/1\n{self.station.station_id}\n{id_}\n{disk.enrolment}\n"
            f"{sent_at}\n{disk.n}\n{manifest}"
        )
        head = {"manifest": manifest, "signature": disk.key.sign(text)}
        lines = [line_of(envelope), line_of(head), *(f.line for f in facts), *privates]
        disk.batch = Prepared(
            id_, b"\n".join(lines) + b"\n", manifest, tuple(f.sha256 for f in facts),
            disk.enrolment, disk.n,
        )  # fmt: skip
        for each in facts:
            disk.facts[each.sha256] = replace(each, state="sent", batch=id_)
        return disk.batch

    def dissolve(self) -> None:
        """The prepared batch is given up: its facts are free to travel in another."""
        batch, disk = self.disk.batch, self.disk
        if batch is None:
            return
        for sha256 in batch.facts:
            if sha256 in disk.facts:
                disk.facts[sha256] = replace(disk.facts[sha256], state="unsent", batch=None)
        disk.batch = None

    def _after_refusal(self, batch: Prepared, reply: Reply) -> int | None:
        code = reply.body.get("code")
        self.truth.happened[f"batch refused: {code}"] += 1
        if reply.status == 401:
            self.disk.signed_out = True
            return None
        if code in ("batch-id-reused", "manifest-mismatch"):
            self.dissolve()
            return len(batch.facts)
        if reply.body.get("retry") or reply.status not in (400, 413, 422):
            return None
        self.dissolve()
        if len(batch.facts) == 1:
            self.disk.facts[batch.facts[0]] = replace(self.disk.facts[batch.facts[0]], parked=True)
        return max(1, len(batch.facts) // 2)

    def _settle(self, batch: Prepared, answer: dict[str, Any]) -> bool:
        """A plain 200 is no receipt: our key, our manifest, our batch, our count, our station."""
        text, signature = answer.get("receipt"), answer.get("signature")
        if not isinstance(text, str) or not isinstance(signature, str):
            return False
        signed = "grid-inspector/receipt/1\n" + text
        if not self.station.fits(self.disk.server_key, signed, signature):
            return False
        receipt = json.loads(text)
        told = (receipt["batch"], receipt["manifest"], receipt["count"])
        if told != (batch.id, batch.manifest, len(batch.facts)):
            return False
        where = (receipt["station"], receipt["enrolment"])
        if where != (self.station.station_id, batch.enrolment):
            return False
        if self.full:  # nothing can be written: the batch stays as it is and goes again later
            self.truth.happened["no space for a receipt"] += 1
            return False
        self._store_receipt(batch, receipt, text)
        self.disk.receipt_signatures[batch.id] = signature
        self.disk.receipt_facts[batch.id] = batch.facts
        return True

    def _store_receipt(self, batch: Prepared, receipt: dict[str, Any], text: str) -> None:
        disk, exceptions = self.disk, dict(map(tuple, receipt["exceptions"]))
        size = receipt["log"]["size"]
        disk.receipts[batch.id] = text
        disk.batch = None
        confirmed = self.truth.confirmed
        if receipt["epoch"] == self.station.epoch:  # else of a log that was lost meanwhile
            confirmed[batch.enrolment] = max(batch.n_max, confirmed.get(batch.enrolment, 0))
        for position, sha256 in enumerate(batch.facts):
            fact = disk.facts[sha256]
            verdict = exceptions.get(position)
            disk.facts[sha256] = replace(
                fact, state="receipted", receipted_ms=self.clock.ms, log_size=size,
                verdict=verdict,
            )  # fmt: skip
            for photo in fact.photos:
                if photo in disk.photos:
                    self._photo_known(photo, size)
            disk.number_reused |= (verdict or "").endswith("number_reused")
            self._note_verdict(sha256, receipt, verdict or "admitted")

    def _photo_known(self, photo: str, size: int) -> None:
        """Set aside while the station did not know its record, it may go now."""
        known = self.disk.photos[photo]
        heard_wrong = known.hash_failures > HASH_FAILURES_MAX
        state = "waiting" if known.state == "parked" and not heard_wrong else known.state
        self.disk.photos[photo] = replace(known, log_size=size, state=state)

    def _note_verdict(self, sha256: str, receipt: dict[str, Any], verdict: str) -> None:
        recorded = self.truth.facts[sha256]
        recorded.receipts.append(receipt["batch"])
        if receipt["epoch"] != self.station.epoch:
            return  # of a log that was lost between the answer and its reading
        if verdict != "admitted":
            self.truth.happened[f"receipt says {verdict.partition(',')[0]}"] += 1
        if recorded.verdict is None:
            recorded.verdict = verdict
        elif recorded.verdict != verdict:
            self.truth.wrong("I1", f"{sha256} was {recorded.verdict}, now {verdict}")

    def _tidy(self) -> None:
        """Facts go 30 days after their receipt, photos' bytes once the station has them."""
        disk = self.disk
        if self.owes_private:
            return  # until it has been updated, what it holds is all there is
        for sha256, fact in list(disk.facts.items()):
            old = fact.receipted_ms is not None and (
                self.clock.ms - fact.receipted_ms > FACTS_KEPT_DAYS * DAY_MS
            )
            held = all(disk.photos[p].state != "waiting" for p in fact.photos if p in disk.photos)
            covered = fact.log_size is not None and fact.log_size <= disk.covered
            if fact.state == "receipted" and old and held and covered:
                del disk.facts[sha256]
                self.truth.forgotten.add(sha256)
                for photo in fact.photos:
                    if not any(photo in each.photos for each in disk.facts.values()):
                        disk.photos.pop(photo, None)
                        disk.bodies.pop(photo, None)
