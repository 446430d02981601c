"""I5: an oracle of cautious merges that shares nothing with order.py, folding.py, lifecycle.py."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sync.fact import Fact
from sync.fold import Entry, fold_subject
from sync.kinds.hazard import LEVELS
from tests.simulation.reading import Ledger, entries_of
from tests.simulation.station import Station

SETTLING = {
    *("hazard.returned", "hazard.confirmed", "hazard.ordered", "hazard.closed"),
    *("hazard.reopened", "hazard.voided", "hazard.linked"),
}
LEVEL_RANK = {level: rank for rank, level in enumerate(LEVELS)}


def knowledge(entries: list[Entry]) -> dict[str, set[str]]:
    """What each author had seen, told naively. Facts of one id share what follows them."""
    after: dict[str, set[str]] = {}
    for each in entries:
        after.setdefault(each.fact.id, set()).update(each.fact.after)
    known = {}
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


def _counts(entry: Entry) -> bool:
    """Whether a fact says anything: an ill-formed one that a chief let in does not."""
    kind, body = entry.fact.kind, entry.fact.body
    if not kind.startswith(("hazard.", "photo.")):
        return False
    return kind != "hazard.rechecked" or body.get("result") in ("fixed", "not_fixed", "partly")


def cautious(ledger: Ledger) -> Iterator[str]:
    for subject in sorted(ledger.of_subject):
        row = ledger.rows.get(subject)
        if row is None or row["type"] != "hazard":
            continue
        entries = entries_of(ledger, subject)
        known = knowledge(entries)
        entries = [each for each in entries if _counts(each)]
        yield from _closing(subject, row, entries, known)
        yield from _values(subject, row, entries, known)


def _adverse(fact: Fact) -> bool:
    if fact.kind == "hazard.rechecked":
        return fact.body["result"] != "fixed"
    return fact.kind in ("hazard.reopened", "hazard.returned", "hazard.ordered")


def _closing(subject: str, row: Any, entries: list[Entry], known: Any) -> Iterator[str]:
    if row["state"] not in ("closed", "void"):
        return
    facts = [each.fact for each in entries]
    own = "hazard.closed" if row["state"] == "closed" else "hazard.voided"
    other = "hazard.voided" if row["state"] == "closed" else "hazard.confirmed"
    closers = [fact for fact in facts if fact.kind == own]
    against = {fact.id for fact in facts if _adverse(fact) or fact.kind == other}
    for closer in closers:
        seen = known[closer.id]
        if against - {closer.id} <= seen:
            break
    else:
        yield f"I5: hazard {subject} is {row['state']} although nobody who decided it knew all"
        return
    if row["state"] == "closed":
        seen = {each for closer in closers for each in known[closer.id]}
        fixed = [
            fact.kind == "hazard.spot_fixed"
            or (fact.kind == "hazard.rechecked" and fact.body["result"] == "fixed")
            for fact in facts
            if fact.id in seen
        ]
        if not any(fixed):
            yield f"I5: hazard {subject} is closed although nobody saw it fixed"


def _values(subject: str, row: Any, entries: list[Entry], known: Any) -> Iterator[str]:
    facts = [each.fact for each in entries]
    found = {(photo["sha256"], photo["role"]) for fact in facts for photo in fact.photos}
    if not found <= {(photo["sha256"], photo["role"]) for photo in row["photos"]}:
        yield f"I5: hazard {subject} lost a photo"
    owners = [each.fields["fix_owner"] for each in entries if "fix_owner" in (each.fields or {})]
    if owners and row["fix_owner"] not in owners:
        yield f"I5: hazard {subject} lost who is to put it right"
    if not any(fact.kind == "hazard.found" for fact in facts):
        return
    setters = [fact for fact in facts if fact.body.get("level") in LEVEL_RANK and _sets(fact)]
    setters = [fact for fact in setters if not _relaxes(fact, setters, known)]
    over = {seen for fact in setters for seen in known[fact.id]}
    tips = [fact for fact in setters if fact.id not in over]
    highest = max((LEVEL_RANK[fact.body["level"]] for fact in tips), default=0)
    if LEVEL_RANK.get(row["level"], 0) < highest:
        yield f"I5: hazard {subject} is {row['level']} against {LEVELS[highest]}"
    days = [fact for fact in facts if _deadline(fact) is not None]
    over = {seen for fact in days for seen in known[fact.id]}
    tips = [fact for fact in days if fact.id not in over and fact.kind != "hazard.amended"]
    earliest = min((str(_deadline(fact)) for fact in tips if _judged(fact)), default=None)
    if earliest is not None and (row["deadline"] is None or row["deadline"] > earliest):
        yield f"I5: hazard {subject} is due {row['deadline']}, somebody said {earliest}"


def _relaxes(fact: Fact, setters: list[Fact], known: Any) -> bool:
    """Whether an inspector lowered what a chief, whom they had read, had settled."""
    if fact.kind not in ("hazard.amended", "hazard.resubmitted"):
        return False
    read = [
        each for each in setters if each.kind == "hazard.confirmed" and each.id in known[fact.id]
    ]
    over = {seen for each in read for seen in known[each.id]}
    last = [LEVEL_RANK[each.body["level"]] for each in read if each.id not in over]
    return LEVEL_RANK[fact.body["level"]] < max(last, default=0)


def _sets(fact: Fact) -> bool:
    return fact.kind in ("hazard.found", "hazard.amended", "hazard.resubmitted", "hazard.confirmed")


def _judged(fact: Fact) -> bool:
    return fact.kind in ("hazard.confirmed", "hazard.ordered")


def _deadline(fact: Fact) -> Any:
    if fact.kind == "hazard.rechecked":
        return fact.body.get("new_deadline")
    return fact.body.get("deadline") if _sets(fact) or fact.kind == "hazard.ordered" else None


# --- I5: both sides before the chief ---


def disputes(ledger: Ledger, station: Station) -> Iterator[str]:
    """Whoever decided that a hazard is finished and whoever spoke against it unknown to them: both
    are shown to the chief, until somebody has decided knowing both."""
    for subject in sorted(ledger.of_subject):
        row = ledger.rows.get(subject)
        if row is None or row["type"] != "hazard":
            continue
        entries = entries_of(ledger, subject)
        kinds = {each.fact.kind for each in entries}
        if "hazard.found" not in kinds or not kinds & {"hazard.closed", "hazard.voided"}:
            continue
        known = knowledge(entries)
        shown = [set(each["facts"]) for each in row["conflicts"] if each["type"] == "outcome"]
        for closer, other in _sides(entries, known):
            if row["state"] in ("closed", "void"):
                yield f"I5: {subject} is {row['state']} against {other.kind} nobody has looked at"
            if not any({closer.id, other.id} <= each for each in shown):
                yield f"I5: {subject}: {closer.kind} against {other.kind} is shown to nobody"
    listed = {
        id_ for id_, row in ledger.rows.items() if row["type"] == "hazard" and row["conflicts"]
    }
    if station.conflicts_listed() != listed:
        yield "I5: the chief's list of hazards in dispute is not that of the rows"


def _sides(entries: list[Entry], known: dict[str, set[str]]) -> Iterator[tuple[Fact, Fact]]:
    facts = [each.fact for each in entries]
    ends = [fact for fact in facts if fact.kind in ("hazard.closed", "hazard.voided")]
    against = [fact for fact in facts if fact.kind.startswith("hazard.") and _speaks_against(fact)]
    for closer in ends:
        for other in against:
            apart = closer.id not in known[other.id] and other.id not in known[closer.id]
            settled = any(
                {closer.id, other.id} <= known[fact.id] and fact.kind in SETTLING for fact in facts
            )
            if (
                apart
                and not settled
                and _took(closer, entries, known)
                and _took(other, entries, known)
            ):
                yield closer, other


def _speaks_against(fact: Fact) -> bool:
    return _counts(Entry(fact)) and fact.kind != "hazard.reopened" and _adverse(fact)


def _took(fact: Fact, entries: list[Entry], known: dict[str, set[str]]) -> bool:
    """Whether it was a possible step for one who knew what its author knew."""
    seen = known[fact.id] | {fact.id}
    alone = fold_subject([each for each in entries if each.fact.id in seen]).row
    done = {"hazard.closed": "closed", "hazard.voided": "void"}.get(fact.kind, alone["state"])
    flagged = any(each["fact"] == fact.id for each in alone["flags"])
    return alone["state"] == done and not flagged and not alone["conflicts"]
