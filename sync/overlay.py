"""What a phone shows before the station has answered: the station's row, its own facts on top.

It sets fields, unites photos and takes the plain step in the state; it never resolves a conflict,
only the station folds. The phone runs its twin, pwa/src/rules/overlay.ts;
tests/vectors/overlay.json holds both together. It must not know how rows or facts are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from sync.folding import Row, station_day
from sync.issuing import provisional_number
from sync.kinds import KINDS, SHAPES, subject_type
from sync.kinds.hazard import LEVELS
from sync.kinds.places import told_of_photo
from sync.kinds.site import WHOSE
from sync.lifecycle import AMENDMENTS, closing_fault, open_state
from sync.reviewing import count_verdicts

OwnFact = Mapping[str, Any]  # a fact as an object, private fields already in its body

_REOPENING: Final = frozenset({"hazard.reopened", "hazard.ordered", "hazard.returned"})

_OF_CLOSING: Final = ("closed_on", "closed_by", "close_note", "void_reason", "duplicate_of")
_OF_RECHECK: Final = ("rechecked_on", "recheck_result", "rechecked_by", "recheck_note")


def overlay(row: Row | None, facts: Iterable[OwnFact]) -> Row | None:
    """The row as the phone shows it; `facts` are its own unsent ones, by their numbers.

    An ill-formed one shows nothing, as the station will quarantine it; it never hides the others.
    """
    for fact in filter(_fits, facts):
        shown = dict(row) if row is not None else _empty(fact)
        _ask_again(shown, fact)
        _change_hands(shown, fact)
        _set_fields(shown, fact)
        _unite_photos(shown, fact)
        _begin(shown, fact)
        step = _STEPS.get(fact["kind"])
        if step is not None:
            step(shown, fact)
        seen = set(fact["after"])
        shown["heads"] = [*(head for head in shown["heads"] if head not in seen), fact["id"]]
        shown["facts"] += 1
        shown["pending"] = True
        row = shown
    return row


def _fits(fact: OwnFact) -> bool:
    """Whether the fact is of a form that can be laid on a row at all."""
    body, photos = fact.get("body"), fact.get("photos")
    words = (fact.get(name) for name in ("id", "kind", "subject", "author", "at"))
    if not all(isinstance(word, str) for word in words) or not isinstance(body, Mapping):
        return False
    after = fact.get("after")
    if not isinstance(after, list) or not all(isinstance(each, str) for each in after):
        return False
    named = photos is None or _all_have(photos, "sha256", "role")
    answers = body.get("answers")
    return named and (answers is None or _all_have(answers, "item", "verdict")) and _set_fit(fact)


def _all_have(values: Any, *names: str) -> bool:
    return isinstance(values, list) and all(
        isinstance(each, Mapping) and all(isinstance(each.get(name), str) for name in names)
        for each in values
    )


def _set_fit(fact: OwnFact) -> bool:
    """Lists where the row has lists, objects where it has objects, a level and a day as text."""
    kind = KINDS.get(fact["kind"])
    if kind is None:
        return True
    empty = _empty(fact)
    for name, field in kind.sets.items():
        value, before = fact["body"].get(name), empty.get(field)
        if value is None:
            continue
        if isinstance(before, list) and not isinstance(value, list):
            return False
        if isinstance(before, dict) and field != "where" and not isinstance(value, Mapping):
            return False
        if field in ("level", "started_at") and not isinstance(value, str):
            return False
    return True


def _empty(fact: OwnFact) -> Row:
    type_ = subject_type(fact["kind"]) or "unknown"
    fields = SHAPES[type_].empty() if type_ in SHAPES else {}
    if type_ == "hazard":
        fields |= {"review": "submitted", "work": "none"}
    if type_ == "inspection":
        fields["counts"] = count_verdicts([])
    return fields | {
        "id": fact["subject"],
        "type": type_,
        "state": "incomplete",
        "heads": [],
        "conflicts": [],
        "flags": [],
        "incomplete": True,
        "redacted": False,
        "unknown": 0,
        "facts": 0,
    }


def _creates(fact: OwnFact) -> bool:
    return any(fact["kind"] in shape.creates for shape in SHAPES.values())


def _ask_again(row: Row, fact: OwnFact) -> None:
    """A level raised above what the chief confirmed is the chief's to settle anew."""
    if fact["kind"] not in AMENDMENTS:
        return
    level = fact["body"].get("level")
    raised = level in LEVELS and row["level"] in LEVELS[: LEVELS.index(level)]
    if raised and row["review"] == "confirmed" and row["state"] not in ("closed", "void"):
        row["review"] = "submitted"


def _change_hands(row: Row, fact: OwnFact) -> None:
    """Another name, owner or credit code in the place of the one that is shown."""
    if fact["kind"] != "site.amended" or row["type"] != "site":
        return
    pairs = [(row.get(name), fact["body"].get(name)) for name in WHOSE]
    if any(None not in pair and pair[0] != pair[1] for pair in pairs):
        row["changed_hands_on"] = max(row.get("changed_hands_on") or "", _day(fact) or "")


def _set_fields(row: Row, fact: OwnFact) -> None:
    kind = KINDS.get(fact["kind"])
    if kind is None:
        return
    body = fact["body"]
    for name, field in kind.sets.items():
        if name not in body or (body[name] is None and _creates(fact)):
            continue
        before, value = row.get(field), body[name]
        if isinstance(before, dict) and field != "where":
            merged = {**before, **(value or {})}
            row[field] = {key: each for key, each in merged.items() if each is not None}
        else:
            row[field] = [] if value is None and isinstance(before, list) else value


def _unite_photos(row: Row, fact: OwnFact) -> None:
    if "photos" not in row:
        return
    photos = [dict(each) for each in row["photos"]]
    held = {(each["sha256"], each["role"]) for each in photos}
    for photo in fact.get("photos") or []:
        key = (photo["sha256"], photo["role"])
        if key not in held:
            held.add(key)
            told = {"sha256": key[0], "role": key[1], "fact": fact["id"], "at": fact["at"]}
            photos.append(told | told_of_photo(photo))
    row["photos"] = photos


def _begin(row: Row, fact: OwnFact) -> None:
    if not _creates(fact) or row["state"] != "incomplete":
        return
    row["incomplete"] = False
    if "author" in row:
        for name in ("author", "at", "offset_ms", "where"):
            if name in row:
                row[name] = fact.get(name)
    if row["type"] == "site":
        row["registered_at"], row["registered_by"] = fact["at"], fact["author"]
    if row["type"] == "document":
        row["provisional"] = provisional_number(fact.get("enrolment"), fact.get("n"))
    states = {"site": "active", "inspection": "submitted", "document": "issued"}
    row["state"] = states.get(row["type"], "known")
    if row["type"] == "hazard":
        row["state"] = open_state(row["review"], row["work"], row["level"])


# --- plain steps ---


def _hazard_step(change: Callable[[Row, OwnFact], None]) -> Callable[[Row, OwnFact], None]:
    def step(row: Row, fact: OwnFact) -> None:
        over = row["state"] in ("closed", "void") and not _reopens(fact)
        if over or row["type"] != "hazard":
            return
        change(row, fact)
        if row["state"] != "incomplete":
            for name in _OF_CLOSING:
                row[name] = None
            row["state"] = open_state(row["review"], row["work"], row["level"])

    return step


def _reopens(fact: OwnFact) -> bool:
    if fact["kind"] == "hazard.rechecked":
        return bool(fact["body"].get("result") != "fixed")
    return fact["kind"] in _REOPENING


def _resubmitted(row: Row, _fact: OwnFact) -> None:
    if row["review"] == "returned":
        row["review"] = "submitted"


def _amended(_row: Row, _fact: OwnFact) -> None:
    """Fields were set already; what is left is to tell the state anew."""


def _returned(row: Row, fact: OwnFact) -> None:
    row["review"], row["remarks"] = "returned", fact["body"].get("remarks") or []


def _confirmed(row: Row, fact: OwnFact) -> None:
    row["review"] = "confirmed"
    row["confirmed_by"], row["confirmed_at"] = fact["author"], fact["at"]


def _ordered(row: Row, fact: OwnFact) -> None:
    row["work"], row["ordered_on"] = "ordered", _day(fact)


def _spot_fixed(row: Row, fact: OwnFact) -> None:
    row["work"] = "spot_fixed" if row["work"] in ("none", "spot_fixed") else "fix_reported"
    _tell_fix(row, fact, _day(fact))


def _fix_reported(row: Row, fact: OwnFact) -> None:
    if row["work"] != "recheck_fixed":
        row["work"] = "fix_reported"
        _tell_fix(row, fact, fact["body"].get("fixed_on"))


def _tell_fix(row: Row, fact: OwnFact, day: str | None) -> None:
    row["fixed_on"], row["fix_note"] = day, fact["body"].get("note")
    for name in _OF_RECHECK:
        row[name] = None


def _rechecked(row: Row, fact: OwnFact) -> None:
    body = fact["body"]
    row["work"] = "recheck_fixed" if body.get("result") == "fixed" else "recheck_failed"
    row["rechecked_on"], row["recheck_result"] = body.get("rechecked_on"), body.get("result")
    row["rechecked_by"], row["recheck_note"] = fact["author"], body.get("note")


def _reopened(row: Row, _fact: OwnFact) -> None:
    if row["state"] not in ("closed", "void"):
        return
    row["work"] = "reopened"
    for name in ("fixed_on", "fix_note", *_OF_RECHECK):
        row[name] = None


def _closed(row: Row, fact: OwnFact) -> None:
    if row["state"] in ("void", "incomplete"):
        return
    # What the station will not take for closed is not shown as closed either.
    if closing_fault(row["review"], row["work"], row["level"]) is None:
        row["state"], row["closed_on"] = "closed", _day(fact)
        row["closed_by"], row["close_note"] = fact["author"], fact["body"].get("note")


def _voided(row: Row, fact: OwnFact) -> None:
    if row["state"] == "incomplete":
        return
    row["state"], row["void_reason"] = "void", fact["body"].get("reason")
    if row["type"] == "hazard":
        row["duplicate_of"] = fact["body"].get("duplicate_of")
    if row["type"] == "document":
        row["voided_by"], row["voided_at"] = fact["author"], fact["at"]


def _answered(row: Row, fact: OwnFact) -> None:
    by_item = {each["item"]: each for each in row["answers"]}
    by_item |= {each["item"]: each for each in fact["body"].get("answers") or []}
    row["answers"] = list(by_item.values())
    row["counts"] = count_verdicts(row["answers"])
    if fact["kind"] == "inspection.submitted":
        row["day"] = station_day(row["started_at"], fact.get("offset_ms"))
    elif row["state"] not in ("void", "incomplete"):
        row["state"] = "submitted"


def _reviewed(row: Row, fact: OwnFact) -> None:
    if row["state"] in ("void", "incomplete"):
        return
    row["state"] = fact["body"].get("outcome")
    row["reviewed_by"], row["reviewed_at"] = fact["author"], fact["at"]
    if row["state"] == "returned":
        row["remarks"] = fact["body"].get("remarks") or []


def _retired(row: Row, _fact: OwnFact) -> None:
    if row["state"] != "incomplete":
        row["state"] = "retired"


def _lost(row: Row, fact: OwnFact) -> None:
    body = fact["body"]
    for photo in row.get("photos") or []:
        if photo["sha256"] == body.get("sha256"):
            photo["lost"] = body.get("reason")


def _day(fact: OwnFact) -> str | None:
    return station_day(fact["at"], fact.get("offset_ms"))


_STEPS: Final[dict[str, Callable[[Row, OwnFact], None]]] = {
    "hazard.amended": _hazard_step(_amended),
    "hazard.resubmitted": _hazard_step(_resubmitted),
    "hazard.returned": _hazard_step(_returned),
    "hazard.confirmed": _hazard_step(_confirmed),
    "hazard.ordered": _hazard_step(_ordered),
    "hazard.spot_fixed": _hazard_step(_spot_fixed),
    "hazard.fix_reported": _hazard_step(_fix_reported),
    "hazard.rechecked": _hazard_step(_rechecked),
    "hazard.reopened": _hazard_step(_reopened),
    "hazard.closed": _closed,
    "hazard.voided": _voided,
    "inspection.submitted": _answered,
    "inspection.corrected": _answered,
    "inspection.reviewed": _reviewed,
    "inspection.voided": _voided,
    "document.voided": _voided,
    "site.retired": _retired,
    "photo.lost": _lost,
}
