"""A proof file convinces whoever knows the station's key, and nobody else's file does (I7, I11)."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from app.ledger.proof import check_proof
from tests.api.handover import found, private_line, send, sha256
from tests.api.township import API, Township
from tests.served import cli
from tests.vectors.write_proof import FILE

VECTOR = json.loads(FILE.read_text(encoding="utf-8"))


def changed(document: Any, at: list[Any], to: Any) -> Any:
    """A copy in which one place says something else."""
    if not at:
        return document
    made = copy.deepcopy(document)
    place = made
    for step in at[:-1]:
        place = place[step]
    place[at[-1]] = to
    return made


@pytest.mark.parametrize("case", VECTOR["cases"], ids=lambda case: case["why"])
def test_a_file_holds_only_as_it_was_made(case: dict[str, Any]):
    document = VECTOR["document"]
    made = changed(document, case["at"], case["to"])
    assert not case["at"] or made != document
    checked = check_proof(made)
    assert (checked.wrong == []) is case["holds"], checked.wrong
    if case["holds"]:
        phones = [fact.phone for fact in checked.facts]
        assert sum(phone is not None for phone in phones) == case.get("phones", 2)


def test_a_forger_with_a_key_of_his_own_is_found_by_the_station_s_key():
    document = VECTOR["document"]
    assert check_proof(document, key=document["server_key"]).wrong == []
    other = json.loads(document["entries"][0]["line"])["body"]["public_key"]
    assert check_proof(document, key=other).wrong


@pytest.mark.parametrize(
    "text", ["null", "[]", "{}", '{"head":1}', '"x"', '{"format":"x","head":{}}']
)
def test_what_is_no_proof_file_is_said_to_be_none(text: str):
    assert check_proof(json.loads(text)).wrong == ["this is no proof file of Grid Inspector"]


def a_hazard(township: Township) -> tuple[Any, str]:
    ana = township.phone("ana")
    hazard = ana.find_hazard()
    return ana, hazard


def test_the_chief_s_file_holds_every_fact_of_the_hazard_and_no_name(either_township: Township):
    township = either_township
    ana = township.phone("ana")
    fact_id = "01a2015c-4cee-7ce3-9815-000000000009"
    line = private_line(fact_id, {"fix_owner": "王芳", "fix_owner_phone": "13912345678"})
    first = found(ana, id=fact_id, private=sha256(line))
    hazard = json.loads(first)["subject"]
    send(ana, [found(ana), first], [line])
    answer = township.desk("chen").get(f"/hazards/{hazard}/proof")
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "王芳" not in answer.text
    assert "13912345678" not in answer.text
    checked = check_proof(answer.json, key=township.services.signer.public_key)
    assert checked.wrong == []
    assert [(fact.sha256, fact.phone) for fact in checked.facts] == [(sha256(first), ana.enrolment)]


def test_whoever_may_not_see_the_hazard_gets_no_file(township: Township):
    _, hazard = a_hazard(township)
    assert township.desk("ana").get(f"/hazards/{hazard}/proof").status_code == 200
    assert township.desk("ben").get(f"/hazards/{hazard}/proof").status_code == 404


def test_a_stranger_with_a_hash_learns_where_it_stands_and_nothing_else(township: Township):
    ana = township.phone("ana")
    line = found(ana)
    send(ana, [line])
    stranger = township.app.test_client()
    answer = stranger.get(f"{API}/proofs/{sha256(line)}")
    assert answer.status_code == 200
    assert set(answer.json) == {"format", "station", "server_key", "head", "entry"}
    assert set(answer.json["entry"]) == {"index", "sha256", "verdict", "received_at", "path"}
    assert "超过" not in answer.text
    assert ana.enrolment not in answer.text
    assert stranger.get(f"{API}/proofs/{'0' * 64}").status_code == 404
    assert stranger.get(f"{API}/proofs/BH-2026-0001").status_code == 404


def test_by_the_command_line_and_without_a_station(township: Township, tmp_path: Path):
    _, hazard = a_hazard(township)
    number = township.desk("chen").get(f"/hazards/{hazard}").json["hazard"]["number"]
    township.services.database.close()
    data, out = township.folder, tmp_path / "proof.json"
    said = cli(data, "ledger", "proof", number, "--out", str(out),
               DATABASE_URL=f"sqlite:///{township.services.database.path}",
               GI_KEY_FILE=str(township.services.settings.key_file))  # fmt: skip
    assert "1 facts" in said
    key = json.loads(out.read_text(encoding="utf-8"))["server_key"]
    nowhere = tmp_path / "empty"
    said = cli(nowhere, "ledger", "check-proof", str(out), "--key", key)
    assert "stand unchanged" in said
    assert "signed by phone" in said
    assert not nowhere.exists()
