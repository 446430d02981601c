"""What a person is told of a fact that was set aside, and whether today's rules would admit it.

Pure. It must not know the database or HTTP.
"""

from __future__ import annotations

import json
from typing import Any

from sync.admission import Author, Verdict, admit
from sync.fact import Fact, PrivateLine, parse_fact, parse_private
from sync.outcome import Refusal

# What whoever looks after the quarantine can do about each reason.
ADVICE: dict[str, str] = {
    "unreadable": "内容读不出来，没法算数。请对方在手机“上交”里看是哪一条，到场所里另记一条。",
    "malformed": "多半是手机或站里的程序旧了。站里升级以后再试一次；"
    "看过内容没问题，也可以直接收进台账。",
    "foreign_station": "不是本站的，本站不能收。请对方找手机登记的那个站。",
    "revoked": "手机停用以后才交来的。问过本人，是他写的，就收进台账。",
    "bad_signature": "可能被人动过，也可能是手机出了错。问过本人、对过内容再收。",
    "wrong_author": "写的人和手机的登记人不是同一个。问清是谁写的再收。",
    "missing_role": "当时没有这项权限。给了权限以后再试一次；您看过认可，也可以直接收进台账。",
    "id_reused": "编号和另一条撞了，不能算数。请对方到场所里另记一条。",
    "private_mismatch": "姓名、电话和记录对不上，收了也不会用那些姓名、电话。",
    "desk_only": "这种内容要在站里做。看过认可，可以收进台账。",
}
# Nothing that changes at the station makes these right: the sender or the bytes are what is wrong.
NEVER_ANEW = frozenset({"unreadable", "foreign_station", "bad_signature", "id_reused"})


def judged_anew(
    raw: bytes, private: bytes | None, reason: str, author: Author | None, station_id: str
) -> Verdict | None:
    """Today's verdict on a fact that was set aside; None when it cannot be asked again.

    `author`: whose phone it came from, as that account stands today; None when nobody knows.
    """
    fact = parse_fact(raw)
    if author is None or reason in NEVER_ANEW or isinstance(fact, Refusal):
        return None
    return admit(fact, author, station_id, site_area=None, private=_private(fact, private))


def _private(fact: Fact, private: bytes | None) -> PrivateLine | None:
    if private is None or fact.private is None:
        return None
    line = parse_private(private)
    return None if isinstance(line, Refusal) else line


def readable(raw: bytes) -> dict[str, Any] | None:
    """The envelope's plain members and the body, for reading; None for what is no JSON object."""
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    body = found.get("body")
    photos = found.get("photos")
    return {
        "at": found.get("at") if isinstance(found.get("at"), str) else None,
        "body": body if isinstance(body, dict) else {},
        "photos": len(photos) if isinstance(photos, list) else 0,
    }
