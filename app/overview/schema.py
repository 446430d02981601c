"""The answers of the overview and feedback routes."""

from __future__ import annotations

from marshmallow import Schema, fields


class Overview(Schema):
    waiting = fields.Integer(required=True)
    overdue = fields.Integer(required=True)
    suspected_major = fields.Integer(required=True)
    alone_waiting = fields.Integer(required=True)
    fix_pending = fields.Integer(required=True)
    open = fields.Integer(required=True)
    photos_waiting = fields.Integer(required=True)
    quarantined = fields.Integer(required=True)
    findings = fields.Integer(required=True)
    matters = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    sites = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    as_of = fields.String(required=True)


class FeedbackPage(Schema):
    items = fields.List(fields.Dict(), required=True)
    accounts = fields.Dict(required=True)
    total = fields.Integer(required=True)
    page = fields.Integer(required=True)
    size = fields.Integer(required=True)
