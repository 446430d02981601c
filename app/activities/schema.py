"""What may be asked of the activities, and what comes back."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from app.queries import Paging, day_field, id_field


class ActivityFilterFields(Schema):
    """What narrows a list or an export: the sort, who noted it, the days it was on."""

    type = fields.String(
        load_default=None, validate=validate.Length(max=40, error="种类最多 40 个字")
    )
    author = id_field(load_default=None)
    from_ = day_field(data_key="from", load_default=None)
    to = day_field(load_default=None)


class ActivityQuery(ActivityFilterFields, Paging):
    """A page of such a list."""


class ActivityPage(Schema):
    items = fields.List(fields.Dict(), required=True)
    forms = fields.Dict(keys=fields.String(), values=fields.Dict(), required=True)
    types = fields.List(fields.Dict(), required=True)
    accounts = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    total = fields.Integer(required=True)
    page = fields.Integer(required=True)
    size = fields.Integer(required=True)
