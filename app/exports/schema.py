"""What an export may be asked for, and how its progress is told."""

from __future__ import annotations

from marshmallow import Schema, fields

from app.exports.formats import FORMATS
from app.hazards.schema import HazardFilterFields
from app.queries import one_of


class ExportFilters(HazardFilterFields):
    """The ledger page's filter, as JSON."""


class ExportRequest(Schema):
    format = one_of(*FORMATS, required=True, error_messages={"required": "请选一种格式"})
    filters = fields.Nested(ExportFilters, load_default=dict)


class ExportState(Schema):
    id = fields.String(required=True)
    format = fields.String(required=True)
    title = fields.String(required=True)
    state = fields.String(required=True)
    done = fields.Integer(required=True)
    total = fields.Integer(allow_none=True)
    file = fields.Dict(allow_none=True)
    failure = fields.String(allow_none=True)
    created_at = fields.String(required=True)
    created_by = fields.String(allow_none=True)


class ExportList(Schema):
    items = fields.List(fields.Nested(ExportState), required=True)


class ExportId(Schema):
    id = fields.String(required=True)
