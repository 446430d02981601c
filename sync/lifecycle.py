"""How a hazard's steps join into its state: cautiously, whoever knew of whom (I5).

A hazard is open unless a closing holds: its guard was met by what its author had seen, and its
author had seen every fact that speaks against it. Tables of who stands how far left are in
kinds/hazard.py.
This module must not know clocks or arrival; a step is judged by its ancestors alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sync.folding import Folding, station_day
from sync.kinds.declare import Kind
from sync.kinds.hazard import LEVELS, REVIEW_CAUTION, WORK_CAUTION

_REVIEW_RANK = {vote: rank for rank, vote in enumerate(REVIEW_CAUTION)}
_WORK_RANK = {vote: rank for rank, vote in enumerate(WORK_CAUTION)}
_LEVEL_RANK = {level: rank for rank, level in enumerate(LEVELS)}
_SUSPECTED_RANK = LEVELS.index("suspected_major")
_RESULT_CAUTION = ("not_fixed", "partly", "fixed")
_WORK_STATE = {
    "spot_fixed": "spot_fixed",
    "ordered": "rectifying",
    "fix_reported": "fix_pending",
    "recheck_fixed": "fix_pending",
    "recheck_failed": "review_failed",
}
_JUDGEMENTS = (
    "hazard.confirmed",
    "hazard.returned",
    "hazard.ordered",
    "hazard.closed",
    "hazard.reopened",
    "hazard.voided",
)
AMENDMENTS = ("hazard.amended", "hazard.resubmitted")
# Who may settle a field so that an inspector's later amendment cannot relax it.
_SETTLERS = {
    "level": ("hazard.confirmed",),
    "deadline": ("hazard.confirmed", "hazard.ordered", "hazard.rechecked"),
    "disposition": ("hazard.ordered",),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a hazard stands for somebody who has seen a certain set of its facts."""

    review: str
    work: str
    closed: int | None  # the closing in effect
    voided: int | None

    @property
    def over(self) -> str | None:
        """The word for a hazard that is finished; None while it is open."""
        if self.voided is not None:
            return "already_void"
        return "already_closed" if self.closed is not None else None


class Lifecycle:
    def __init__(self, folding: Folding) -> None:
        self.folding = folding
        self.review: dict[int, str] = {}  # place -> vote
        self.work: dict[int, str] = {}
        self.review_mask = 0
        self.work_mask = 0
        self.against = 0  # facts that keep any closing from holding, unless its author knew them
        self.confirmed = 0
        self.closed = 0  # closings whose guard was met
        self.voided = 0
        self.level_masks = [0] * len(LEVELS)  # rank -> facts that set a level of this rank
        self.settled = dict.fromkeys(_SETTLERS, 0)  # field -> judgements that settled it
        self.known_rank: dict[int, int] = {}  # closer -> rank of the highest level its author knew
        for place, kind in enumerate(folding.kinds):
            if kind is not None:
                self._weigh_fields(place, kind)
                step = _STEPS.get(kind.name)
                if step is not None:
                    step(self, place)

    # --- where things stand ---

    def at(self, seen: int) -> Standing:
        """Where the hazard stands for somebody who has seen these facts."""
        frontier = self.folding.ordered.frontier
        review = {self.review[place] for place in frontier(self.review_mask & seen)}
        work = {self.work[place] for place in frontier(self.work_mask & seen)}
        return Standing(
            review=self._settled_review(_join_review(review), seen),
            work=min(work, key=_WORK_RANK.__getitem__, default="none"),
            closed=self._holding(self.closed & seen, seen),
            voided=self._holding(self.voided & seen, seen),
        )

    def _settled_review(self, review: str, seen: int) -> str:
        """A confirmation beside a suspicion it did not know of decides nothing about that one."""
        suspected = review == "confirmed" and self.level_rank(seen) == _SUSPECTED_RANK
        return "submitted" if suspected else review

    def before(self, place: int) -> Standing:
        """Where the hazard stood for the author of a fact."""
        return self.at(self.folding.ancestors[place])

    def _holding(self, closers: int, seen: int) -> int | None:
        """The last of these closings that holds."""
        while closers:
            last = closers.bit_length() - 1
            if not self.objections(last) & seen:
                return last
            closers ^= 1 << last
        return None

    def objections(self, closer: int) -> int:
        """The facts that speak against a closing and that its author had not seen."""
        adverse = self.against
        if self.closed >> closer & 1:
            adverse |= self.voided
        else:
            adverse |= self.closed | self.confirmed
        for higher in self.level_masks[self.known_rank[closer] + 1 :]:
            adverse |= higher
        return adverse & ~self.folding.ancestors[closer] & ~(1 << closer)

    def judgements(self) -> int:
        """What decides between sides; a closing or reopening without effect decides nothing."""
        made = self.folding.mask(*_JUDGEMENTS)
        idle = self.folding.mask("hazard.closed") & ~self.closed
        idle |= self.folding.mask("hazard.reopened") & ~self.work_mask
        return made & ~idle

    def endings(self, seen: int) -> dict[int, str]:
        """Closings and voidings in dispute for somebody who has seen these facts, by their place.

        What speaks against each of them stands beside it, and no judgement has seen both sides.
        """
        folding, found = self.folding, {}
        judgements = self.judgements() & seen
        for closer in folding.places((self.closed | self.voided) & seen):
            against = self.objections(closer) & seen
            late = folding.followers(closer, against)
            if not late and folding.undecided(closer, against, judgements):
                found[closer] = "closed" if self.closed >> closer & 1 else "void"
        return found

    def disputed_work(self, seen: int) -> list[int]:
        """A passed recheck and the failed ones or reopenings that stand beside it, undecided."""
        frontier = self.folding.ordered.frontier(self.work_mask & seen)
        passed = {place for place in frontier if self.work[place] == "recheck_fixed"}
        failed = {p for p in frontier if self.work[p] in ("recheck_failed", "reopened")}
        if not passed or not failed:
            return []
        sides = 0
        for place in passed | failed:
            sides |= 1 << place
        # A closing that has seen all of them decides as well as an order does.
        for closer in self.folding.places((self.closed | self.voided) & seen):
            if not sides & ~self.folding.ancestors[closer]:
                return []
        return [place for place in frontier if place in passed | failed]

    def level_rank(self, seen: int) -> int:
        """The rank of the level told by these facts; the lowest when none tells it."""
        setters = 0
        for mask in self.level_masks:
            setters |= mask
        frontier = self.folding.ordered.frontier(setters & seen)
        return max(map(self._rank, frontier), default=0)

    def _rank(self, place: int) -> int:
        return _LEVEL_RANK[self.folding.fields[place]["level"]]

    # --- taking one fact after another ---

    def _weigh_fields(self, place: int, kind: Kind) -> None:
        """An amendment counts for nothing where it relaxes what a judgement it knew of settled."""
        folding, fields = self.folding, self.folding.fields[place]
        for field, settlers in _SETTLERS.items():
            if kind.name in settlers and self._said(place, field) is not None:
                self.settled[field] |= 1 << place
            elif kind.name in AMENDMENTS and field in fields and self._relaxes(place, field):
                folding.ignored.add((place, field))
                folding.flag(place, f"{field}_settled")
        level = fields.get("level") if "level" in kind.sets else None
        if level is not None and (place, "level") not in folding.ignored:
            self.level_masks[_LEVEL_RANK[level]] |= 1 << place

    def _relaxes(self, place: int, field: str) -> bool:
        folding = self.folding
        settlers = folding.ordered.frontier(self.settled[field] & folding.ancestors[place])
        if not settlers:
            return False
        said = folding.fields[place][field]
        settled = [self._said(each, field) for each in settlers]
        return bool(folding.keep(field, [*settled, said]) != said)

    def _said(self, place: int, field: str) -> Any:
        fields = self.folding.fields[place]
        kind = self.folding.facts[place].kind
        return fields.get("new_deadline" if kind == "hazard.rechecked" else field)

    def vote_review(self, place: int, vote: str) -> None:
        self.review[place] = vote
        self.review_mask |= 1 << place

    def vote_work(self, place: int, vote: str) -> None:
        self.work[place] = vote
        self.work_mask |= 1 << place

    def raised(self, place: int) -> bool:
        """Whether a fact sets a higher level than its author knew of."""
        if not any(mask >> place & 1 for mask in self.level_masks):
            return False
        return self._rank(place) > self.level_rank(self.folding.ancestors[place])


def _join_review(votes: set[str]) -> str:
    if {"returned", "confirmed"} <= votes:
        return "submitted"  # the chief said both without knowing it: it waits for the chief again
    return min(votes, key=_REVIEW_RANK.__getitem__, default="submitted")


# --- one function per step ---


def _amended(life: Lifecycle, place: int) -> None:
    standing = life.before(place)
    if standing.review == "confirmed" and life.raised(place):
        life.vote_review(place, "submitted")  # a higher level is the chief's to settle anew


def _resubmitted(life: Lifecycle, place: int) -> None:
    standing = life.before(place)
    if standing.over is not None:
        life.folding.flag(place, standing.over)
    elif standing.review == "confirmed" and not life.raised(place):
        life.folding.flag(place, "not_returned")
    else:
        life.vote_review(place, "submitted")


def _returned(life: Lifecycle, place: int) -> None:
    life.vote_review(place, "returned")
    life.against |= 1 << place


def _confirmed(life: Lifecycle, place: int) -> None:
    standing = life.before(place)
    life.confirmed |= 1 << place
    if standing.closed is not None and not life.raised(place):
        life.folding.flag(place, "already_closed")
    else:
        life.vote_review(place, "confirmed")


def _ordered(life: Lifecycle, place: int) -> None:
    life.vote_work(place, "ordered")
    life.against |= 1 << place


def _spot_fixed(life: Lifecycle, place: int) -> None:
    standing = life.before(place)
    if standing.over is not None:
        life.folding.flag(place, standing.over)
        return
    # Once there was an order or a recheck, "fixed on the spot" is one more report that waits for a
    # recheck: it must not be a short cut to closing.
    life.vote_work(
        place, "spot_fixed" if standing.work in ("none", "spot_fixed") else "fix_reported"
    )


def _fix_reported(life: Lifecycle, place: int) -> None:
    standing = life.before(place)
    if standing.over is not None:
        life.folding.flag(place, standing.over)
    elif standing.work != "recheck_fixed":
        life.vote_work(place, "fix_reported")


def _rechecked(life: Lifecycle, place: int) -> None:
    standing = life.before(place)
    if life.folding.fields[place]["result"] != "fixed":
        life.vote_work(place, "recheck_failed")
        life.against |= 1 << place
    elif standing.voided is not None:
        life.folding.flag(place, "already_void")
    else:
        life.vote_work(place, "recheck_fixed")


def _reopened(life: Lifecycle, place: int) -> None:
    standing = life.before(place)
    life.against |= 1 << place
    seen = life.folding.ancestors[place]
    if standing.over is not None or life.endings(seen) or life.disputed_work(seen):
        life.vote_work(place, "reopened")
    else:
        life.folding.flag(place, "not_closed")


def _closed(life: Lifecycle, place: int) -> None:
    standing = life.before(place)
    known = life.level_rank(life.folding.ancestors[place])
    reason = closing_fault(standing.review, standing.work, LEVELS[known])
    unexplained = not life.folding.fields[place].get("override_reason")
    if reason == "not_rechecked" and not unexplained and _upholds(life, place):
        reason = None
    if standing.voided is not None:
        reason = "already_void"
    if reason is not None:
        life.folding.flag(place, reason)
        return
    life.known_rank[place] = known
    life.closed |= 1 << place
    if standing.work == "recheck_fixed" and unexplained and _finder_rechecked(life.folding, place):
        life.folding.flag(place, "same_person")


def _upholds(life: Lifecycle, place: int) -> bool:
    """Whether a closing decides between outcomes that did not know of each other.

    Somebody saw it fixed, somebody else said otherwise, and whoever closes has seen both: that is a
    judgement, with its reason, and no closing without a recheck.
    """
    seen = life.folding.ancestors[place]
    return "closed" in life.endings(seen).values() or bool(life.disputed_work(seen))


def _voided(life: Lifecycle, place: int) -> None:
    life.known_rank[place] = life.level_rank(life.folding.ancestors[place])
    life.voided |= 1 << place


def closing_fault(review: str, work: str, level: str | None) -> str | None:
    """Why a hazard that stands so cannot be closed; None when it can.

    While a major hazard is only suspected, major or general is the chief's word to say first, and
    major needs all five settled: closing would decide it in silence (I5).
    """
    if level == "suspected_major":
        return "not_confirmed"
    if work == "recheck_fixed" or (work == "spot_fixed" and review == "confirmed"):
        return None
    return "not_confirmed" if work == "spot_fixed" else "not_rechecked"


def _finder_rechecked(folding: Folding, closing: int) -> bool:
    seen = folding.ancestors[closing]
    finders = {folding.facts[each].author for each in folding.places(folding.mask("hazard.found"))}
    rechecks = folding.ordered.frontier(folding.mask("hazard.rechecked") & seen)
    return bool(rechecks) and all(folding.facts[each].author in finders for each in rechecks)


_STEPS: dict[str, Callable[[Lifecycle, int], None]] = {
    "hazard.amended": _amended,
    "hazard.resubmitted": _resubmitted,
    "hazard.returned": _returned,
    "hazard.confirmed": _confirmed,
    "hazard.ordered": _ordered,
    "hazard.spot_fixed": _spot_fixed,
    "hazard.fix_reported": _fix_reported,
    "hazard.rechecked": _rechecked,
    "hazard.reopened": _reopened,
    "hazard.closed": _closed,
    "hazard.voided": _voided,
}


# --- the row ---


def finish_hazard(folding: Folding) -> str:
    """Fill what the steps say into the row, and return the hazard's state."""
    if folding.is_new():
        return _finish_new(folding)
    life = Lifecycle(folding)
    folding.settle_fields()
    standing = life.at((1 << len(folding.facts)) - 1)
    _outcome_conflicts(life)
    row = folding.row
    row["review"], row["work"] = standing.review, standing.work
    _tell_review(folding)
    _tell_work(life)
    _tell_closing(folding, standing)
    _tell_links(folding)
    if standing.voided is not None:
        return "void"
    return (
        "closed"
        if standing.closed is not None
        else open_state(row["review"], row["work"], row["level"])
    )


def _finish_new(folding: Folding) -> str:
    """A hazard that was only found: what the long way says of it, without the long way."""
    folding.settle_fields()
    row = folding.row
    row["review"], row["work"] = "submitted", "none"
    return open_state("submitted", "none", row["level"])


def open_state(review: str, work: str, level: str | None) -> str:
    """The state of a hazard that is neither closed nor void."""
    if review == "returned":
        return "returned"
    if work == "reopened":
        return "reopened"
    if review == "submitted":
        return "submitted"
    if work == "none":
        return "confirmed_major" if level == "major" else "confirmed_general"
    return _WORK_STATE[work]


def _outcome_conflicts(life: Lifecycle) -> None:
    """Outcomes that contradict each other, until a judgement has seen both sides."""
    folding = life.folding
    judgements = life.judgements()
    every = (1 << len(folding.facts)) - 1
    endings = life.endings(every)
    for closer in folding.places(life.closed | life.voided):
        sides = folding.undecided(closer, life.objections(closer), judgements)
        if sides:
            folding.outcome_conflict(folding.places(1 << closer | sides), endings.get(closer))
    frontier = folding.ordered.frontier(life.review_mask)
    if {"confirmed", "returned"} <= {life.review[place] for place in frontier}:
        folding.outcome_conflict(p for p in frontier if life.review[p] != "submitted")
    work = life.disputed_work(every)
    if work:
        folding.outcome_conflict(work, "closed")


def _tell_review(folding: Folding) -> None:
    row = folding.row
    confirmed = folding.last(folding.mask("hazard.confirmed"))
    if confirmed is not None:
        row["confirmed_by"] = folding.facts[confirmed].author
        row["confirmed_at"] = folding.facts[confirmed].at
    for place in folding.ordered.frontier(folding.mask("hazard.returned")):
        row["remarks"] = [*row["remarks"], *folding.fields[place]["remarks"]]


def _tell_work(life: Lifecycle) -> None:
    folding, row = life.folding, life.folding.row
    ordered = folding.last(folding.mask("hazard.ordered"))
    if ordered is not None:
        row["ordered_on"] = _day(folding, ordered)
    again = folding.mask("hazard.reopened") & life.work_mask
    reports = folding.mask("hazard.fix_reported", "hazard.spot_fixed") & life.work_mask
    fixed = folding.last(reports & ~folding.known_to(again))
    if fixed is not None:
        row["fixed_on"] = folding.fields[fixed].get("fixed_on") or _day(folding, fixed)
        row["fix_note"] = folding.fields[fixed].get("note")
    # A recheck tells nothing about what was reported or reopened after it.
    rechecks = folding.mask("hazard.rechecked") & ~folding.known_to(again | reports)
    frontier = folding.ordered.frontier(rechecks)
    if frontier:
        worst = min(
            frontier, key=lambda each: _RESULT_CAUTION.index(folding.fields[each]["result"])
        )
        fields = folding.fields[worst]
        row["rechecked_on"] = fields["rechecked_on"]
        row["recheck_result"] = fields["result"]
        row["rechecked_by"] = folding.facts[worst].author
        row["recheck_note"] = fields.get("note")


def _tell_closing(folding: Folding, standing: Standing) -> None:
    row = folding.row
    closed, voided = standing.closed, standing.voided
    if closed is not None:
        row["closed_on"] = _day(folding, closed)
        row["closed_by"] = folding.facts[closed].author
        row["close_note"] = folding.fields[closed].get("note")
    if voided is not None:
        row["void_reason"] = folding.fields[voided]["reason"]
        row["duplicate_of"] = folding.fields[voided].get("duplicate_of")


def _tell_links(folding: Folding) -> None:
    links: dict[str, dict[str, str]] = {}
    for place in folding.places(folding.mask("hazard.linked")):
        fields = folding.fields[place]
        links[fields["other"]] = {
            "other": fields["other"],
            "relation": fields["relation"],
            "fact": folding.facts[place].id,
        }
    folding.row["links"] = list(links.values())


def _day(folding: Folding, place: int) -> str | None:
    return station_day(folding.facts[place].at, folding.facts[place].offset_ms)
