"""The server's disk fills up in the middle of batches, photos and decisions, under a gunicorn."""

from __future__ import annotations

import hashlib
import resource
from pathlib import Path

import pytest

from app.db import Database, make_database, run
from tests.api.handover import batch_bytes, found, post
from tests.api.helpers_desk import decision
from tests.api.township import PHOTOS, build_township, open_app
from tests.faults.server_trouble import full_disk, on_small_disk
from tests.faults.small_disk import may_mount
from tests.faults.station import temporary_folder

ROUNDS = 4
# Where nothing may be mounted the limit of file sizes stands for the disk; it runs in any case.
WAYS = ("tmpfs", "limit") if may_mount() else ("limit",)
ROW_BYTES, LIMIT_BYTES = 1_000_000, 1_400_000


@pytest.mark.parametrize("how", WAYS)
def test_ana_is_told_the_disk_is_full_and_once_there_is_room_all_of_it_is_there_once(how: str):
    with temporary_folder() as folder, on_small_disk(folder, how, ROUNDS) as (behind, disk):
        told = full_disk(behind, disk, ROUNDS)
    assert told["507 disk-full"] > 0


def test_phones_wait_before_the_disk_is_full_and_chen_works_on_with_what_is_left(tmp_path: Path):
    url = f"sqlite:///{tmp_path / 'grid.sqlite3'}"
    township = build_township(url, tmp_path)
    ana, chen = township.phone("ana"), township.desk("chen")
    photo = (PHOTOS / "plain.jpg").read_bytes()
    hazard = ana.find_hazard(photo)
    confirm = decision(township, "hazard.confirmed", hazard, {"level": "general"})
    township.services.database.close()
    roomy = ana.client
    little = open_app(url, tmp_path, township.clock, GI_DISK_FREE_MB_MIN="10000000")
    ana.client, session = little.test_client(), chen.client.get_cookie("gi_session")
    chen.client = little.test_client()
    chen.client.set_cookie("gi_session", session.value)
    sha256 = hashlib.sha256(photo).hexdigest()
    for answer in (
        post(ana, batch_bytes(ana, [found(ana)])),
        ana.whole(photo),
        ana.part(sha256, photo[:40_000], offset=0, length=len(photo)),
        ana.part(sha256, photo, offset=0, length=len(photo)),
    ):
        assert (answer.status_code, answer.json["code"]) == (507, "disk-full"), answer.text
        assert int(answer.headers["Retry-After"]) > 0
    assert chen.post("/decisions", {"facts": [confirm]}).status_code == 200
    little.extensions["services"].database.close()
    ana.client = roomy
    assert ana.whole(photo).status_code == 204
    township.close()


def test_a_commit_is_not_denied_because_the_disk_has_no_room_for_its_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The write-ahead log is to be moved into the file right after a commit, and does not fit."""
    database = make_database(f"sqlite:///{tmp_path / 'grid.sqlite3'}")
    _put(database, "CREATE TABLE kept (bytes BLOB)")
    _put(database, "INSERT INTO kept VALUES (?)", bytes(ROW_BYTES))
    with database.engine.connect() as connection:
        connection.connection.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    monkeypatch.setattr("app.db.WAL_BYTES_MAX", 1)
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT_BYTES, before[1]))
    try:
        _put(database, "INSERT INTO kept VALUES (?)", bytes(ROW_BYTES))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert database.wal_bytes() >= ROW_BYTES, "it was moved after all"
    database.close()
    again = make_database(f"sqlite:///{tmp_path / 'grid.sqlite3'}")
    with again.read() as connection:
        assert run(connection, "SELECT count(*) FROM kept") == [(2,)]
    again.close()


def _put(database: Database, text: str, *values: bytes) -> None:
    database.in_transaction(lambda connection: run(connection, text, values))
