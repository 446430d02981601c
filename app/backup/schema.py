"""The shapes of what is said about a restore."""

from __future__ import annotations

from marshmallow import Schema, fields


class PulledTaken(Schema):
    """What became of what a phone handed back."""

    taken = fields.Integer(required=True, metadata={"description": "facts new to the log"})
    known = fields.Integer(required=True)
    refused = fields.List(
        fields.Raw(), required=True, metadata={"description": "[line number, problem code]"}
    )


class RestoreReport(Schema):
    """The report, and the same in words."""

    restored = fields.Boolean(required=True)
    complete = fields.Boolean(required=True)
    text = fields.String(required=True)
    report = fields.Raw(required=True, allow_none=True)
    history = fields.List(
        fields.Raw(),
        required=True,
        metadata={"description": "every restore, the running one first"},
    )
