"""The shape of a decision as the desk sends it; a body is checked by the kind it belongs to."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from app.queries import id_field
from sync.limits import AFTER_FACTS_MAX, DECISION_FACTS_MAX, PHOTOS_PER_FACT_MAX


class DecisionPhoto(Schema):
    sha256 = fields.String(
        required=True, validate=validate.Regexp(r"[0-9a-f]{64}\Z", error="照片编号不对")
    )
    role = fields.String(
        required=True,
        validate=validate.OneOf(("before", "after", "scene", "signature", "paper")),
    )
    bytes = fields.Integer(required=True, validate=validate.Range(1))


class DecisionFact(Schema):
    id = id_field(required=True)
    kind = fields.String(required=True, validate=validate.Length(1, 60))
    subject = id_field(required=True)
    after = fields.List(
        id_field(),
        load_default=list,
        validate=validate.Length(max=AFTER_FACTS_MAX, error="页面太旧了，请刷新再试"),
    )
    body = fields.Dict(keys=fields.String(), required=True)
    private = fields.Dict(keys=fields.String(), load_default=None, allow_none=True)
    photos = fields.List(
        fields.Nested(DecisionPhoto),
        load_default=list,
        validate=validate.Length(max=PHOTOS_PER_FACT_MAX, error="照片太多"),
    )


class DecisionRequest(Schema):
    facts = fields.List(
        fields.Nested(DecisionFact),
        required=True,
        validate=validate.Length(1, DECISION_FACTS_MAX, error="一次最多 200 条"),
    )


class DecisionAnswer(Schema):
    rows = fields.List(fields.Dict(), required=True)
