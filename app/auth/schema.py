"""What login and enrolment routes take. Shapes and limits only; nothing here queries."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

LOGIN_CHARS_MAX = 40
SECRET_CHARS_MAX = 200
LABEL_CHARS_MAX = 60
STATEMENT_CHARS_MAX = 16_000  # with what the station entrusted to the phone of its account
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


class ReturnSchema(Schema):
    """POST /enrolments/return."""

    statement = _text(STATEMENT_CHARS_MAX)
    signature = _text(KEY_CHARS_MAX)
    proof = _text(KEY_CHARS_MAX)
    within = fields.Integer(strict=True, load_default=None)  # the epoch the older ones came back in


class UnmaskSchema(Schema):
    """POST /unmask."""

    subject = fields.UUID(required=True)
    field = _text(60)
    reason = _text(REASON_CHARS_MAX)


class StationView(Schema):
    """The station as clients are told of it."""

    id = fields.String(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)
    timezone = fields.String(required=True)


class SessionView(Schema):
    """POST and GET /session."""

    account = fields.Dict(required=True)
    station = fields.Nested(StationView, required=True)
    csrf = fields.String(required=True)
    roles = fields.List(fields.String(), required=True)


class PasswordView(Schema):
    """POST /passwords."""

    login = fields.String(required=True)


class AccountsView(Schema):
    """GET /accounts."""

    items = fields.List(fields.Dict(), required=True)


class LinkView(Schema):
    """POST /accounts/{id}/password-links."""

    url = fields.String(required=True)
    expires_at = fields.String(required=True)


class ValueView(Schema):
    """POST /unmask."""

    value = fields.String(required=True)


class AccessView(Schema):
    """One look at a number."""

    at = fields.String(required=True)
    account = fields.String(required=True)
    action = fields.String(required=True)
    subject = fields.String(required=True)
    field = fields.String(required=True)
    reason = fields.String(required=True)


class AccessLogView(Schema):
    """GET /access-log."""

    items = fields.List(fields.Nested(AccessView), required=True)


class CodeView(Schema):
    """POST /enrolments."""

    code = fields.String(required=True)
    url = fields.String(required=True)
    qr_svg = fields.String(required=True)
    expires_at = fields.String(required=True)


class HeadView(Schema):
    """The signed head of the log."""

    size = fields.Integer(required=True)
    root = fields.String(required=True)
    time = fields.String(required=True)
    epoch = fields.Integer(required=True)
    signature = fields.String(required=True)


class StatementView(Schema):
    """The station's signed word that this phone is enrolled (docs/contract.md section 9)."""

    text = fields.String(required=True)
    signature = fields.String(required=True)


class ClaimedView(Schema):
    """POST /enrolments/claim."""

    enrolment = fields.String(required=True)
    token = fields.String(required=True)
    account = fields.Dict(required=True)
    station = fields.Nested(StationView, required=True)
    server_key = fields.String(required=True)
    epoch = fields.Integer(required=True)
    time = fields.String(required=True)
    head = fields.Nested(HeadView, required=True)
    rescue_key = fields.Dict(required=True)
    statement = fields.Nested(StatementView, required=True)


class PhoneView(Schema):
    """One phone in the list."""

    enrolment = fields.String(required=True)
    account = fields.String(required=True)
    account_name = fields.String(required=True)
    label = fields.String(required=True)
    claimed_at = fields.String(required=True)
    last_seen_at = fields.String(allow_none=True)
    n_announced = fields.Integer(required=True)
    n_received = fields.Integer(required=True)
    missing = fields.Integer(required=True)
    app = fields.String(allow_none=True)
    revoked_at = fields.String(allow_none=True)
    old_roles = fields.List(fields.String(), required=True)
    old_roles_until = fields.String(allow_none=True)


class OpenCodeView(Schema):
    """A code that waits for its phone."""

    account = fields.String(required=True)
    account_name = fields.String(required=True)
    created_at = fields.String(required=True)
    expires_at = fields.String(required=True)


class PhonesView(Schema):
    """GET /enrolments."""

    items = fields.List(fields.Nested(PhoneView), required=True)
    codes = fields.List(fields.Nested(OpenCodeView), required=True)
