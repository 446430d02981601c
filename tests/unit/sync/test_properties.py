"""The invariants of design section 3 on random histories, as far as the pure core can keep them."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from sync.fold import Entry, fold, fold_subject
from sync.folding import Folding
from sync.invariants import (
    Head,
    LogEntry,
    check_entry,
    check_log,
    check_numbers,
    check_rebuild,
    missing_numbers,
)
from sync.kinds import KINDS
from sync.kinds.hazard import LEVELS
from sync.limits import CONFLICTS_MAX
from tests.unit.sync.making import (
    FOUND,
    REGISTERED,
    SUBMITTED,
    entry,
    id_of,
    line_of,
    make,
    private_line,
)
from tests.unit.sync.tangles import PureLedger, histories, known_to

FINISHED = {"closed", "void"}


def rank(level: Any) -> int:
    return LEVELS.index(level) if level in LEVELS else -1


# --- I1, I2: once, and in any order ---


@given(histories(tangled=True), st.data())
def test_i1_i2_any_order_any_batches_any_repeats_give_the_same_rows(
    entries: list[Entry], data: st.DataObject
):
    at_once, in_pieces = PureLedger(), PureLedger()
    at_once.hand_over(entries)
    shuffled = data.draw(st.permutations([*entries, *entries[: len(entries) // 2]]))
    while shuffled:
        cut = data.draw(st.integers(1, len(shuffled)))
        batch, shuffled = shuffled[:cut], shuffled[cut:]
        verdicts = in_pieces.hand_over(batch)
        assert in_pieces.hand_over(batch) == verdicts, "the same again gets the same answer"
    assert len(in_pieces.log) == len(entries), "every fact is stored exactly once"
    assert check_rebuild(in_pieces.rows, at_once.rows) == []


@given(histories(tangled=True), st.data())
def test_i2_the_fold_is_one_function_of_a_set(entries: list[Entry], data: st.DataObject):
    row = fold("hazard", entries).row
    assert fold("hazard", data.draw(st.permutations(entries))).row == row
    assert json.loads(json.dumps(row)) == row, "a row is plain JSON"


# --- I5: merges are cautious ---


def spoken_against(entries: list[Entry], closer: Entry) -> set[str]:
    """The facts that keep a hazard open unless the closer's author knew them, told naively."""
    always = {"hazard.reopened", "hazard.returned", "hazard.ordered"}
    always |= {"hazard.confirmed"} if closer.fact.kind == "hazard.voided" else {"hazard.voided"}
    known = known_to(entries)[closer.fact.id]
    told = [rank(each.fact.body.get("level")) for each in entries if each.fact.id in known]
    return {
        each.fact.id
        for each in entries
        if each.fact.kind in always
        or (each.fact.kind == "hazard.rechecked" and each.fact.body["result"] != "fixed")
        or (
            each.fact.kind in KINDS
            and "level" in KINDS[each.fact.kind].sets
            and rank(each.fact.body.get("level")) > max([0, *told])
        )
    } - {closer.fact.id}


@settings(max_examples=400)
@given(histories())
def test_i5_a_hazard_is_finished_only_by_somebody_who_knew_all_that_speaks_against_it(
    entries: list[Entry],
):
    row = fold("hazard", entries).row
    if row["state"] not in FINISHED:
        return
    kind = "hazard.closed" if row["state"] == "closed" else "hazard.voided"
    known = known_to(entries)
    assert any(
        spoken_against(entries, closer) <= known[closer.fact.id]
        for closer in entries
        if closer.fact.kind == kind
    )


@given(histories(tangled=True))
def test_i5_no_suspicion_is_ever_closed_over(entries: list[Entry]):
    """Major or general is said first, whoever closes it from wherever."""
    row = fold("hazard", entries).row
    assert row["state"] != "closed" or row["level"] != "suspected_major"
    assert row["review"] != "confirmed" or row["level"] != "suspected_major"


@settings(max_examples=300)
@given(histories(size_max=10), st.data())
def test_i5_what_two_phones_each_see_open_stays_open_when_they_meet(
    entries: list[Entry], data: st.DataObject
):
    known = known_to(entries)
    one, other = set(), set()
    for each in entries:
        side = data.draw(st.integers(0, 2))
        closed_set = known[each.fact.id] | {each.fact.id}
        one |= closed_set if side != 1 else set()
        other |= closed_set if side != 0 else set()
    root = entries[0].fact.id
    left = fold("hazard", [e for e in entries if e.fact.id in one | {root}]).row
    right = fold("hazard", [e for e in entries if e.fact.id in other | {root}]).row
    both = fold("hazard", entries).row
    if not {left["state"], right["state"]} & FINISHED:
        assert both["state"] not in FINISHED
    assert rank(both["level"]) >= min(rank(left["level"]), rank(right["level"]))
    taken = {(photo["sha256"], photo["role"]) for e in entries for photo in e.fact.photos}
    assert taken == {(photo["sha256"], photo["role"]) for photo in both["photos"]}


@given(histories())
def test_i5_the_highest_level_and_the_earliest_deadline_on_the_table_hold(entries: list[Entry]):
    folded = fold("hazard", entries)
    known = known_to(entries)
    relaxed = {(each["fact"], each["reason"]) for each in folded.flags}
    for field in ("level", "deadline"):
        setters = [
            each
            for each in entries
            if each.fact.kind in KINDS
            and KINDS[each.fact.kind].sets.get(field) == field
            and each.fact.body.get(field) is not None
            and (each.fact.id, f"{field}_settled") not in relaxed
        ]
        clears = [each for each in entries if field in each.fact.body and each not in setters]
        last = [
            each.fact.body[field]
            for each in setters
            if not any(each.fact.id in known[later.fact.id] for later in [*setters, *clears])
        ]
        if field == "level":
            assert all(rank(folded.row["level"]) >= rank(level) for level in last)
        else:
            assert all(folded.row["deadline"] <= deadline for deadline in last)


@given(histories())
def test_i5_what_is_lost_from_the_row_stands_in_a_conflict(entries: list[Entry]):
    """Two spots named side by side: both are before the chief."""
    known = known_to(entries)
    setters = [each for each in entries if "spot" in each.fact.body]
    last = [
        each
        for each in setters
        if not any(each.fact.id in known[later.fact.id] for later in setters)
    ]
    folded = fold("hazard", entries)
    values = {each.fact.body["spot"] for each in last}
    told = [each for each in folded.conflicts if each.get("field") == "spot"]
    assert bool(told) == (len(values) > 1)
    for each in told:
        assert {value["value"] for value in each["values"]} == values


# --- I7: tamper-evident ---


def as_log(entries: list[Entry]) -> tuple[list[LogEntry], Head]:
    ledger = PureLedger()
    ledger.hand_over(entries)
    return ledger.log, Head(len(ledger.log), ledger.frontier.root().hex())


def forged(entry_: LogEntry) -> LogEntry:
    raw = line_of({"forged": entry_.index})
    return replace(entry_, raw=raw, fact_sha256=hashlib.sha256(raw).hexdigest())


def flip(raw: bytes, bit: int) -> bytes:
    place = bit // 8 % len(raw)
    return raw[:place] + bytes([raw[place] ^ 1 << bit % 8]) + raw[place + 1 :]


@given(histories(size_max=10), st.data())
def test_i7_every_tampering_is_found_against_a_head_held_outside(
    entries: list[Entry], data: st.DataObject
):
    log, head = as_log(entries)
    assert check_log(log, [head]) is None
    at = data.draw(st.integers(0, len(log) - 1))
    one = log[at]
    assert one.raw is not None
    renumbered = [replace(e, index=i) for i, e in enumerate([*log[:at], *log[at + 1 :]])]
    inserted = [*log[:at], forged(one), *(replace(e, index=e.index + 1) for e in log[at:])]
    flipped = replace(one, raw=flip(one.raw, data.draw(st.integers(0, 10**4))))
    tampered = {
        "bit flip": [*log[:at], flipped, *log[at + 1 :]],
        "rewrite": [*log[:at], forged(one), *log[at + 1 :]],
        "other verdict": [*log[:at], replace(one, verdict="quarantined:revoked"), *log[at + 1 :]],
        "other time": [*log[:at], replace(one, received_at="t-1"), *log[at + 1 :]],
        "deletion": [*log[:at], *log[at + 1 :]],
        "deletion, renumbered": renumbered,
        "insertion": inserted,
        "truncation": log[:at],
        "rewritten to the end": [*log[:at], *map(forged, log[at:])],
    }  # fmt: skip
    if at + 1 < len(log):
        two = log[at + 1]
        tampered["swap"] = [
            *log[:at],
            replace(two, index=at),
            replace(one, index=at + 1),
            *log[at + 2 :],
        ]
    for name, changed in tampered.items():
        assert check_log(changed, [head]) is not None, name


def test_i7_what_is_kept_beside_an_entry_has_to_fit_it():
    """The same rules that `ledger verify` brings the station's tables to."""
    fact = make("f", "hazard.found", FOUND, private={"fix_owner": "王五"})
    line = private_line("f", {"fix_owner": "王五"}).raw
    good = LogEntry(3, fact.sha256, "admitted", "t", fact.raw, admitted=True, private=line)
    aside = replace(good, verdict="quarantined:revoked", admitted=False)

    def wrong(one: LogEntry, readmitted: set[str] | None = None) -> list[str]:
        return [each.reason for each in check_entry(one, 3, readmitted or set())]

    assert wrong(good) == wrong(aside) == []
    assert wrong(replace(good, index=5)) == ["gap"]
    assert wrong(replace(good, raw=None, gone=True)) == ["gone"]
    assert wrong(replace(good, raw=flip(fact.raw, 9), private=None)) == ["bytes"]
    assert wrong(replace(good, private=line + b" ")) == ["private"]
    assert wrong(replace(good, admitted=False)) == ["admission"]
    assert wrong(replace(aside, admitted=True)) == ["admission"]
    assert wrong(replace(aside, admitted=True), {fact.sha256}) == []


def test_i7_more_heads_held_outside_narrow_the_place():
    entries = [entry(f"n{i}", "hazard.noted", {"text": str(i)}) for i in range(40)]
    ledger, heads = PureLedger(), []
    for start in range(0, 40, 10):
        ledger.hand_over(entries[start : start + 10])
        heads.append(Head(len(ledger.log), ledger.frontier.root().hex()))
    changed = [*ledger.log]
    changed[23] = forged(changed[23])
    found = check_log(changed, heads)
    assert found is not None
    assert (found.reason, found.low, found.high) == ("root", 20, 29)
    assert check_log(ledger.log[:35], heads).reason == "short"  # type: ignore[union-attr]


# --- I8: rebuildable ---


@given(histories(tangled=True), st.data())
def test_i8_rows_folded_anew_equal_the_rows_in_use_also_after_a_role_change(
    entries: list[Entry], data: st.DataObject
):
    ledger = PureLedger()
    for each in entries:
        roles = data.draw(st.sampled_from([{"chief"}, {"inspector"}, {"admin", "chief"}]))
        ledger.hand_over([each], roles=frozenset(roles))
    assert check_rebuild(ledger.rows, ledger.rebuilt()) == []


def test_i8_a_grade_stays_unreviewed_although_its_author_became_chief_since():
    ledger = PureLedger()
    ledger.hand_over([entry("r", "site.registered", REGISTERED | {"grade": "A"})])
    mine = entry("g", "site.amended", {"grade": "C"}, after=["r"], author="ana")
    ledger.hand_over([mine], roles=frozenset({"inspector"}))
    ledger.hand_over([mine], roles=frozenset({"chief"}))
    assert ledger.rebuilt()[id_of("subject")]["grade"] == "A"
    assert check_rebuild(ledger.rows, ledger.rebuilt()) == []


def test_i8_a_difference_is_named_by_subject_and_field():
    live = {"a": {"state": "open", "level": "major"}, "b": {"state": "open"}}
    rebuilt = {"a": {"state": "open", "level": "general"}, "c": {"state": "open"}}
    found = [(each.subject, each.field) for each in check_rebuild(live, rebuilt)]
    assert found == [("a", "level"), ("b", ""), ("c", "")]


# --- I10: what is not known yet survives ---


@given(histories(), st.data())
def test_i10_an_unknown_kind_changes_nothing_but_the_count(
    entries: list[Entry], data: st.DataObject
):
    before = fold("hazard", entries).row
    seen = data.draw(
        st.lists(st.sampled_from([e.fact.id for e in entries]), unique=True, max_size=3)
    )
    new = entry(
        "new", "hazard.supervised", {"level": "major", "deadline": "1999-01-01"}, after=seen
    )
    after = fold("hazard", [*entries, new]).row
    changing = {"heads", "facts", "unknown"}
    assert {k: v for k, v in after.items() if k not in changing} == {
        k: v for k, v in before.items() if k not in changing
    }
    assert after["unknown"] == before["unknown"] + 1
    assert id_of("new") in after["heads"]


def test_i10_unknown_fields_of_a_known_kind_do_not_disturb_it():
    plain = fold("hazard", [entry("f", "hazard.found", FOUND)]).row
    richer = fold("hazard", [entry("f", "hazard.found", FOUND | {"colour": "红"})]).row
    assert plain == richer


# --- I14: a redaction leaves the log verifiable ---


@given(histories())
def test_i14_a_redaction_takes_the_private_part_and_nothing_else(entries: list[Entry]):
    private = entry(
        "who", "hazard.amended", {"spot": "门口"}, after=["f0"], private={"fix_owner": "赵六"}
    )
    log, head = as_log([*entries, private])
    before = fold("hazard", [*entries, private]).row
    redacted = [replace(each, fields=None) for each in (*entries, private)]
    after = fold("hazard", redacted).row
    assert check_log(log, [head]) is None, "the log covers a salted hash, which is still there"
    assert after["redacted"]
    assert after["fix_owner"] is None
    assert "赵六" not in json.dumps(after, ensure_ascii=False)
    assert after["state"] == before["state"]


# --- total on anything at all ---


def test_two_thousand_quarrelling_facts_about_one_hazard_hold_nobody_up():
    entries = [entry("f0", "hazard.found", FOUND)]
    rechecked = {"result": "fixed", "rechecked_on": "2026-11-29"}
    for i in range(1, 2000):
        kind, body = (
            ("hazard.closed", {}),
            ("hazard.rechecked", rechecked | {"result": ("fixed", "not_fixed")[i % 2]}),
            ("hazard.voided", {"reason": "重复"}),
            ("hazard.ordered", {"deadline": "2026-12-01"}),
        )[i % 4]
        entries.append(entry(f"f{i}", kind, body, after=[f"f{max(0, i - 1 - i % 7)}"]))
    start = time.process_time()
    folded = fold("hazard", entries)
    assert time.process_time() - start < 10
    assert len(folded.conflicts) <= CONFLICTS_MAX
    assert len(json.dumps(folded.row)) < 1_000_000


ODD_FIELDS = st.sampled_from(["site", "level", "answers", "result", "remarks", "sha256", "reason"])
ODD_VALUES = st.sampled_from([None, 0, 7, "", "x", [], [1], {}, "major", "fixed", "id:other"])
ODD_FACTS = st.tuples(
    st.sampled_from(sorted(KINDS)),
    st.dictionaries(ODD_FIELDS, ODD_VALUES, max_size=4),
    st.lists(st.sampled_from(["f0", "f1", "f2", "gone"]), max_size=3, unique=True),
)


@given(st.lists(ODD_FACTS, min_size=1, max_size=6))
def test_no_facts_at_all_make_the_fold_raise(cases: list[tuple[str, dict[str, Any], list[str]]]):
    entries = [
        Entry(make(f"f{i}", kind, body, after=after)) for i, (kind, body, after) in enumerate(cases)
    ]
    for type_ in ("hazard", "inspection", "site", "account", "never heard of"):
        row = fold(type_, entries).row
        assert row["facts"] == len(entries)
    assert fold_subject(entries).row["id"] == id_of("subject")


BASES = {"hazard.found": FOUND, "inspection.submitted": SUBMITTED, "site.registered": REGISTERED}


@given(st.sampled_from(sorted(KINDS)), st.data())
def test_the_fast_check_and_the_explanation_never_disagree(kind: str, data: st.DataObject):
    declared = KINDS[kind]
    odd = st.sampled_from(
        [None, "", "x", 1, 2.5, True, [], ["x"], {}, {"a": 1}, "2026-11-21", "general"]
    )
    body = dict(json.loads(line_of(BASES.get(kind, {}))))
    names = [each.name for each in declared.fields] or ["x"]
    for name in data.draw(st.lists(st.sampled_from(names), max_size=4)):
        body[name] = data.draw(odd)
    open_ = {k: v for k, v in body.items() if k in {f.name for f in declared.public_record.fields}}
    fast = declared.public_record.compile()(open_)
    assert fast == (list(declared.public_record.explain(open_, "")) == [])


# --- numbers ---


def test_ledger_numbers_have_no_gaps_and_no_two_holders():
    assert check_numbers([(2026, 1, "a"), (2026, 2, "b"), (2027, 1, "c")]) == []
    assert check_numbers([(2026, 1, "a"), (2026, 3, "b")]) == ["2026-2: given to nobody"]
    assert len(check_numbers([(2026, 1, "a"), (2026, 1, "b")])) == 1
    assert len(check_numbers([(2026, 1, "a"), (2026, 2, "a")])) == 1


def test_i15_a_hole_and_an_unsent_tail_are_noticed():
    assert missing_numbers([1, 2, 3], 3) == []
    assert missing_numbers([1, 3, 6], 8) == [(2, 2), (4, 5), (7, 8)]
    assert missing_numbers([], 2) == [(1, 2)]
    assert missing_numbers([1, 2, 9], 2) == []


# --- a subject's first fact folds the short way ---


@given(st.data())
def test_the_short_way_of_a_first_fact_is_the_long_way(data: st.DataObject):
    body = data.draw(st.sampled_from([FOUND, {**FOUND, "level": "suspected_major"}]))
    more = data.draw(
        st.fixed_dictionaries(
            {},
            optional={
                "after": st.just(["elsewhere"]) | st.just(["first"]),
                "private": st.just({"fix_owner": "王芳"}),
                "photos": st.just([{"sha256": "sha:photo"}]),
            },
        )
    )
    kind, body = data.draw(
        st.sampled_from(
            [
                ("hazard.found", body),
                ("inspection.submitted", SUBMITTED),
                ("site.registered", REGISTERED),
            ]
        )
    )
    alone = [entry("first", kind, body, **more)]
    short = fold_subject(alone)
    with patch.object(Folding, "is_new", lambda _: False):
        assert fold_subject(alone) == short
