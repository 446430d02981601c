"""The person's side of a phone: being enrolled, recording, and what the screens show."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable
from dataclasses import replace
from functools import lru_cache
from typing import Any

from sync.fold import Row
from sync.overlay import overlay
from tests.simulation.chance import DAY_MS, YEAR_MS, Chance, Clock, instant_of
from tests.simulation.disk import Disk, OwnFact, OwnPhoto
from tests.simulation.network import Reply, Request
from tests.simulation.station import Station, line_of, sha_of
from tests.simulation.truth import Recorded, Truth

Step = Generator[Request | str, Reply | None, Any]


@lru_cache(maxsize=2048)
def _said(line: bytes, private: bytes | None) -> dict[str, Any] | None:
    """An own fact as the screen lays it over the row, private fields among the others."""
    try:
        found = json.loads(line)
    except ValueError:
        return None
    fields = json.loads(private)["fields"] if private else {}
    return {**found, "body": {**fields, **found["body"]}}


class Recorder:
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
        self.app = 1  # the version of the app
        self.forgets_private = False  # a released app that left private lines out of its batches
        self.owes_private = False  # it once did
        self.heads_seen: list[tuple[int, int, str]] = []

    # --- the person's side ---

    def enrol(self) -> None:
        """Claim a code: numbers start anew, what was written before keeps its words."""
        disk, key = self.disk, self.station.make_key(self.chance)
        for statement in disk.statements:  # after a restore: what it was before comes first
            self.station.handle(self.return_of(*statement, within=None))
        made = self.station.enrol(self.account, key, self.name)
        disk.enrolment, disk.token, disk.key = made.enrolment, made.token, key
        disk.server_key, disk.n = made.server_key, 0
        if not disk.statements and not disk.facts:
            disk.epoch = made.epoch  # else the new one is remembered once all is handed back
        if made.statement is not None:
            disk.statements.append((made.statement, key))
        disk.cursor, disk.signed_out, disk.revoked, disk.number_reused = None, False, False, False

    def return_of(self, statement: dict[str, str], key: Any, within: int | None) -> Request:
        """The station's own word for one enrolment; `within` is the epoch the older ones got."""
        proof = key.sign("grid-inspector/return/1\n" + statement["text"])
        told = {"statement": statement["text"], "signature": statement["signature"], "proof": proof}
        asked = told if within is None else {**told, "within": within}
        return Request.make("return", "", line_of(asked))

    def record(
        self, kind: str, subject: str, body: dict[str, Any], *, private: Any = None,
        photos: Iterable[bytes] = (), role: str = "before", after: Iterable[str] | None = None,
        bad: str | None = None, **envelope: Any,
    ) -> Recorded | None:  # fmt: skip
        """A tap on 保存. None when the disk is full: then the person was told so."""
        if self.full:
            self.truth.happened["no space to record"] += 1
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
        self._note_clock()
        return recorded

    def _note_clock(self) -> None:
        error = abs(self.clock_error_ms)
        if error:
            much = "years" if error > YEAR_MS else "days" if error > DAY_MS else "minutes"
            self.truth.happened[f"recorded with a clock {much} off"] += 1

    def shown(self, subject: str) -> Row | None:
        """What the screen shows: the station's row, own facts it does not cover yet on top."""
        row = self.disk.rows.get(subject)
        # In the order they were written: numbers start anew with every enrolment.
        own = [f for f in self.disk.facts.values() if f.subject == subject and self._pending(f)]
        facts = []
        for fact in own:
            found = _said(fact.line, fact.private)
            if found is not None:
                facts.append(found)
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

    def set_photo(self, sha256: str, **changes: Any) -> None:
        if sha256 in self.disk.photos:
            self.disk.photos[sha256] = replace(self.disk.photos[sha256], **changes)

    def hand_over_again(self) -> None:
        """`全部再交一次`: everything still here travels once more."""
        for key, fact in self.disk.facts.items():
            if fact.state == "receipted":
                self.disk.facts[key] = replace(fact, state="unsent", batch=None)

    def at(self) -> str:
        """What the phone's clock says."""
        return instant_of(self.clock.ms + self.clock_error_ms)
