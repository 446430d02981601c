"""What phones report of the log, and what the desk reads of findings."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

TEXT_CHARS_MAX = 64 * 1024
SIGNATURE_CHARS_MAX = 120
TIME_CHARS_MAX = 40
_SIZE = validate.Range(0, 2**53)


def _text(chars_max: int) -> fields.String:
    return fields.String(load_default="", validate=validate.Length(max=chars_max))


class Vouched(Schema):
    """A size and root the station once signed; `text` when it was in a receipt."""

    size = fields.Integer(required=True, validate=_SIZE)
    root = fields.String(required=True, validate=validate.Length(max=64))
    epoch = fields.Integer(required=True, validate=_SIZE)
    time = _text(TIME_CHARS_MAX)
    signature = _text(SIGNATURE_CHARS_MAX)
    text = _text(TEXT_CHARS_MAX)


class Doubt(Schema):
    """A phone's alarm, or that it is over (`settled`)."""

    kind = fields.String(
        required=True,
        validate=validate.OneOf(["rewritten", "unsigned", "unopened", "unproven", "settled"]),
    )
    at = _text(TIME_CHARS_MAX)
    kept = fields.Nested(Vouched, load_default=None, allow_none=True)
    shown = fields.Nested(Vouched, load_default=None, allow_none=True)


class Noted(Schema):
    noted = fields.Boolean(required=True)


class FindingSeen(Schema):
    kind = fields.String(required=True, validate=validate.OneOf(["log", "row", "photo"]))
    about = fields.String(required=True, validate=validate.Length(1, 80))


class Findings(Schema):
    items = fields.List(fields.Dict(), required=True)
    total = fields.Integer(required=True)
    accounts = fields.Dict(required=True)
