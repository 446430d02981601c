"""Importing sites and accounts: nothing before it is applied, all or nothing, once."""

from __future__ import annotations

import io
from typing import Any

from openpyxl import load_workbook

from tests.api.helpers_desk import counted_statements
from tests.api.township import Township
from tests.unit.test_import_sheets import bomb, sheet_bytes

SITE = {
    "单位(场所)名称": "老街川味馆",
    "场所类型": "小餐饮",
    "所属网格": "zaoyuan",
    "风险分级": "A",
}
PERSON = {"姓名": "付强", "登录名": "FuQ", "角色": "网格员", "负责网格": "liutang"}


def upload(desk: Any, noun: str, data: bytes) -> Any:
    return desk.call(
        "POST",
        f"/imports/{noun}",
        data={"file": (io.BytesIO(data), "台账.xlsx")},
        content_type="multipart/form-data",
    )


def test_dai_imports_sites_and_applying_twice_changes_nothing(either_township: Township) -> None:
    dai = either_township.desk("dai")
    rows = [{**SITE, "单位(场所)名称": f"小店{n}", "联系电话": 13800002210} for n in range(30)]
    preview = upload(dai, "sites", sheet_bytes(rows))
    assert preview.status_code == 200, preview.text
    assert (preview.json["ok"], preview.json["failed"]) == (30, 0)
    assert dai.get("/sites").json["total"] == 2, "nothing is imported before it is applied"
    path = f"/imports/{preview.json['id']}/application"
    assert dai.post(path, {}).json == {"applied": 30, "skipped": 0, "already": False}
    assert dai.get("/sites").json["total"] == 32
    assert dai.post(path, {}).json == {"applied": 30, "skipped": 0, "already": True}
    assert dai.get("/sites").json["total"] == 32
    found = dai.get("/sites?q=小店7").json["items"][0]["site"]
    assert found["grade"] == "A"
    assert found["owner_phone"] == "138****2210"


def test_one_wrong_row_keeps_all_rows_out_and_is_named(township: Township) -> None:
    dai = township.desk("dai")
    preview = upload(dai, "sites", sheet_bytes([SITE, {**SITE, "所属网格": "河西"}]))
    wrong = [error for error in preview.json["errors"] if error["level"] == "error"]
    assert [(error["row"], error["column"]) for error in wrong] == [(3, "所属网格")]
    answer = dai.post(f"/imports/{preview.json['id']}/application", {})
    assert (answer.status_code, answer.json["code"]) == (409, "import-has-errors")
    assert dai.get("/sites").json["total"] == 2


def test_likely_duplicates_are_asked_about_and_can_be_left_out(township: Township) -> None:
    dai = township.desk("dai")
    rows = [{**SITE, "单位(场所)名称": "zaoyuan面馆"}, SITE]
    preview = upload(dai, "sites", sheet_bytes(rows))
    assert preview.json["duplicates"] == 1
    assert "可能重复" in str(preview.json["errors"])
    path = f"/imports/{preview.json['id']}/application"
    assert dai.post(path, {"skip_duplicates": True}).json["applied"] == 1
    assert dai.get("/sites").json["total"] == 3


def test_an_imported_account_has_its_roles_and_no_password(either_township: Township) -> None:
    dai = either_township.desk("dai")
    preview = upload(dai, "accounts", sheet_bytes([PERSON]))
    assert preview.json["failed"] == 0, preview.json
    assert dai.post(f"/imports/{preview.json['id']}/application", {}).status_code == 200
    accounts = {row["login"]: row for row in dai.get("/accounts").json["items"]}
    assert accounts["fuq"]["roles"] == ["inspector"]
    assert accounts["fuq"]["areas"] == [either_township.areas["liutang"]]
    assert accounts["fuq"]["has_password"] is False
    again = upload(dai, "accounts", sheet_bytes([PERSON]))
    assert again.json["failed"] == 1


def test_an_import_of_many_rows_costs_a_handful_of_statements(township: Township) -> None:
    dai = township.desk("dai")
    rows = [{**SITE, "单位(场所)名称": f"小店{n}"} for n in range(300)]
    preview = upload(dai, "sites", sheet_bytes(rows))
    with counted_statements(township) as statements:
        dai.post(f"/imports/{preview.json['id']}/application", {})
    assert len(statements) < 40, statements


def test_a_hostile_or_wrong_file_is_answered_with_a_sentence(township: Township) -> None:
    dai = township.desk("dai")
    for data, words in ((b"hello", "模板"), (bomb(), "太大"), (sheet_bytes([{"甲": 1}]), "模板")):
        answer = upload(dai, "sites", data)
        assert answer.status_code == 422
        assert words in answer.json["detail"]
    only_example = upload(dai, "sites", dai.get("/imports/sites/template").data)
    assert only_example.json["code"] == "sheet-empty"
    assert upload(township.desk("chen"), "sites", sheet_bytes([SITE])).status_code == 403
    assert upload(dai, "hazards", sheet_bytes([SITE])).status_code == 404


def test_the_template_offers_the_stations_own_villages(township: Township) -> None:
    answer = township.desk("dai").get("/imports/accounts/template")
    assert "filename*=UTF-8''" in answer.headers["Content-Disposition"]
    book = load_workbook(io.BytesIO(answer.data))
    assert [cell.value for cell in book["人员"][1]][:4] == ["姓名", "登录名", "手机号", "角色"]
    sites = load_workbook(io.BytesIO(township.desk("dai").get("/imports/sites/template").data))
    options = {cell.value for row in sites["选项"].iter_rows() for cell in row}
    assert {"zaoyuan", "liutang"} <= options
