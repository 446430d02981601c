"""What stands on a shown photo: the lines of the watermark, from the photo and the fact around it.

The photo itself never carries them (I13): they are made anew wherever it is shown, shared or put
into a paper, on the phone by `pwa/src/rules/watermark.ts` from the same cases
(`tests/vectors/watermark.json`). It must not know pixels, rows or where a photo lies.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from sync.limits import STATION_ZONE_HOURS

CODE_DIGITS: Final = 8
"""Of the photo's SHA-256: one of a hundred thousand photos shares its code once in 43,000 times."""
_CODE: Final = re.compile(r"(?:照片)?[\s#＃]*([0-9a-fA-F]{4})[\s-]?([0-9a-fA-F]{4,60})\s*")
_DEGREE_STEP: Final = Decimal("0.00001")  # a metre; more would promise what no phone knows


@dataclass(frozen=True, slots=True)
class Shot:
    """A photo as it is shown. None or an empty text: not known here, and nothing is said of it.

    `at` is the phone's own instant, `offset_ms` by how much that clock was fast (None: never put
    right), `where` has lat, lon (WGS-84, degrees) and accuracy_m, `village` stands in for it.
    """

    sha256: str
    at: str | None
    offset_ms: int | None = None
    where: Mapping[str, Any] | None = None
    village: str | None = None
    site: str | None = None
    spot: str | None = None
    inspector: str | None = None
    station: str | None = None
    number: str | None = None
    fact_known: bool = True
    """Whether the photo's fact is at hand, which says how the clock stood and whether there was a
    position; without it nothing is said of either."""
    source: str | None = None
    """`gallery`: chosen from the phone's pictures, so that the time is that of the choice."""


def watermark_lines(shot: Shot) -> tuple[str, ...]:
    """Where, when, the position, who, and the code that leads back; a line for each known."""
    lines = (
        _joined(shot.site, shot.spot),
        _moment(shot),
        _place(shot),
        _joined(shot.inspector, shot.station),
        _joined(shot.number, f"照片 {photo_code(shot.sha256)}"),
    )
    return tuple(line for line in lines if line)


def photo_code(sha256: str) -> str:
    """The short code of a photo, as it is read out and typed into the desk's search."""
    return sha256[:CODE_DIGITS].upper()


def hash_prefix(text: str) -> str | None:
    """The beginning of a photo's hash that a typed code names; None where it is no code."""
    found = _CODE.fullmatch(text)
    return (found[1] + found[2]).lower() if found else None


def _joined(*parts: str | None) -> str:
    return " · ".join(part for part in parts if part)


def _moment(shot: Shot) -> str:
    if not shot.at:
        return ""
    try:
        at = datetime.fromisoformat(shot.at).astimezone(UTC)
        told = at - timedelta(milliseconds=shot.offset_ms or 0)
        text = (told + timedelta(hours=STATION_ZONE_HOURS)).strftime("%Y-%m-%d %H:%M:%S")
    except (ValueError, OverflowError):
        return ""  # an instant of a year nobody lives in
    clock = "（手机时间未校对）" if shot.offset_ms is None else "（已校时）"
    told_clock = clock if shot.fact_known else ""
    return _joined(f"{text}{told_clock}", "从相册选" if shot.source == "gallery" else None)


def _place(shot: Shot) -> str:
    where = shot.where
    if where is not None:
        lat, lon = where["lat"], where["lon"]
        return (
            f"{'北纬' if lat >= 0 else '南纬'} {_degrees(lat)}"
            f" {'东经' if lon >= 0 else '西经'} {_degrees(lon)}"
            f" ±{max(1, math.floor(where['accuracy_m'] + 0.5))} 米（WGS-84）"
        )
    if not shot.village:
        return ""
    return shot.village + ("（没有定位）" if shot.fact_known else "")


def _degrees(value: float) -> str:
    return str(Decimal(abs(value)).quantize(_DEGREE_STEP, ROUND_HALF_UP))
