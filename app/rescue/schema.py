"""The answers of the rescue routes."""

from __future__ import annotations

from marshmallow import Schema, fields


class SignedView(Schema):
    receipt = fields.String(required=True)
    signature = fields.String(required=True)


class BatchReceiptView(SignedView):
    """`facts`: the hashes the manifest stands for, so that a phone needs no memory of the batch."""

    facts = fields.List(fields.String(), required=True)


class FactsReport(Schema):
    new = fields.Integer(required=True)
    known = fields.Integer(required=True)
    quarantined = fields.List(fields.Dict(), required=True)


class PhotosReport(Schema):
    """`waiting`: set aside until their facts come; `damaged`: not what the phone recorded."""

    new = fields.Integer(required=True)
    known = fields.Integer(required=True)
    waiting = fields.Integer(required=True)
    damaged = fields.Integer(required=True)
    no_room = fields.Integer(required=True)


class RescueReport(Schema):
    """What one file brought, and the receipts its phone may forget by.

    `qr_svg`: that of the words; `photo_qr_svgs`: those of the photos, a few in each code, or none
    when there are too many to be read from a screen.
    """

    export = fields.String(required=True)
    part = fields.Integer(required=True)
    parts = fields.Integer(required=True)
    first = fields.Integer(required=True, allow_none=True)
    batch = fields.String(required=True, allow_none=True)
    phone = fields.Dict(required=True, allow_none=True)
    facts = fields.Nested(FactsReport, required=True)
    photos = fields.Nested(PhotosReport, required=True)
    receipts = fields.List(fields.Nested(BatchReceiptView), required=True)
    photo_receipts = fields.List(fields.Nested(SignedView), required=True)
    qr_svg = fields.String(required=True, allow_none=True)
    photo_qr_svgs = fields.List(fields.String(), required=True)
    rescue_key = fields.Dict(required=True)


class RescueKeyView(Schema):
    """The key phones close files for, signed; `qr_svg` shows the same."""

    rescue_key = fields.Dict(required=True)
    station = fields.String(required=True)
    qr_svg = fields.String(required=True)
