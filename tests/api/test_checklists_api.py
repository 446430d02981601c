"""Published checklists: each version once, for ever, and readable by desk and phone."""

from __future__ import annotations

from app.checklists.load import bundled, checklist_sha256
from app.checklists.store import publish_bundled
from app.clock import new_id
from tests.api.township import Township


def publish(township: Township) -> list[str]:
    return township.services.database.in_transaction(
        lambda c: publish_bundled(
            c, township.station_id, township.people["dai"], now=township.clock.now, ids=new_id
        )
    )


def test_every_bundled_checklist_is_published_once(either_township: Township) -> None:
    assert len(publish(either_township)) == 12 + 6  # checklists and forms of activities
    assert publish(either_township) == []
    chen = either_township.desk("chen")
    items = {item["id"]: item for item in chen.get("/checklists").json["items"]}
    assert len(items) == 12
    for checklist in bundled():
        listed = items[checklist["id"]]
        assert listed["sha256"] == checklist_sha256(checklist)
        assert listed["items"] == len(checklist["items"])
        path = f"/checklists/{checklist['id']}/{checklist['version']}"
        assert chen.get(path).json["checklist"]["content"] == checklist
    assert chen.get("/checklists/cl-lpg-restaurant/99").status_code == 404
    assert chen.get("/checklists/cl-lpg-restaurant/x").status_code == 404


def test_the_strictest_checklist_of_a_site_says_how_often(township: Township) -> None:
    publish(township)
    chen = township.desk("chen")
    reasons = {item["due"]["reason"] for item in chen.get("/sites").json["items"]}
    assert reasons == {"未定级，还没查过"}
