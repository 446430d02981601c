"""What the tests of matters share: two sides that do not know of each other, photos that are alike.

It must not assert anything.
"""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Any

from app.db import run
from app.domains import JOB_KINDS
from app.jobs.runner import run_waiting
from app.ledger.rebuild import rebuild
from app.ledger.store import read_station
from tests.api.helpers_desk import decision, submit
from tests.api.township import Desk, Phone, Township
from tests.unit.test_photo_likeness import picture, saved


@cache
def photo(seed: int, quality: int = 88) -> bytes:
    """A photo of something; other qualities of one seed look the same and are other files."""
    return saved(picture(seed).resize((640, 480)), quality)


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def matters(desk: Desk, type_: str = "") -> list[dict[str, Any]]:
    """What waits for the chief."""
    items: list[dict[str, Any]] = desk.get("/matters" + (f"?type={type_}" if type_ else "")).json[
        "items"
    ]
    return items


def amended_twice(township: Township, field: str = "spot") -> tuple[str, list[str]]:
    """Ana and Chen change one field without knowing of each other; the hazard and the values."""
    phone, chen = township.phone("ana"), township.desk("chen")
    _, (hazard,) = submit(phone)
    heads = township.heads("hazard", hazard)
    hers = phone.fact("hazard.amended", hazard, {field: "后门"}, after=heads)
    his = decision(township, "hazard.amended", hazard, {field: "二楼"})
    assert chen.post("/decisions", {"facts": [his]}).status_code == 200
    assert phone.hand_over(hers).status_code == 200
    return hazard, ["后门", "二楼"]


def closed_and_not_fixed(township: Township) -> str:
    """Closed by the chief while the inspector, without signal, found it not fixed."""
    phone, chen = township.phone("ana"), township.desk("chen")
    _, (hazard,) = submit(phone)
    chen.post("/decisions", {"facts": [decision(township, "hazard.confirmed", hazard,
                                                {"level": "general"})]})  # fmt: skip
    passed = {"result": "fixed", "rechecked_on": "2026-11-21"}
    ben = township.phone("ben")
    seen = township.heads("hazard", hazard)
    ben.hand_over(ben.fact("hazard.rechecked", hazard, passed, after=seen))
    seen = township.heads("hazard", hazard)
    chen.post("/decisions", {"facts": [decision(township, "hazard.closed", hazard, {})]})
    failed = {"result": "not_fixed", "rechecked_on": "2026-11-21"}
    phone.hand_over(phone.fact("hazard.rechecked", hazard, failed, after=seen))
    return hazard


def photographed(phone: Phone, data: bytes, **more: Any) -> str:
    """A visit whose one hazard has this photo, and the photo with its thumbnail at the station."""
    _, (hazard,) = submit(phone, photos=(data,), **more)
    phone.whole(data)
    run_waiting(phone.township.services, JOB_KINDS)
    return hazard


def columns(township: Township) -> dict[str, list[tuple[Any, ...]]]:
    """What the projections keep for finding matters."""
    with township.services.database.read() as connection:
        return {
            "hazard": run(connection, "SELECT id, dispute, alike, settled FROM hazard ORDER BY id"),
            "inspection": run(
                connection, "SELECT id, dispute, settled FROM inspection ORDER BY id"
            ),
            "site": run(connection, "SELECT id, dispute FROM site ORDER BY id"),
            "photo": run(connection, "SELECT sha256, shared FROM photo ORDER BY sha256"),
        }


def differing(township: Township) -> int:
    """How many rows are not what their facts say."""
    with township.services.database.read() as connection:
        station = read_station(connection, township.station_id)
        return rebuild(connection, station, apply=False).differing if station else -1
