"""What the demo's people did beside inspections: training, drills, publicity, a meeting, notified
work, and a zero report on quiet days. Every form that comes with the app is filled in once.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from app.activities.forms import Form, bundled_forms
from app.checklists.load import checklist_sha256
from app.demo.month import Month

# days before the last one, who, which form, what was said
TOLD: tuple[tuple[int, str, str, dict[str, Any]], ...] = (
    (26, "wangfang", "ac-training", {"TR-01": "瓶装液化气使用和软管更换", "TR-02": "现场讲解",
                                     "TR-03": 14, "TR-04": 31, "TR-05": "安监站 刘海"}),
    (21, "chengang", "ac-drill", {"DR-01": "火灾疏散", "DR-02": "宏达木器厂", "DR-03": 1,
                                  "DR-04": 26, "DR-05": "东边出口堆了板材，当场搬开"}),
    (17, "zhouli", "ac-publicity", {"PU-01": "一氧化碳中毒怎么防", "PU-02": "入户", "PU-03": 58,
                                    "PU-05": 60}),
    (12, "wuyong", "ac-meeting", {"ME-01": "例会", "ME-02": "入冬用火用电用气", "ME-03": 9,
                                  "ME-04": 17, "ME-05": "月底前把老旧软管换完"}),
    (8, "chengang", "ac-special-work", {"SW-01": "动火", "SW-02": "福兴五金店",
                                        "SW-03": "后院焊雨棚", "SW-04": None, "SW-07": "有",
                                        "SW-08": "有", "SW-09": "有", "SW-10": "条件具备"}),
    (5, "wangfang", "ac-publicity", {"PU-01": "烟花爆竹只到有证的店买", "PU-02": "大喇叭",
                                     "PU-04": 400}),
    *((back, login, "ac-zero-report", {"ZR-01": "没有", "ZR-02": "没有"})
      for back in (3, 2, 1) for login in ("wangfang", "zhouli")),
)  # fmt: skip


def plan_activities(month: Month) -> None:
    """Each told on the phone of who was there, at the end of the afternoon."""
    forms = {form["id"]: form for form in bundled_forms()}
    for minute, (back, login, form, said) in enumerate(TOLD):
        day = month.last_day - timedelta(days=back)
        at = month.moment(day, 16, minute)
        body = _body(forms[form], day.isoformat(), said)
        record, subject = month.phones[login].record, month.world.ids()
        month.at(at, partial(record, "activity.recorded", subject, body, at=at))


def _body(form: Form, day: str, said: dict[str, Any]) -> dict[str, Any]:
    """A day that is not told is the activity's own."""
    entries = [{"item": item, "value": value or day} for item, value in said.items()]
    return {
        "type": form["type"],
        "form": form["id"],
        "form_version": form["version"],
        "form_sha256": checklist_sha256(form),
        "day": day,
        "entries": entries,
    }
