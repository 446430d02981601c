"""Small decisions about accounts and phones, from values alone.

It must not know the database, the clock or the web.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def login_key(login: str) -> str:
    """One spelling per login: case and stray spaces do not matter."""
    return login.strip().casefold()


def may_manage(roles: frozenset[str], account_roles: frozenset[str]) -> bool:
    """Whether somebody may hand out phones or passwords for an account.

    Only an admin may for an admin: a chief who could would become one.
    """
    return "admin" in roles or ("chief" in roles and "admin" not in account_roles)


def account_view(row: Mapping[str, Any]) -> dict[str, Any]:
    """What an account is told of itself."""
    names = ("id", "login", "name", "phone", "certificate_no", "staff_type", "active", "roles")
    return {**{name: row.get(name) for name in names}, "areas": row.get("areas") or []}


def missing_numbers(n_announced: int, n_received: int) -> int:
    """How many facts a phone says it has made that the station does not have (I15)."""
    return max(0, n_announced - n_received)
