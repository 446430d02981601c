"""What others see of a person's telephone number: enough to recognise it, too little to dial it.

It must not know who asks; whether somebody may see the whole number is decided by the route.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

# Every field of any row that holds a telephone number.
PHONE_FIELDS = frozenset({"phone", "owner_phone", "on_site_phone", "fix_owner_phone"})
VALUE_KEYS = frozenset({"value", "values", "kept"})
_DIGITS = re.compile(r"\d")


def mask_phone(text: str) -> str:
    """138****2210 for a mobile; of anything else only its last two digits remain."""
    digits = "".join(_DIGITS.findall(text))
    if len(digits) == 11:
        return f"{digits[:3]}****{digits[-4:]}"
    if len(digits) <= 4:
        return "****"
    return f"****{digits[-2:]}"


def masked(row: Mapping[str, object]) -> dict[str, object]:
    """A copy of a row as it may leave the server, telephone numbers masked at any depth."""
    # A conflict or a remark names its field beside the value: {"field": "owner_phone", "kept": …}.
    field = row.get("field")
    named = field is not None and _names_a_phone(field)
    return {
        key: _masked_value("phone" if named and key in VALUE_KEYS else key, value)
        for key, value in row.items()
    }


def _names_a_phone(field: object) -> bool:
    """Facts are kept as they came, so what stands under `field` may be anything, a list too."""
    if isinstance(field, list):
        return any(_names_a_phone(each) for each in field)
    return isinstance(field, str) and field in PHONE_FIELDS


def _masked_value(key: str, value: object) -> object:
    # Plain values first: a ledger of ten thousand rows asks this half a million times.
    if value is None:
        return None
    if isinstance(value, str):
        return mask_phone(value) if value and key in PHONE_FIELDS else value
    if isinstance(value, list):
        return [_masked_value(key, item) for item in value]
    if isinstance(value, Mapping):
        inner = masked(value)
        if key in PHONE_FIELDS and isinstance(inner.get("value"), str):
            inner["value"] = mask_phone(str(inner["value"]))
        return inner
    return value
