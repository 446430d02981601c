"""What may be asked of the review queue and of inspections, and what comes back."""

from __future__ import annotations

from marshmallow import Schema, fields

from app.queries import Paging, day_field, id_field, one_of, search_field


class ReviewQuery(Paging):
    tab = one_of("waiting", "returned", "done", load_default="waiting")
    q = search_field()


class ReviewPage(Schema):
    items = fields.List(fields.Dict(), required=True)
    total = fields.Integer(required=True)
    counts = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    page = fields.Integer(required=True)
    size = fields.Integer(required=True)


class InspectionQuery(Paging):
    site = id_field(load_default=None)
    author = id_field(load_default=None)
    from_ = day_field(data_key="from", load_default=None)
    to = day_field(load_default=None)


class InspectionPage(Schema):
    items = fields.List(fields.Dict(), required=True)
    sites = fields.Dict(required=True)
    accounts = fields.Dict(required=True)
    checklists = fields.List(fields.Dict(), required=True)
    total = fields.Integer(required=True)
    page = fields.Integer(required=True)
    size = fields.Integer(required=True)


class InspectionAnswer(Schema):
    inspection = fields.Dict(required=True)
    allowed = fields.List(fields.String(), required=True)
    site = fields.Dict(allow_none=True)
    area = fields.String(required=True)
    hazards = fields.List(fields.Dict(), required=True)
    checklist = fields.Dict(allow_none=True)
    photos = fields.List(fields.Dict(), required=True)
    timeline = fields.List(fields.Dict(), required=True)
    accounts = fields.Dict(required=True)
    doubts = fields.List(fields.Dict(), required=True)
