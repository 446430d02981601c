"""The way down: changes by cursor, snapshots, and heads compared with the one seen before."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from sync.merkle import verify_consistency
from tests.simulation.network import Request
from tests.simulation.recorder import Recorder, Step
from tests.simulation.station import sha_of

PAGES_MAX = 200


class Fetcher(Recorder):
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
                self.truth.happened[f"changes refused: {reply.body.get('code')}"] += 1
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
                self.disk.checklist = self.truth.checklist_version
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
                        self.set_photo(photo, state="waiting", log_size=None)
