"""The shapes of the quarantine's routes."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from app.overview.schema import FeedbackPage

FACTS_PER_TRIAL_MAX = 200
HASH = validate.Regexp(r"[0-9a-f]{64}\Z", error="编号不对")


class QuarantinePage(FeedbackPage):
    """Lines with `reason`, `sentence`, `advice`, `may_admit`, `may_retry`, `readable`, `text`."""


class TrialRequest(Schema):
    facts = fields.List(
        fields.String(validate=HASH),
        required=True,
        validate=validate.Length(1, FACTS_PER_TRIAL_MAX),
    )


class Trial(Schema):
    sha256 = fields.String(required=True)
    passed = fields.Boolean(required=True)
    sentence = fields.String(required=True)


class TrialAnswer(Schema):
    items = fields.List(fields.Nested(Trial), required=True)
