"""Exports as the chief gets them: made in the background, photos inside, only what he may see."""

from __future__ import annotations

import csv
import hashlib
import io
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from app.domains import JOB_KINDS
from app.jobs.runner import run_waiting
from app.keys import signature_fits
from app.ledger.head import head_text
from tests.api.helpers_desk import submit
from tests.api.township import PHOTOS, Township


def make(township: Township, desk: Any, format: str, **filters: Any) -> dict[str, Any]:
    """Ask, let the background work, and see how it went."""
    asked = desk.post("/exports", {"format": format, "filters": filters})
    assert asked.status_code == 202, asked.text
    assert desk.get(f"/exports/{asked.json['id']}").json["state"] == "waiting"
    run_waiting(township.services, JOB_KINDS)
    state: dict[str, Any] = desk.get(f"/exports/{asked.json['id']}").json
    assert state["state"] == "done", state
    return state


def test_chen_exports_the_ledger_with_the_photos_inside(
    either_township: Township, tmp_path: Path
) -> None:
    photo = (PHOTOS / "orientation_6.jpg").read_bytes()
    ana = either_township.phone("ana")
    submit(
        ana, hazards=({"level": "suspected_major", "finding": "=HYPERLINK(1)"},), photos=(photo,)
    )
    sent = ana.part(hashlib.sha256(photo).hexdigest(), photo, offset=0, length=len(photo))
    assert sent.status_code == 200, sent.text
    chen = either_township.desk("chen")
    state = make(either_township, chen, "ledger_xlsx", level=["suspected_major"])
    assert state["done"] == state["total"] or state["total"] is None
    answer = chen.get(f"/exports/{state['id']}/file")
    assert answer.status_code == 200
    assert "filename*=UTF-8''%E5%8C%97%E6%B2%B3" in answer.headers["Content-Disposition"]
    assert answer.headers["Content-Disposition"].startswith("attachment")
    book = load_workbook(io.BytesIO(answer.data))
    sheet = book["隐患台账"]
    assert len(sheet._images) == 1
    heads = [cell.value for cell in sheet[1]]
    row = dict(zip(heads, [cell.value for cell in sheet[2]], strict=True))
    assert row["隐患编号"] == "BH-2026-0001"
    assert row["隐患描述"] == "=HYPERLINK(1)"
    assert row["检查人员"] == "Ana"
    assert row["负责人"] == "王芳"
    assert row["联系电话"] == "139****5678"
    assert row["所属网格(村/社区)"] == "zaoyuan"
    said = {line[0].value: line[1].value for line in book["说明"].iter_rows()}
    assert said["筛选条件"] == "等级：疑似重大"
    text = head_text(
        either_township.station_id,
        epoch=1,
        size=state["file"]["log_size"],
        root=str(said["日志根"]),
        time=str(said["签名时间"]),
    )
    key = either_township.services.signer.public_key
    assert signature_fits(key, text.encode(), str(said["签名"]))


def test_an_export_shows_only_what_its_asker_may_see(township: Township) -> None:
    submit(township.phone("ana"))
    submit(township.phone("ben"))
    township.grant("eli", ["chief"], [township.areas["liutang"]])
    township.set_account("eli", active=True)
    eli, chen = township.desk("eli"), township.desk("chen")
    state = make(township, eli, "ledger_csv")
    rows = list(
        csv.reader(io.StringIO(eli.get(f"/exports/{state['id']}/file").data.decode("utf-8-sig")))
    )
    assert [row[6] for row in rows[1:2]] == ["liutang 面馆"]
    assert state["file"]["count"] == 1
    assert township.desk("ana").post("/exports", {"format": "ledger_csv"}).status_code == 403
    whole = make(township, chen, "ledger_short_xlsx")
    assert whole["file"]["count"] == 2
    assert eli.get(f"/exports/{whole['id']}").status_code == 404
    assert eli.get(f"/exports/{whole['id']}/file").status_code == 404


def test_an_export_stands_for_the_moment_it_was_asked(township: Township) -> None:
    chen = township.desk("chen")
    submit(township.phone("ana"), hazards=({"deadline": "2026-11-20"},))
    asked = chen.post("/exports", {"format": "ledger_csv", "filters": {"overdue": True}})
    township.clock.forward(days=3)
    run_waiting(township.services, JOB_KINDS)
    answer = township.desk("chen").get(f"/exports/{asked.json['id']}/file")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows[1][31] == "1"
    assert ["截止时间", "2026-11-21 10:00"] in rows


def test_a_file_that_is_not_ready_and_one_nobody_asked_for(township: Township) -> None:
    chen = township.desk("chen")
    asked = chen.post("/exports", {"format": "ledger_csv"})
    assert asked.status_code == 202
    assert chen.get(f"/exports/{asked.json['id']}/file").json["code"] == "export-not-ready"
    assert chen.get("/exports/00000000-0000-7000-8000-000000000000").status_code == 404
    assert chen.post("/exports", {"format": "docx"}).status_code == 422
    wrong = chen.post("/exports", {"format": "ledger_csv", "filters": {"state": ["gone"]}})
    assert wrong.status_code == 422


def test_an_old_export_is_cleared_away_and_says_so(township: Township) -> None:
    first = make(township, township.desk("chen"), "ledger_csv")
    township.clock.forward(days=8)
    chen = township.desk("chen")
    assert chen.get(f"/exports/{first['id']}/file").status_code == 200
    make(township, chen, "ledger_csv")
    answer = chen.get(f"/exports/{first['id']}/file")
    assert (answer.status_code, answer.json["code"]) == (410, "export-expired")
    assert "7 天" in answer.json["detail"]


def told_phones(desk: Any, export: str) -> list[str]:
    """The telephone column of a finished CSV, without its heading."""
    data = desk.get(f"/exports/{export}/file").data.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(data)))
    return [row[12] for row in rows[1 : rows.index([])]]


def test_whole_telephone_numbers_need_a_reason_that_is_kept(either_township: Township) -> None:
    submit(either_township.phone("ana"))
    chen = either_township.desk("chen")
    masked = make(either_township, chen, "ledger_csv")
    assert told_phones(chen, masked["id"]) == ["139****5678"]
    assert not masked["whole_phones"]
    asked = chen.post("/exports", {"format": "ledger_csv", "unmask_reason": " 汛期逐户通知 "})
    run_waiting(either_township.services, JOB_KINDS)
    assert told_phones(chen, asked.json["id"]) == ["13912345678"]
    assert chen.get(f"/exports/{asked.json['id']}").json["whole_phones"]
    assert "电话,完整" in chen.get(f"/exports/{asked.json['id']}/file").data.decode()
    (entry,) = chen.get("/access-log").json["items"]
    assert (entry["action"], entry["field"], entry["reason"], entry["subject"]) == (
        "export", "owner_phone", "汛期逐户通知", asked.json["id"],
    )  # fmt: skip


def test_nobody_else_takes_an_export_with_whole_numbers(township: Township) -> None:
    submit(township.phone("ana"))
    township.grant("eli", ["chief"], [])
    township.set_account("eli", active=True)
    chen, eli = township.desk("chen"), township.desk("eli")
    whole = make(township, chen, "ledger_csv")
    assert eli.get(f"/exports/{whole['id']}/file").status_code == 200
    asked = chen.post("/exports", {"format": "ledger_csv", "unmask_reason": "逐户通知"})
    run_waiting(township.services, JOB_KINDS)
    assert eli.get(f"/exports/{asked.json['id']}").status_code == 404
    assert eli.get(f"/exports/{asked.json['id']}/file").status_code == 404
    assert asked.json["id"] not in [each["id"] for each in eli.get("/exports").json["items"]]


def test_blanks_are_no_reason_and_a_form_without_numbers_needs_none(township: Township) -> None:
    submit(township.phone("ana"))
    chen = township.desk("chen")
    blank = chen.post("/exports", {"format": "ledger_csv", "unmask_reason": "  "})
    short = chen.post("/exports", {"format": "ledger_short_xlsx", "unmask_reason": "通知"})
    run_waiting(township.services, JOB_KINDS)
    assert told_phones(chen, blank.json["id"]) == ["139****5678"]
    assert not chen.get(f"/exports/{short.json['id']}").json["whole_phones"]
    assert chen.get("/access-log").json["items"] == []
    long = chen.post("/exports", {"format": "ledger_csv", "unmask_reason": "因" * 201})
    assert long.status_code == 422


def test_a_hazard_reported_again_keeps_the_batch_of_its_first_report(
    either_township: Township,
) -> None:
    submit(either_township.phone("ana"))
    chen = either_township.desk("chen")
    before = make(either_township, chen, "ledger_csv")
    with either_township.services.database.write() as connection:
        (first,) = connection.exec_driver_sql(
            "SELECT batch_id FROM fact WHERE kind = 'hazard.found'"
        ).scalars()
        # The same report again, in a later batch, further down the log.
        for again in ("a" * 64, "f" * 64):
            columns = "fact_id, kind, subject_id, author_id, enrolment_id, n, received_at, bytes"
            connection.exec_driver_sql(
                f"INSERT INTO fact (station_id, sha256, batch_id, {columns})"
                f" SELECT station_id, '{again}', 'later', {columns} FROM fact"
                " WHERE kind = 'hazard.found' AND batch_id <> 'later'"
            )
            connection.exec_driver_sql(
                "INSERT INTO log_entry SELECT station_id,"
                " (SELECT max(idx) + 1 FROM log_entry), seq, sha256, 'admitted', TRUE, received_at"
                f" FROM fact WHERE sha256 = '{again}'"
            )
    after = make(either_township, chen, "ledger_csv")
    for export in (before, after):
        data = chen.get(f"/exports/{export['id']}/file").data.decode("utf-8-sig")
        assert list(csv.reader(io.StringIO(data)))[1][39].startswith(f"{first[:8]} / ")


@pytest.mark.parametrize("format", ["ledger_csv", "ledger_short_xlsx", "ledger_xlsx"])
def test_progress_counts_the_rows_there_are_and_ends_with_all_of_them(
    township: Township, monkeypatch: pytest.MonkeyPatch, format: str
) -> None:
    monkeypatch.setattr("app.exports.job.PROGRESS_EVERY_S", 0.0)
    submit(township.phone("ana"), hazards=({}, {}, {}))
    state = make(township, township.desk("chen"), format)
    assert (state["done"], state["total"], state["file"]["count"]) == (3, 3, 3)
