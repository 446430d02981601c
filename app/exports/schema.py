"""What an export may be asked for, and how its progress is told."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from app.activities.schema import ActivityFilterFields
from app.auth.accesses import REASON_CHARS_MAX
from app.exports.formats import FORMATS
from app.hazards.schema import HazardFilterFields
from app.queries import one_of


class ExportFilters(HazardFilterFields):
    """The ledger page's filter, as JSON."""


class ExportRequest(Schema):
    format = one_of(*FORMATS, required=True, error_messages={"required": "请选一种格式"})
    filters = fields.Nested(ExportFilters, load_default=dict)
    activities = fields.Nested(ActivityFilterFields, load_default=dict)
    unmask_reason = fields.String(load_default="", validate=validate.Length(max=REASON_CHARS_MAX))

    @post_load
    def _without_blanks(self, data: dict[str, Any], **_more: Any) -> dict[str, Any]:
        """A reason of blanks is none."""
        return {**data, "unmask_reason": data["unmask_reason"].strip()}


class ExportState(Schema):
    id = fields.String(required=True)
    format = fields.String(required=True)
    title = fields.String(required=True)
    whole_phones = fields.Boolean(required=True)
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
