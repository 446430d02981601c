"""A photo lost or changed in the store is found, laid to its hazard, and comes again from a phone.

On a folder and in a bucket; nothing is ever deleted (I13, I14).
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app.db import run
from app.photos.rules import original_name
from app.photos.verify import GONE_SURE_MIN, Verified, verify_photos
from tests.api.test_photos import LARGE, PLAIN, kept, sha
from tests.api.township import Phone, Township
from tests.bucket import BucketServer
from tests.served import said, typed


@pytest.fixture(scope="module")
def server() -> Iterator[BucketServer]:
    """One bucket server for the module."""
    made = BucketServer().start()
    yield made
    made.stop()


@pytest.fixture(params=["folder", "bucket"])
def anywhere(
    request: pytest.FixtureRequest,
    make_township: Callable[..., Township],
    monkeypatch: pytest.MonkeyPatch,
) -> Township:
    """A station with its photos in a folder, then one with them in a bucket."""
    settings = {}
    if request.param == "bucket":
        server = request.getfixturevalue("server")
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        settings = {"PHOTO_STORE_URL": server.url}
    return make_township(**settings)


def with_photos(township: Township, *photos: bytes, name: str = "ana") -> tuple[Phone, str]:
    phone = township.phone(name)
    hazard = phone.find_hazard(*photos)
    for photo in photos:
        assert phone.whole(photo).status_code == 204
    return phone, hazard


def name_of(township: Township, photo: bytes) -> str:
    return original_name(township.station_id, sha(photo))


def damage(township: Township, photo: bytes) -> bytes:
    """One bit, as a worn disk turns it."""
    bad = bytearray(photo)
    bad[len(bad) // 2] ^= 1
    township.services.photo_store.put(name_of(township, photo), bytes(bad))
    return bytes(bad)


def verify(township: Township, *, mark: bool = True) -> Verified:
    return verify_photos(
        township.services,
        township.station_id,
        township.services.database.in_transaction,
        mark=mark,
    )


def asked(phone: Phone) -> list[dict[str, str]]:
    found: list[dict[str, str]] = phone.get("/sync/changes").json.get("photos_wanted", [])
    return found


def number(township: Township, hazard: str) -> str:
    return str(township.desk("chen").get(f"/hazards/{hazard}").json["hazard"]["number"])


def test_a_sound_store_is_read_whole_and_nobody_is_asked(anywhere: Township):
    ana, _ = with_photos(anywhere, PLAIN, LARGE)
    report = verify(anywhere)
    assert (report.photos, report.bytes) == (2, len(PLAIN) + len(LARGE))
    assert (report.wrong, report.unread, report.returned) == ([], [], [])
    assert asked(ana) == []


def test_a_changed_photo_is_set_aside_asked_for_and_stands_again(anywhere: Township):
    ana, hazard = with_photos(anywhere, PLAIN, LARGE)
    bad = damage(anywhere, PLAIN)
    (wrong,) = verify(anywhere).wrong
    assert (wrong.sha256, wrong.state) == (sha(PLAIN), "damaged")
    assert [place["words"].split(" ")[0] for place in wrong.places] == [number(anywhere, hazard)]
    store = anywhere.services.photo_store
    aside = list(store.list(f"set-aside/{anywhere.station_id}"))
    assert [store.get(name) for name in aside] == [bad], "the changed bytes are kept"
    assert [each["sha256"] for each in asked(ana)] == [sha(PLAIN)]
    assert asked(anywhere.phone("ben")) == []
    # ... and the phone, which still has it, sends it as if it had never come.
    assert ana.whole(PLAIN).status_code == 204
    assert kept(anywhere, PLAIN) == PLAIN
    assert asked(ana) == []
    assert anywhere.desk("chen").get("/findings").json["items"] == []
    assert verify(anywhere).wrong == []
    assert [store.get(name) for name in aside] == [bad]


def test_a_missing_photo_is_listed_with_its_hazard_until_it_is_back(anywhere: Township):
    ana, hazard = with_photos(anywhere, PLAIN)
    anywhere.services.photo_store.delete(name_of(anywhere, PLAIN))
    assert verify(anywhere, mark=False).wrong[0].state == "missing"
    assert asked(ana) == [], "telling alone marks nothing"
    verify(anywhere)
    verify(anywhere)
    (item,) = anywhere.desk("dai").get("/findings").json["items"]
    assert item["about"] == sha(PLAIN)
    assert item["detail"]["places"][0]["id"] == hazard
    assert anywhere.desk("dai").get(f"/photos/{sha(PLAIN)}/view").status_code in (200, 404)
    anywhere.services.photo_store.put(name_of(anywhere, PLAIN), PLAIN)  # a copy was put back
    assert verify(anywhere).returned == [sha(PLAIN)]
    assert asked(ana) == []
    assert anywhere.desk("dai").get("/findings").json["items"] == []


def test_what_nobody_has_any_more_is_shown_as_missing_and_not_asked_for_for_ever(
    township: Township,
):
    ana, hazard = with_photos(township, PLAIN)
    township.services.photo_store.delete(name_of(township, PLAIN))
    verify(township)
    lost = ana.fact("photo.lost", hazard, {"sha256": sha(PLAIN), "reason": "已经清掉了"})
    assert ana.hand_over(lost).status_code == 200
    assert asked(ana) == []
    (item,) = township.desk("chen").get("/findings").json["items"]
    assert item["detail"]["lost"] is True
    row = township.desk("chen").get(f"/hazards/{hazard}").json["hazard"]
    assert [photo["lost"] for photo in row["photos"]] == ["已经清掉了"]


def test_a_phone_enrolled_anew_is_asked_for_what_it_handed_over_before(township: Township):
    with_photos(township, PLAIN)
    township.services.photo_store.delete(name_of(township, PLAIN))
    verify(township)
    assert [each["sha256"] for each in asked(township.phone("ana"))] == [sha(PLAIN)]


def test_a_folder_that_is_not_mounted_is_not_taken_for_a_loss(township: Township):
    photos = [os.urandom(40) for _ in range(GONE_SURE_MIN + 1)]
    ana, _ = with_photos(township, *photos)
    for photo in photos:
        township.services.photo_store.delete(name_of(township, photo))
    report = verify(township)
    assert report.store_gone
    assert len(report.wrong) == len(photos)
    assert asked(ana) == []
    with township.services.database.read() as connection:
        assert run(connection, "SELECT count(*) FROM photo WHERE state <> 'held'")[0][0] == 0


def test_by_the_command_line(township: Township):
    ana, hazard = with_photos(township, PLAIN, LARGE)
    told = number(township, hazard)
    damage(township, LARGE)
    township.services.database.close()
    settings = {
        "DATABASE_URL": f"sqlite:///{township.services.database.path}",
        "PHOTO_STORE_URL": township.services.settings.photo_store_url,
    }
    damaged = typed(township.folder, "photos", "verify", **settings)
    assert damaged.returncode == 1
    assert re.search(f"DAMAGED  {sha(LARGE)}.*{told}", damaged.stdout)
    assert [each["sha256"] for each in asked(ana)] == [sha(LARGE)]
    assert ana.whole(LARGE).status_code == 204
    whole = said(township.folder, "photos", "verify", **settings)
    assert "every photo is what was acknowledged" in whole


def test_a_day_without_losses_says_nothing_about_photos(township: Township):
    ana, _ = with_photos(township, PLAIN)
    answer: Any = ana.get("/sync/changes").json
    assert "photos_wanted" not in answer
    assert json.dumps(answer)
