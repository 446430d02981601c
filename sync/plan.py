"""The plan of a batch: what of it is new, what becomes of each line, what has to be done.

Values in, values out. The caller, under the station's lock, looks up what `Known` asks for, calls
plan_batch(), and carries the plan out; a plan can be printed and tested. It must not know SQL,
roles or rows: verdicts come in from admission, rows are folded from `touched` afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sync.admission import Verdict, quarantined
from sync.fact import Fact


@dataclass(frozen=True, slots=True)
class Arrived:
    """One line handed over, with the verdict on it taken by itself (admit() or refused())."""

    sha256: str
    fact: Fact | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Known:
    """What the ledger holds already of what the lines name. Read under the station's lock."""

    size: int = 0  # of the log: the index the first new line gets
    verdicts: Mapping[str, str] = field(default_factory=dict)  # logged sha256 -> verdict text
    ids: Mapping[str, str] = field(default_factory=dict)  # fact id -> sha256 of its first holder
    numbers: Mapping[tuple[str, int], str] = field(default_factory=dict)  # (enrolment, n) -> sha256


@dataclass(frozen=True, slots=True)
class Logged:
    """A line that becomes a leaf of the log."""

    index: int
    sha256: str
    fact: Fact | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Plan:
    logged: tuple[Logged, ...]  # new lines in the order of the log
    verdicts: tuple[str, ...]  # one verdict text for every line handed over, known ones included
    touched: tuple[str, ...]  # subjects to fold again, in the order they were first named
    admitted_after_all: Mapping[str, int]  # sha256 of a quarantined fact -> index of its admission
    redacted: Mapping[str, int]  # sha256 of a fact -> index of the fact that redacts it

    @property
    def exceptions(self) -> list[tuple[int, str]]:
        """What a receipt has to tell: every verdict that is not plain `admitted`."""
        return [(place, text) for place, text in enumerate(self.verdicts) if text != "admitted"]


def plan_batch(arrived: Sequence[Arrived], known: Known) -> Plan:
    """Plan a batch.

    A line known by its bytes keeps the verdict it has and is not logged again (I1). The same id
    with other bytes is quarantined as `id_reused`, whichever came second, and a number used twice
    by one phone is admitted and flagged `number_reused` (I15). Nothing else changes a verdict that
    came in.
    """
    verdicts = dict(known.verdicts)
    ids, numbers = dict(known.ids), dict(known.numbers)
    logged: list[Logged] = []
    for each in arrived:
        if each.sha256 in verdicts:
            continue
        verdict = each.verdict
        if each.fact is not None:
            verdict = _without_clash(each.fact, verdict, ids, numbers)
        verdicts[each.sha256] = verdict.text
        logged.append(Logged(known.size + len(logged), each.sha256, each.fact, verdict))
    admitted = [each for each in logged if each.fact is not None and each.verdict.admitted]
    return Plan(
        logged=tuple(logged),
        verdicts=tuple(verdicts[each.sha256] for each in arrived),
        touched=tuple(dict.fromkeys(each.fact.subject for each in admitted if each.fact)),
        admitted_after_all=_targets(admitted, "ledger.admitted"),
        redacted=_targets(admitted, "ledger.redacted"),
    )


def _without_clash(
    fact: Fact, verdict: Verdict, ids: dict[str, str], numbers: dict[tuple[str, int], str]
) -> Verdict:
    if ids.setdefault(fact.id, fact.sha256) != fact.sha256:
        return quarantined("id_reused")
    if fact.enrolment is None or fact.n is None:
        return verdict
    first = numbers.setdefault((fact.enrolment, fact.n), fact.sha256)
    return verdict if first == fact.sha256 else verdict.flagged("number_reused")


def _targets(logged: Sequence[Logged], kind: str) -> dict[str, int]:
    return {
        each.fact.body["fact_sha256"]: each.index
        for each in logged
        if each.fact is not None and each.fact.kind == kind
    }
