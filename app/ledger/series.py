"""The series of numbers a station gives: BH-2026-0007 for hazards, （北河镇）安整〔2026〕7号.

A series says which subjects get its numbers, where they are kept and how one is written; the count
runs anew each year. Giving them is numbers.py's. It must not know facts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection

from app.db import run
from app.ledger.store import Station

SETTING = "document_numbers"
# Chosen so that a number with the largest count a year can have stays within 40 characters.
AREA_CHARS_MAX, AGENCY_CHARS_MAX, WORD_CHARS_MAX, PADDING_DIGITS_MAX = 10, 6, 4, 6
_TOWNSHIP = re.compile(r"^.*?(?:镇|乡|街道)")

Writer = Callable[[int, int], str]  # (year, count) -> the number


@dataclass(frozen=True, slots=True)
class Series:
    """One kind of number; `form` finds year and count in a number of the series."""

    type: str
    table: str
    counter: str
    form: re.Pattern[str]
    writer: Callable[[Connection, Station], Writer]

    def year_and_count(self, number: str) -> tuple[int, int] | None:
        """The place of a number in its series; None for one that is none of ours."""
        found = self.form.fullmatch(number)
        return (int(found[1]), int(found[2])) if found else None


def _hazard_writer(_connection: Connection, station: Station) -> Writer:
    return lambda year, count: f"{station.code}-{year}-{count:04d}"


def _document_writer(connection: Connection, station: Station) -> Writer:
    """Counties write their papers' numbers in their own way: the parts are a setting."""
    rows = run(
        connection,
        "SELECT row FROM setting WHERE station_id = ? AND name = ?",
        (station.id, SETTING),
    )
    value = json.loads(rows[0][0]).get("value") if rows else None
    return document_writer(station, value if isinstance(value, dict) else {})


def document_writer(station: Station, parts: Mapping[str, Any]) -> Writer:
    """（area）agency+notice〔year〕count号; a part that is missing or no text is the usual one."""
    found = _TOWNSHIP.match(station.name)
    area = _part(parts, "area", found[0] if found else station.code, AREA_CHARS_MAX)
    agency = _part(parts, "agency", "安", AGENCY_CHARS_MAX)
    word = _part(parts, "notice", "整", WORD_CHARS_MAX)
    padding = parts.get("padding")
    digits = padding if type(padding) is int and 0 < padding <= PADDING_DIGITS_MAX else 1
    return lambda year, count: f"（{area}）{agency}{word}〔{year}〕{count:0{digits}d}号"


def _part(parts: Mapping[str, Any], name: str, usual: str, chars_max: int) -> str:
    value = parts.get(name)
    return (value.strip() if isinstance(value, str) and value.strip() else usual)[:chars_max]


HAZARDS: Final = Series(
    "hazard", "hazard_number", "hazard", re.compile(r".+-([0-9]{4})-([0-9]{1,9})"), _hazard_writer
)
DOCUMENTS: Final = Series(
    "document",
    "document_number",
    "document",
    re.compile(r".*〔([0-9]{4})〕([0-9]{1,9})号"),
    _document_writer,
)
ALL_SERIES: Final = (HAZARDS, DOCUMENTS)
SERIES_OF: Final = {each.type: each for each in ALL_SERIES}


def series_of_number(number: str) -> Series | None:
    """The series a number is written in; None for one that is none of ours."""
    return next((each for each in ALL_SERIES if each.form.fullmatch(number)), None)
