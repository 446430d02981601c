"""How an inspection's facts join: what was answered, what the chief said about it.

Accepted and returned side by side wait for the chief again; a correction the chief has not seen
does too.
This module must not know hazards: nothing said here ever changes one.
"""

from __future__ import annotations

from typing import Any

from sync.folding import Folding, Row, same_value, station_day
from sync.kinds.inspection import CAUTIOUS_VERDICTS

_VERDICT_RANK = {verdict: rank for rank, verdict in enumerate(CAUTIOUS_VERDICTS)}
_COUNTED = {verdict: verdict for verdict in ("pass", "fail", "na", "reading", "unanswered")}
_COUNTED["unmeasured"] = "unanswered"  # what could not be measured is not answered yet


def finish_inspection(folding: Folding) -> str:
    """Fill answers, counts and the review into the row, and return the inspection's state."""
    folding.settle_fields()
    row = folding.row
    row["answers"] = _answers(folding)
    row["counts"] = count_verdicts(row["answers"])
    root = folding.root()
    if root is not None:
        row["day"] = station_day(row["started_at"], folding.facts[root].offset_ms)
    if folding.is_new():
        return "submitted"
    for place in folding.ordered.frontier(_returns(folding)):
        row["remarks"] = [*row["remarks"], *(folding.fields[place].get("remarks") or [])]
    return _review(folding)


def count_verdicts(answers: list[Row]) -> dict[str, int]:
    counts = {"pass": 0, "fail": 0, "na": 0, "reading": 0, "unanswered": 0}
    for answer in answers:
        counts[_COUNTED[answer["verdict"]]] += 1
    return counts


def _answers(folding: Folding) -> list[Row]:
    """Item by item: a correction replaces the answer; side by side, the worse verdict holds."""
    if folding.is_new():
        return list(folding.fields[0].get("answers") or ())
    said = [
        (place, answer)
        for place, kind in enumerate(folding.kinds)
        if kind is not None and kind.name in ("inspection.submitted", "inspection.corrected")
        for answer in folding.fields[place].get("answers") or ()
    ]
    if len({place for place, _ in said}) <= 1:
        return [answer for _, answer in said]
    by_item: dict[str, dict[int, Row]] = {}
    for place, answer in said:
        by_item.setdefault(answer["item"], {})[place] = answer
    return [_answer(folding, item, values) for item, values in by_item.items()]


def _answer(folding: Folding, item: str, values: dict[int, Row]) -> Row:
    mask = 0
    for place in values:
        mask |= 1 << place
    frontier = folding.ordered.frontier(mask)
    kept = min((values[place] for place in frontier), key=_caution)
    said = {place: values[place] for place in frontier}
    if len(set(map(same_value, said.values()))) > 1:
        folding.field_conflict(f"answers.{item}", said, kept)
    return kept


def _caution(answer: Row) -> int:
    return _VERDICT_RANK[answer["verdict"]]


def _returns(folding: Folding) -> int:
    return _reviews(folding, "returned")


def _reviews(folding: Folding, outcome: str) -> int:
    mask = 0
    for place in folding.places(folding.mask("inspection.reviewed")):
        if folding.fields[place]["outcome"] == outcome:
            mask |= 1 << place
    return mask


def _review(folding: Folding) -> str:
    voided = folding.mask("inspection.voided")
    spoken = _spoken(folding, voided)
    held = _void_in_effect(folding, voided, spoken)
    if held is not None:
        folding.row["void_reason"] = folding.fields[held]["reason"]
        return "void"
    _void_conflicts(folding, voided, spoken)
    frontier = folding.ordered.frontier(spoken)
    outcomes = {_outcome(folding, place) for place in frontier}
    if {"accepted", "returned"} <= outcomes:
        folding.outcome_conflict(p for p in frontier if _outcome(folding, p) != "submitted")
        return "submitted"
    _tell_reviewer(folding, spoken)
    return next(iter(outcomes)) if len(outcomes) == 1 else "submitted"


def _spoken(folding: Folding, voided: int) -> int:
    """Reviews and corrections that count; one made knowing that all was void does not."""
    spoken = 0
    for place in folding.places(folding.mask("inspection.reviewed", "inspection.corrected")):
        seen = folding.ancestors[place]
        if _void_in_effect(folding, voided & seen, spoken & seen) is None:
            spoken |= 1 << place
        else:
            folding.flag(place, "already_void")
    return spoken


def _void_in_effect(folding: Folding, voided: int, spoken: int) -> int | None:
    """A voiding whose author had seen all that was said; None while none is."""
    held = (each for each in folding.places(voided) if not spoken & ~folding.ancestors[each])
    return next(held, None)


def _void_conflicts(folding: Folding, voided: int, spoken: int) -> None:
    """A voiding and what was said beside it, until a later review or voiding has seen both."""
    deciding = voided | folding.mask("inspection.reviewed") & spoken
    for place in folding.places(voided):
        sides = folding.undecided(place, spoken, deciding)
        if sides:
            folding.outcome_conflict(folding.places(1 << place | sides))


def _outcome(folding: Folding, place: int) -> str:
    found: Any = folding.fields[place].get("outcome")
    return str(found) if folding.facts[place].kind == "inspection.reviewed" else "submitted"


def _tell_reviewer(folding: Folding, spoken: int) -> None:
    last = folding.last(folding.mask("inspection.reviewed") & spoken)
    if last is not None:
        folding.row["reviewed_by"] = folding.facts[last].author
        folding.row["reviewed_at"] = folding.facts[last].at
