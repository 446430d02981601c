"""What photo routes are asked and answer. Shapes only; nothing here queries."""

from __future__ import annotations

from marshmallow import Schema, fields

from app.queries import id_field


class PhotoReceiptView(Schema):
    """PATCH /photos/{sha256} when the photo is whole: the receipt's text and its signature."""

    receipt = fields.String(required=True)
    signature = fields.String(required=True)


class PreviewsView(Schema):
    """POST /sync/previews."""

    stored = fields.Integer(required=True)
    ignored = fields.Integer(required=True)


class MarkedQuery(Schema):
    """Which of the records that show a photo its words are made from."""

    subject = id_field(required=True)
