"""What may be asked of the list of sites, and what comes back."""

from __future__ import annotations

from marshmallow import Schema, fields

from app.queries import Paging, id_field, one_of, search_field


class SiteQuery(Paging):
    area = id_field(load_default=None)
    grade = one_of("A", "B", "C", load_default=None)
    due = one_of("overdue", "due_soon", "never", "due", "done", "campaign", load_default=None)
    q = search_field()
    retired = fields.Boolean(load_default=False)


class SitePage(Schema):
    items = fields.List(fields.Dict(), required=True)
    total = fields.Integer(required=True)
    counts = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    page = fields.Integer(required=True)
    size = fields.Integer(required=True)
    cut = fields.Boolean(required=True)


class SiteAnswer(Schema):
    site = fields.Dict(required=True)
    area = fields.String(required=True)
    due = fields.Dict(required=True)
    campaigns = fields.List(fields.Dict(), required=True)
    inspections = fields.List(fields.Dict(), required=True)
    hazards = fields.List(fields.Dict(), required=True)
    documents = fields.List(fields.Dict(), required=True)
    timeline = fields.List(fields.Dict(), required=True)
    accounts = fields.Dict(required=True)
