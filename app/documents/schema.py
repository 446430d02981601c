"""What comes back about one document."""

from __future__ import annotations

from marshmallow import Schema, fields


class DocumentAnswer(Schema):
    document = fields.Dict(required=True)
    site = fields.Dict(allow_none=True)
    area = fields.String(required=True)
    hazards = fields.List(fields.Dict(), required=True)
    photos = fields.List(fields.Dict(), required=True)
    timeline = fields.List(fields.Dict(), required=True)
    accounts = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    allowed = fields.List(fields.String(), required=True)
