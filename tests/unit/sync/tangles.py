"""Random histories of one hazard for property tests: any kinds, any knowledge of each other.

And a ledger in memory made of the pure parts only, which takes batches as the server does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from sync.admission import Author, admit, parse_verdict
from sync.fact import Fact
from sync.fold import Entry, Row, fold_subject
from sync.invariants import LogEntry
from sync.merkle import Frontier, leaf_hash, log_leaf
from sync.plan import Arrived, Known, plan_batch
from tests.unit.sync.making import FOUND, entry, id_of

DAYS = st.sampled_from(["2026-11-30", "2026-12-05", "2026-12-31"])
LEVELS_SEEN = st.sampled_from(["general", "suspected_major"])
SPOTS = st.sampled_from(["厨房", "二楼", "门口"])
REMARKS = st.just([{"field": "spot", "text": "哪里"}])


def some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=fields)


def all_of(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(fields)


AMENDMENT = some(
    level=LEVELS_SEEN,
    deadline=DAYS | st.none(),
    spot=SPOTS | st.none(),
    disposition=st.sampled_from(["on_spot", "by_deadline"]),
)
FOUND_REST = {name: st.just(FOUND[name]) for name in FOUND if name not in ("level", "deadline")}
MAJOR = all_of(
    level=st.just("major"),
    measure=st.just("换"),
    deadline=DAYS,
    fund_wan=st.just(1),
    contingency=st.just("疏散"),
)
ORDERED = st.sampled_from(["by_deadline", "stop_use", "hand_over"])
RESULTS = st.sampled_from(["fixed", "fixed", "not_fixed", "partly"])
BODIES: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "hazard.found": all_of(level=LEVELS_SEEN, deadline=DAYS, **FOUND_REST),
    "hazard.amended": AMENDMENT,
    "hazard.resubmitted": AMENDMENT,
    "hazard.returned": all_of(remarks=REMARKS),
    "hazard.confirmed": all_of(level=st.just("general")) | MAJOR,
    "hazard.ordered": all_of(deadline=DAYS, disposition=ORDERED),
    "hazard.spot_fixed": st.just({}),
    "hazard.fix_reported": all_of(fixed_on=DAYS),
    "hazard.rechecked": all_of(result=RESULTS, rechecked_on=DAYS),
    "hazard.closed": some(override_reason=st.just("两边都看过")),
    "hazard.reopened": all_of(reason=st.just("又坏")),
    "hazard.voided": all_of(reason=st.just("重复")),
    "hazard.linked": all_of(
        other=st.just("id:other"), relation=st.sampled_from(["same", "not_same"])
    ),
    "hazard.noted": all_of(text=st.just("看过")),
    "hazard.unheard_of": some(level=st.just("major"), x=st.integers(0, 9)),
    "photo.lost": all_of(sha256=st.just("sha:p1"), reason=st.just("手机丢失")),
    "photo.checked": all_of(
        sha256=st.just("sha:p1"),
        other=st.just("sha:p2"),
        result=st.sampled_from(["fine", "retake"]),
    ),
}
KINDS = st.sampled_from([*BODIES])
# Half of the histories are about closing, or closings would seldom meet what speaks against them.
ABOUT_CLOSING = st.sampled_from(
    [
        *("hazard.closed", "hazard.closed", "hazard.voided", "hazard.rechecked", "hazard.amended"),
        *("hazard.confirmed", "hazard.ordered", "hazard.reopened", "hazard.noted"),
    ]
)
PHOTOS = st.lists(
    st.fixed_dictionaries(
        {
            "sha256": st.sampled_from(["sha:p1", "sha:p2"]),
            "role": st.sampled_from(["before", "after"]),
        }
    ),
    max_size=2,
)


@st.composite
def histories(draw: st.DrawFn, *, tangled: bool = False, size_max: int = 12) -> list[Entry]:
    """Facts about one hazard. `tangled` adds missing predecessors, cycles and lost findings."""
    names = [f"f{i}" for i in range(draw(st.integers(1, size_max)))]
    closing = draw(st.booleans()) and not tangled
    entries = []
    for place, name in enumerate(names):
        kind = draw(ABOUT_CLOSING if closing else KINDS)
        if place == 0 and not tangled:
            kind = "hazard.found"
        elif closing and place == 1:
            kind = "hazard.rechecked"
        elif kind == "hazard.found":
            kind = "hazard.noted"
        known = names[:place] + (["gone", *names[place:]] if tangled else [])
        near = st.sampled_from(known[-3:] or ["nobody"])
        after = (
            draw(st.lists(near, min_size=int(closing), max_size=2, unique=True)) if known else []
        )
        body = draw(BODIES[kind])
        if closing and place == 1:
            after, body = [names[0]], {**body, "result": "fixed"}
        more: dict[str, Any] = {}
        if kind == "hazard.confirmed" and body["level"] == "major":
            more["private"] = {"fix_owner": "王五"}
        entries.append(
            entry(
                name,
                kind,
                body,
                after=after,
                author=draw(st.sampled_from(["ana", "ben", "chief"])),
                photos=draw(PHOTOS) if not kind.startswith("photo.") else [],
                **more,
            )
        )
    return entries


def known_to(entries: Sequence[Entry]) -> dict[str, set[str]]:
    """What each author had seen, told naively: an oracle that shares nothing with order.py."""
    after = {each.fact.id: set(each.fact.after) for each in entries}
    known: dict[str, set[str]] = {}
    for id_ in after:
        seen: set[str] = set()
        todo = [each for each in after[id_] if each in after]
        while todo:
            each = todo.pop()
            if each not in seen:
                seen.add(each)
                todo += [older for older in after[each] if older in after]
        known[id_] = seen
    return known


AUTHOR = Author(
    account=id_of("ana"),
    enrolment=None,
    revoked=False,
    signature_ok=True,
    roles=frozenset({"inspector"}),
    roles_acknowledged=frozenset(),
    areas=frozenset(),
)


class PureLedger:
    """A station in memory: admission, plan, log and fold, exactly as the server strings them."""

    def __init__(self) -> None:
        self.verdicts: dict[str, str] = {}
        self.ids: dict[str, str] = {}
        self.facts: dict[str, Entry] = {}
        self.log: list[LogEntry] = []
        self.frontier = Frontier()
        self.rows: dict[str, Row] = {}

    def hand_over(
        self, batch: Iterable[Entry], *, roles: frozenset[str] = frozenset({"chief"})
    ) -> tuple[str, ...]:
        arrived = []
        for each in batch:
            author = replace(AUTHOR, account=each.fact.author, roles=roles)
            verdict = admit(each.fact, author, id_of("station"), site_area=None)
            arrived.append(Arrived(each.fact.sha256, each.fact, verdict))
            self.facts.setdefault(each.fact.sha256, each)
        known = Known(size=len(self.log), verdicts=self.verdicts, ids=self.ids)
        plan = plan_batch(arrived, known)
        for line in plan.logged:
            fact = line.fact
            assert isinstance(fact, Fact)
            self.verdicts[line.sha256] = line.verdict.text
            self.ids.setdefault(fact.id, line.sha256)
            logged = LogEntry(
                line.index, line.sha256, line.verdict.text, f"t{line.index}", fact.raw
            )
            self.log.append(logged)
            leaf = leaf_hash(log_leaf(line.sha256, line.verdict.text, logged.received_at))
            self.frontier = self.frontier.append(leaf)
        for subject in plan.touched:
            self.rows[subject] = fold_subject(self.entries(subject)).row
        return plan.verdicts

    def entries(self, subject: str) -> list[Entry]:
        """The admitted facts of a subject with the flags of their stored verdicts."""
        return [
            replace(self.facts[each.fact_sha256], flags=parse_verdict(each.verdict).flags)
            for each in self.log
            if parse_verdict(each.verdict).admitted
            and self.facts[each.fact_sha256].fact.subject == subject
        ]

    def rebuilt(self) -> dict[str, Row]:
        subjects = {self.facts[each.fact_sha256].fact.subject for each in self.log}
        known = {subject: self.entries(subject) for subject in subjects}
        return {subject: fold_subject(each).row for subject, each in known.items() if each}
