"""What login and enrolment routes take. Shapes and limits only; nothing here queries."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

LOGIN_CHARS_MAX = 40
SECRET_CHARS_MAX = 200
LABEL_CHARS_MAX = 60
KEY_CHARS_MAX = 120
REASON_CHARS_MAX = 200


def _text(chars_max: int, *, required: bool = True) -> fields.String:
    length = validate.Length(min=1 if required else 0, max=chars_max)
    if required:
        return fields.String(required=True, validate=length)
    return fields.String(load_default="", validate=length)


class LoginSchema(Schema):
    """POST /session."""

    login = _text(LOGIN_CHARS_MAX)
    password = _text(SECRET_CHARS_MAX)


class PasswordSchema(Schema):
    """POST /passwords."""

    token = _text(SECRET_CHARS_MAX)
    password = _text(SECRET_CHARS_MAX)


class EnrolmentSchema(Schema):
    """POST /enrolments."""

    account = fields.UUID(required=True)


class ClaimSchema(Schema):
    """POST /enrolments/claim."""

    code = _text(40)
    public_key = _text(KEY_CHARS_MAX)
    label = _text(LABEL_CHARS_MAX, required=False)
    proof = _text(KEY_CHARS_MAX)


class UnmaskSchema(Schema):
    """POST /unmask."""

    subject = fields.UUID(required=True)
    field = _text(60)
    reason = _text(REASON_CHARS_MAX)
