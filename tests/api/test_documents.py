"""Notices left on the spot: the station gives each its number once, and shows it everywhere."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from app.clock import new_id
from app.domains import JOB_KINDS
from app.jobs.runner import run_waiting
from tests.api.handover import private_line, row_of, send, sha256
from tests.api.helpers_desk import decide, decided, decision
from tests.api.restoring import (
    back_up,
    changes,
    head_line,
    lose_and_restore,
    moved,
    page_line,
    post_pulled,
)
from tests.api.sound import sound
from tests.api.township import Phone, Township

STATION = "白杨镇安监站"


def body_of(phone: Phone, hazards: list[str], **more: Any) -> dict[str, Any]:
    """What a notice about these hazards says."""
    return {
        "paper": "notice",
        "site": phone.township.sites[phone.account],
        "hazards": [
            {"hazard": each, "finding": "连接软管超过 2 米", "deadline": "2026-12-01"}
            for each in hazards
        ],
        "site_name": "面馆",
        "station_name": STATION,
        "issued_on": "2026-11-21",
        "attendance": "refused",
        **more,
    }


def issue(phone: Phone, hazards: list[str], **more: Any) -> str:
    """A notice, handed over."""
    document = new_id()
    send(phone, [phone.fact("document.issued", document, body_of(phone, hazards, **more))])
    return document


def number(township: Township, document: str) -> Any:
    """The number the row of a document shows."""
    return row_of(township.phone("dai"), "document", document)["number"]


def numbers(township: Township) -> dict[str, str]:
    """Every document's number, as it was written down."""
    with township.services.database.read() as connection:
        rows = connection.exec_driver_sql("SELECT subject_id, number FROM document_number").all()
    return dict(map(tuple, rows))


def test_a_notice_gets_the_next_number_once_and_keeps_the_one_of_its_phone(
    either_township: Township,
):
    ana, ben = either_township.phone("ana"), either_township.phone("ben")
    hazards = [ana.find_hazard(), ana.find_hazard()]
    line = ana.fact("document.issued", first := new_id(), body_of(ana, hazards))
    send(ana, [line])
    second = issue(ben, [ben.find_hazard()])
    send(ana, [line])  # the answer was lost on the way: handed over again

    row = row_of(ana, "document", first)
    assert row["number"].endswith("安整〔2026〕1号")
    assert number(either_township, second).endswith("安整〔2026〕2号")
    assert row["provisional"] == f"临-{ana.enrolment[-8:].upper()}-3"
    assert row["issued_fact"] == sha256(line)
    pulled = {each["id"]: each["row"] for each in changes(ana)["rows"]}
    assert pulled[first]["number"] == row["number"], "the phone is told the number"
    assert second not in pulled, "a notice of another village is nothing Ana pulls"
    sound(either_township)


def test_the_county_writes_its_numbers_its_own_way_from_then_on(township: Township):
    ana, dai = township.phone("ana"), township.desk("dai")
    first = issue(ana, [ana.find_hazard()])
    told = {"area": "北山县", "agency": "应急", "notice": "改", "padding": 3}
    decided(dai, township, "setting.set", new_id(), name="document_numbers", value=told)
    second = issue(ana, [ana.find_hazard()])
    assert number(township, first).endswith("安整〔2026〕1号"), "what was printed stands"
    assert number(township, second) == "（北山县）应急改〔2026〕002号"
    sound(township)


def test_a_lost_server_gives_the_same_number_back(township: Township, tmp_path: Path):
    ana = township.phone("ana")
    kept = issue(ana, [ana.find_hazard()])
    assert back_up(township, tmp_path / "backups") == 0
    lost = issue(ana, [ana.find_hazard()])
    page, given = changes(ana), numbers(township)
    assert {each.rpartition("〕")[2] for each in given.values()} == {"1号", "2号"}

    second = lose_and_restore(
        township, tmp_path / "backups", tmp_path / "second", f"sqlite:///{tmp_path / 'second.db'}"
    )
    ana2 = moved(ana, second)
    assert numbers(second) == {kept: given[kept]}
    fresh = issue(ana2, [ana2.find_hazard()])
    assert numbers(second)[fresh].endswith("〕20001号"), "lost numbers stay free for their papers"
    assert post_pulled(ana2, [head_line(page["head"]), page_line(page)]).json["refused"] == []
    assert numbers(second)[lost] == given[lost]
    assert row_of(ana2, "document", lost)["number"] == given[lost]
    sound(second)
    second.services.database.close()


def test_a_phone_that_came_before_the_witness_gets_the_printed_number_back(
    township: Township, tmp_path: Path
):
    ana, chief = township.phone("ana"), township.phone("chen")
    assert back_up(township, tmp_path / "backups") == 0
    line = ana.fact("document.issued", document := new_id(), body_of(ana, [new_id()]))
    send(ana, [line])
    page, given = changes(chief), numbers(township)
    second = lose_and_restore(
        township, tmp_path / "backups", tmp_path / "second", f"sqlite:///{tmp_path / 'second.db'}"
    )
    ana2, chief2 = moved(ana, second), moved(chief, second)
    send(ana2, [line])
    assert numbers(second)[document] != given[document]
    post_pulled(chief2, [page_line(page)])
    assert numbers(second) == given
    sound(second)
    second.services.database.close()


def test_only_the_chief_voids_a_notice_and_its_number_is_never_given_again(township: Township):
    ana, chen = township.phone("ana"), township.desk("chen")
    hazard = ana.find_hazard()
    document = issue(ana, [hazard])
    before = number(township, document)
    void = decision(township, "document.voided", document, {"reason": "单位名称写错"})
    assert decide(township.desk("ana"), void).status_code == 403
    row = decided(chen, township, "document.voided", document, reason="单位名称写错")
    assert (row["state"], row["void_reason"]) == ("void", "单位名称写错")
    again = decision(township, "document.voided", document, {"reason": "又一次"})
    assert decide(chen, again).json["code"] == "impossible-step"
    assert number(township, document) == before
    assert number(township, issue(ana, [hazard])).endswith("〕2号")
    assert chen.get(f"/hazards/{hazard}").json["hazard"]["state"] == "submitted"
    sound(township)


def test_the_desk_shows_notices_where_their_hazards_and_sites_are(township: Township):
    ana, chen = township.phone("ana"), township.desk("chen")
    hazard, other = ana.find_hazard(), ana.find_hazard()
    document, fact = new_id(), new_id()
    private = private_line(fact, {"on_site_name": "王芳", "on_site_phone": "13912345678"})
    line = ana.fact("document.issued", document, body_of(ana, [hazard]), id=fact,
                    private=sha256(private))  # fmt: skip
    send(ana, [line], [private])

    page = chen.get(f"/documents/{document}").json
    assert page["document"]["on_site_name"] == "王芳"
    assert page["document"]["on_site_phone"] == "139****5678"
    assert page["document"]["hazards"][0]["finding"] == "连接软管超过 2 米"
    assert [each["id"] for each in page["hazards"]] == [hazard]
    assert page["allowed"] == ["document.voided"]
    shown = chen.get(f"/hazards/{hazard}").json["documents"]
    assert [each["number"] for each in shown] == [page["document"]["number"]]
    assert chen.get(f"/hazards/{other}").json["documents"] == []
    site = chen.get(f"/sites/{township.sites[ana.account]}").json
    assert [each["id"] for each in site["documents"]] == [document]
    ben = township.desk("ben")
    assert ben.get(f"/documents/{document}").status_code == 404


def test_the_ledger_names_the_notice_of_each_hazard(township: Township):
    ana, chen = township.phone("ana"), township.desk("chen")
    hazard, bare = ana.find_hazard(), ana.find_hazard()
    void, document = issue(ana, [hazard]), issue(ana, [hazard])
    decided(chen, township, "document.voided", void, reason="重出")
    made = chen.post("/exports", {"format": "ledger_csv", "filters": {}}).json["id"]
    run_waiting(township.services, JOB_KINDS)
    text = chen.get(f"/exports/{made}/file").data.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    start = next(i for i, row in enumerate(rows) if "隐患编号" in row)
    at = {name: rows[start].index(name) for name in ("隐患编号", "文书名称及文号")}
    told = {
        row[at["隐患编号"]]: row[at["文书名称及文号"]] for row in rows[start + 1 :] if len(row) > 5
    }
    by_number = {each: row_of(ana, "hazard", each)["number"] for each in (hazard, bare)}
    assert told[by_number[hazard]] == f"整改通知书 {number(township, document)}"
    assert told[by_number[bare]] == ""


@pytest.mark.parametrize("change", [{"hazards": []}, {"paper": "order"}, {"issued_on": "昨天"}])
def test_what_is_no_notice_is_kept_aside_and_gets_no_number(
    township: Township, change: dict[str, Any]
):
    ana = township.phone("ana")
    line = ana.fact("document.issued", new_id(), {**body_of(ana, [new_id()]), **change})
    assert send(ana, [line])["exceptions"] == [[0, "quarantined:malformed"]]
    assert numbers(township) == {}
