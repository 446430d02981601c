"""What a chief should look at twice before deciding: the doubts of a submission, as sentences.

Doubts never block anything (I9): a wrong clock, a photo on its way or a likely duplicate is said
beside the decision. Pure: rows and photos come in as values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from app.hazards.rules import open_blanks
from sync.limits import CLOCK_OFFSET_SHOWN_MS
from sync.problems import FLAG_WORDS, STEP_WORDS

Doubt = dict[str, Any]
_MINUTE_MS = 60_000
_HOUR_MS = 60 * _MINUTE_MS
_DAY_MS = 24 * _HOUR_MS


def doubts_of(
    inspection: Mapping[str, Any],
    hazards: Iterable[Mapping[str, Any]],
    *,
    photos: Iterable[Mapping[str, Any]],
    verdicts: Iterable[str],
    same: Mapping[str, list[dict[str, Any]]],
    reused: Mapping[str, list[dict[str, Any]]],
) -> list[Doubt]:
    """Every doubt about one submission, the ones that matter most first."""
    hazards = list(hazards)
    doubts = [
        _same_doubt(hazard, other)
        for hazard in hazards
        for other in same.get(str(hazard["id"]), ())
    ]
    rows = [inspection, *hazards]
    doubts += _conflicts(rows)
    doubts += _blanks(hazards)
    doubts += _reused(rows, reused)
    doubts += _clock(inspection.get("offset_ms"))
    doubts += [{"code": flag, "text": _flag_text(flag)} for flag in _flags(verdicts, rows)]
    doubts += _photos(photos, rows)
    if any(row.get("incomplete") for row in rows):
        doubts.append({"code": "incomplete", "text": "还有记录没交上来"})
    return doubts


def clock_words(offset_ms: int) -> str:
    """How far off a phone's clock was, without blame."""
    way = "快" if offset_ms > 0 else "慢"
    size = abs(offset_ms)
    if size >= _DAY_MS:
        return f"手机时间{way} {round(size / _DAY_MS)} 天"
    if size >= _HOUR_MS:
        return f"手机时间{way} {round(size / _HOUR_MS)} 小时"
    return f"手机时间{way} {round(size / _MINUTE_MS)} 分钟"


def _same_doubt(hazard: Mapping[str, Any], other: dict[str, Any]) -> Doubt:
    number = other.get("number") or "没编号的一条"
    return {
        "code": "same_hazard",
        "text": f"可能和 {number} 是同一条",
        "hazard": hazard["id"],
        "other": other,
    }


def _reused(
    rows: Iterable[Mapping[str, Any]], reused: Mapping[str, list[dict[str, Any]]]
) -> list[Doubt]:
    """A photo another visit used before: a reason to look, and said as no more than that."""
    told: dict[tuple[str, str], Doubt] = {}
    for row in rows:
        for use in reused.get(str(row.get("id")), ()):
            same = use["sha256"] == use["other_sha256"]
            text = f"建议核实：照片和{_day_words(use['day'])}{use['site']}的一张" + (
                "是同一张" if same else "几乎一样"
            )
            told.setdefault(
                (use["sha256"], use["other"]), {"code": "photo_reused", "text": text, **use}
            )
    return list(told.values())


def _day_words(day: str) -> str:
    try:
        found = date.fromisoformat(day)
    except ValueError:
        return ""
    return f" {found.month}月{found.day}日 "


def _conflicts(rows: Iterable[Mapping[str, Any]]) -> list[Doubt]:
    count = sum(len(row.get("conflicts") or ()) for row in rows)
    return [{"code": "conflict", "text": f"{count} 处说法不一，请定"}] if count else []


def _blanks(hazards: Iterable[Mapping[str, Any]]) -> list[Doubt]:
    """Sentences recorded by a phone that did not ask for every blank; the chief returns them."""
    labels = [
        label for row in hazards for label in open_blanks(row.get("finding"), row.get("item"))
    ]
    told = "、".join(dict.fromkeys(labels))
    return [{"code": "blank_open", "text": f"隐患里有空没填：{told}"}] if labels else []


def _clock(offset_ms: object) -> list[Doubt]:
    if not isinstance(offset_ms, int) or abs(offset_ms) <= CLOCK_OFFSET_SHOWN_MS:
        return []
    return [{"code": "clock", "text": clock_words(offset_ms), "offset_ms": offset_ms}]


def _flags(verdicts: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Words after `admitted:`, and the reasons of steps that had no effect; each once."""
    told: dict[str, None] = {}
    for verdict in verdicts:
        outcome, _, words = verdict.partition(":")
        if outcome == "admitted":
            told.update(dict.fromkeys(word for word in words.split(",") if word))
    for row in rows:
        told.update(dict.fromkeys(str(flag.get("reason")) for flag in row.get("flags") or ()))
    return list(told)


def _flag_text(flag: str) -> str:
    words = FLAG_WORDS.get(flag) or STEP_WORDS.get(flag)
    return words[0].rstrip("。") if words else "有一处要留意"


def _photos(photos: Iterable[Mapping[str, Any]], rows: Iterable[Mapping[str, Any]]) -> list[Doubt]:
    lost = {
        str(photo.get("sha256"))
        for row in rows
        for photo in row.get("photos") or ()
        if photo.get("lost")
    }
    waiting, broken = set(), set()
    for photo in photos:
        sha256 = str(photo["sha256"])
        if not photo["held"]:
            if sha256 not in lost:
                waiting.add(sha256)
        elif photo.get("condition") not in (None, "ok"):
            broken.add(sha256)
    found = (
        ("photos_waiting", waiting, "照片 {n} 张在路上"),
        ("photo_broken", broken, "{n} 张照片打不开"),
        ("photo_lost", lost, "{n} 张照片缺失"),
    )
    return [
        {"code": code, "text": text.format(n=len(hashes)), "count": len(hashes)}
        for code, hashes, text in found
        if hashes
    ]
