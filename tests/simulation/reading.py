"""What the station keeps, read once for all checkers of a world."""

from __future__ import annotations

from sync.admission import parse_verdict
from sync.fact import Fact, parse_private
from sync.fold import Entry
from tests.simulation.station import Kept, Station, read_fact


class Ledger:
    """What the station keeps, read once."""

    def __init__(self, station: Station) -> None:
        self.kept: list[Kept] = station.kept()
        self.by_hash = {each.sha256: each for each in self.kept}
        self.rows = station.rows()
        self.facts: dict[str, Fact] = {}
        for each in self.kept:
            fact = read_fact(each.raw)
            if isinstance(fact, Fact):
                self.facts[each.sha256] = fact
        self.of_subject: dict[str, list[Kept]] = {}
        for each in self.kept:
            if each.admitted and each.sha256 in self.facts:
                subject = self.facts[each.sha256].subject
                self.of_subject.setdefault(subject, []).append(each)


def entries_of(ledger: Ledger, subject: str) -> list[Entry]:
    found = []
    for each in ledger.of_subject.get(subject, ()):
        private = parse_private(each.private) if each.private is not None else None
        fields = getattr(private, "fields", None)
        flags = parse_verdict(each.verdict).flags
        found.append(Entry(ledger.facts[each.sha256], fields, flags))
    return found
