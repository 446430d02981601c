"""Admission: what a person saw is admitted, what a person decides needs the role."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sync.admission import (
    FLAGS,
    REASONS,
    Author,
    Verdict,
    admit,
    parse_verdict,
    quarantined,
    refused,
)
from sync.kinds import KINDS
from sync.outcome import Refusal
from sync.problems import FLAG_WORDS, QUARANTINE_WORDS
from tests.unit.sync.making import FOUND, REGISTERED, id_of, make, private_line

STATION = id_of("station")
ANA = Author(
    account=id_of("ana"),
    enrolment=id_of("phone"),
    revoked=False,
    signature_ok=True,
    roles=frozenset({"inspector"}),
    roles_acknowledged=frozenset(),
    areas=frozenset({id_of("grid-1")}),
)
CHIEF = replace(ANA, account=id_of("chief"), enrolment=None, roles=frozenset({"chief"}))
ADMIN = replace(CHIEF, account=id_of("admin"), roles=frozenset({"admin"}))


def from_phone(kind: str, body: dict[str, Any], **more: Any) -> Any:
    return make("f", kind, body, enrolment=id_of("phone"), n=1, **more)


def verdict(
    fact: Any, author: Author = ANA, *, area: str | None = None, private: Any = None
) -> str:
    return admit(fact, author, STATION, site_area=area, private=private).text


def test_what_ana_saw_is_admitted_and_flagged_outside_her_grid():
    found = from_phone("hazard.found", FOUND)
    assert verdict(found) == "admitted"
    assert verdict(found, area=id_of("grid-1")) == "admitted"
    assert verdict(found, area=id_of("grid-9")) == "admitted:outside_area"


def test_ana_cannot_close_a_hazard_but_her_fact_is_kept():
    assert verdict(from_phone("hazard.closed", {})) == "quarantined:missing_role"


def test_a_role_taken_away_while_the_chief_was_offline_still_counts():
    closing = from_phone("hazard.closed", {})
    late = replace(ANA, roles=frozenset(), roles_acknowledged=frozenset({"chief"}))
    assert verdict(closing, late) == "admitted"


def test_ana_reopens_a_hazard_only_with_the_inspection_that_found_it_again():
    assert verdict(from_phone("hazard.reopened", {"reason": "又坏"})) == "quarantined:missing_role"
    again = {"reason": "又坏", "inspection": "id:next"}
    assert verdict(from_phone("hazard.reopened", again)) == "admitted"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"revoked": True}, "revoked"),
        ({"signature_ok": False}, "bad_signature"),
        ({"account": id_of("ben")}, "wrong_author"),
        ({"enrolment": id_of("other phone")}, "wrong_author"),
    ],
)
def test_a_fact_whose_origin_is_wrong_is_quarantined(change: dict[str, Any], reason: str):
    author = replace(ANA, **change)
    assert verdict(from_phone("hazard.found", FOUND), author) == f"quarantined:{reason}"


def test_what_ana_wrote_under_an_earlier_enrolment_is_hers_unless_that_was_revoked():
    found = from_phone("hazard.found", FOUND)
    anew = replace(ANA, enrolment=id_of("phone anew"))
    trusted = replace(anew, earlier=frozenset({id_of("phone")}))
    revoked = replace(anew, earlier_revoked=frozenset({id_of("phone")}))
    assert verdict(found, trusted) == "admitted"
    assert verdict(found, revoked) == "quarantined:revoked"
    assert verdict(found, replace(trusted, account=id_of("ben"))) == "quarantined:wrong_author"
    assert verdict(found, replace(trusted, revoked=True)) == "quarantined:revoked"
    closing = from_phone("hazard.closed", {})
    assert verdict(closing, trusted) == "quarantined:missing_role"
    assert [each.numbering(found) for each in (ANA, anew, trusted, revoked)] == [
        id_of("phone"), None, id_of("phone"), id_of("phone"),
    ]  # fmt: skip


def test_another_stations_fact_is_quarantined():
    fact = from_phone("hazard.found", FOUND, station=id_of("neighbour"))
    assert verdict(fact) == "quarantined:foreign_station"


def test_administration_comes_from_the_desk_only():
    area = {"name": "一网格", "level": "grid"}
    phone_admin = replace(ANA, roles=frozenset({"admin"}))
    assert verdict(from_phone("area.set", area), phone_admin) == "quarantined:desk_only"
    assert verdict(make("f", "area.set", area, author="admin"), ADMIN) == "admitted"
    assert verdict(make("f", "area.set", area, author="chief"), CHIEF) == "quarantined:missing_role"


def test_an_ill_formed_body_is_quarantined_with_the_field_named():
    bad = from_phone("hazard.found", FOUND | {"level": "major"})
    found = admit(bad, ANA, STATION, site_area=None)
    assert found.text == "quarantined:malformed"
    assert "level" in found.detail


def test_a_kind_nobody_knows_yet_is_admitted_and_flagged():
    assert verdict(from_phone("balloon.inflated", {"x": 1})) == "admitted:unknown_kind"


def test_private_fields_come_apart_and_have_to_match():
    line = private_line("f", {"fix_owner": "王五"})
    fact = from_phone("hazard.found", FOUND, private={"fix_owner": "王五"})
    assert verdict(fact, private=line) == "admitted"
    assert verdict(fact) == "admitted:private_missing"
    other = private_line("f", {"fix_owner": "李四"})
    assert verdict(fact, private=other) == "quarantined:private_mismatch"
    assert (
        verdict(from_phone("hazard.found", FOUND), private=line) == "quarantined:private_mismatch"
    )
    open_ = from_phone("hazard.found", FOUND | {"fix_owner": "王五"})
    assert verdict(open_) == "quarantined:malformed"
    wrong = private_line("f", {"fix_owner": 5})
    fact = from_phone("hazard.found", FOUND, private={"fix_owner": 5})
    assert verdict(fact, private=wrong) == "quarantined:malformed"


def test_a_required_private_field_is_asked_for_unless_its_line_is_elsewhere():
    account = {"login": "ana", "active": True}
    named = make("f", "account.set", account, author="admin", private={"name": "安娜"})
    assert verdict(named, ADMIN, private=private_line("f", {"name": "安娜"})) == "admitted"
    assert verdict(named, ADMIN) == "admitted:private_missing"
    nameless = make("f", "account.set", account, author="admin")
    assert verdict(nameless, ADMIN) == "quarantined:malformed"


def test_a_grade_set_by_an_inspector_waits_for_the_chief():
    amended = from_phone("site.amended", {"grade": "C"})
    assert verdict(amended) == "admitted:needs_review"
    assert verdict(amended, area=id_of("grid-9")) == "admitted:outside_area,needs_review"
    assert verdict(make("f", "site.amended", {"grade": "C"}, author="chief"), CHIEF) == "admitted"
    assert verdict(from_phone("site.amended", {"note": "x"})) == "admitted"
    assert verdict(from_phone("site.registered", REGISTERED | {"grade": "B"})) == "admitted"


def test_major_is_confirmed_with_all_five_settled_or_not_at_all():
    body = {"level": "major", "measure": "换", "deadline": "2026-12-01", "fund_wan": 1}
    whole = body | {"contingency": "疏散"}
    line = private_line("f", {"fix_owner": "王五"})
    known = {"author": "chief", "private": {"fix_owner": "王五"}}
    assert verdict(make("f", "hazard.confirmed", whole, **known), CHIEF, private=line) == "admitted"
    assert (
        verdict(make("f", "hazard.confirmed", whole, **known), CHIEF) == "admitted:private_missing"
    )
    without = make("f", "hazard.confirmed", body, **known)
    assert verdict(without, CHIEF, private=line) == "quarantined:malformed"
    ownerless = make("f", "hazard.confirmed", whole, author="chief")
    assert verdict(ownerless, CHIEF) == "quarantined:malformed"
    general = make("f", "hazard.confirmed", {"level": "general"}, author="chief")
    assert verdict(general, CHIEF) == "admitted"


@pytest.mark.parametrize(
    "found",
    [
        Verdict("admitted"),
        Verdict("admitted", flags=("outside_area",)),
        Verdict("admitted", flags=("outside_area", "needs_review")),
        quarantined("malformed"),
        refused(Refusal("unreadable")),
    ],
    ids=lambda found: found.text,
)
def test_a_verdict_reads_back_as_it_was_logged(found: Verdict):
    assert parse_verdict(found.text) == replace(found, detail="")


def test_a_flag_is_added_once_and_never_to_a_quarantined_fact():
    once = Verdict("admitted").flagged("number_reused")
    assert once.flagged("number_reused").text == "admitted:number_reused"
    assert quarantined("revoked").flagged("number_reused").text == "quarantined:revoked"


def test_every_reason_and_flag_has_words_for_people():
    assert set(REASONS) == set(QUARANTINE_WORDS)
    assert set(FLAGS) == set(FLAG_WORDS)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_every_judgement_names_who_may_make_it(kind: Any):
    assert bool(kind.roles) == (kind.stance != "observation" and not kind.server_only)
    assert kind.roles <= {"inspector", "certified_inspector", "chief", "admin"}
