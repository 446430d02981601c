"""What marshmallow says of a wrong field, in the words of this product.

The library's own sentences are English and would stand beside a field on the desk. Imported by
domains.py before any schema, because a field takes its sentences when it is made. It must not know
any schema.
"""

from __future__ import annotations

from typing import Any, Final

from marshmallow import Schema, fields, validate

FIELD_WORDS: Final[dict[type[fields.Field[Any]], dict[str, str]]] = {
    fields.Field: {
        "required": "这一项要填。",
        "null": "这一项不能空着。",
        "validator_failed": "这里填得不对。",
    },
    fields.String: {"invalid": "这里要填文字。", "invalid_utf8": "这里的文字读不出来。"},
    fields.UUID: {"invalid_uuid": "编号不对。"},
    fields.Number: {"invalid": "这里要填数字。", "too_large": "数字太大。"},
    fields.Integer: {"invalid": "这里要填整数。"},
    fields.Float: {"special": "这里要填数字。"},
    fields.Boolean: {"invalid": "这里要填是或否。"},
    fields.Date: {"invalid": "日期不对，要像 2026-11-21。"},
    fields.List: {"invalid": "这里要填一列。"},
    fields.Mapping: {"invalid": "这里的格式不对。"},
    fields.Nested: {"type": "这里的格式不对。"},
}
SCHEMA_WORDS: Final = {"type": "这里的格式不对。", "unknown": "没有这一项。"}


def speak_chinese() -> None:
    """Give every field, schema and validator made from now on its sentences."""
    for kind, words in FIELD_WORDS.items():
        kind.default_error_messages = {**kind.__dict__.get("default_error_messages", {}), **words}
    Schema.error_messages = {**Schema.error_messages, **SCHEMA_WORDS}
    validate.Range.message_min = "数字要{min_op} {{min}}。"
    validate.Range.message_max = "数字要{max_op} {{max}}。"
    validate.Range.message_all = "数字要{min_op} {{min}}、{max_op} {{max}}。"
    validate.Range.message_gte, validate.Range.message_gt = "不小于", "大于"
    validate.Range.message_lte, validate.Range.message_lt = "不大于", "小于"
    validate.Length.message_min = "太短了，最少 {min}。"
    validate.Length.message_max = "太长了，最多 {max}。"
    validate.Length.message_all = "长短要在 {min} 到 {max} 之间。"
    validate.Length.message_equal = "长短要正好是 {equal}。"
    validate.OneOf.default_message = "请从给出的选项里选。"
    validate.Regexp.default_message = "这里填得不对。"


speak_chinese()
