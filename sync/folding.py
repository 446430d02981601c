"""What every fold has in common: fields with concurrent values, photos, flags, conflicts, heads.

A Folding is a scratch pad for one subject while its row is being made; it lives for one call of
fold().
This module must not know any lifecycle; those are in lifecycle.py and reviewing.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sync.fact import Fact
from sync.kinds import KINDS, subject_type
from sync.kinds.declare import Kind, Shape
from sync.kinds.places import told_of_photo
from sync.limits import (
    AFTER_FACTS_MAX,
    CONFLICT_FACTS_MAX,
    CONFLICTS_MAX,
    STATION_ZONE_HOURS,
)
from sync.order import order

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """An admitted fact as the fold sees it."""

    fact: Fact
    fields: Mapping[str, Any] | None = None  # its private fields; None = none, missing or redacted
    flags: tuple[str, ...] = ()  # of its verdict; a later change of roles does not change them
    checked: bool = False  # admission found it well-formed a moment ago, with these same parts


class Folding:
    """The facts of one subject in canonical order, and the row that is being made of them."""

    def __init__(self, shape: Shape, entries: Iterable[Entry]) -> None:
        by_hash = {entry.fact.sha256: entry for entry in entries}
        self.shape = shape
        self.ordered = order([entry.fact for entry in by_hash.values()])
        self.facts = self.ordered.facts
        self.ancestors = self.ordered.ancestors
        self.entries = [by_hash[fact.sha256] for fact in self.facts]
        self.kinds: list[
            Kind | None
        ] = []  # None: not known here, ill-formed or about something else
        self.fields: list[Mapping[str, Any]] = []  # body and private fields together
        self.masks: dict[str, int] = {}  # kind -> bit set of its facts
        self.row: Row = shape.empty()
        self.conflicts: list[dict[str, Any]] = []
        self.flags: list[dict[str, str]] = []
        self.ignored: set[tuple[int, str]] = set()  # (fact, row field) that counts for nothing
        for place, entry in enumerate(self.entries):
            self._take(place, entry)

    def _take(self, place: int, entry: Entry) -> None:
        fact, fields = entry.fact, entry.fields
        kind = KINDS.get(fact.kind)
        if kind is not None:
            if subject_type(fact.kind) not in (None, self.shape.type):
                kind = None
                self.flag(place, "foreign_kind")
            elif not entry.checked:
                kind, fields = self._checked(place, kind, entry)
        self.kinds.append(kind)
        self.fields.append({**fields, **fact.body} if fields else fact.body)
        if kind is not None:
            self.masks[kind.name] = self.masks.get(kind.name, 0) | 1 << place
        if self.ordered.cyclic >> place & 1:
            self.flag(place, "cycle")

    def _checked(
        self, place: int, kind: Kind, entry: Entry
    ) -> tuple[Kind | None, Mapping[str, Any] | None]:
        """What of an admitted fact counts; its private line may have come after its admission."""
        fact, fields = entry.fact, entry.fields
        elsewhere = fact.private is not None and fields is None
        if not kind.check(fact.body, fields, private_elsewhere=elsewhere):
            return kind, fields
        if fields and not kind.check(fact.body, None, private_elsewhere=True):
            # A late ill-formed line must not take back what the fact said in the open (I5).
            self.flag(place, "private_malformed")
            return kind, None
        # The chief may admit an ill-formed fact; it stays in the history and sets nothing.
        self.flag(place, "malformed")
        return None, fields

    # --- looking things up ---

    def mask(self, *kinds: str) -> int:
        """The facts of these kinds, as a bit set."""
        found = 0
        for kind in kinds:
            found |= self.masks.get(kind, 0)
        return found

    def places(self, mask: int) -> Iterator[int]:
        """The places in a bit set, in canonical order."""
        while mask:
            lowest = mask & -mask
            yield lowest.bit_length() - 1
            mask ^= lowest

    def known_to(self, mask: int) -> int:
        """All facts that the authors of these facts had seen."""
        found = 0
        for place in self.places(mask):
            found |= self.ancestors[place]
        return found

    def followers(self, place: int, among: int) -> int:
        """Those of a bit set of facts whose authors had seen a fact."""
        found = 0
        for each in self.places(among & ~((2 << place) - 1)):
            if self.ancestors[each] >> place & 1:
                found |= 1 << each
        return found

    def undecided(self, place: int, others: int, judgements: int) -> int:
        """Those of the others that stand beside a fact while no judgement has seen both sides."""
        decided = self.known_to(self.followers(place, judgements))
        beside = others & ~self.ancestors[place] & ~self.followers(place, others)
        return beside & ~decided & ~(1 << place)

    def last(self, mask: int) -> int | None:
        """Of these facts one that no other of them follows: the last in canonical order."""
        return mask.bit_length() - 1 if mask else None

    def is_new(self) -> bool:
        """Whether nothing is known but the fact that made the subject, which is most of all folds:
        nobody has judged, changed or contradicted it."""
        kinds = self.kinds
        return len(kinds) == 1 and kinds[0] is not None and kinds[0].name in self.shape.creates

    def root(self) -> int | None:
        """The fact that made the subject; the first in canonical order if there are several."""
        mask = self.mask(*self.shape.creates)
        return (mask & -mask).bit_length() - 1 if mask else None

    # --- saying things ---

    def flag(self, place: int, reason: str) -> None:
        self.flags.append({"fact": self.facts[place].id, "reason": reason})

    def outcome_conflict(self, places: Iterable[int], ending: str | None = None) -> None:
        """`ending`: closed or void, where a judgement that has seen both sides may uphold it."""
        shown = [self.facts[place].id for place in sorted(set(places))[:CONFLICT_FACTS_MAX]]
        conflict = next((each for each in self.conflicts if each.get("facts") == shown), None)
        if conflict is None:
            if len(self.conflicts) >= CONFLICTS_MAX:
                return
            conflict = {"type": "outcome", "facts": shown}
            self.conflicts.append(conflict)
        if ending is not None:
            conflict["endings"] = sorted({*conflict.get("endings", ()), ending})

    # --- fields ---

    def settle_fields(self) -> None:
        """Give every field of the row its value from the facts that set it."""
        if self.is_new() and not self.ignored:
            self._settle_first()
            return
        setters, weak = self._setters()
        for field, values in setters.items():
            self._settle(field, values, weak.get(field, 0))

    def _settle_first(self) -> None:
        """What the first fact says, there being nothing to weigh it against."""
        kind, row, maps = self.kinds[0], self.row, self.shape.maps
        assert kind is not None
        sets = kind.sets.get
        for name, value in self.fields[0].items():
            field = sets(name)
            if field is None or value is None:
                continue
            if field in maps:
                value = {key: each for key, each in value.items() if each is not None}
            row[field] = value

    def _setters(self) -> tuple[dict[str, dict[int, Any]], dict[str, int]]:
        setters: dict[str, dict[int, Any]] = {}
        weak: dict[str, int] = {}  # set without the role it takes
        maps, makers = self.shape.maps, self.mask(*self.shape.creates)
        for place, kind in enumerate(self.kinds):
            if kind is None or not kind.sets:
                continue
            fields = self.fields[place]
            # Some kinds both make a subject and change it (account.set): only the first one makes.
            creates = makers >> place & 1 and not self.ancestors[place] & makers
            unreviewed = "needs_review" in self.entries[place].flags
            for name, field in kind.sets.items():
                if name not in fields or (place, field) in self.ignored:
                    continue
                value = fields[name]
                if value is None and creates:  # nothing was said, which is not the same as "none"
                    continue
                if field in maps:
                    for key, each in (value or {}).items():
                        setters.setdefault(f"{field}.{key}", {})[place] = each
                    continue
                setters.setdefault(field, {})[place] = value
                if unreviewed and any(each.guarded and each.name == name for each in kind.fields):
                    weak[field] = weak.get(field, 0) | 1 << place
        return setters, weak

    def _settle(self, field: str, values: dict[int, Any], weak: int) -> None:
        if len(values) == 1 and not weak:
            self._put(field, next(iter(values.values())))
            return
        everyone = 0
        for place in values:
            everyone |= 1 << place
        strong = everyone & ~weak
        deciding = self.ordered.frontier(strong or weak)
        kept = self.keep(field, [values[place] for place in deciding])
        self._put(field, kept)
        waiting = self.ordered.frontier(weak & ~self.known_to(strong)) if weak else []
        for place in waiting:
            self.flag(place, "needs_review")
        said = sorted({*deciding, *waiting})
        if len({same_value(values[place]) for place in said}) > 1:
            self.field_conflict(field, {place: values[place] for place in said}, kept)

    def replaces(self, place: int, name: str) -> bool:
        """Whether this fact says another value of a field than its author knew; not one where
        there was none, nor none where there was one."""
        value, known = self.fields[place].get(name), 0
        if value is None:
            return False
        for earlier in self.places(self.ancestors[place]):
            if self.kinds[earlier] is not None and name in self.fields[earlier]:
                known |= 1 << earlier
        before = [self.fields[each][name] for each in self.ordered.frontier(known)]
        return any(each is not None and each != value for each in before)

    def keep(self, field: str, values: list[Any]) -> Any:
        """Of concurrent values the cautious one (I5); the last in canonical order where none is."""
        if len(values) == 1:
            return values[0]
        cautious = self.shape.cautious.get(field)
        return cautious(values) if cautious else values[-1]

    def field_conflict(self, field: str, values: Mapping[int, Any], kept: Any) -> None:
        if len(self.conflicts) >= CONFLICTS_MAX:
            return
        told = [{"value": value, "fact": self.facts[place].id} for place, value in values.items()]
        told = told[:CONFLICT_FACTS_MAX]
        self.conflicts.append({"type": "field", "field": field, "values": told, "kept": kept})

    def _put(self, field: str, value: Any) -> None:
        name, dot, key = field.partition(".")
        if not dot:
            # A list that was cleared is an empty list, so that rows keep one shape.
            empty = isinstance(self.row.get(field), list)
            self.row[field] = [] if value is None and empty else value
        elif value is not None:
            self.row[name][key] = value

    # --- photos ---

    def unite_photos(self) -> None:
        """Photos are united, whoever took them; one that can never arrive says why."""
        photos: dict[tuple[str, str], dict[str, Any]] = {}
        for fact in self.facts:
            for photo in fact.photos:
                key = (photo["sha256"], photo["role"])
                if key not in photos:
                    told = {"sha256": key[0], "role": key[1], "fact": fact.id, "at": fact.at}
                    photos[key] = told | told_of_photo(photo)
        for place in self.places(self.mask("photo.lost")):
            lost = self.fields[place]
            for (sha256, _), photo in photos.items():
                if sha256 == lost["sha256"]:
                    photo["lost"] = lost["reason"]
        self._tell_checked(photos.values())
        self.row["photos"] = list(photos.values())

    def _tell_checked(self, photos: Iterable[dict[str, Any]]) -> None:
        """What the chief said of a photo beside another one; of several sayings the last."""
        said: dict[tuple[str, str], str] = {}
        for place in self.places(self.mask("photo.checked")):
            fields = self.fields[place]
            said[fields["sha256"], fields["other"]] = fields["result"]
        for photo in photos if said else ():
            told = [
                {"other": other, "result": result}
                for (sha256, other), result in said.items()
                if sha256 == photo["sha256"]
            ]
            if told:
                photo["checked"] = told

    # --- the end ---

    def heads(self) -> list[str]:
        # A phone may name no more than this many; the rest then counts as not seen, which is safe.
        return self.ordered.heads()[-AFTER_FACTS_MAX:]

    def redacted(self) -> bool:
        return any(
            entry.fact.private is not None and entry.fields is None for entry in self.entries
        )


def same_value(value: Any) -> str:
    """A key that equal JSON values share, whatever the order of their keys; 2 and 2.0 are one."""
    if type(value) is float and value.is_integer():
        value = int(value)
    return json.dumps(value, sort_keys=True)


def station_day(instant: str | None, offset_ms: int | None = None) -> str | None:
    """The day in the station's zone; a measured error of the phone's clock is taken out."""
    if instant is None:
        return None
    try:
        moment = datetime.fromisoformat(instant) - timedelta(milliseconds=offset_ms or 0)
        return (moment + timedelta(hours=STATION_ZONE_HOURS)).date().isoformat()
    except (ValueError, OverflowError):  # the year 1 or 9999: a witness that cannot be corrected
        return instant[:10]
