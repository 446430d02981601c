"""What list routes have in common in their query: pages, days, ids, with sentences in Chinese.

A noun's schema.py builds on this. It must not know any noun.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import Schema, fields, validate

PAGE_MAX = 2_000
PAGE_ROWS = 50
PAGE_ROWS_MAX = 200
SEARCH_CHARS_MAX = 60

_NOT_AN_ID = "编号不对"
_NOT_A_DAY = "日期要写成 2026-11-21 这样"


def id_field(**more: Any) -> fields.String:
    """An id in a query or a body."""
    pattern = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z"
    return fields.String(validate=validate.Regexp(pattern, error=_NOT_AN_ID), **more)


def day_field(**more: Any) -> fields.Date:
    """A day; only the plain spelling, not 2026-W47-6."""
    return fields.Date(format="%Y-%m-%d", error_messages={"invalid": _NOT_A_DAY}, **more)


def search_field() -> fields.String:
    """A few characters to look for."""
    return fields.String(
        load_default=None,
        validate=validate.Length(max=SEARCH_CHARS_MAX, error="搜索的字太多"),
    )


def one_of(*values: str, **more: Any) -> fields.String:
    """One of a few words."""
    return fields.String(validate=validate.OneOf(values, error="没有这个选项"), **more)


class WordList(fields.Field[list[str]]):
    """Several words in one query value, `a,b`, or the name repeated."""

    def __init__(self, values: tuple[str, ...]) -> None:
        super().__init__(load_default=list)
        self.values = values

    def _deserialize(self, value: Any, *_rest: Any, **_more: Any) -> list[str]:
        parts = value if isinstance(value, list) else str(value).split(",")
        words = [str(part).strip() for part in parts if str(part).strip()]
        if any(word not in self.values for word in words):
            raise self.make_error("unknown")
        return list(dict.fromkeys(words))

    default_error_messages = {"unknown": "没有这个选项"}  # noqa: RUF012 - marshmallow's own shape


class Paging(Schema):
    """page=1 is the first; both are bounded."""

    page = fields.Integer(
        load_default=1,
        error_messages={"invalid": "页码要是数字"},
        validate=validate.Range(1, PAGE_MAX, error="没有这一页"),
    )
    size = fields.Integer(
        load_default=PAGE_ROWS,
        error_messages={"invalid": "每页条数要是数字"},
        validate=validate.Range(1, PAGE_ROWS_MAX, error=f"每页最多 {PAGE_ROWS_MAX} 条"),
    )


def day_in(zone: str, now: datetime) -> date:
    """Today as the station's wall calendar says."""
    return now.replace(tzinfo=now.tzinfo or UTC).astimezone(ZoneInfo(zone)).date()
