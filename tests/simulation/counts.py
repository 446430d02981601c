"""Numbers and bounds, checked: what the station knows to be missing, and what became of too much.

Also tells what happened in a world as far as the ledger shows it (happened.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from sync.admission import parse_verdict
from sync.limits import AFTER_FACTS_MAX, CONFLICT_FACTS_MAX, CONFLICTS_MAX
from tests.simulation.happened import Happened
from tests.simulation.merges import knowledge
from tests.simulation.people import CHECKLIST
from tests.simulation.phone import Phone
from tests.simulation.reading import Ledger, entries_of
from tests.simulation.station import Kept, Station
from tests.simulation.truth import Truth

FIRST_EPOCH = 1


def numbers(ledger: Ledger, truth: Truth, phones: list[Phone]) -> Iterator[str]:
    """I15: a number used twice is flagged, and its phone goes on under another enrolment."""
    holders: dict[tuple[str, int], Kept] = {}
    for each in ledger.kept:
        fact = ledger.facts.get(each.sha256)
        if fact is None or fact.enrolment is None or fact.n is None:
            continue
        first = holders.setdefault((fact.enrolment, fact.n), each)
        verdict = parse_verdict(each.verdict)
        if first is not each and verdict.admitted and "number_reused" not in verdict.flags:
            yield f"I15: number {fact.n} of {fact.enrolment} was used twice and nobody was told"
        if first is each and "number_reused" in verdict.flags:
            yield f"I15: number {fact.n} of {fact.enrolment} was used once and is called reused"
    for phone in phones:
        for own in phone.disk.facts.values():
            told = (own.verdict or "").endswith("number_reused")
            if told and own.enrolment == phone.disk.enrolment:
                yield f"I15: {phone.name} used {own.n} twice and goes on with its numbers"


def holes(ledger: Ledger, truth: Truth, station: Station) -> Iterator[str]:
    """I15: what each enrolment announced and how far its numbers are whole, told by the station."""
    arrived: dict[str, set[int]] = {}
    for fact in ledger.facts.values():
        if fact.enrolment is not None and fact.n is not None:
            arrived.setdefault(fact.enrolment, set()).add(fact.n)
    for enrolment, sent in truth.announced.items():
        counted = station.counted(enrolment)
        if counted is None:  # it went down with a lost machine, and its phone with another
            if station.epoch == FIRST_EPOCH:
                yield f"I15: the station does not know {enrolment}"
            continue
        announced, received = counted
        here = arrived.get(enrolment, set())
        whole = 0
        while whole + 1 in here:
            whole += 1
        if announced > sent:
            yield f"I15: {enrolment} is said to have announced {announced}, it said {sent}"
        if announced < truth.confirmed.get(enrolment, 0):
            yield f"I15: {enrolment} announced {truth.confirmed[enrolment]}, {announced} is known"
        if received != whole:
            yield f"I15: {enrolment} is whole up to {whole}, the station says {received}"
        truth.happened["hole or unsent tail known to the station"] += announced > received
    for sha256 in truth.sunk:
        lost = truth.facts[sha256]
        here = arrived.get(lost.enrolment, set())
        if lost.n <= truth.confirmed.get(lost.enrolment, 0) and lost.n not in here:
            counted = station.counted(lost.enrolment)
            if counted is not None and counted[1] >= lost.n:
                yield f"I15: {lost.n} of {lost.enrolment} is lost and the station shows no hole"
            truth.happened["loss with a phone noticed by the station"] += 1


def bounds(ledger: Ledger, truth: Truth) -> Iterator[str]:
    """I12: what was too large stands under a named verdict, and rows keep within their limits."""
    for subject, row in ledger.rows.items():
        if len(row["heads"]) > AFTER_FACTS_MAX:
            yield f"I12: {row['type']} {subject} has {len(row['heads'])} heads"
        if len(row["conflicts"]) > CONFLICTS_MAX or any(
            len(each.get("facts", ())) > CONFLICT_FACTS_MAX for each in row["conflicts"]
        ):
            yield f"I12: {row['type']} {subject} has more conflicts than its limit"
    for recorded in truth.expected():
        if recorded.bad in ("malformed", "unreadable") and recorded.sha256 in ledger.by_hash:
            verdict = ledger.by_hash[recorded.sha256].verdict
            if verdict not in (f"quarantined:{recorded.bad}", "quarantined:revoked"):
                yield f"I12: a fact past its limits is {verdict}"


def tell(ledger: Ledger, happened: Happened) -> None:
    """Count what the ledger shows to have happened."""
    published = 1
    for each in ledger.kept:
        fact = ledger.facts.get(each.sha256)
        verdict = parse_verdict(each.verdict)
        if not verdict.admitted:
            happened[f"set aside as {verdict.reason}"] += 1
        if fact is None or not verdict.admitted:
            continue
        if fact.kind == "checklist.published":
            published = max(published, fact.body["version"])
        elif fact.kind == "inspection.submitted" and fact.body["checklist"] == CHECKLIST:
            happened["inspection on an older checklist"] += (
                fact.body["checklist_version"] < published
            )
        happened[f"counts: {fact.kind}"] += 1
    for subject, row in ledger.rows.items():
        for conflict in row["conflicts"]:
            happened[f"{conflict['type']} conflict before the chief"] += 1
        if row["type"] == "hazard" and _strangers(ledger, subject):
            happened["two phones on one hazard, neither knowing of the other"] += 1


def _strangers(ledger: Ledger, subject: str) -> bool:
    entries = entries_of(ledger, subject)
    known = knowledge(entries)
    facts = [each.fact for each in entries if each.fact.enrolment is not None]
    return any(
        a.enrolment != b.enrolment and a.id not in known[b.id] and b.id not in known[a.id]
        for place, a in enumerate(facts)
        for b in facts[:place]
    )
