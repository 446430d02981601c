"""A station set back to a backup in a world: who knew what at that moment, and what must come back.

I16: everything any living phone knew of is there again, hazards under their old numbers, and the
report names the rest. What nobody knew is written off here, and only here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.simulation.phone import Phone
from tests.simulation.reading import Ledger
from tests.simulation.station import Kept, Restored, Station, sha_of
from tests.simulation.truth import Truth


@dataclass(slots=True)
class Loss:
    """One restore: what was lost with the machine and what phones knew of it."""

    restored: Restored
    ended: int  # the epoch that was lost; another than the backup's when one set is restored twice
    known: set[str] = field(default_factory=set)  # facts some phone had, its own or pulled
    ids: dict[str, str] = field(default_factory=dict)  # of decisions in the lost log
    numbers: dict[str, int | str] = field(default_factory=dict)  # hazard -> number some phone knew
    lost: dict[str, int] = field(default_factory=dict)  # fact of the lost log -> its index there


def set_back(station: Station, backup: object, phones: list[Phone], truth: Truth) -> Loss:
    """Restore, and write off what neither the backup nor any phone has."""
    before = station.kept()
    held = {sha256 for sha256 in truth.photos if station.photo(sha256) is not None}
    ended = station.epoch
    loss = Loss(station.restore(backup), ended)
    loss.lost = {each.sha256: each.index for each in before[loss.restored.size :]}
    loss.known, loss.numbers = _remembered(phones)
    _write_off(loss, before, phones, truth)
    _write_off_photos(held, station, phones, truth)
    for enrolment in truth.announced:
        announced, _ = station.counted(enrolment) or (0, 0)
        truth.confirmed[enrolment] = min(truth.confirmed.get(enrolment, 0), announced)
    truth.happened["station restored from a backup"] += 1
    truth.happened["fact lost with the station's machine"] += len(loss.lost)
    return loss


def _remembered(phones: list[Phone]) -> tuple[set[str], dict[str, int | str]]:
    """The facts phones have, and the numbers of hazards among what they pulled."""
    known: set[str] = set()
    numbers: dict[str, int | str] = {}
    for phone in phones:
        known |= set(phone.disk.facts)
        for page in phone.disk.pages:
            for item in page["items"]:
                known.add(sha_of(item["line"].encode()))
                if item.get("number"):
                    numbers.setdefault(json.loads(item["line"])["subject"], item["number"])
    return known, numbers


def forgotten(losses: list[Loss], station: Station, phones: list[Phone], truth: Truth) -> None:
    """A phone was set back before it handed back what the station lost: nobody knows it now."""
    if not losses:
        return
    kept = station.kept()
    here = {each.sha256 for each in kept}
    with_private = {each.sha256 for each in kept if each.private is not None}
    own = {sha256 for phone in phones for sha256 in phone.disk.facts}
    known, numbers = _remembered(phones)
    _write_off_photos(truth.photo_receipts, station, phones, truth)
    for loss in losses:
        gone = loss.known - known - here
        truth.sunk_privates |= set(loss.lost) - with_private - own
        loss.known -= gone
        truth.sunk |= {sha256 for sha256 in gone if sha256 in truth.facts}
        for decided in truth.decisions.values():
            if decided.id in {loss.ids.get(sha256) for sha256 in gone}:
                decided.answered = False
                truth.redacted.discard(decided.body.get("fact_sha256", ""))
        for subject in list(loss.numbers):
            if subject not in numbers and station.hazard_number(subject) != loss.numbers[subject]:
                del loss.numbers[subject]


def _write_off(loss: Loss, before: list[Kept], phones: list[Phone], truth: Truth) -> None:
    own = {sha256 for phone in phones for sha256 in phone.disk.facts}
    for each in before[loss.restored.size :]:
        recorded = truth.facts.get(each.sha256)
        if recorded is not None:
            recorded.verdict = None  # judged anew, or told again as the lost log had it
            if each.sha256 not in own:
                truth.sunk_privates.add(each.sha256)
            if each.sha256 not in loss.known:
                truth.sunk.add(each.sha256)
                truth.happened["fact nobody else knew lost with the station's machine"] += 1
            continue
        try:
            id_ = loss.ids[each.sha256] = json.loads(each.raw)["id"]
        except ValueError:
            continue
        if each.sha256 not in loss.known and id_ in truth.decisions:
            truth.decisions[id_].answered = False
            truth.redacted.discard(truth.decisions[id_].body.get("fact_sha256", ""))


def _write_off_photos(held: set[str], station: Station, phones: list[Phone], truth: Truth) -> None:
    here = {sha256 for phone in phones for sha256 in phone.disk.bodies}
    for sha256 in held - here:
        if station.photo(sha256) is None:
            truth.sunk_photos.add(sha256)


def back_again(ledger: Ledger, losses: list[Loss], station: Station, truth: Truth) -> Iterator[str]:
    for loss in losses:
        for sha256 in loss.known & set(loss.lost):
            if sha256 not in ledger.by_hash and sha256 not in truth.sunk:
                yield f"I16: {sha256} was known to a phone and did not come back"
    for subject, number in _numbers(losses).items():
        if subject in ledger.rows and station.hazard_number(subject) != number:
            # Two lives from one backup may give one number twice; then the report names it.
            if subject in station.numbers_refused():
                truth.happened["number given in two lives, the report names it"] += 1
                continue
            now = station.hazard_number(subject)
            yield f"I16: hazard {subject} was number {number} and is {now}"
    if losses and losses[-1].ended == losses[-1].restored.before:
        named = station.lacking()
        for sha256, index in losses[-1].lost.items():
            if sha256 not in ledger.by_hash and index not in named and index < station.proven:
                yield f"I16: {sha256} is missing and the report does not say so"


def _numbers(losses: list[Loss]) -> dict[str, int | str]:
    """The lowest number anybody knew of each hazard, the first: it stays, whatever comes after."""
    found: dict[str, int | str] = {}
    for loss in losses:
        for subject, number in loss.numbers.items():
            found[subject] = min(number, found.get(subject, number), key=_counted)
    return found


def _counted(number: int | str) -> int:
    return int(str(number).rpartition("-")[2])
