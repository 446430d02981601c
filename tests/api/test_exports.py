"""Exports as the chief gets them: made in the background, photos inside, only what he may see."""

from __future__ import annotations

import csv
import hashlib
import io
from pathlib import Path
from typing import Any

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
