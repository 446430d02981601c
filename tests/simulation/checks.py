"""What must hold once faults have stopped and everything has been handed over.

Each checker compares what people recorded (truth.py) with what station and phones show, and says
what is wrong in a sentence that begins with the invariant's number (design.md, section 3).
Core worlds (C) and HTTP worlds (H) check the same unless a letter stands there.

| invariant | what is checked |
|---|---|
| I1 once | every fact and answered decision is in the log exactly once with its bytes; one id |
| | with other bytes is kept apart; handing over again changes nothing, verdicts stay |
| I2 order-free | each subject folded from its facts in another order, with repeats, gives its row |
| I3 never bounced | bad facts are kept with their bytes and a true reason, no good one is; no |
| | fact stays parked; what a chief lets in counts |
| I4 receipt first | what a phone settled or let go of is in the station |
| I5 cautious merges | a naive oracle over causality: closings, levels, deadlines, photos; both |
| | sides are on the chief's list, and one answer ends a dispute (merges.py, world.py) |
| I6 no gaps | log without gaps; every phone shows every row it may see, as it is |
| I7 tamper-evident | the log hashes to every head any phone was shown, receipts' too; proofs on |
| | the way; H: `ledger verify` |
| I8 rebuildable | C: all rows folded again are equal; H: `ledger rebuild` finds no difference |
| I9 clocks | phones minutes to years off: nothing set aside for it, its own time kept, times of |
| | receipt only grow |
| I10 forward | unknown kinds and fields come back byte for byte |
| I11 need to know | a phone holds no row of another's area; no judgement counts of one who never |
| | had the role, and nothing that a revoked phone hands over afterwards (C: the model's own |
| | scope, so only H says something of the product) |
| I12 bounded | too long, too deep, too many predecessors: a named verdict; a batch too large is |
| | split, a full quarantine waits a day; heads and conflicts of rows keep their limits |
| I13 evidence | photos held byte for byte, all that were not lost with a phone |
| I14 nothing vanishes | private lines kept unless redacted, redacted ones gone |
| I15 loss is noticed | numbers used twice are flagged and their phone enrolled anew; what each |
| | enrolment announced and how far it is whole is what the station says (counts.py) |
| I16 after a restore | what any phone knew is there again, hazards under their number; the report |
| | names the rest (restores.py; C: the model's report, H: the real commands and report) |
| I17 it ends | a bounded number of rounds; the same seed gives the same trace |
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterable, Iterator

from sync.admission import parse_verdict
from sync.fold import fold_subject
from sync.invariants import differing
from tests.simulation.counts import bounds, holes, numbers, tell
from tests.simulation.merges import cautious, disputes
from tests.simulation.phone import Phone
from tests.simulation.reading import Ledger, entries_of
from tests.simulation.restores import Loss, back_again
from tests.simulation.screens import no_gaps, tamper_evident
from tests.simulation.station import READMISSIBLE, Station
from tests.simulation.truth import Truth

# Why a fact that is well-formed may still be set aside: by who its sender is, never by its time.
JUDGEMENTS = {
    *("hazard.returned", "hazard.confirmed", "hazard.ordered", "hazard.closed"),
    *("hazard.reopened", "hazard.voided"),
}
VERDICTS_ALLOWED = {
    "malformed": {"malformed"},
    "unreadable": {"unreadable"},
    "foreign_station": {"foreign_station"},
    "id_reused": {"id_reused"},
}


def check_world(
    station: Station, phones: list[Phone], truth: Truth, seed: str, losses: list[Loss]
) -> list[str]:
    """Everything that is wrong; an empty list when the world is sound."""
    ledger = Ledger(station)
    found: list[str] = list(truth.wrongs)
    tell(ledger, truth.happened)
    for check in (
        once(ledger, truth),
        ids_kept_apart(ledger),
        let_in(ledger, truth),
        revoked(ledger, truth),
        order_free(ledger, random.Random(seed)),
        never_bounced(ledger, truth, phones),
        receipts(ledger, truth, station),
        cautious(ledger),
        no_gaps(ledger, phones, station),
        tamper_evident(ledger, phones, [loss.restored for loss in losses]),
        rebuildable(station),
        clocks(ledger, truth),
        photos(ledger, truth, station),
        privates(ledger, truth),
        numbers(ledger, truth, phones),
        holes(ledger, truth, station),
        bounds(ledger, truth),
        disputes(ledger, station),
        back_again(ledger, losses, station, truth),
    ):
        found += check
    return found


def once(ledger: Ledger, truth: Truth) -> Iterator[str]:
    if len(ledger.by_hash) != len(ledger.kept):
        yield "I1: a line stands in the log twice"
    for each in ledger.kept:
        if hashlib.sha256(each.raw).hexdigest() != each.sha256:
            yield f"I1: the bytes of {each.sha256} changed"
    for recorded in truth.expected():
        if recorded.sha256 not in ledger.by_hash:
            yield f"I1: {recorded.kind} {recorded.sha256} of {recorded.phone} is lost"
        elif ledger.by_hash[recorded.sha256].raw != recorded.raw:
            yield f"I10: {recorded.kind} {recorded.sha256} came back changed"
    known = set(truth.facts)
    desk: dict[str, int] = {}
    for sha256, fact in ledger.facts.items():
        if sha256 not in known and fact.enrolment is not None:
            yield f"I1: nobody recorded {fact.kind} {sha256}"
        if fact.enrolment is None and ledger.by_hash[sha256].admitted:
            desk[fact.id] = desk.get(fact.id, 0) + 1
    for decided in truth.decisions.values():
        count = desk.get(decided.id, 0)
        if count > 1 or (decided.answered and count != 1):
            yield f"I1: decision {decided.kind} {decided.id} stands {count} times"
    found = {fact.id: fact for fact in ledger.facts.values() if fact.enrolment is None}
    for decided in truth.decisions.values():
        fact = found.get(decided.id)
        if fact is not None and (fact.kind, dict(fact.body), fact.after) != (
            decided.kind, decided.body, decided.after
        ):  # fmt: skip
            yield f"I1: decision {decided.kind} {decided.id} was changed on its way"


def ids_kept_apart(ledger: Ledger) -> Iterator[str]:
    holders: dict[str, str] = {}
    for each in ledger.kept:
        id_ = ledger.facts[each.sha256].id if each.sha256 in ledger.facts else each.sha256
        first = holders.setdefault(id_, each.sha256)
        if first != each.sha256 and each.verdict != "quarantined:id_reused":
            yield f"I1: {each.sha256} took the id of {first} and is {each.verdict}"


def order_free(ledger: Ledger, shuffle: random.Random) -> Iterator[str]:
    for subject in sorted(ledger.of_subject):
        entries = entries_of(ledger, subject)
        row = ledger.rows.get(subject)
        if row is None and all(each.fact.kind.startswith("ledger.") for each in entries):
            continue  # about a fact that went down with the station's machine, or about the log
        if row is None:
            yield f"I3: subject {subject} has facts and no row"
            continue
        if len(entries) > 1 or row["type"] == "hazard":
            shuffle.shuffle(entries)
            again = fold_subject([*entries, *entries[:2]]).row
            differs = differing({k: row[k] for k in again if k in row}, again)
            if differs:
                yield f"I2: {row['type']} {subject} depends on order: {sorted(differs)}"


def never_bounced(ledger: Ledger, truth: Truth, phones: Iterable[Phone]) -> Iterator[str]:
    twice = {each.id for each in truth.facts.values() if each.bad == "id_reused"}
    for recorded in truth.expected():
        kept = ledger.by_hash.get(recorded.sha256)
        if kept is None:
            continue
        verdict = parse_verdict(kept.verdict)
        allowed = {"missing_role"} if recorded.kind in JUDGEMENTS else set()
        if recorded.author in truth.revoked:
            allowed.add("revoked")
        if recorded.id in twice:
            allowed.add("id_reused")  # whichever of the two comes second
        if recorded.bad is not None:
            allowed |= VERDICTS_ALLOWED[recorded.bad]
            if verdict.admitted and recorded.bad != "id_reused":
                yield f"I3: {recorded.bad} fact {recorded.sha256} was admitted"
        if not verdict.admitted and verdict.reason not in allowed:
            yield f"I3: {recorded.kind} {recorded.sha256} was set aside as {kept.verdict}"
        if recorded.verdict is not None and recorded.verdict != kept.verdict:
            yield f"I3: the receipt told {recorded.verdict}, the log says {kept.verdict}"
        if verdict.admitted and recorded.kind in JUDGEMENTS:
            held = (
                {"chief", "certified_inspector"} if recorded.kind == "hazard.ordered" else {"chief"}
            )
            if not held & _roles_ever(ledger, truth, recorded.author):
                yield f"I11: {recorded.phone} never was a chief and {recorded.kind} counts"
    for phone in phones:
        for fact in phone.disk.facts.values():
            if fact.parked:
                yield f"I3: {phone.name} could never hand over {fact.kind} {fact.sha256}"


def let_in(ledger: Ledger, truth: Truth) -> Iterator[str]:
    for decided in truth.decisions.values():
        target = ledger.by_hash.get(decided.body.get("fact_sha256", ""))
        if decided.kind == "ledger.admitted" and decided.answered and target is not None:
            reason = parse_verdict(target.verdict).reason
            if reason in READMISSIBLE and not target.admitted:
                yield f"I3: {target.sha256} was let in and does not count"


def revoked(ledger: Ledger, truth: Truth) -> Iterator[str]:
    """What came after the revocation counts only where a chief let it in."""
    for recorded in truth.expected():
        kept, before = ledger.by_hash.get(recorded.sha256), truth.cut_off.get(recorded.enrolment)
        if kept is None or before is None or recorded.sha256 in before:
            continue
        truth.happened["fact of a revoked phone judged"] += 1
        if parse_verdict(kept.verdict).admitted:
            yield f"I11: {recorded.kind} {recorded.sha256} of a revoked phone is {kept.verdict}"


def _roles_ever(ledger: Ledger, truth: Truth, account: str) -> set[str]:
    """Also what a lost machine had granted: a fact handed back keeps the verdict it got there."""
    told = [*ledger.facts.values(), *truth.decisions.values()]
    grants = [each for each in told if each.kind == "grant.set" and each.subject == account]
    return {role for each in grants for role in each.body["roles"]}


def receipts(ledger: Ledger, truth: Truth, station: Station) -> Iterator[str]:
    for sha256 in truth.forgotten:
        if sha256 not in ledger.by_hash and sha256 not in truth.sunk:
            yield f"I4: {sha256} was forgotten by its phone and is not at the station"
    for recorded in truth.facts.values():
        written_off = recorded.sha256 in truth.sunk  # with the station's machine
        if recorded.receipts and not written_off and recorded.sha256 not in ledger.by_hash:
            yield f"I4: {recorded.sha256} has a receipt and is not at the station"
    for sha256 in truth.photo_receipts - truth.sunk_photos:
        if station.photo(sha256) != truth.photos[sha256]:
            yield f"I13: photo {sha256} has a receipt and is not what was taken"


def rebuildable(station: Station) -> Iterator[str]:
    yield from station.own_verification()[:5]


def clocks(ledger: Ledger, truth: Truth) -> Iterator[str]:
    for recorded in truth.expected():
        fact = ledger.facts.get(recorded.sha256)
        if fact is not None and json.loads(recorded.raw)["at"] != fact.at:
            yield f"I9: the phone's own time of {recorded.sha256} was changed"


def photos(ledger: Ledger, truth: Truth, station: Station) -> Iterator[str]:
    lost = {fact.body.get("sha256") for fact in ledger.facts.values() if fact.kind == "photo.lost"}
    for recorded in truth.expected():
        for sha256 in recorded.photos:
            if sha256 in truth.sunk_photos or (sha256 in truth.evicted and sha256 in lost):
                continue
            if station.photo(sha256) != truth.photos[sha256]:
                yield f"I13: photo {sha256} of {recorded.kind} never arrived whole"


def privates(ledger: Ledger, truth: Truth) -> Iterator[str]:
    for recorded in truth.expected():
        kept = ledger.by_hash.get(recorded.sha256)
        if kept is None or recorded.private is None or recorded.sha256 in truth.sunk_privates:
            continue
        if recorded.sha256 in truth.redacted:
            if kept.private is not None:
                yield f"I14: the redacted line of {recorded.sha256} is still there"
        elif kept.private is None and recorded.sha256 not in _asked_redacted(truth):
            yield f"I14: the private line of {recorded.kind} {recorded.sha256} is lost"
        elif kept.private is not None and kept.private != recorded.private:
            yield f"I14: the private line of {recorded.sha256} was changed"


def _asked_redacted(truth: Truth) -> set[str]:
    """Redactions somebody asked for, answered or not."""
    return {
        decided.body["fact_sha256"]
        for decided in truth.decisions.values()
        if decided.kind == "ledger.redacted"
    }
