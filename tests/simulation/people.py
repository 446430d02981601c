"""What people do in a world: inspectors with phones, chiefs with a phone or at a desk, the admin.

Everybody acts on what their own screen shows, however old that is. People never look at the truth
or at another's screen, and nothing here may look at the station but a desk's page.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid5

from sync.fold import Row
from sync.limits import AFTER_FACTS_MAX, DEPTH_MAX, FACT_BYTES_MAX
from tests.simulation.chance import Chance
from tests.simulation.network import Request
from tests.simulation.phone import Phone
from tests.simulation.station import Station, line_of, sha_of
from tests.simulation.truth import Decided, Truth

DAYS = ("2026-11-30", "2026-12-05", "2026-12-31")
LEVELS_SEEN = ("general", "general", "suspected_major")
RESULTS = ("fixed", "fixed", "not_fixed", "partly")
DISPOSITIONS = ("by_deadline", "stop_use", "hand_over")
NOTES_HOARDED = 70
NOTE_OF_A_LATER_APP_BYTES = 62_000  # 70 of them are more than BATCH_BYTES_MAX
CHECKLIST = "lpg-restaurant"
REMARKS = [{"field": "spot", "text": "哪里？"}]


class Inspector:
    """What somebody with a phone may do; a chief's phone can do more."""

    def __init__(self, phone: Phone, chance: Chance, chief: bool) -> None:
        self.phone, self.chance, self.chief = phone, chance, chief
        # Weights, not rights: what a role may not do is tried now and then and set aside.
        self._kinds: list[tuple[str, Callable[[], Any]]] = [
            ("inspect", self.inspect), ("inspect", self.inspect), ("find", self.find),
            ("find", self.find), ("amend", self.amend), ("resubmit", self.resubmit),
            ("spot_fix", self.spot_fix), ("report", self.report), ("recheck", self.recheck),
            ("recheck", self.recheck), ("note", self.note), ("correct", self.correct),
            ("register", self.register), ("amend_site", self.amend_site),
            ("feedback", self.feedback), ("odd", self.odd), ("judge", self.judge),
        ]  # fmt: skip
        if chief:
            self._kinds += [("judge", self.judge)] * 8

    def act(self) -> str:
        name, action = self._kinds[self.chance.random.randrange(len(self._kinds))]
        recorded = action()
        return name if recorded is None else f"{name} {recorded.kind} {recorded.sha256[:12]}"

    def _pick(self, type_: str) -> str | None:
        known = self.phone.subjects(type_)
        return self.chance.random.choice(known[-8:]) if known else None

    def _photos(self) -> list[bytes]:
        if self.phone.full or not self.chance.hits(0.4):
            return []
        return [self.chance.bytes(self.chance.random.randrange(1, 200))]

    def _day(self) -> str:
        return self.chance.random.choice(DAYS)

    def _owner(self) -> dict[str, str] | None:
        return (
            {"fix_owner": f"王{self.chance.random.randrange(9)}"} if self.chance.hits(0.3) else None
        )

    def _found(self, site: str, **more: Any) -> dict[str, Any]:
        return {
            "site": site, "finding": "连接软管超过 2 米", "disposition": "by_deadline",
            "level": self.chance.random.choice(LEVELS_SEEN), "deadline": self._day(),
            "found_on": "2026-11-21", "source": "routine", **more,
        }  # fmt: skip

    def find(self) -> Any:
        site = self._pick("site")
        if site is None:
            return None
        # Two people may stand before one hose: the same id is another thing, a clash.
        return self.phone.record(
            "hazard.found", self.chance.id(), self._found(site), private=self._owner(),
            photos=self._photos(),
        )  # fmt: skip

    def inspect(self) -> Any:
        site = self._pick("site")
        if site is None:
            return None
        inspection, hazard = self.chance.id(), self.chance.id()
        version = self.phone.disk.checklist  # what it holds, however old: a day without a signal
        failed = self.chance.hits(0.6)
        at = self.phone.at()
        submitted = self.phone.record(
            "inspection.submitted",
            inspection,
            {
                "site": site, "checklist": CHECKLIST, "checklist_version": version,
                "checklist_sha256": sha_of(b"%d" % version), "method": "routine",
                "started_at": at, "finished_at": at,
                "answers": [
                    {"item": "LPG-01", "verdict": "pass", "source": "tapped"},
                    {"item": "LPG-02", "verdict": "fail" if failed else "pass", "source": "tapped"},
                ],
                "hazards": [hazard] if failed else [], "attendance": "signed",
            },
            private={"on_site_name": "王芳"} if self.chance.hits(0.5) else None,
            photos=self._photos(), role="scene",
        )  # fmt: skip
        if failed and submitted is not None:
            body = self._found(site, inspection=inspection, item="LPG-02")
            return self.phone.record("hazard.found", hazard, body, photos=self._photos())
        return submitted

    def _about(self, type_: str, kind: str, body: dict[str, Any], **more: Any) -> Any:
        subject = self._pick(type_)
        return None if subject is None else self.phone.record(kind, subject, body, **more)

    def _change(self) -> dict[str, Any]:
        every = {"level": self.chance.random.choice(LEVELS_SEEN), "deadline": self._day(),
                 "spot": self.chance.random.choice(("厨房", "二楼", "门口")),
                 "measure": "换新软管"}  # fmt: skip
        names = self.chance.random.sample(sorted(every), self.chance.random.randrange(1, 4))
        return {name: every[name] for name in names}

    def amend(self) -> Any:
        return self._about("hazard", "hazard.amended", self._change(), private=self._owner(),
                           photos=self._photos())  # fmt: skip

    def resubmit(self) -> Any:
        return self._about("hazard", "hazard.resubmitted", {**self._change(), "reply": "补了"})

    def spot_fix(self) -> Any:
        photos = self._photos()
        return self._about("hazard", "hazard.spot_fixed", {}, photos=photos, role="after")

    def report(self) -> Any:
        return self._about("hazard", "hazard.fix_reported", {"fixed_on": self._day()})

    def recheck(self) -> Any:
        body = {"result": self.chance.random.choice(RESULTS), "rechecked_on": self._day()}
        return self._about("hazard", "hazard.rechecked", body, photos=self._photos(), role="after")

    def note(self) -> Any:
        return self._about("hazard", "hazard.noted", {"text": "又看了一次"})

    def correct(self) -> Any:
        answers = [{"item": "LPG-02", "source": "tapped",
                    "verdict": self.chance.random.choice(("pass", "fail", "na"))}]  # fmt: skip
        return self._about("inspection", "inspection.corrected", {"answers": answers})

    def register(self) -> Any:
        zone = self.chance.random.choice(sorted(self.phone.station.areas.values()))
        body = {"name": "新面馆", "place_types": ["餐饮"], "area": zone}
        return self.phone.record("site.registered", self.chance.id(), body,
                                 private={"owner_name": "赵六"})  # fmt: skip

    def amend_site(self) -> Any:
        zone = self.chance.random.choice(sorted(self.phone.station.areas.values()))
        body = {"area": zone} if self.chance.hits(0.3) else {"note": "门口有狗"}
        return self._about("site", "site.amended", body)

    def feedback(self) -> Any:
        body = {"type": "feedback", "text": "字太小"}
        return self.phone.record("activity.recorded", self.chance.id(), body)

    def odd(self) -> Any:
        """What a later, a broken or a copied app writes."""
        which = self.chance.random.randrange(8)
        subject = self._pick("hazard") or self.chance.id()
        record = self.phone.record
        if which == 0:
            return record("hazard.unheard_of", subject, {"x": 1, "level": "major"})
        if which == 1:
            return record("hazard.noted", subject, {"text": "新字段", "later": {"a": [1]}},
                          later="kept")  # fmt: skip
        if which == 2:
            body = {"result": "perhaps", "rechecked_on": self._day()}
            return record("hazard.rechecked", subject, body,
                          bad="malformed")  # fmt: skip
        if which == 3:
            return record("hazard.noted", subject, {"text": "别站的"}, station=self.chance.id(),
                          bad="foreign_station")  # fmt: skip
        if which == 4:
            return record("hazard.noted", subject, {"text": "太长", "later": "x" * FACT_BYTES_MAX},
                          bad="malformed")  # fmt: skip
        if which == 5:
            too_many = [self.chance.id() for _ in range(AFTER_FACTS_MAX + 1)]
            return record("hazard.noted", subject, {"text": "太多"}, after=too_many,
                          bad="malformed")  # fmt: skip
        if which == 6:
            return record("hazard.noted", subject, {"text": "深", "later": _nested(DEPTH_MAX + 5)},
                          bad="unreadable")  # fmt: skip
        own = [f for f in self.phone.disk.facts.values() if f.kind == "hazard.noted"]
        if not own:
            return None
        same = self.chance.random.choice(own)
        return record("hazard.noted", same.subject, {"text": "同一个号"}, id=same.id,
                      bad="id_reused")  # fmt: skip

    def hoard(self) -> int:
        """A later app writes much more with each note: more than one batch may carry."""
        subject = self._pick("hazard") or self.chance.id()
        later = "x" * NOTE_OF_A_LATER_APP_BYTES
        for _ in range(NOTES_HOARDED):
            self.phone.record("hazard.noted", subject, {"text": "以后的应用", "later": later})
        return NOTES_HOARDED

    def judge(self) -> Any:
        subject = self._pick("hazard")
        if subject is None:
            return None
        kind, body = judgement(self.chance, self.phone.shown(subject))
        private = {"fix_owner": "老王"} if body.get("level") == "major" else None
        return self.phone.record(kind, subject, body, private=private)


def _nested(depth: int) -> Any:
    found: Any = 1
    for _ in range(depth):
        found = [found]
    return found


def judgement(chance: Chance, row: Row | None) -> tuple[str, dict[str, Any]]:
    """Something a chief decides about a hazard; usually what its state asks for."""
    state = row["state"] if row is not None else None
    close = ("hazard.closed", {"note": "好了", "override_reason": "只有一人"})
    usual: dict[str | None, list[tuple[str, dict[str, Any]]]] = {
        "fix_pending": [close, close],
        "spot_fixed": [close],
        "closed": [("hazard.reopened", {"reason": "又坏了"})],
        "submitted": [
            ("hazard.confirmed", {"level": "general"}),
            ("hazard.returned", {"remarks": REMARKS}),
        ],
    }
    major = {"level": "major", "measure": "换", "deadline": DAYS[0], "fund_wan": 1,
             "contingency": "疏散"}  # fmt: skip
    every: list[tuple[str, dict[str, Any]]] = [
        ("hazard.confirmed", {"level": "general"}),
        ("hazard.confirmed", major),
        ("hazard.returned", {"remarks": REMARKS}),
        ("hazard.ordered", {"deadline": chance.random.choice(DAYS),
                            "disposition": chance.random.choice(DISPOSITIONS)}),
        ("hazard.reopened", {"reason": "又坏了"}),
        ("hazard.voided", {"reason": "重复"}),
        close,
    ]  # fmt: skip
    if state in usual and chance.hits(0.7):
        return chance.random.choice(usual[state])
    return chance.random.choice(every)


def settlement(row: Row, conflict: dict[str, Any]) -> list[tuple[str, dict[str, Any], Any]]:
    """What a chief may answer to two sides beside each other: kind, body, private fields."""
    if conflict["type"] == "outcome":
        return [
            ("hazard.reopened", {"reason": "两边都看过，再查"}, None),
            ("hazard.returned", {"remarks": REMARKS}, None),
            ("hazard.confirmed", {"level": "general"}, None),
            ("hazard.ordered", {"deadline": DAYS[0]}, None),
        ]
    again = (
        "hazard.reopened",
        {"reason": "结论有出入，重新核实"},
        None,
    )  # when it is closed or void
    field, kept = conflict["field"], conflict["kept"]
    if field in ("fix_owner", "fix_owner_phone"):
        return [("hazard.amended", {"reason": "核实过"}, {field: kept}), again]
    if field == "level":
        major = {"level": kept, "measure": "换", "deadline": row["deadline"] or DAYS[0],
                 "fund_wan": 1, "contingency": "疏散"}  # fmt: skip
        owner = {"fix_owner": row["fix_owner"] or "老王"}
        confirmed = ("hazard.confirmed", major if kept == "major" else {"level": "general"},
                     owner if kept == "major" else None)  # fmt: skip
        return [("hazard.amended", {"level": kept}, None), confirmed, again]
    return [
        ("hazard.amended", {field: kept}, None),
        ("hazard.ordered", {"deadline": DAYS[0], field: kept}, None),
        again,
    ]


class Desk:
    """A browser at the station. Its page shows rows as they were when it was opened."""

    def __init__(
        self, name: str, account: str, station: Station, truth: Truth, chance: Chance
    ) -> None:
        self.name, self.account = name, account
        self.station, self.truth, self.chance = station, truth, chance
        self.token = station.desk_token(account)
        self.page: dict[str, Row] = {}
        self.unanswered: list[
            Request
        ] = []  # sent, and nothing came back: the button is still there

    def open_page(self) -> str:
        rows = self.station.rows()
        self.page = {
            id_: row for id_, row in rows.items() if row["type"] in ("hazard", "inspection", "site")
        }
        return f"{len(self.page)} rows"

    def act(self, admin: bool) -> Request | None:
        if self.unanswered and self.chance.hits(0.5):
            self.truth.happened["desk asked again after no answer"] += 1
            return self.unanswered.pop(0)
        made = self._administer() if admin else self._decide()
        return None if made is None else self._request(*made)

    def _pick(self, type_: str) -> Row | None:
        known = [row for row in self.page.values() if row["type"] == type_]
        return self.chance.random.choice(known[-8:]) if known else None

    def _decide(self) -> tuple[str, str, list[str], dict[str, Any], Any] | None:
        draw = self.chance.random.random()
        if draw < 0.15:
            row = self._pick("inspection")
            if row is None:
                return None
            outcome = self.chance.random.choice(("accepted", "returned"))
            return "inspection.reviewed", row["id"], row["heads"], {"outcome": outcome}, None
        if draw < 0.22:
            row = self._pick("site")
            zone = self.chance.random.choice(sorted(self.station.areas.values()))
            body = {"area": zone}
            return None if row is None else ("site.amended", row["id"], row["heads"], body, None)
        if draw < 0.30:
            return self._readmit()
        row = self._pick("hazard")
        if row is None:
            return None
        kind, body = judgement(self.chance, row)
        private = {"fix_owner": "老王"} if body.get("level") == "major" else None
        return kind, row["id"], row["heads"], body, private

    def move_away(self, sites: list[str], area: str) -> Request | None:
        """One of these sites is given to another area, from a page opened for it."""
        self.open_page()
        rows = [self.page[id_] for id_ in sites if id_ in self.page]
        here = [row for row in rows if row.get("area") != area]
        if not here:
            return None
        row = self.chance.random.choice(here)
        return self._request("site.amended", row["id"], row["heads"], {"area": area}, None)

    def _readmit(self) -> tuple[str, str, list[str], dict[str, Any], Any] | None:
        aside = [each for each in self.station.kept() if each.verdict.startswith("quarantined")]
        if not aside:
            return None
        each = self.chance.random.choice(aside)
        try:
            subject = json.loads(each.raw)["subject"]
        except (ValueError, KeyError):
            return None
        body = {"fact_sha256": each.sha256, "reason": "核实过"}
        return "ledger.admitted", subject, [], body, None

    def _administer(self) -> tuple[str, str, list[str], dict[str, Any], Any] | None:
        draw = self.chance.random.random()
        if draw < 0.12:
            return self._publish()
        if draw < 0.5:
            name = self.chance.random.choice(("ana", "ben", "cai", "lin"))
            areas = self.chance.random.sample(sorted(self.station.areas.values()),
                                              self.chance.random.randrange(1, 3))  # fmt: skip
            roles = self.chance.random.choice((["inspector"], ["certified_inspector"], ["chief"]))
            body = {"roles": roles, "areas": [] if roles == ["chief"] else areas}
            account = self.station.people[name]
            row = self.station.row(account)
            return "grant.set", account, row["heads"] if row else [], body, None
        if draw < 0.75:
            return self._readmit()
        private = [each for each in self.station.kept() if each.private is not None]
        if not private:
            return None
        each = self.chance.random.choice(private)
        body = {"fact_sha256": each.sha256, "basis": "本人要求", "approver": "站长"}
        subject = json.loads(each.raw)["subject"]
        return "ledger.redacted", subject, [], body, None

    def settle(self, row: Row, conflict: dict[str, Any]) -> str | None:
        """Answer a conflict on a fresh page; the kind that was taken, None when none was."""
        for kind, body, private in settlement(row, conflict):
            request = self._request(kind, row["id"], row["heads"], body, private)
            reply = self.station.handle(request)
            self.answered(request, reply.status, reply.status == 200)
            if reply.status == 200:
                return kind
        return None

    def _publish(self) -> tuple[str, str, list[str], dict[str, Any], Any]:
        """A new version of the checklist; inspections on older ones go on arriving."""
        version = self.truth.checklist_version + 1
        subject = uuid5(UUID(self.station.station_id), f"checklist:{CHECKLIST}:{version}")
        body = {"checklist": CHECKLIST, "version": version, "sha256": sha_of(b"%d" % version),
                "content": {"items": [{"id": "LPG-01"}, {"id": "LPG-02"}]}}  # fmt: skip
        return "checklist.published", str(subject), [], body, None

    def _request(
        self, kind: str, subject: str, after: list[str], body: dict[str, Any], private: Any
    ) -> Request:
        id_ = self.chance.id()
        row = self.station.row(subject)
        if row is not None and set(row["heads"]) - set(after) and not kind.startswith("ledger."):
            self.truth.happened["decision on an old page"] += 1
        fact = {"id": id_, "kind": kind, "subject": subject, "after": after, "body": body}
        if private:
            fact["private"] = private
        self.truth.decisions[id_] = Decided(id_, kind, subject, self.account, body, tuple(after))
        return Request.make("decide", self.token, line_of({"facts": [fact]}))

    def answered(self, request: Request, status: int | None, ok: bool) -> None:
        """What the page does with an answer: done, refused, or the same request again later."""
        for fact in json.loads(request.body)["facts"]:
            decided = self.truth.decisions[fact["id"]]
            if ok:
                decided.answered = True
                if fact["kind"] == "checklist.published":
                    version = fact["body"]["version"]
                    self.truth.checklist_version = max(self.truth.checklist_version, version)
                if fact["kind"] == "ledger.redacted":
                    self.truth.redacted.add(fact["body"]["fact_sha256"])
        if status is None or status >= 500:
            self.unanswered.append(request)
