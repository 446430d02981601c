"""Photos in a bucket instead of a folder: the same promises, and an outage loses nothing."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook

from app.doctor import examine
from app.photos.keep import ObjectPhotoStore, make_photo_store
from app.photos.rules import original_name
from tests.api.helpers_desk import submit
from tests.api.restoring import back_up, lose_and_restore, moved
from tests.api.test_exports import make
from tests.api.test_photos import LARGE, PLAIN, kept, receipt, send, sha, work
from tests.api.township import Township
from tests.bucket import BUCKET, BucketServer

NAME = "originals/0193a000-0000-7000-8000-000000000001/ab/" + "ab" * 32


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BucketServer]:
    """One server for the module."""
    made = BucketServer(log=tmp_path_factory.mktemp("bucket") / "requests.log").start()
    yield made
    made.stop()


@pytest.fixture
def bucket(server: BucketServer, monkeypatch: pytest.MonkeyPatch) -> BucketServer:
    """The same, known to this process."""
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    return server


@pytest.fixture
def store(bucket: BucketServer) -> ObjectPhotoStore:
    """The store in it."""
    return make_photo_store(bucket.url)


@pytest.fixture
def township(bucket: BucketServer, make_township: Callable[..., Township]) -> Township:
    """A station whose photos go to the bucket."""
    return make_township(PHOTO_STORE_URL=bucket.url)


@pytest.mark.parametrize("size", [0, 1, 6_000_000, 12_000_000])
def test_bytes_come_back_as_they_went_whole_and_from_any_place(
    store: ObjectPhotoStore, size: int
) -> None:
    data = os.urandom(size)
    store.put(NAME, data)
    assert store.get(NAME) == data
    assert store.size(NAME) == size
    pieces = store.stream(NAME, start=size // 2) if size else iter(())
    assert pieces is not None
    assert b"".join(pieces) == data[size // 2 :]
    assert NAME in list(store.list("originals"))
    store.delete(NAME)
    assert not store.exists(NAME)
    assert store.get(NAME) is None


def test_the_first_of_two_writers_keeps_the_name(store: ObjectPhotoStore) -> None:
    assert store.put_if_absent(NAME, b"first")
    assert not store.put_if_absent(NAME, b"second")
    assert store.get(NAME) == b"first"
    store.delete(NAME)


def test_what_arrives_piece_by_piece_is_there_only_when_it_is_kept(
    store: ObjectPhotoStore,
) -> None:
    with store.receive(NAME) as arriving:
        arriving.write(b"half")
    assert not store.exists(NAME), "given up half way"
    with store.receive(NAME) as arriving:
        arriving.write(b"one ")
        arriving.write(b"whole")
        arriving.keep()
    assert store.get(NAME) == b"one whole"
    store.delete(NAME)


def test_anas_photos_are_held_in_the_bucket_and_chen_exports_them(township: Township) -> None:
    ana, chen = township.phone("ana"), township.desk("chen")
    submit(ana, hazards=({"finding": "软管超过两米"},), photos=(PLAIN,))
    assert ana.whole(PLAIN).status_code == 204
    assert kept(township, PLAIN) == PLAIN
    ana.find_hazard(LARGE)
    assert receipt(township, send(ana, LARGE))["condition"] == "ok", "in parts"
    assert kept(township, LARGE) == LARGE
    work(township)
    small = chen.get(f"/photos/{sha(PLAIN)}/thumbnail")
    assert small.status_code == 200
    assert small.data[:2] == b"\xff\xd8"
    assert chen.get(f"/photos/{sha(PLAIN)}/original").data == PLAIN
    state = make(township, chen, "ledger_xlsx")
    book = load_workbook(io.BytesIO(chen.get(f"/exports/{state['id']}/file").data))
    assert len(book["隐患台账"]._images) == 2


def test_the_doctor_compares_the_rows_with_the_bucket_and_clears_nothing_there(
    township: Township,
) -> None:
    ana = township.phone("ana")
    ana.find_hazard(PLAIN)
    assert ana.whole(PLAIN).status_code == 204
    work(township)
    store, services = township.services.photo_store, township.services
    stray = f"parts/{township.station_id}/{sha(PLAIN)}/0/0-{'ab' * 16}"
    store.put(stray, b"left behind")
    with services.database.read() as connection:
        findings = examine(services, connection)
    assert [(each.name, each.safe) for each in findings if each.kind == "part"] == [(stray, False)]
    assert [each for each in findings if each.grave] == []
    store.delete(original_name(township.station_id, sha(PLAIN)))
    with services.database.read() as connection:
        grave = [each for each in examine(services, connection) if each.grave]
    assert [sha(PLAIN) in each.words for each in grave] == [True]


def test_while_the_bucket_is_away_nothing_is_acknowledged_and_afterwards_it_is(
    township: Township, bucket: BucketServer
) -> None:
    ana = township.phone("ana")
    ana.find_hazard(PLAIN)
    bucket.stop()
    refused = ana.whole(PLAIN)
    assert (refused.status_code, refused.json["code"]) == (503, "store-unreachable")
    assert refused.json["retry"] is True
    assert refused.json["detail"] == "站里的照片库连不上，过一会儿会自动再传。"
    bucket.start()
    assert ana.whole(PLAIN).status_code == 204
    assert kept(township, PLAIN) == PLAIN


def test_a_backup_reads_each_photo_of_the_bucket_once_and_fills_an_empty_bucket_again(
    bucket: BucketServer, township: Township, tmp_path: Path
) -> None:
    ana, photos = township.phone("ana"), [PLAIN + bytes([n]) for n in range(4)]
    for photo in photos[:3]:
        ana.find_hazard(photo)
        ana.whole(photo)
    read = bucket.asked("GET", "station/originals")
    assert back_up(township, tmp_path / "backups") == 0
    assert bucket.asked("GET", "station/originals") - read == 3
    ana.find_hazard(photos[3])
    ana.whole(photos[3])
    township.clock.forward(hours=1)
    read = bucket.asked("GET", "station/originals")
    written = bucket.asked("PUT", "station/originals")
    assert back_up(township, tmp_path / "backups") == 0
    assert bucket.asked("GET", "station/originals") - read == 1
    assert bucket.asked("PUT", "station/originals") == written

    database_url = f"sqlite:///{tmp_path / 'second.db'}"
    second = lose_and_restore(
        township, tmp_path / "backups", tmp_path / "second", database_url,
        PHOTO_STORE_URL=f"s3://{BUCKET}/second",
    )  # fmt: skip
    ana2 = moved(ana, second)
    assert [ana2.get(f"/photos/{sha(each)}/original").data for each in photos] == photos
    second.services.database.close()
    # a bucket that outlived the machine is read and left as it is
    third = lose_and_restore(
        township, tmp_path / "backups", tmp_path / "third", f"sqlite:///{tmp_path / 'third.db'}",
        PHOTO_STORE_URL=bucket.url,
    )  # fmt: skip
    assert bucket.asked("PUT", "station/originals") == written
    assert moved(ana, third).get(f"/photos/{sha(photos[0])}/original").data == photos[0]
    third.services.database.close()
