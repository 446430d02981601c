"""What may be asked of the matters before the chief, and what comes back."""

from __future__ import annotations

from marshmallow import Schema, fields

from app.matters.reading import TYPES
from app.queries import Paging, one_of


class MatterQuery(Paging):
    type = one_of(*TYPES, load_default=None)


class MatterPage(Schema):
    items = fields.List(fields.Dict(), required=True)
    accounts = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    areas = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    counts = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    total = fields.Integer(required=True)
    page = fields.Integer(required=True)
    size = fields.Integer(required=True)
