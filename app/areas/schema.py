"""The answers of the areas' routes, for the generated description."""

from __future__ import annotations

from marshmallow import Schema, fields


class AreaTree(Schema):
    areas = fields.List(fields.Dict(), required=True)
    accounts = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
