"""Rows are put right while the station works: in steps, resumable, nothing changes unseen (I8)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.cli.station import fold_anew
from app.cli.tool import Tool
from app.db import run
from app.ledger.correct import STEP_SUBJECTS, Correcting, read_run
from app.ledger.rebuild import Rebuilt, rebuild
from app.ledger.store import FOLDED_COUNTER, FOLDING_COUNTER, read_station, save_counters
from tests.api.handover import found, noted, row_of, send
from tests.api.township import Phone, Township


class Killed(Exception):
    """The process ends here."""


def hazards(phone: Phone, count: int) -> list[str]:
    lines = [found(phone) for _ in range(count)]
    send(phone, lines)
    return [json.loads(line)["subject"] for line in lines]


def correcting(township: Township) -> Correcting:
    return Correcting(
        township.services.database.in_transaction, township.station_id, township.services.clock
    )


def compared(township: Township) -> Rebuilt:
    with township.services.database.read() as connection:
        station = read_station(connection, township.station_id)
        assert station is not None
        return rebuild(connection, station, apply=False)


def cheat(township: Township, phone: Phone, hazard: str, **fields: Any) -> None:
    """What a bug in an earlier release, or a hand in the database, leaves behind."""
    row = row_of(phone, "hazard", hazard) | fields
    township.services.database.in_transaction(
        lambda c: run(c, "UPDATE hazard SET row = ? WHERE id = ?", (json.dumps(row), hazard))
    )


def test_a_row_that_was_wrong_is_put_right_and_reaches_phones_that_had_pulled_it(
    either_township: Township,
):
    township = either_township
    ana = township.phone("ana")
    (hazard,) = hazards(ana, 1)
    cheat(township, ana, hazard, finding="被改过的话")
    cursor = ana.get("/sync/changes").json["cursor"]
    assert not ana.get(f"/sync/changes?after={cursor}").json["rows"]
    report = correcting(township).run()
    assert (report.differing, report.weighty) == (1, [])
    assert row_of(ana, "hazard", hazard)["finding"] == "连接软管超过 2 米"
    rows = ana.get(f"/sync/changes?after={cursor}").json["rows"]
    assert [(row["id"], row["row"]["finding"]) for row in rows] == [(hazard, "连接软管超过 2 米")]
    assert compared(township).differing == 0
    assert correcting(township).run().differing == 0


def test_a_state_a_level_or_a_deadline_that_changes_goes_before_the_chief(township: Township):
    ana = township.phone("ana")
    one, other, third = hazards(ana, 3)
    cheat(township, ana, one, state="closed", deadline="2026-12-31")
    cheat(township, ana, other, level="major")
    cheat(township, ana, third, spot="别处")
    report = correcting(township).run()
    assert report.differing == 3
    assert len(report.weighty) == 2
    chen = township.desk("chen")
    items = chen.get("/findings").json["items"]
    seen = {item["detail"]["places"][0]["id"]: item for item in items}
    assert set(seen) == {one, other}
    assert seen[one]["detail"]["fields"] == {
        "state": ["closed", "submitted"], "deadline": ["2026-12-31", None]
    }  # fmt: skip
    assert seen[other]["detail"]["fields"] == {"level": ["major", "general"]}
    assert chen.get("/overview").json["findings"] == 2
    chen.post("/findings/seen", {"kind": "row", "about": seen[one]["about"]})
    assert [item["detail"]["places"][0]["id"] for item in chen.get("/findings").json["items"]] == [
        other
    ]


def test_killed_in_the_middle_it_goes_on_where_it_stopped(township: Township):
    ana = township.phone("ana")
    made = hazards(ana, 3 * STEP_SUBJECTS)
    for hazard in made:
        cheat(township, ana, hazard, spot="别处")
    first, steps = correcting(township), []

    def die(done: int) -> None:
        steps.append(done)
        if len(steps) == 4:
            raise Killed

    with pytest.raises(Killed):
        first.run(die)
    done = first.report.differing
    assert 0 < done < len(made)
    assert compared(township).differing == len(made) - done, "what was done is committed"
    second = correcting(township)
    report = second.run()
    assert second.resumed_at == first.report.subjects > 0
    assert report.differing == len(made) - done, "nothing is done twice"
    assert compared(township).differing == 0
    with township.services.database.read() as connection:
        assert read_run(connection, township.station_id) is None


def test_phones_hand_over_between_the_steps_and_every_row_is_right(township: Township):
    ana = township.phone("ana")
    made = sorted(hazards(ana, 3 * STEP_SUBJECTS))
    for hazard in made:
        cheat(township, ana, hazard, spot="别处")
    steps: list[int] = []

    def meanwhile(done: int) -> None:
        steps.append(done)
        ahead, behind = made[-len(steps)], made[len(steps)]
        send(ana, [noted(ana, ahead), noted(ana, behind), found(ana)])
        assert row_of(ana, "hazard", behind)["facts"] >= 2

    correcting(township).run(meanwhile)
    assert len(steps) > 3
    report = compared(township)
    assert (report.differing, report.extra) == (0, [])


def test_a_row_without_a_fact_goes_and_a_lost_one_comes_back(township: Township):
    ana = township.phone("ana")
    (hazard,) = hazards(ana, 1)

    def spoil(connection: Any) -> None:
        run(connection, "UPDATE hazard SET id = 'nobody' WHERE id = ?", (hazard,))
        run(connection, "DELETE FROM site")
        run(connection, "DELETE FROM subject WHERE type = 'site'")

    township.services.database.in_transaction(spoil)
    report = correcting(township).run()
    assert report.extra == [("hazard", "nobody")]
    assert report.weighty == []
    assert row_of(ana, "hazard", hazard)["state"] == "submitted"
    assert (compared(township).differing, compared(township).extra) == (0, [])
    assert township.desk("ana").get(f"/hazards/{hazard}").status_code == 200


def folded_by(township: Township, **counters: int) -> None:
    township.services.database.in_transaction(
        lambda c: save_counters(c, township.station_id, counters)
    )


def test_a_release_that_folds_differently_corrects_what_it_finds_once(
    township: Township, capsys: pytest.CaptureFixture[str]
):
    ana = township.phone("ana")
    (hazard,) = hazards(ana, 1)
    tool = Tool()
    tool.__dict__["services"] = township.services
    fold_anew(tool)
    assert capsys.readouterr().out == ""  # a new station's rows are this release's
    cheat(township, ana, hazard, finding="老版本归并的话")
    folded_by(township, **{FOLDED_COUNTER: 1})
    fold_anew(tool)
    assert "1 rows changed" in capsys.readouterr().out
    assert row_of(ana, "hazard", hazard)["finding"] == "连接软管超过 2 米"
    fold_anew(tool)
    assert capsys.readouterr().out == ""


def test_what_another_release_had_half_made_is_made_from_the_start(township: Township):
    ana = township.phone("ana")
    first, *_ = sorted(hazards(ana, STEP_SUBJECTS * 3))
    work = correcting(township)
    township.services.database.in_transaction(work._begin)
    while township.services.database.in_transaction(work._step)[1].after < first:
        pass
    folded_by(township, **{FOLDING_COUNTER: 1})
    cheat(township, ana, first, finding="老版本归并的话")
    assert correcting(township).run().differing == 1
