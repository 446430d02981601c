"""The way down: changes by cursor, snapshots, and heads compared with the one seen before."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from sync.merkle import verify_consistency
from tests.simulation.network import Request
from tests.simulation.recorder import Step
from tests.simulation.station import sha_of
from tests.simulation.witness import Witness

PAGES_MAX = 200


class Fetcher(Witness):
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
            if reply.body["epoch"] != self.disk.epoch:
                if not (yield from self._meets_new_epoch(reply.body)):
                    return False
                continue
            yield from self._trailer(reply.body)
            self._apply(reply.body)
            if not reply.body["more"]:
                self.disk.checklist = self.truth.checklist_version
                return True
        return False

    def _apply(self, page: dict[str, Any]) -> None:
        disk = self.disk
        disk.revoked = page["control"]["revoked"]
        self._keep_page(page)
        for told in page["facts"]:
            self._take_fact(told)
        for each in page["rows"]:
            disk.rows[each["id"]] = each["row"]
        for id_ in page["gone"]:
            self.truth.happened["row left a phone with its area"] += id_ in disk.rows
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
        known = self.disk.epoch
        met: int | None = None  # another epoch, everything for which has been handed back
        for _ in range(PAGES_MAX):
            reply = yield Request.make(
                "snapshot", self.disk.token, at=at, after=after, limit=self.page
            )
            yield "answered"
            if reply is not None and reply.body.get("code") == "enrolment-revoked":
                self.disk.revoked = True
                yield from self._revoked_meets_epoch()
            if reply is not None and reply.status == 401:
                self.disk.signed_out = True
            if reply is None or reply.status != 200 or "next" not in reply.body:
                return False
            epoch = reply.body["epoch"]
            if epoch not in (known, met):
                if not (yield from self._meets_new_epoch(reply.body)):
                    return False
                at, after, idle, met = None, None, {}, epoch
                continue
            if met is None:
                yield from self._trailer(reply.body)
            at, after = reply.body["cursor"], reply.body["next"]
            for each in reply.body["rows"]:
                idle[each["id"]] = each["row"]
            if after is None:
                if met is not None:
                    self._remember(met)
                self.disk.rows, self.disk.cursor = idle, at
                self.disk.covered = int(at.split(".")[0])
                return True
        return False

    def _revoked_meets_epoch(self) -> Step:
        """A revoked phone gets no rows, but it too hears that the station was restored."""
        args = {"after": None, "limit": self.page}
        reply = yield Request.make("changes", self.disk.token, **args)
        yield "answered"
        if reply is None or reply.status != 200 or "cursor" not in reply.body:
            return
        epoch = reply.body["epoch"]
        if epoch != self.disk.epoch and (yield from self._meets_new_epoch(reply.body)):
            self._remember(epoch)

    def _remember(self, epoch: int) -> None:
        """The new epoch is known, and what came before it handed back."""
        self.disk.epoch, self.disk.head = epoch, None
        self.disk.pulled.clear()  # their places in the log are other ones now

    def _trailer(self, body: dict[str, Any]) -> Step:
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
                if reply.body.get("epoch", body["epoch"]) != body["epoch"]:
                    return  # the station was restored between two questions
                path = [bytes.fromhex(each) for each in reply.body["path"]]
                roots = bytes.fromhex(before[1]), bytes.fromhex(now[1])
                if not verify_consistency(before[0], roots[0], now[0], roots[1], path):
                    self._doubts(f"no way from {before} to {now}")
                    return
        self.disk.head = now
        self._keep_head(body["epoch"], head)
        self.heads_seen.append((body["epoch"], *now))
