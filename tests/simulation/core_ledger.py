"""The ledger of a core world: admission, plan, log and fold strung together as the server does.

It keeps everything in memory and knows nothing of requests; core_station.py answers those.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sync.admission import Author, Verdict, admit, parse_verdict, refused
from sync.fact import Fact, PrivateLine, parse_private
from sync.fold import Entry, Row, fold_subject
from sync.grants import Granted, acknowledged_roles, granted
from sync.invariants import LogEntry, check_rebuild
from sync.merkle import (
    Frontier,
    leaf_hash,
    log_leaf,
)
from sync.outcome import Refusal
from sync.plan import Arrived, Known, Plan, plan_batch
from tests.simulation.chance import Chance, Clock, SeededKey
from tests.simulation.station import (
    PEOPLE,
    QUARANTINED_PER_DAY_MAX,
    READMISSIBLE,
    SHOWN_TYPES,
    Kept,
    line_of,
    read_fact,
    sha_of,
)

ALL_ROLES = frozenset({"inspector", "certified_inspector", "chief", "admin"})


@dataclass(slots=True)
class Enrolment:
    account: str
    public_key: str
    order: int
    revoked: bool = False
    announced: int = 0
    acknowledged: int = 0
    numbers: set[int] = field(default_factory=set)

    @property
    def received(self) -> int:
        """The highest number below which none is missing."""
        reached = 0
        while reached + 1 in self.numbers:
            reached += 1
        return reached


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


class CoreLedger:
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
        self.let_in: set[str] = set()
        self.hazard_numbers: dict[str, int] = {}
        self.last_number = 0
        self.returned: dict[str, int] = {}  # numbers that lost logs gave
        self.refused: set[str] = set()  # hazards whose number from a lost log another one holds
        self.backed_up_to = 0
        self.enrolments: dict[str, Enrolment] = {}
        self.batches: dict[tuple[str, str], dict[str, Any]] = {}
        self.photos: dict[str, Photo] = {}
        self.held: dict[str, bytes] = {}
        self.previews: dict[str, bytes] = {}
        self.quarantined: dict[tuple[str, str], int] = {}
        self.quarantined_per_day_max = chance.random.choice(QUARANTINED_PER_DAY_MAX)
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
        fact = read_fact(raw)
        if isinstance(fact, Refusal):
            return Line(raw, sha_of(raw), None, fact)
        return Line(raw, fact.sha256, fact, None, private)

    # --- the write path ---

    def _append(
        self,
        lines: list[Line],
        author: Author,
        *,
        whole: bool,
        acknowledged: int | None = None,
        verdicts: Mapping[str, str] | None = None,
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
            elif verdicts is not None:  # handed back after a restore: as the lost log had judged
                verdict = parse_verdict(verdicts[line.sha256])
            else:
                verdict = self._verdict(line, author, whole, acknowledged, new_sites)
            arrived.append(Arrived(line.sha256, line.fact, verdict))
        known = Known(size_before, self.verdicts, self.ids, self.numbers)
        plan = plan_batch(arrived, known)
        by_hash = {line.sha256: line for line in lines}
        for logged in plan.logged:
            self._log(
                by_hash[logged.sha256], logged.index, logged.verdict, received_at, author,
                returned=verdicts is not None,
            )  # fmt: skip
        touched = dict.fromkeys(plan.touched, len(self.log) - 1)
        for logged in plan.logged:  # let in before it came back
            fact = by_hash[logged.sha256].fact
            if logged.sha256 in self.counts and fact is not None:
                touched[fact.subject] = len(self.log) - 1
        self._obey(plan, touched)
        for line in late:
            if line.sha256 in self.counts and line.fact is not None:
                touched[line.fact.subject] = max(size_before, len(self.log) - 1)
        self._refold(touched)
        return plan.verdicts

    def _obey(self, plan: Plan, touched: dict[str, int]) -> None:
        """What `ledger.admitted` and `ledger.redacted` say of other facts, here or not yet."""
        for target, place in plan.admitted_after_all.items():
            reason = parse_verdict(self.verdicts.get(target, "")).reason
            self.let_in.add(target)
            if target in self.facts and target not in self.counts and reason in READMISSIBLE:
                self.counts.add(target)
                if (fact := self.facts[target].fact) is not None:
                    touched[fact.subject] = place
        for target, place in plan.redacted.items():
            self.redacted.add(target)
            if target in self.facts:
                self.facts[target] = replace(self.facts[target], private=None)
                fact = self.facts[target].fact
                if target in self.counts and fact is not None:
                    touched[fact.subject] = place

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
        self,
        line: Line,
        index: int,
        verdict: Verdict,
        received_at: str,
        author: Author,
        *,
        returned: bool,
    ) -> None:
        text = verdict.text
        self.verdicts[line.sha256] = text
        self.index[line.sha256] = index
        private = line.private
        if private is not None and (line.fact is None or private.sha256 != line.fact.private):
            private = None
        if line.sha256 in self.redacted:
            private = None
        self.facts[line.sha256] = replace(line, private=private)
        # After a restore a decision about a fact may come back before the fact does.
        let_in = line.sha256 in self.let_in and verdict.reason in READMISSIBLE
        if verdict.admitted or let_in:
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
        # Handed back by another's phone after a restore, its number still counts as its author's.
        numbering = fact.enrolment if returned else author.numbering(fact)
        if numbering is not None and fact.n is not None:
            self.numbers.setdefault((numbering, fact.n), line.sha256)
            if numbering in self.enrolments:
                self.enrolments[numbering].numbers.add(fact.n)
        if fact.kind == "grant.set" and verdict.admitted:
            self.grants.setdefault(fact.subject, []).append((index, received_at, fact))

    def _refold(self, touched: dict[str, int]) -> None:
        for subject, place in touched.items():
            entries = self._entries(subject)
            if entries:
                row = self.folded[subject] = fold_subject(entries).row
                self.changed[subject] = place
                numbered = row["type"] == "hazard" and row["state"] != "incomplete"
                if numbered and subject not in self.hazard_numbers:
                    self.last_number += 1
                    self.hazard_numbers[subject] = self.last_number
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
