"""Tiles under the phone's map: from the station's provider alone, and never at the cost of work."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from app.clock import new_id
from app.maps import fetch
from app.maps.rules import TILE_BYTES_MAX
from app.settings import SettingError, read_settings
from tests.api.township import API, Phone, build_township
from tests.tiles import Provider, a_provider

TILE = f"{API}/map/tiles/14/13574/6387"
ANSWER_S_MAX = 15


@pytest.fixture
def provider() -> Iterator[Provider]:
    with a_provider() as made:
        yield made


@pytest.fixture
def phone(provider: Provider, tmp_path: Path) -> Iterator[Phone]:
    """Ana's, of a station with a map."""
    township = build_township(
        f"sqlite:///{tmp_path / 'station.db'}",
        tmp_path,
        GI_MAP_TILES=provider.template,
        GI_MAP_ATTRIBUTION="天地图 GS(2024)0568号",
    )
    yield township.phone("ana")
    township.services.database.close()


def ask(phone: Phone, path: str = TILE) -> TestResponse:
    return phone.client.get(path, headers=phone.bearer)


def changes(phone: Phone) -> TestResponse:
    return phone.client.get(f"{API}/sync/changes", headers=phone.bearer)


def test_ana_gets_the_tile_she_asked_for_and_keeps_it(phone: Phone, provider: Provider) -> None:
    answer = ask(phone)
    assert answer.status_code == 200
    assert (answer.data, answer.mimetype) == (provider.tile, "image/png")
    assert answer.headers["Cache-Control"] == "private, max-age=604800"
    assert provider.asked == ["/t?x=13574&y=6387&l=14&tk=KEY"]
    assert provider.agents == {"127.0.0.1 GridInspector-map/1"}, "nothing of the phone is told"
    assert "KEY" not in changes(phone).text


def test_the_phone_is_told_whose_map_it_is(phone: Phone) -> None:
    assert changes(phone).json["control"]["map"] == {
        "attribution": "天地图 GS(2024)0568号",
        "system": "wgs84",
        "zoom_min": 3,
        "zoom_max": 18,
    }


def test_a_station_without_a_map_tells_of_none_and_asks_nobody(
    tmp_path: Path, provider: Provider
) -> None:
    township = build_township(f"sqlite:///{tmp_path / 'station.db'}", tmp_path)
    phone = township.phone("ana")
    assert "map" not in changes(phone).json["control"]
    assert ask(phone).status_code == 404
    assert provider.asked == []
    township.services.database.close()


@pytest.mark.parametrize(
    "place",
    ["2/1/1", "19/1/1", "14/16384/1", "14/1/16384", "14/-1/1", "14/1.5/1", "１４/1/1", "a/b/c"],
)
def test_what_is_no_tile_is_not_asked_for(phone: Phone, provider: Provider, place: str) -> None:
    assert ask(phone, f"{API}/map/tiles/{place}").status_code == 404
    assert provider.asked == []


@pytest.mark.parametrize("way", ["page", "large", "elsewhere", "refused"])
def test_what_is_no_picture_never_reaches_a_phone(
    phone: Phone, provider: Provider, way: str
) -> None:
    assert len(provider.tile) < TILE_BYTES_MAX
    provider.way = way
    answer = ask(phone)
    assert (answer.status_code, answer.json["code"]) == (502, "map-silent")
    assert len(provider.asked) == 1, "a redirect is not followed"


@pytest.mark.parametrize("way", ["waits", "drips"])
def test_a_provider_that_hangs_is_given_up(
    phone: Phone, provider: Provider, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "SILENCE_S_MAX", 0.5)
    monkeypatch.setattr(fetch, "TILE_S_MAX", 0.5)
    provider.way = way
    begun = time.monotonic()
    assert ask(phone).json["code"] == "map-silent"
    assert time.monotonic() - begun < ANSWER_S_MAX


def test_a_hanging_provider_holds_two_threads_and_nobody_elses_work(
    phone: Phone, provider: Provider
) -> None:
    provider.way = "waits"
    answers: list[int] = []
    waiting = [
        threading.Thread(target=lambda: answers.append(ask(phone).status_code))
        for _ in range(fetch.TILES_AT_ONCE_MAX)
    ]
    for thread in waiting:
        thread.start()
    while len(provider.asked) < fetch.TILES_AT_ONCE_MAX:
        time.sleep(0.01)
    begun = time.monotonic()
    busy = ask(phone)
    assert (busy.status_code, busy.json["code"]) == (503, "map-busy")
    assert busy.headers["Retry-After"] == "5"
    assert phone.hand_over(phone.fact("activity.recorded", new_id(), FEEDBACK)).status_code == 200
    assert time.monotonic() - begun < fetch.SILENCE_S_MAX, "it was answered while both still hung"
    provider.go_on.set()
    for thread in waiting:
        thread.join()
    assert answers == [200, 200]


FEEDBACK = {"type": "feedback", "text": "字再大些"}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"GI_MAP_TILES": "https://t.example/{z}/{x}"}, "once each"),
        ({"GI_MAP_TILES": "http://t.example/{z}/{x}/{y}"}, "https://"),
        ({"GI_MAP_TILES": "file:///etc/{z}/{x}/{y}"}, "https://"),
        ({"GI_MAP_TILES": "https://t{x}.example/{z}/{y}"}, "one server"),
        ({"GI_MAP_TILES": "https://t.example/{z}/{x}/{y}"}, "GI_MAP_ATTRIBUTION"),
        ({"GI_MAP_SYSTEM": "bd09"}, "wgs84 or gcj02"),
    ],
)
def test_a_wrong_setting_ends_the_start_with_its_name(wrong: dict[str, str], said: str) -> None:
    with pytest.raises(SettingError, match=said):
        read_settings(wrong)
