"""The answers of the checklists' routes, for the generated description."""

from __future__ import annotations

from marshmallow import Schema, fields


class ChecklistList(Schema):
    items = fields.List(fields.Dict(), required=True)


class SettingList(Schema):
    items = fields.List(fields.Dict(), required=True)
    subjects = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class ChecklistAnswer(Schema):
    checklist = fields.Dict(required=True)
