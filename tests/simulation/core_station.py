"""The station of core worlds: the wire of docs/contract.md in front of a ledger in memory."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

from sync.admission import Author
from sync.cursor import Cursor, parse_cursor
from sync.fact import Fact, PrivateLine, parse_private
from sync.invariants import LogEntry
from sync.limits import BATCH_BYTES_MAX
from sync.merkle import (
    consistency_proof,
    subtree_from,
)
from sync.steps import impossible
from tests.simulation.chance import Chance, SeededKey
from tests.simulation.core_ledger import Enrolment, Line, Photo
from tests.simulation.core_restore import Restoring, page_text
from tests.simulation.network import Reply, Request
from tests.simulation.station import SHOWN_TYPES, Enrolled, line_of, sha_of

# The facts after which a hazard may have a number it had not before.
NUMBER_GIVING = frozenset({"hazard.found", "ledger.admitted"})


class CoreStation(Restoring):
    real_keys = False
    restorable = True

    # --- requests ---

    def handle(self, request: Request) -> Reply:
        crash, self.crash_next = self.crash_next, False
        if crash:
            return Reply(500)
        if not request.whole:
            return Reply(400, {"code": "body-cut-short", "retry": True})
        if request.name == "decide":
            return self._decide(request)
        if request.name == "return":
            return self._on_return(request)
        enrolment = self.enrolments.get(request.token)
        if enrolment is None:
            return Reply(401, {"code": "not-signed-in"})
        answer: Reply = getattr(self, f"_on_{request.name}")(request, enrolment)
        return answer

    def _on_batch(self, request: Request, enrolment: Enrolment) -> Reply:
        if len(request.body) > BATCH_BYTES_MAX:
            return Reply(413, {"code": "too-large"})
        parts = request.body.split(b"\n")[:-1]
        head, signed = json.loads(parts[0]), json.loads(parts[1])
        lines, privates = parts[2 : 2 + head["facts"]], parts[2 + head["facts"] :]
        if len(parts) != 2 + head["facts"] + head["privates"]:
            return Reply(400, {"code": "not-a-batch"})
        if head["enrolment"] != request.token:
            return Reply(403, {"code": "wrong-enrolment"})
        manifest = sha_of("\n".join(map(sha_of, lines)).encode())
        if manifest != signed["manifest"]:
            return Reply(400, {"code": "manifest-mismatch"})
        text = (
            f"grid-inspector/batch/1\n{self.station_id}\n{head['batch']}\n{head['enrolment']}\n"
            f"{head['sent_at']}\n{head['n_max']}\n{manifest}"
        )
        fits = SeededKey.fits(enrolment.public_key, text, signed["signature"])
        known = self.batches.get((head["batch"], manifest))
        read = self._lines(lines, privates)
        if known is None:
            if any(batch == head["batch"] for batch, _ in self.batches):
                return Reply(409, {"code": "batch-id-reused"})
            if self._quarantine_is_full(request.token, enrolment, fits, read):
                return Reply(429, {"code": "quarantine-full", "retry": True})
            known = self._take(request.token, enrolment, head, manifest, fits, read)
        return Reply(200, {**known, "photos": self._progress(read), "revoked": enrolment.revoked})

    def _quarantine_is_full(self, token: str, enrolment: Enrolment, fits: bool, read: Any) -> bool:
        """A phone's bad lines are bounded per day; the first batch of a day always gets in."""
        author = self._author(token, enrolment, fits)
        whole = self.scope(enrolment.account)[0]
        bad = sum(
            not self._verdict(line, author, whole, None, {}).admitted
            for line in read
            if line.sha256 not in self.verdicts
        )
        day = token, self._clock.instant()[:10]
        before = self.quarantined.get(day, 0)
        if bad and before and before + bad > self.quarantined_per_day_max:
            return True
        self.quarantined[day] = before + bad
        return False

    def _lines(self, lines: list[bytes], privates: list[bytes]) -> list[Line]:
        by_fact: dict[str, PrivateLine] = {}
        for raw in privates:
            private = parse_private(raw)
            if isinstance(private, PrivateLine):
                by_fact.setdefault(private.fact, private)
        found = []
        for raw in lines:
            line = self._read(raw)
            if line.fact is not None and line.fact.private is not None:
                line = replace(line, private=by_fact.get(line.fact.id))
            found.append(line)
        return found

    def _author(self, token: str, enrolment: Enrolment, fits: bool) -> Author:
        _, areas = self.scope(enrolment.account)
        roles = self._roles(enrolment.account)
        before = {
            id_: each
            for id_, each in self.enrolments.items()
            if each.account == enrolment.account and each.order < enrolment.order
        }
        return Author(
            account=enrolment.account,
            enrolment=token,
            revoked=enrolment.revoked,
            signature_ok=fits,
            roles=roles,
            roles_acknowledged=roles,
            areas=areas,
            earlier=frozenset(id_ for id_, each in before.items() if not each.revoked),
            earlier_revoked=frozenset(id_ for id_, each in before.items() if each.revoked),
        )

    def _take(
        self, token: str, enrolment: Enrolment, head: Any, manifest: str, fits: bool, read: Any
    ) -> dict[str, Any]:
        author = self._author(token, enrolment, fits)
        cursor = parse_cursor(head["acknowledged"] or "")
        acknowledged = max(cursor.index, enrolment.acknowledged) if cursor else None
        whole = self.scope(enrolment.account)[0]
        verdicts = self._append(read, author, whole=whole, acknowledged=acknowledged)
        enrolment.announced = max(enrolment.announced, head["n_max"])
        enrolment.acknowledged = max(enrolment.acknowledged, cursor.index if cursor else 0)
        for line in read:
            for each in line.fact.photos if line.fact is not None else ():
                self.photos.setdefault(each["sha256"], Photo(each["bytes"]))
        receipt = line_of(
            {
                "batch": head["batch"],
                "station": self.station_id,
                "enrolment": token,
                "manifest": manifest,
                "count": len(read),
                "exceptions": [[i, v] for i, v in enumerate(verdicts) if v != "admitted"],
                "time": self._clock.instant(),
                "epoch": self.epoch,
                "log": {"size": len(self.log), "root": self.frontier.root().hex()},
                "backed_up_to": self.backed_up_to,
                "backoff_s": 0,
            }
        ).decode()
        signature = self._key.sign("grid-inspector/receipt/1\n" + receipt)
        answer = {"receipt": receipt, "signature": signature}
        self.batches[head["batch"], manifest] = answer
        return answer

    def _progress(self, read: list[Line]) -> dict[str, Any]:
        named = {p["sha256"] for line in read if line.fact for p in line.fact.photos}
        return {
            "held": sorted(each for each in named if self.photos[each].held),
            "partial": sorted(
                [each, len(self.photos[each].parts)]
                for each in named
                if self.photos[each].parts and not self.photos[each].held
            ),
        }

    def _on_changes(self, request: Request, enrolment: Enrolment) -> Reply:
        account = enrolment.account
        version = self._scope_version(account)
        after = request.args["after"]
        cursor = Cursor(0, version) if after is None else parse_cursor(after)
        if cursor is None or cursor.index > len(self.log):
            return Reply(409, {"code": "bad-cursor"})
        if cursor.scope_version != version:
            return Reply(409, {"code": "scope-changed"})
        start = cursor.index
        if enrolment.revoked:
            return self._answer(enrolment, Cursor(start, version), {"more": False})
        end = min(len(self.log), start + request.args["limit"])
        until = end + 1 if end == len(self.log) else end
        facts = []
        for entry in self.log[start:end]:
            fact = self.facts[entry.fact_sha256].fact
            own = fact is not None and fact.author == account
            admitted = entry.fact_sha256 in self.counts
            if fact is not None and (own or (admitted and self.sees(account, fact.subject))):
                facts.append(self._item(entry, fact))
        rows, gone = [], []
        for subject, row in self.folded.items():
            at = {self.changed.get(subject, -1), self.moved.get(subject, -1)}
            if row["type"] in SHOWN_TYPES and any(start <= place < until for place in at):
                if self.sees(account, subject):
                    rows.append(self._told(subject))
                else:
                    gone.append(subject)
        page = {"from": start, "to": end, "items": facts}
        text = page_text(self.station_id, self.epoch, page)
        witness = {"from": start, "to": end, "epoch": self.epoch, "signature": self._key.sign(text)}
        body = {
            "more": end < len(self.log),
            "witness": witness,
            "facts": facts,
            "rows": rows,
            "gone": gone,
        }
        return self._answer(enrolment, Cursor(end, version), body)

    def _item(self, entry: LogEntry, fact: Fact) -> dict[str, Any]:
        number = self.hazard_numbers.get(fact.subject) if fact.kind in NUMBER_GIVING else None
        told = {"i": entry.index, "verdict": entry.verdict, "line": fact.raw.decode(),
                "received_at": entry.received_at}  # fmt: skip
        return {**told, "number": number} if number else told

    def _told(self, subject: str) -> dict[str, Any]:
        row = self.folded[subject]
        return {"type": row["type"], "id": subject, "i": self.changed[subject], "row": dict(row)}

    def _on_snapshot(self, request: Request, enrolment: Enrolment) -> Reply:
        if enrolment.revoked:
            return Reply(403, {"code": "enrolment-revoked"})
        version, at = self._scope_version(enrolment.account), len(self.log)
        if request.args.get("at") is not None:
            cursor = parse_cursor(request.args["at"])
            if cursor is None or cursor.scope_version != version:
                return Reply(409, {"code": "scope-changed"})
            at = cursor.index
        after, limit = request.args.get("after") or "", request.args["limit"]
        seen = sorted(s for s in self.folded if s > after and self.sees(enrolment.account, s))
        page = seen[:limit]
        following = page[-1] if len(page) == limit else None
        body = {"rows": [self._told(each) for each in page], "next": following}
        return self._answer(enrolment, Cursor(at, version), body)

    def _answer(self, enrolment: Enrolment, cursor: Cursor, body: dict[str, Any]) -> Reply:
        size, root = len(self.log), self.frontier.root().hex()
        time = self._clock.instant()
        text = f"grid-inspector/head/1\n{self.station_id}\n{self.epoch}\n{size}\n{root}\n{time}"
        trailer = {
            "cursor": str(cursor), "facts": [], "rows": [], "gone": [], **body, "time": time,
            "epoch": self.epoch,
            "head": {"size": size, "root": root, "time": time, "signature": self._key.sign(text)},
            "n_received": enrolment.received, "opened": self.opened,
            "backed_up_to": self.backed_up_to,
            "control": {"revoked": enrolment.revoked},
        }  # fmt: skip
        return Reply(200, trailer)

    def _on_previews(self, request: Request, _enrolment: Enrolment) -> Reply:
        body, stored = request.body, 0
        while body:
            sha256, size = body[:32].hex(), int.from_bytes(body[32:36], "big")
            photo, preview, body = self.photos.get(sha256), body[36 : 36 + size], body[36 + size :]
            if photo is not None and not photo.held:
                self.previews[sha256], stored = preview, stored + 1
        return Reply(200, {"stored": stored})

    def _on_consistency(self, request: Request, _enrolment: Enrolment) -> Reply:
        older, newer = request.args["from"], request.args["to"]
        if not 0 < older <= newer <= len(self.log):
            return Reply(400, {"code": "no-such-head"})
        subtree = subtree_from(self.leaves.__getitem__, lambda _level, _index: None)
        path = consistency_proof(older, newer, subtree)
        return Reply(200, {"epoch": self.epoch, "path": [each.hex() for each in path]})

    # --- photos ---

    def _on_put(self, request: Request, _enrolment: Enrolment) -> Reply:
        sha256 = request.args["sha256"]
        photo = self.photos.get(sha256)
        if photo is None:
            return Reply(404, {"code": "photo-not-declared"})
        if sha_of(request.body) != sha256:
            return Reply(400, {"code": "digest-mismatch"})
        if not photo.held:
            photo.parts, photo.held = b"", True
            self.held[sha256] = request.body
        text, signature = self._photo_receipt(sha256)
        said = json.loads(text)
        held = f"{said['condition']} {said['epoch']} {said['time']} {signature}"
        return Reply(204, headers={"Photo-Held": held})

    def _photo_receipt(self, sha256: str) -> tuple[str, str]:
        text = line_of(
            {"photo": sha256, "bytes": len(self.held[sha256]), "condition": "undecodable",
             "station": self.station_id, "time": self._clock.instant(), "epoch": self.epoch}
        ).decode()  # fmt: skip
        return text, self._key.sign("grid-inspector/photo/1\n" + text)

    def _on_head(self, request: Request, _enrolment: Enrolment) -> Reply:
        photo = self.photos.get(request.args["sha256"])
        if photo is None:
            return Reply(404, {"code": "photo-not-declared"})
        if photo.held:
            text, signature = self._photo_receipt(request.args["sha256"])
            return Reply(200, headers={"Photo-Receipt": text, "Photo-Signature": signature})
        return Reply(204, headers=self._place(photo))

    @staticmethod
    def _place(photo: Photo) -> dict[str, str]:
        return {"Upload-Offset": str(len(photo.parts)), "Upload-Epoch": str(photo.epoch)}

    def _on_patch(self, request: Request, _enrolment: Enrolment) -> Reply:
        sha256, args = request.args["sha256"], request.args
        photo = self.photos.get(sha256)
        if photo is None:
            return Reply(404, {"code": "photo-not-declared"})
        if photo.held:
            text, signature = self._photo_receipt(sha256)
            return Reply(200, {"receipt": text, "signature": signature})
        epoch = args["epoch"] if args["epoch"] is not None else 0
        if args["offset"] != len(photo.parts) or epoch != photo.epoch:
            return Reply(409, {"code": "wrong-offset"}, self._place(photo))
        photo.parts += request.body
        if len(photo.parts) < args["length"]:
            return Reply(204, headers=self._place(photo))
        if sha_of(photo.parts) != sha256:
            photo.parts, photo.epoch = b"", photo.epoch + 1
            return Reply(422, {"code": "photo-hash-mismatch"}, self._place(photo))
        self.held[sha256], photo.held, photo.parts = photo.parts, True, b""
        text, signature = self._photo_receipt(sha256)
        return Reply(200, {"receipt": text, "signature": signature})

    # --- the desk ---

    def desk_token(self, account: str) -> str:
        return account

    def _decide(self, request: Request) -> Reply:
        account, roles = request.token, self._roles(request.token)
        lines = []
        for each in json.loads(request.body)["facts"]:
            if each["id"] in self.ids:
                continue  # the same request again
            line = self._desk_line(
                account, each["id"], each["kind"], each["subject"], each["after"], each["body"],
                each.get("private"),
            )  # fmt: skip
            assert line.fact is not None
            row = self.folded.get(each["subject"])
            type_ = row["type"] if row is not None else each["kind"].partition(".")[0]
            if not each["kind"].startswith("ledger.") and impossible(type_, row, line.fact):
                return Reply(409, {"code": "impossible-step"})
            lines.append(line)
        whole, areas = self.scope(account)
        author = replace(self._server(account, roles), areas=areas)
        judged = [self._verdict(line, author, whole, None, {}) for line in lines]
        if not all(each.admitted for each in judged):
            return Reply(403, {"code": "role-needed"})
        self._append(lines, author, whole=whole)
        return Reply(200, {})

    # --- people and phones ---

    def make_key(self, chance: Chance) -> SeededKey:
        return SeededKey(chance.bytes(16))

    def fits(self, public_key: str, text: str, signature: str) -> bool:
        return SeededKey.fits(public_key, text, signature)

    def enrol(self, account: str, key: SeededKey, label: str) -> Enrolled:
        id_ = self._chance.id()
        self.enrolments[id_] = Enrolment(account, key.public_key, len(self.enrolments))
        key_ = self._key.public_key
        return Enrolled(id_, id_, account, self.station_id, key_, self.epoch, self._statement(id_))

    def revoke(self, enrolment: str) -> bool:
        if enrolment not in self.enrolments:  # lost with a machine: no desk shows it
            return False
        self.enrolments[enrolment].revoked = True
        return True

    def photo(self, sha256: str) -> bytes | None:
        return self.held.get(sha256)

    def counted(self, enrolment: str) -> tuple[int, int] | None:
        """What it announced, and how far its numbers are here without a hole (I15)."""
        found = self.enrolments.get(enrolment)  # None: lost with a machine, and not come back
        return (found.announced, found.received) if found is not None else None

    def hazard_number(self, subject: str) -> int | str | None:
        return self.hazard_numbers.get(subject)

    def numbers_refused(self) -> set[str]:
        """Hazards that the restore report names: another one held their number."""
        return self.refused

    def conflicts_listed(self) -> set[str]:
        """The hazards a chief sees as in dispute; at the real station, the desk's own list."""
        rows = self.folded.values()
        return {row["id"] for row in rows if row["type"] == "hazard" and row["conflicts"]}

    def now(self) -> datetime:
        return self._clock()

    def close(self) -> None:
        """Nothing to give back."""
