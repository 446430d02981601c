"""One backup restored twice, both lives went on, and phones of both come to one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.backup.report import read_report
from app.ledger.head import read_station
from tests.api.handover import found, send, sha256
from tests.api.restoring import (
    back_up,
    changes,
    head_line,
    lose_and_restore,
    moved,
    numbers,
    page_line,
    post_pulled,
    restore_words,
    stored,
)
from tests.api.sound import sound
from tests.api.township import Township

Lives = Callable[[Township], Township]


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Lives]:
    """Another life of the set in `tmp_path / 'backups'`, each an hour after the one before."""
    begun: list[Township] = []

    def work(lost: Township) -> Township:
        name = f"life{len(begun)}"
        lost.clock.forward(hours=1)
        url = f"sqlite:///{tmp_path / name}.db"
        begun.append(lose_and_restore(lost, tmp_path / "backups", tmp_path / name, url))
        return begun[-1]

    yield work
    for each in begun:
        each.services.database.close()


def test_a_number_that_two_lives_gave_is_named_and_both_hazards_stay(
    township: Township, live: Lives, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    ana, ben, chief = township.phone("ana"), township.phone("ben"), township.phone("chen")
    back_up(township, tmp_path / "backups")
    first, second = live(township), live(township)
    ana1, chief1 = moved(ana, first), moved(chief, first)
    hers = [found(ana1), found(ana1)]
    send(ana1, hers)
    page = changes(chief1)
    given = numbers(first)
    bens = moved(ben, second).find_hazard()
    assert numbers(second)[bens] in given.values()

    # the first life is given up: its phones come to the second, the one that pulled before her
    answer = post_pulled(moved(chief, second), [head_line(page["head"]), page_line(page)])
    assert answer.json["refused"] == []
    ana2 = moved(ana1, second)
    assert send(ana2, hers)["exceptions"] == []
    now = numbers(second)
    assert {sha256(line) for line in hers} <= stored(second)
    assert len(set(now.values())) == len(now) == 3
    assert set(now) == {bens, *given}
    with second.services.database.read() as connection:
        station = read_station(connection, second.station_id)
        assert station is not None
        report = read_report(connection, station)
    assert report is not None
    refused = [each for each in report.numbers if not each["given_back"]]
    assert [(each["number"], now[each["hazard"]]) for each in refused] == [
        (now[bens], refused[0]["interim"])
    ]
    assert refused[0]["hazard"] in given
    assert given[refused[0]["hazard"]] == now[bens]
    # the other one of the first life has its own number still
    kept = next(each for each in given if each != refused[0]["hazard"])
    assert now[kept] == given[kept]
    assert restore_words(second) == 1
    assert f"Number {now[bens]} could not be given back" in capsys.readouterr().out
    sound(second)
