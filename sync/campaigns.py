"""Campaigns (专项): stretches of days in which some kind of place is visited besides its turn.

Each is a station setting of its own, named campaign:<its id>. The twin of
pwa/src/rules/campaigns.ts, both held to tests/vectors/campaigns.json, so that the desk lists as due
what phones list. Pure: settings and today come in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

CAMPAIGN: Final = "campaign:"


@dataclass(frozen=True, slots=True)
class Campaign:
    """First and last day count both; no kinds, no areas: all of them; no checklist: any counts."""

    id: str
    name: str
    first: str
    last: str
    place_types: tuple[str, ...]
    areas: tuple[str, ...]
    checklist: str | None


def campaigns_on(day: str, settings: Iterable[tuple[str, object]]) -> list[Campaign]:
    """Those of the settings that run on a day, the one that ends first on top."""
    found = (campaign_of(name, value) for name, value in settings)
    running = [each for each in found if each is not None and each.first <= day <= each.last]
    return sorted(running, key=lambda each: each.last)


def campaign_of(name: str, value: object) -> Campaign | None:
    """None for what is no campaign in full, and for one that was taken back."""
    if not name.startswith(CAMPAIGN) or not isinstance(value, dict):
        return None
    told, first, last = value.get("name"), value.get("from"), value.get("to")
    if not (isinstance(told, str) and isinstance(first, str) and isinstance(last, str)):
        return None
    checklist = value.get("checklist")
    return Campaign(
        id=name.removeprefix(CAMPAIGN),
        name=told,
        first=first,
        last=last,
        place_types=_texts(value.get("place_types")),
        areas=_texts(value.get("areas")),
        checklist=checklist if isinstance(checklist, str) else None,
    )


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else ()


def concerns(
    campaign: Campaign, place_types: Collection[str], area: str | None, within: Collection[str]
) -> bool:
    """Whether a site is one of its sites; `within`: its areas with everything below them."""
    kinds = campaign.place_types
    of_kind = not kinds or any(each in kinds for each in place_types)
    return of_kind and (not campaign.areas or area in within)


def still_to_visit(campaign: Campaign, last_visit: str | None) -> bool:
    """`last_visit`: the day of the last one that counts for it (its checklist, if it names one)."""
    return (last_visit or "") < campaign.first
