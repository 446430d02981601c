"""Work done before the writer's gate: verdicts and folds that will hold unless the store says more.

Only one writer is inside the gate, so whatever can be computed from the batch alone is computed
here, and taken over there if its premises still stand. Nothing here may look at the database.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.ledger.incoming import Incoming
from app.ledger.rows import Known, entry
from sync.admission import Author, Verdict, admit, refused
from sync.fold import UNKNOWN_TYPE, fold, type_of

Premises = frozenset[tuple[str, str, bool]]


@dataclass(frozen=True, slots=True)
class Ready:
    """A row folded from these facts and no others."""

    premises: Premises
    type: str
    row: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Early:
    """What one batch says by itself: verdicts for this author, rows of its subjects."""

    author: Author | None = None
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    rows: Mapping[str, Ready] = field(default_factory=dict)

    def verdict(self, sha256: str, author: Author) -> Verdict | None:
        """The verdict on a line, if it was asked for this very author."""
        return self.verdicts.get(sha256) if author == self.author else None

    def ready(self, subject_id: str, known: Sequence[Known]) -> Ready | None:
        """The row of a subject, if these are exactly the facts it was folded from."""
        found = self.rows.get(subject_id)
        if found is None or len(found.premises) != len(known):
            return None
        return found if found.premises == premises(known) else None


def premises(known: Sequence[Known]) -> Premises:
    """What a fold depends on: the facts, their verdicts, whether their private lines are there."""
    return frozenset((each.fact.sha256, each.verdict, each.private is not None) for each in known)


def judge_early(incoming: Sequence[Incoming], author: Author, station_id: str) -> Early:
    """Verdicts and rows as if nothing about these subjects were known and no area mattered."""
    verdicts: dict[str, Verdict] = {}
    by_subject: dict[str, list[Known]] = {}
    for each in incoming:
        if each.fact is None:
            assert each.refusal is not None
            verdicts[each.sha256] = refused(each.refusal)
            continue
        if each.sha256 in verdicts:
            continue
        verdict = admit(each.fact, author, station_id, site_area=None, private=each.private)
        verdicts[each.sha256] = verdict
        if verdict.admitted:
            known = Known(each.fact, each.private, 0, verdict.text, "")
            by_subject.setdefault(each.fact.subject, []).append(known)
    return Early(author, verdicts, {id_: _ready(known) for id_, known in by_subject.items()})


def _ready(known: Sequence[Known]) -> Ready:
    entries = [entry(each, checked=True) for each in known]
    kind = type_of(entries)
    row = dict(fold(kind, entries).row) if kind != UNKNOWN_TYPE else {}
    return Ready(premises(known), kind, row)
