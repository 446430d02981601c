"""The station of a world: one interface, and an implementation made of sync/ alone.

CoreStation strings admission, plan, log and fold together as the server does, in memory, so that
thousands of worlds take a minute. HttpStation (http_station.py) is the real application. What both
answer is the wire of docs/contract.md, less compression.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from sync.admission import Author, Verdict, admit, parse_verdict, refused
from sync.cursor import Cursor, parse_cursor
from sync.fact import Fact, PrivateLine, parse_fact, parse_private
from sync.fold import Entry, Row, fold_subject
from sync.grants import Granted, acknowledged_roles, granted
from sync.invariants import LogEntry, check_rebuild
from sync.merkle import (
    Frontier,
    consistency_proof,
    leaf_hash,
    log_leaf,
    subtree_from,
)
from sync.outcome import Refusal
from sync.plan import Arrived, Known, plan_batch
from sync.steps import impossible
from tests.simulation.chance import Chance, Clock, SeededKey
from tests.simulation.network import Reply, Request

READMISSIBLE = {"malformed", "revoked", "wrong_author", "missing_role", "private_mismatch"}
SHOWN_TYPES = {"site", "inspection", "hazard", "activity"}
ALL_ROLES = frozenset({"inspector", "certified_inspector", "chief", "admin"})
PEOPLE = {
    "dai": (["admin"], []),
    "chen": (["chief"], []),
    "lin": (["chief"], []),
    "ana": (["inspector"], ["zao"]),
    "ben": (["inspector"], ["liu"]),
    "cai": (["certified_inspector"], ["zao", "liu"]),
}


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def line_of(value: Any) -> bytes:
    return _ENCODER.encode(value).encode()


def sha_of(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


@dataclass(frozen=True, slots=True)
class Kept:
    """A line as the station keeps it."""

    sha256: str
    raw: bytes
    index: int
    verdict: str
    admitted: bool
    private: bytes | None
    received_at: str


@dataclass(frozen=True, slots=True)
class Enrolled:
    enrolment: str
    token: str
    account: str
    station: str
    server_key: str
    epoch: int


class Station(Protocol):
    """What a world needs of a station."""

    station_id: str
    people: dict[str, str]
    areas: dict[str, str]
    sites: dict[str, str]
    crash_next: bool
    real_keys: bool

    def handle(self, request: Request) -> Reply: ...
    def enrol(self, account: str, key: Any, label: str) -> Enrolled: ...
    def revoke(self, enrolment: str) -> None: ...
    def desk_token(self, account: str) -> str: ...
    def make_key(self, chance: Chance) -> Any: ...
    def fits(self, public_key: str, text: str, signature: str) -> bool: ...

    # what checkers look at
    def kept(self) -> list[Kept]: ...
    def rows(self) -> dict[str, Row]: ...
    def row(self, subject: str) -> Row | None: ...
    def own_verification(self) -> list[str]: ...
    def photo(self, sha256: str) -> bytes | None: ...
    def announced(self, enrolment: str) -> int: ...
    def scope(self, account: str) -> tuple[bool, frozenset[str]]: ...
    def close(self) -> None: ...


@dataclass(slots=True)
class Enrolment:
    account: str
    public_key: str
    order: int
    revoked: bool = False
    announced: int = 0
    acknowledged: int = 0
    numbers: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Photo:
    length: int
    parts: bytes = b""
    epoch: int = 0
    held: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    raw: bytes
    sha256: str
    fact: Fact | None
    refusal: Refusal | None = None
    private: PrivateLine | None = None


class CoreStation:
    real_keys = False

    def __init__(self, chance: Chance, clock: Clock) -> None:
        self._chance, self._clock = chance, clock
        self.crash_next = False
        self.station_id = chance.id()
        self._key = SeededKey(chance.bytes(16))
        self.epoch = 1
        self.log: list[LogEntry] = []
        self.leaves: list[bytes] = []
        self.frontier = Frontier()
        self.facts: dict[str, Line] = {}  # logged, with the private line that is kept
        self.verdicts: dict[str, str] = {}
        self.index: dict[str, int] = {}
        self.counts: set[str] = set()  # admitted now
        self.ids: dict[str, str] = {}
        self.numbers: dict[tuple[str, int], str] = {}
        self.of_subject: dict[str, list[str]] = {}
        self.folded: dict[str, Row] = {}
        self.changed: dict[str, int] = {}
        self.area_of: dict[str, str | None] = {}
        self.moved: dict[str, int] = {}
        self.redacted: set[str] = set()
        self.enrolments: dict[str, Enrolment] = {}
        self.batches: dict[tuple[str, str], dict[str, Any]] = {}
        self.photos: dict[str, Photo] = {}
        self.held: dict[str, bytes] = {}
        self.grants: dict[str, list[tuple[int, str, Fact]]] = {}
        self.people = {name: chance.id() for name in PEOPLE}
        self.areas = {name: chance.id() for name in ("zao", "liu")}
        self.sites: dict[str, str] = {}
        self._found()

    # --- founding ---

    def _found(self) -> None:
        facts = []
        for name, id_ in self.areas.items():
            facts.append(("area.set", id_, {"name": name, "level": "village"}, None))
        for name, (roles, areas) in PEOPLE.items():
            body = {"login": name, "active": True}
            facts.append(("account.set", self.people[name], body, {"name": name}))
            grant = {"roles": roles, "areas": [self.areas[each] for each in areas]}
            facts.append(("grant.set", self.people[name], grant, None))
        for area in self.areas:
            for i in range(2):
                site = self._chance.id()
                self.sites[f"{area}{i}"] = site
                body = {
                    "name": f"{area}{i} 面馆",
                    "place_types": ["餐饮"],
                    "area": self.areas[area],
                }
                facts.append(("site.registered", site, body, {"owner_phone": "13912345678"}))
        lines = []
        latest: dict[str, str] = {}
        for kind, subject, body, private in facts:
            id_ = self._chance.id()
            after = [latest[subject]] if subject in latest else []
            latest[subject] = id_
            lines.append(
                self._desk_line(self.people["dai"], id_, kind, subject, after, body, private)
            )
        self._append(lines, self._server(self.people["dai"]), whole=True)

    def _server(self, account: str, roles: frozenset[str] = ALL_ROLES) -> Author:
        return Author(account, None, revoked=False, signature_ok=True, roles=roles,
                      roles_acknowledged=roles, areas=frozenset())  # fmt: skip

    def _desk_line(
        self, account: str, id_: str, kind: str, subject: str, after: Iterable[str],
        body: Any, private: Any = None,
    ) -> Line:  # fmt: skip
        envelope = {
            "id": id_, "kind": kind, "v": 1, "station": self.station_id, "subject": subject,
            "after": list(after), "author": account, "at": self._clock.instant(),
            "offset_ms": None, "where": None, "photos": [],
        }  # fmt: skip
        line = None
        if private:
            raw = line_of({"fact": id_, "salt": self._chance.salt(), "fields": private})
            line = parse_private(raw)
            assert isinstance(line, PrivateLine), line
            envelope["private"] = line.sha256
        return self._read(line_of({**envelope, "body": body}), line)

    @staticmethod
    def _read(raw: bytes, private: PrivateLine | None = None) -> Line:
        fact = parse_fact(raw)
        if isinstance(fact, Refusal):
            return Line(raw, sha_of(raw), None, fact)
        return Line(raw, fact.sha256, fact, None, private)

    # --- the write path ---

    def _append(
        self, lines: list[Line], author: Author, *, whole: bool, acknowledged: int | None = None
    ) -> tuple[str, ...]:
        received_at = self._clock.instant()
        size_before = len(self.log)
        late = [line for line in lines if line.sha256 in self.facts and self._is_late(line)]
        for line in late:
            self.facts[line.sha256] = replace(self.facts[line.sha256], private=line.private)
        arrived = []
        new_sites = {
            line.fact.subject: line.fact.body.get("area")
            for line in lines
            if line.fact is not None and line.fact.kind == "site.registered"
        }
        for line in lines:
            if line.sha256 in self.verdicts:
                verdict = parse_verdict(self.verdicts[line.sha256])
            else:
                verdict = self._verdict(line, author, whole, acknowledged, new_sites)
            arrived.append(Arrived(line.sha256, line.fact, verdict))
        known = Known(size_before, self.verdicts, self.ids, self.numbers)
        plan = plan_batch(arrived, known)
        by_hash = {line.sha256: line for line in lines}
        for logged in plan.logged:
            self._log(by_hash[logged.sha256], logged.index, logged.verdict, received_at, author)
        touched = dict.fromkeys(plan.touched, len(self.log) - 1)
        for target, place in plan.admitted_after_all.items():
            reason = parse_verdict(self.verdicts.get(target, "")).reason
            if target in self.facts and target not in self.counts and reason in READMISSIBLE:
                self.counts.add(target)
                touched[self.facts[target].fact.subject] = place  # type: ignore[union-attr]
        for target, place in plan.redacted.items():
            if target in self.facts:
                self.redacted.add(target)
                self.facts[target] = replace(self.facts[target], private=None)
                if target in self.counts:
                    touched[self.facts[target].fact.subject] = place  # type: ignore[union-attr]
        for line in late:
            if line.sha256 in self.counts and line.fact is not None:
                touched[line.fact.subject] = max(size_before, len(self.log) - 1)
        self._refold(touched)
        return plan.verdicts

    def _is_late(self, line: Line) -> bool:
        stored = self.facts[line.sha256]
        return (
            line.private is not None
            and stored.fact is not None
            and stored.private is None
            and line.private.sha256 == stored.fact.private
            and line.sha256 not in self.redacted
        )

    def _verdict(
        self, line: Line, author: Author, whole: bool, acknowledged: int | None, new_sites: Any
    ) -> Verdict:
        fact = line.fact
        if fact is None:
            assert line.refusal is not None
            return refused(line.refusal)
        if acknowledged is not None:
            held = self._held_roles(author.account)
            roles = acknowledged_roles(held, acknowledged, self._clock())
            author = replace(author, roles_acknowledged=roles)
        site = fact.subject if fact.kind.startswith("site.") else fact.body.get("site")
        area = None
        if not whole:
            area = self.area_of.get(site) or new_sites.get(site) or self.area_of.get(fact.subject)
        return admit(fact, author, self.station_id, site_area=area, private=line.private)

    def _log(
        self, line: Line, index: int, verdict: Verdict, received_at: str, author: Author
    ) -> None:
        text = verdict.text
        self.verdicts[line.sha256] = text
        self.index[line.sha256] = index
        private = line.private
        if private is not None and (line.fact is None or private.sha256 != line.fact.private):
            private = None
        self.facts[line.sha256] = replace(line, private=private)
        if verdict.admitted:
            self.counts.add(line.sha256)
        leaf = leaf_hash(log_leaf(line.sha256, text, received_at))
        self.leaves.append(leaf)
        self.frontier = self.frontier.append(leaf)
        self.log.append(LogEntry(index, line.sha256, text, received_at, line.raw))
        fact = line.fact
        if fact is None:
            return
        self.ids.setdefault(fact.id, line.sha256)
        self.of_subject.setdefault(fact.subject, []).append(line.sha256)
        numbering = author.numbering(fact)
        if numbering is not None and fact.n is not None:
            self.numbers.setdefault((numbering, fact.n), line.sha256)
            self.enrolments[numbering].numbers.add(fact.n)
        if fact.kind == "grant.set" and verdict.admitted:
            self.grants.setdefault(fact.subject, []).append((index, received_at, fact))

    def _refold(self, touched: dict[str, int]) -> None:
        for subject, place in touched.items():
            entries = self._entries(subject)
            if entries:
                self.folded[subject] = fold_subject(entries).row
                self.changed[subject] = place
        if any(self.folded.get(each, {}).get("type") == "site" for each in touched):
            subjects: Iterable[str] = self.folded
        else:
            subjects = touched
        for subject in subjects:
            area = self._area(subject)
            if area != self.area_of.get(subject):
                self.area_of[subject] = area
                self.moved[subject] = len(self.log) - 1

    def _entries(self, subject: str) -> list[Entry]:
        found = []
        for sha256 in self.of_subject.get(subject, ()):
            if sha256 in self.counts:
                line = self.facts[sha256]
                fields = line.private.fields if line.private is not None else None
                assert line.fact is not None
                found.append(Entry(line.fact, fields, parse_verdict(self.verdicts[sha256]).flags))
        return found

    def _area(self, subject: str) -> str | None:
        row = self.folded.get(subject)
        if row is None:
            return None
        site = row if row["type"] == "site" else self.folded.get(row.get("site") or "")
        return site.get("area") if site is not None else None

    # --- who may see what ---

    def _held_roles(self, account: str) -> list[Granted]:
        return granted(self.grants.get(account, ()))

    def scope(self, account: str) -> tuple[bool, frozenset[str]]:
        row = self.folded[account]
        whole = bool({"chief", "admin"} & set(row["roles"] or ())) and not row["areas"]
        return whole, frozenset(row["areas"] or ())

    def _roles(self, account: str) -> frozenset[str]:
        return frozenset(self.folded[account]["roles"] or ())

    def _scope_version(self, account: str) -> int:
        return self.grants[account][-1][0]

    def sees(self, account: str, subject: str) -> bool:
        row = self.folded.get(subject)
        if row is None or row["type"] not in SHOWN_TYPES:
            return False
        whole, areas = self.scope(account)
        if row.get("author") == account or row.get("registered_by") == account:
            return True
        return whole or (row["type"] != "activity" and self.area_of.get(subject) in areas)

    # --- requests ---

    def handle(self, request: Request) -> Reply:
        crash, self.crash_next = self.crash_next, False
        if crash:
            return Reply(500)
        if not request.whole:
            return Reply(400, {"code": "body-cut-short", "retry": True})
        if request.name == "decide":
            return self._decide(request)
        enrolment = self.enrolments.get(request.token)
        if enrolment is None:
            return Reply(401, {"code": "not-signed-in"})
        answer: Reply = getattr(self, f"_on_{request.name}")(request, enrolment)
        return answer

    def _on_batch(self, request: Request, enrolment: Enrolment) -> Reply:
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
            known = self._take(request.token, enrolment, head, manifest, fits, read)
        return Reply(200, {**known, "photos": self._progress(read), "revoked": enrolment.revoked})

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
                "backed_up_to": 0,
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
        cursor = parse_cursor(request.args["after"])
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
                told = {"i": entry.index, "verdict": entry.verdict, "line": fact.raw.decode()}
                facts.append(told)
        rows, gone = [], []
        for subject, row in self.folded.items():
            at = {self.changed.get(subject, -1), self.moved.get(subject, -1)}
            if row["type"] in SHOWN_TYPES and any(start <= place < until for place in at):
                if self.sees(account, subject):
                    rows.append(self._told(subject))
                else:
                    gone.append(subject)
        body = {"more": end < len(self.log), "facts": facts, "rows": rows, "gone": gone}
        return self._answer(enrolment, Cursor(end, version), body)

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
        received = 0
        while received + 1 in enrolment.numbers:
            received += 1
        trailer = {
            "cursor": str(cursor), "facts": [], "rows": [], "gone": [], **body, "time": time,
            "epoch": self.epoch,
            "head": {"size": size, "root": root, "time": time, "signature": self._key.sign(text)},
            "n_received": received, "control": {"revoked": enrolment.revoked},
        }  # fmt: skip
        return Reply(200, trailer)

    def _on_consistency(self, request: Request, _enrolment: Enrolment) -> Reply:
        older, newer = request.args["from"], request.args["to"]
        if not 0 < older <= newer <= len(self.log):
            return Reply(400, {"code": "no-such-head"})
        subtree = subtree_from(self.leaves.__getitem__, lambda _level, _index: None)
        path = consistency_proof(older, newer, subtree)
        return Reply(200, {"path": [each.hex() for each in path]})

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
        return Enrolled(id_, id_, account, self.station_id, self._key.public_key, self.epoch)

    def revoke(self, enrolment: str) -> None:
        self.enrolments[enrolment].revoked = True

    # --- for checkers ---

    def kept(self) -> list[Kept]:
        return [
            Kept(each.fact_sha256, self.facts[each.fact_sha256].raw, each.index, each.verdict,
                 each.fact_sha256 in self.counts,
                 p.raw if (p := self.facts[each.fact_sha256].private) else None, each.received_at)
            for each in self.log
        ]  # fmt: skip

    def rows(self) -> dict[str, Row]:
        return self.folded

    def row(self, subject: str) -> Row | None:
        return self.folded.get(subject)

    def own_verification(self) -> list[str]:
        found = {}
        for subject in self.of_subject:
            entries = self._entries(subject)
            if entries:
                found[subject] = fold_subject(entries).row
        return [
            f"I8: {each.subject} {each.field}: {each.live!r} against {each.rebuilt!r}"
            for each in check_rebuild(self.folded, found)
        ]

    def photo(self, sha256: str) -> bytes | None:
        return self.held.get(sha256)

    def announced(self, enrolment: str) -> int:
        return self.enrolments[enrolment].announced

    def now(self) -> datetime:
        return self._clock()

    def close(self) -> None:
        """Nothing to give back."""
