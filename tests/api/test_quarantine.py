"""What was set aside, and letting it count: several at once, all of them or none."""

from __future__ import annotations

from typing import Any

import pytest

from app.clock import new_id
from app.ledger.rebuild import rebuild
from app.ledger.store import read_station
from tests.api.handover import found, noted, row_of, send
from tests.api.township import Desk, Phone, Township


@pytest.fixture
def township(either_township: Township) -> Township:
    return either_township


def stopped_phone(township: Township) -> Phone:
    """Ana's phone, no longer trusted: all it brings is set aside."""
    ana = township.phone("ana")
    township.desk("chen").post(f"/enrolments/{ana.enrolment}/revocation")
    return ana


def set_aside(desk: Desk) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = desk.get("/quarantine").json["items"]
    return items


def letting_in(items: list[dict[str, Any]], reason: str = "核对过，是她写的") -> dict[str, Any]:
    """The one request that the page sends for these."""
    return {
        "facts": [
            {
                "id": new_id(),
                "kind": "ledger.admitted",
                "subject": item["subject"],
                "after": [],
                "body": {"fact_sha256": item["sha256"], "reason": reason},
            }
            for item in items
        ]
    }


def test_chen_lets_a_whole_day_in_with_one_reason(township: Township):
    ana, chen = stopped_phone(township), township.desk("chen")
    hazards = [new_id() for _ in range(3)]
    lines = [found(ana, hazard) for hazard in hazards]
    send(ana, [*lines, noted(ana, hazards[0]), noted(ana, hazards[0], "再看一次")])
    items = set_aside(chen)
    assert [item["may_admit"] for item in items] == [True] * 5
    request = letting_in(items)
    answer = chen.post("/decisions", request)
    assert answer.status_code == 200, answer.text
    assert set_aside(chen) == []
    assert {row_of(ana, "hazard", each)["state"] for each in hazards} == {"submitted"}
    history = [entry["kind"] for entry in chen.get(f"/hazards/{hazards[0]}").json["timeline"]]
    assert sorted(set(history)) == ["hazard.found", "hazard.noted", "ledger.admitted"]
    assert chen.post("/decisions", request).status_code == 200, "pressed twice, the same"
    with township.services.database.read() as connection:
        station = read_station(connection, township.station_id)
        assert station is not None
        assert rebuild(connection, station, apply=False).differing == 0


def test_one_that_cannot_count_takes_all_of_the_request_back(township: Township):
    ana, chen = township.phone("ana"), township.desk("chen")
    good = found(ana, author=township.people["ben"])
    send(ana, [good, found(ana, station=new_id())])
    items = set_aside(chen)
    assert {item["reason"]: item["may_admit"] for item in items} == {
        "wrong_author": True,
        "foreign_station": False,
    }
    answer = chen.post("/decisions", letting_in(items))
    assert (answer.status_code, answer.json["code"]) == (409, "impossible-step")
    assert len(set_aside(chen)) == 2
    assert chen.post("/decisions", letting_in(items[1:])).status_code == 200
    assert len(set_aside(chen)) == 1


def test_chen_is_offered_only_what_a_chief_may_decide(township: Township):
    ana = township.phone("ana")
    body = {"name": "新网格", "level": "grid"}
    send(ana, [ana.fact("area.set", new_id(), body), b"no fact at all"])
    told = {item["reason"]: item["may_admit"] for item in set_aside(township.desk("chen"))}
    assert told == {"desk_only": False, "unreadable": False}
    told = {item["reason"]: item["may_admit"] for item in set_aside(township.desk("dai"))}
    assert told == {"desk_only": True, "unreadable": False}
