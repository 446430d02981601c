"""What an import's routes take and answer."""

from __future__ import annotations

from marshmallow import Schema, fields


class Trouble(Schema):
    row = fields.Integer(required=True)
    column = fields.String(required=True)
    text = fields.String(required=True)
    level = fields.String(required=True)


class PreviewRow(Schema):
    row = fields.Integer(required=True)
    title = fields.String(required=True)
    summary = fields.String(required=True)
    ok = fields.Boolean(required=True)
    duplicate = fields.Boolean(required=True)


class ImportPreview(Schema):
    id = fields.String(required=True)
    rows = fields.List(fields.Nested(PreviewRow), required=True)
    errors = fields.List(fields.Nested(Trouble), required=True)
    ok = fields.Integer(required=True)
    failed = fields.Integer(required=True)
    duplicates = fields.Integer(required=True)


class ApplicationRequest(Schema):
    skip_duplicates = fields.Boolean(load_default=False)


class Application(Schema):
    applied = fields.Integer(required=True)
    skipped = fields.Integer(required=True)
    already = fields.Boolean(required=True)
