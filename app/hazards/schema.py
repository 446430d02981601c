"""What may be asked of the hazard ledger, and what comes back. The export takes the same filter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields, validate

from app.hazards.reading import HazardFilter
from app.hazards.words import LEVEL_WORDS, STATE_WORDS
from app.queries import Paging, WordList, day_field, id_field, one_of, search_field


class HazardFilterFields(Schema):
    """The filter itself, shared by the page and the export."""

    state = WordList(tuple(STATE_WORDS))
    level = WordList(tuple(LEVEL_WORDS))
    area = id_field(load_default=None)
    category = fields.String(
        load_default=None, validate=validate.Length(max=20, error="类别最多 20 个字")
    )
    from_ = day_field(data_key="from", load_default=None)
    to = day_field(load_default=None)
    overdue = fields.Boolean(load_default=False)
    conflicts = fields.Boolean(load_default=False)
    site = id_field(load_default=None)
    q = search_field()


class HazardQuery(HazardFilterFields, Paging):
    sort = one_of("newest", "deadline", load_default="newest")


class HazardPage(Schema):
    items = fields.List(fields.Dict(), required=True)
    total = fields.Integer(required=True)
    counts = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    categories = fields.List(fields.String(), required=True)
    page = fields.Integer(required=True)
    size = fields.Integer(required=True)


class HazardAnswer(Schema):
    hazard = fields.Dict(required=True)
    site = fields.Dict(allow_none=True)
    area = fields.String(required=True)
    photos = fields.List(fields.Dict(), required=True)
    timeline = fields.List(fields.Dict(), required=True)
    accounts = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    allowed = fields.List(fields.String(), required=True)
    overdue_days = fields.Integer(allow_none=True)
    same_site = fields.List(fields.Dict(), required=True)
    merged = fields.List(fields.Dict(), required=True)
    documents = fields.List(fields.Dict(), required=True)
    reused = fields.List(fields.Dict(), required=True)


def hazard_filter(loaded: Mapping[str, Any]) -> HazardFilter:
    """The loaded query as a value."""
    found_from, found_to = loaded["from_"], loaded["to"]
    return HazardFilter(
        state=tuple(loaded["state"]),
        level=tuple(loaded["level"]),
        area=loaded["area"],
        category=loaded["category"],
        found_from=found_from.isoformat() if found_from else None,
        found_to=found_to.isoformat() if found_to else None,
        overdue=loaded["overdue"],
        conflicts=loaded["conflicts"],
        site=loaded["site"],
        q=loaded["q"],
    )
