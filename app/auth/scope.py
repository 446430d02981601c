"""What an actor may see (I11): the one place that turns roles and areas into yes, no and SQL.

Every read route asks here. It must not know which noun is asked about, nor how the actor signed in.
"""

from __future__ import annotations

from typing import Any

from app.actor import Actor


def visible_areas(actor: Actor) -> frozenset[str] | None:
    """The areas whose subjects an actor sees; None = every area and what lies in none."""
    return None if actor.whole else actor.areas


def can_see(actor: Actor, area_id: str | None, *, author_id: str | None = None) -> bool:
    """Whether an actor sees a subject lying in an area, or begun by itself."""
    if actor.revoked:
        return False
    if actor.whole or (author_id is not None and author_id == actor.account_id):
        return True
    return area_id is not None and area_id in actor.areas


def scope_sql(
    actor: Actor, *, area: str = "area_id", author: str = "author_id"
) -> tuple[str, list[Any]]:
    """The same as a condition with `?` marks for app.db.run, and its values."""
    if actor.revoked:
        return "1 = 0", []
    if actor.whole:
        return "1 = 1", []
    return f"({area} = ANY(?) OR {author} = ?)", [sorted(actor.areas), actor.account_id]
