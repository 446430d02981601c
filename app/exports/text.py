"""Making a person's text safe inside a spreadsheet file, without touching what is stored.

Only the exported copy changes: characters no XML may hold are left out, and in CSV a text that a
spreadsheet would run as a formula gets an apostrophe. It must not know rows or files.
"""

from __future__ import annotations

import re
from urllib.parse import quote

CELL_CHARS_MAX = 32_767
"""Excel refuses a cell with more."""
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_ELLIPSIS = "…"


def xml_text(text: str) -> str:
    """Without the characters that make Excel call a file damaged; cut to what a cell holds."""
    clean = NOT_XML.sub("", text)
    if len(clean) > CELL_CHARS_MAX:
        return clean[: CELL_CHARS_MAX - 1] + _ELLIPSIS
    return clean


def csv_text(text: str) -> str:
    """The same, and never the start of a formula."""
    clean = xml_text(text)
    return "'" + clean if clean.startswith(_FORMULA_STARTS) else clean


def attachment(file_name: str) -> str:
    """A Content-Disposition for a Chinese file name (RFC 5987), and a plain one for old clients."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "", file_name).lstrip("._-") or "download"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(file_name, safe='')}"
