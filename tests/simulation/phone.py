"""A small model of the phone: what it keeps on disk, what it sends, when it forgets.

It follows pwa/src/data/handover.ts and pwa/src/transport: one fixed batch at a time, settled by a
verified receipt and by nothing else, photos after their facts, changes by cursor, heads compared.
Its work is a generator: at every `yield` the world may kill it, and only the disk survives.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from sync.fold import Row
from sync.merkle import verify_consistency
from sync.overlay import overlay
from tests.simulation.chance import DAY_MS, Chance, Clock, instant_of
from tests.simulation.network import Reply, Request
from tests.simulation.station import Station, line_of, sha_of
from tests.simulation.truth import Recorded, Truth

FACTS_KEPT_DAYS = 30
ROUNDS_MAX = 4
PAGES_MAX = 200
JUMPS_MAX = 20
HASH_FAILURES_MAX = 2

Step = Generator[Request | str, Reply | None, Any]


class DiskFull(Exception):
    """Nothing was written."""


@dataclass(frozen=True, slots=True)
class OwnFact:
    """A fact as the phone keeps it. Frozen, so that an old copy of the disk stays what it was."""

    id: str
    sha256: str
    line: bytes
    private: bytes | None
    n: int
    enrolment: str
    kind: str
    subject: str
    photos: tuple[str, ...]
    state: str = "unsent"  # unsent | sent | receipted
    batch: str | None = None
    receipted_ms: int | None = None
    log_size: int | None = None
    verdict: str | None = None
    parked: bool = False


@dataclass(frozen=True, slots=True)
class OwnPhoto:
    sha256: str
    bytes: int
    state: str = "waiting"  # waiting | held | parked | lost
    log_size: int | None = None
    hash_failures: int = 0


@dataclass(frozen=True, slots=True)
class Prepared:
    """A batch fixed on disk: the same bytes go until a receipt covers them."""

    id: str
    body: bytes
    manifest: str
    facts: tuple[str, ...]
    enrolment: str
    n_max: int


@dataclass(slots=True)
class Disk:
    """What survives a kill. Each change between two yields is one transaction."""

    enrolment: str = ""
    token: str = ""
    key: Any = None
    server_key: str = ""
    epoch: int = 1
    n: int = 0
    facts: dict[str, OwnFact] = field(default_factory=dict)
    batch: Prepared | None = None
    receipts: dict[str, str] = field(default_factory=dict)
    photos: dict[str, OwnPhoto] = field(default_factory=dict)
    bodies: dict[str, bytes] = field(default_factory=dict)
    rows: dict[str, Row] = field(default_factory=dict)
    pulled: dict[str, tuple[int, str]] = field(default_factory=dict)  # sha256 -> index, line
    cursor: str | None = None
    covered: int = 0
    head: tuple[int, str] | None = None
    offset_ms: int | None = None
    revoked: bool = False
    signed_out: bool = False
    number_reused: bool = False

    def copy(self) -> Disk:
        """A backup of the whole profile; all values inside are immutable or replaced whole."""
        names = ("facts", "receipts", "photos", "bodies", "rows", "pulled")
        return replace(self, **{name: dict(getattr(self, name)) for name in names})


class Phone:
    def __init__(
        self, name: str, account: str, station: Station, truth: Truth, chance: Chance, clock: Clock
    ) -> None:
        self.name, self.account = name, account
        self.station, self.truth, self.chance, self.clock = station, truth, chance, clock
        self.disk = Disk()
        self.running: Step | None = None
        self.waiting_for: Request | None = None
        self.doubt: str | None = None
        self.clock_error_ms = 0
        self.full = False
        self.part_bytes = 64
        self.page = chance.random.choice((2, 5, 500))
        self.forgets_private = False  # a released app that left private lines out of its batches
        self.owes_private = False  # it once did
        self.heads_seen: list[tuple[int, int, str]] = []

    # --- the person's side ---

    def enrol(self) -> None:
        """Claim a code: numbers start anew, what was written before keeps its words."""
        disk, key = self.disk, self.station.make_key(self.chance)
        made = self.station.enrol(self.account, key, self.name)
        disk.enrolment, disk.token, disk.key = made.enrolment, made.token, key
        disk.server_key, disk.epoch, disk.n = made.server_key, made.epoch, 0
        disk.cursor, disk.signed_out, disk.revoked, disk.number_reused = None, False, False, False

    def record(
        self, kind: str, subject: str, body: dict[str, Any], *, private: Any = None,
        photos: Iterable[bytes] = (), role: str = "before", after: Iterable[str] | None = None,
        bad: str | None = None, **envelope: Any,
    ) -> Recorded | None:  # fmt: skip
        """A tap on 保存. None when the disk is full: then the person was told so."""
        if self.full:
            return None
        disk = self.disk
        bodies = {sha_of(each): each for each in photos}
        id_ = envelope.get("id") or self.chance.id()
        line = {
            "id": id_, "kind": kind, "v": 1, "station": self.station.station_id,
            "subject": subject, "after": self.heads(subject) if after is None else list(after),
            "author": self.account, "enrolment": disk.enrolment, "n": disk.n + 1,
            "at": self.clock.instant(self.clock_error_ms), "offset_ms": disk.offset_ms,
            "where": None,
            "photos": [
                {"sha256": each, "role": role, "bytes": len(found)}
                for each, found in bodies.items()
            ],
        }  # fmt: skip
        private_line = None
        if private:
            private_line = line_of({"fact": id_, "salt": self.chance.salt(), "fields": private})
            line["private"] = sha_of(private_line)
        raw = line_of({**line, **envelope, "body": body})
        sha256 = sha_of(raw)
        disk.n += 1
        disk.facts[sha256] = OwnFact(
            id_, sha256, raw, private_line, disk.n, disk.enrolment, kind, subject, tuple(bodies)
        )
        for each, found in bodies.items():
            if each not in disk.photos:
                disk.photos[each] = OwnPhoto(each, len(found))
            disk.bodies[each] = found
            self.truth.photos[each] = found
        recorded = Recorded(
            sha256, raw, private_line, id_, kind, subject, self.account, disk.enrolment, disk.n,
            self.name, tuple(line["after"]), body, tuple(bodies), bad,
        )  # fmt: skip
        self.truth.record(recorded)
        return recorded

    def shown(self, subject: str) -> Row | None:
        """What the screen shows: the station's row, own facts it does not cover yet on top."""
        row = self.disk.rows.get(subject)
        # In the order they were written: numbers start anew with every enrolment.
        own = [f for f in self.disk.facts.values() if f.subject == subject and self._pending(f)]
        facts = []
        for fact in own:
            try:
                found = json.loads(fact.line)
            except ValueError:
                continue
            fields = json.loads(fact.private)["fields"] if fact.private else {}
            facts.append({**found, "body": {**fields, **found["body"]}})
        return overlay(row, facts) if facts else row

    def _pending(self, fact: OwnFact) -> bool:
        if fact.verdict is not None and fact.verdict.startswith("quarantined"):
            return True
        return fact.log_size is None or fact.log_size > self.disk.covered

    def heads(self, subject: str) -> list[str]:
        row = self.shown(subject)
        return list(row["heads"])[-64:] if row is not None else []

    def subjects(self, type_: str) -> list[str]:
        """Ids of what the lists on the phone show, in a fixed order."""
        own = [f.subject for f in self.disk.facts.values() if f.kind.startswith(type_ + ".")]
        pulled = [id_ for id_, row in self.disk.rows.items() if row["type"] == type_]
        return list(dict.fromkeys([*pulled, *own]))

    def left(self) -> tuple[int, int]:
        facts = sum(f.state != "receipted" and not f.parked for f in self.disk.facts.values())
        photos = sum(p.state == "waiting" for p in self.disk.photos.values())
        return facts, photos

    def hand_over_again(self) -> None:
        """`全部再交一次`: everything still here travels once more."""
        for key, fact in self.disk.facts.items():
            if fact.state == "receipted":
                self.disk.facts[key] = replace(fact, state="unsent", batch=None)

    # --- the sender ---

    def work(self) -> Step:
        """One waking of the sender."""
        if self.disk.signed_out:
            return
        for _ in range(ROUNDS_MAX):
            if self.left() == (0, 0):
                break
            yield "wakes"
            if not (yield from self._send_text()):
                return
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
            "acknowledged": disk.cursor, "app": "sim", "facts": len(facts),
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
        self._store_receipt(batch, receipt, text)
        return True

    def _store_receipt(self, batch: Prepared, receipt: dict[str, Any], text: str) -> None:
        disk, exceptions = self.disk, dict(map(tuple, receipt["exceptions"]))
        size = receipt["log"]["size"]
        disk.receipts[batch.id] = text
        disk.batch = None
        for position, sha256 in enumerate(batch.facts):
            fact = disk.facts[sha256]
            verdict = exceptions.get(position)
            disk.facts[sha256] = replace(
                fact, state="receipted", receipted_ms=self.clock.ms, log_size=size,
                verdict=verdict,
            )  # fmt: skip
            for photo in fact.photos:
                if photo in disk.photos:
                    disk.photos[photo] = replace(disk.photos[photo], log_size=size)
            disk.number_reused |= (verdict or "").endswith("number_reused")
            self._note_verdict(sha256, batch.id, verdict or "admitted")

    def _note_verdict(self, sha256: str, batch: str, verdict: str) -> None:
        recorded = self.truth.facts[sha256]
        recorded.receipts.append(batch)
        if recorded.verdict is None:
            recorded.verdict = verdict
        elif recorded.verdict != verdict:
            self.truth.wrong("I1", f"{sha256} was {recorded.verdict}, now {verdict}")

    # --- photos ---

    def _send_photos(self) -> Step:
        for photo in list(self.disk.photos.values()):
            waiting = photo.state == "waiting" and photo.log_size is not None
            if waiting and not (yield from self._send_photo(photo.sha256)):
                return False
        return True

    def _send_photo(self, sha256: str) -> Step:
        """Whole when it is small, else in parts from where the station says. False: try later."""
        place: tuple[int, int | None] | None = None
        tried_whole = False
        for _ in range(JUMPS_MAX):
            body = self.disk.bodies.get(sha256)
            if body is None:
                self._declare_lost(sha256)
                return True
            if place is None:
                reply = yield Request.make("head", self.disk.token, sha256=sha256)
                done, place = self._after_head(sha256, reply)
                if place is None:
                    return done
            if place[0] == 0 and not tried_whole and len(body) <= self.part_bytes:
                tried_whole = True
                reply = yield Request.make("put", self.disk.token, body, sha256=sha256)
                yield "answered"
                if reply is None or reply.status >= 500:
                    return False
                if reply.status in (200, 204):
                    return self._settle_held(sha256, reply.headers.get("Photo-Held", ""))
            part = body[place[0] : place[0] + self.part_bytes]
            reply = yield Request.make(
                "patch", self.disk.token, part, sha256=sha256, offset=place[0], epoch=place[1],
                length=len(body),
            )  # fmt: skip
            yield "answered"
            done, place = self._after_part(sha256, reply)
            if place is None:
                return done
        return False

    def _after_head(
        self, sha256: str, reply: Reply | None
    ) -> tuple[bool, tuple[int, int | None] | None]:
        """Whether this photo is done with, or where to go on."""
        if reply is None or reply.status >= 500 or reply.status == 401:
            return False, None
        if reply.status == 404:
            self._photo(sha256, state="parked")
            return True, None
        if "Photo-Receipt" in reply.headers:
            signed = reply.headers["Photo-Receipt"], reply.headers["Photo-Signature"]
            return self._settle_photo(sha256, *signed), None
        return False, self._place(reply)

    def _after_part(
        self, sha256: str, reply: Reply | None
    ) -> tuple[bool, tuple[int, int | None] | None]:
        if reply is None:
            return False, None
        if reply.status == 200:
            text, signature = reply.body.get("receipt"), reply.body.get("signature")
            return self._settle_photo(sha256, text or "", signature or ""), None
        if reply.status == 422:
            failures = self.disk.photos[sha256].hash_failures + 1
            if failures > HASH_FAILURES_MAX:
                self._photo(sha256, hash_failures=failures, state="parked")
                return True, None
            self._photo(sha256, hash_failures=failures)
        elif reply.status not in (204, 409):
            return False, None
        return False, self._place(reply)

    @staticmethod
    def _place(reply: Reply) -> tuple[int, int | None] | None:
        if "Upload-Offset" not in reply.headers:
            return None
        return int(reply.headers["Upload-Offset"]), int(reply.headers.get("Upload-Epoch", 0))

    def _photo(self, sha256: str, **changes: Any) -> None:
        if sha256 in self.disk.photos:
            self.disk.photos[sha256] = replace(self.disk.photos[sha256], **changes)

    def _settle_held(self, sha256: str, held: str) -> bool:
        words = held.split(" ")
        if len(words) != 4:
            return False
        condition, epoch, time, signature = words
        text = line_of(
            {"photo": sha256, "bytes": len(self.disk.bodies.get(sha256, b"")),
             "condition": condition, "station": self.station.station_id, "time": time,
             "epoch": int(epoch)}
        ).decode()  # fmt: skip
        return self._settle_photo(sha256, text, signature)

    def _settle_photo(self, sha256: str, text: str, signature: str) -> bool:
        signed = "grid-inspector/photo/1\n" + text
        if not self.station.fits(self.disk.server_key, signed, signature):
            return False
        receipt, photo = json.loads(text), self.disk.photos.get(sha256)
        if photo is None or (receipt["photo"], receipt["bytes"]) != (sha256, photo.bytes):
            return False
        self._photo(sha256, state="held")
        self.truth.photo_receipts.add(sha256)
        return True

    def _declare_lost(self, sha256: str) -> None:
        """The browser threw the bytes away: said once, on the photo's subject (I17)."""
        for fact in list(self.disk.facts.values()):
            if sha256 in fact.photos:
                body = {"sha256": sha256, "reason": "照片在这部手机上找不到了"}
                if self.record("photo.lost", fact.subject, body):
                    self._photo(sha256, state="lost")
                return
        self._photo(sha256, state="lost")

    # --- the way down ---

    def _fetch(self) -> Step:
        for _ in range(PAGES_MAX):
            cursor = self.disk.cursor
            if cursor is None:
                if not (yield from self._snapshot()):
                    return False
                continue
            reply = yield Request.make("changes", self.disk.token, after=cursor, limit=self.page)
            yield "answered"
            if reply is None or self.disk.cursor != cursor:
                return False
            if reply.status == 409:
                if not (yield from self._snapshot()):
                    return False
                continue
            if reply.status == 401:
                self.disk.signed_out = True
            if reply.status != 200 or "cursor" not in reply.body:
                return False
            restored = reply.body["epoch"] != self.disk.epoch
            yield from self._trailer(reply.body)
            if restored:
                if not (yield from self._snapshot()):
                    return False
                continue
            self._apply(reply.body)
            if not reply.body["more"]:
                return True
        return False

    def _apply(self, page: dict[str, Any]) -> None:
        disk = self.disk
        disk.revoked = page["control"]["revoked"]
        for told in page["facts"]:
            self._take_fact(told)
        for each in page["rows"]:
            disk.rows[each["id"]] = each["row"]
        for id_ in page["gone"]:
            disk.rows.pop(id_, None)
        disk.cursor = page["cursor"]
        disk.covered = int(page["cursor"].split(".")[0])

    def _take_fact(self, told: dict[str, Any]) -> None:
        sha256 = sha_of(told["line"].encode())
        self.disk.pulled[sha256] = (told["i"], told["line"])
        fact = json.loads(told["line"])
        if fact["kind"] == "ledger.admitted":
            target = fact["body"]["fact_sha256"]
            if target in self.disk.facts:
                found = self.disk.facts[target]
                self.disk.facts[target] = replace(found, verdict=None)

    def _snapshot(self) -> Step:
        """Pages into an idle store; the one in use stays until the last page is in."""
        at, after, idle = None, None, {}
        for _ in range(PAGES_MAX):
            reply = yield Request.make(
                "snapshot", self.disk.token, at=at, after=after, limit=self.page
            )
            yield "answered"
            if reply is not None and reply.body.get("code") == "enrolment-revoked":
                self.disk.revoked = True
            if reply is None or reply.status != 200 or "next" not in reply.body:
                return False
            yield from self._trailer(reply.body)
            at, after = reply.body["cursor"], reply.body["next"]
            for each in reply.body["rows"]:
                idle[each["id"]] = each["row"]
            if after is None:
                self.disk.rows, self.disk.cursor = idle, at
                self.disk.covered = int(at.split(".")[0])
                return True
        return False

    def _trailer(self, body: dict[str, Any]) -> Step:
        if body["epoch"] != self.disk.epoch:
            self._after_restore(body["epoch"], body["n_received"])
            self.disk.head = None
        self.disk.offset_ms = self.clock_error_ms
        head, before = body["head"], self.disk.head
        signed = "\n".join(
            map(str, ("grid-inspector/head/1", self.station.station_id, body["epoch"],
                      head["size"], head["root"], head["time"]))
        )  # fmt: skip
        if not self.station.fits(self.disk.server_key, signed, head["signature"]):
            self._doubts("a head without the station's signature")
            return
        now = (head["size"], head["root"])
        if before is not None and before != now:
            if now[0] <= before[0]:
                self._doubts(f"the log was {before}, now {now}")
                return
            if before[0] > 0:
                reply = yield Request.make(
                    "consistency", self.disk.token, **{"from": before[0], "to": now[0]}
                )
                if reply is None or reply.status != 200 or "path" not in reply.body:
                    return  # compared next time
                path = [bytes.fromhex(each) for each in reply.body["path"]]
                roots = bytes.fromhex(before[1]), bytes.fromhex(now[1])
                if not verify_consistency(before[0], roots[0], now[0], roots[1], path):
                    self._doubts(f"no way from {before} to {now}")
                    return
        self.disk.head = now
        self.heads_seen.append((body["epoch"], *now))

    def _doubts(self, words: str) -> None:
        self.doubt = words
        self.truth.wrong("I7", f"{self.name}: {words}")

    def _after_restore(self, epoch: int, received: int) -> None:
        """The station was restored: everything still here beyond what it has travels again."""
        disk = self.disk
        disk.epoch = epoch
        for key, fact in disk.facts.items():
            lacking = fact.n > received or fact.enrolment != disk.enrolment
            if fact.state == "receipted" and lacking:
                disk.facts[key] = replace(fact, state="unsent", batch=None, log_size=None)
                for photo in fact.photos:
                    if photo in disk.bodies:
                        self._photo(photo, state="waiting", log_size=None)

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

    def at(self) -> str:
        """What the phone's clock says."""
        return instant_of(self.clock.ms + self.clock_error_ms)
