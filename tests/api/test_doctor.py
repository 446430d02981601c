"""The doctor names what is wrong in words a person can act on, and touches nothing that is in use.

Leftovers of real kills are in tests/faults/test_kill.py; here the installation itself is hurt.
"""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection

from app.clock import new_id
from app.db import run
from app.doctor import Finding, examine
from app.doctor.clear import clear
from app.doctor.finding import LEFTOVER_AGE_S_MIN
from app.domains import JOB_KINDS
from app.jobs.queue import enqueue
from app.jobs.runner import run_waiting
from app.jobs.store import take
from app.keys import read_or_make_key
from app.photos.rules import original_name, part_name, set_aside_name
from tests.api.handover import found, send
from tests.api.township import PHOTOS, Phone, Township
from tests.faults.kill_commands import attempted

PHOTO = (PHOTOS / "orientation_6.jpg").read_bytes()
SHA256 = hashlib.sha256(PHOTO).hexdigest()
LONG_AGO_S = LEFTOVER_AGE_S_MIN + 60


def looked_over(township: Township) -> list[Finding]:
    services = township.services
    with services.database.read() as connection:
        return examine(services, connection)


def grave(township: Township) -> list[str]:
    return [each.words for each in looked_over(township) if each.grave]


def photo_of(township: Township) -> Path:
    """A photo Ana has handed over, as it lies in the store."""
    ana = township.phone("ana")
    ana.find_hazard(PHOTO)
    assert ana.whole(PHOTO).status_code == 204
    return store_of(township) / original_name(township.station_id, SHA256)


def store_of(township: Township) -> Path:
    return township.services.settings.data_dir / "photos"


def write(township: Township, sql: str) -> None:
    township.services.database.in_transaction(lambda c: run(c, sql))


def make_old(path: Path) -> None:
    then = path.stat().st_mtime - LONG_AGO_S
    os.utime(path, (then, then))


def test_a_healthy_station_has_nothing_wrong(either_township: Township):
    photo_of(either_township)
    assert grave(either_township) == []


def test_an_acknowledged_photo_without_its_file_is_named_with_what_to_do(township: Township):
    photo = photo_of(township)
    photo.write_bytes(PHOTO[:-1])
    assert any(SHA256 in words and "another length" in words for words in grave(township))
    photo.unlink()
    missing = [each for each in looked_over(township) if each.grave]
    assert len(missing) == 1
    assert SHA256 in missing[0].words
    assert "backup" in missing[0].advice


def test_a_key_that_did_not_sign_the_newest_receipt_is_noticed(township: Township):
    ana = township.phone("ana")
    send(ana, [found(ana)])
    key = township.services.settings.key_file
    key.rename(key.with_name("away.pem"))
    township.services.signer = read_or_make_key(key)
    assert any("not the key that signed" in words for words in grave(township))


def test_a_key_that_others_can_read_is_noticed(township: Township):
    township.services.settings.key_file.chmod(0o644)
    assert any("can be read by others" in words for words in grave(township))


def test_a_ledger_without_its_triggers_is_noticed(either_township: Township):
    on = "" if either_township.services.database.sqlite else " ON fact"
    write(either_township, f"DROP TRIGGER fact_no_update{on}")
    assert any("fact_no_update" in words for words in grave(either_township))


def test_an_old_schema_is_named_before_anything_else_is_asked(township: Township):
    write(township, "UPDATE alembic_version SET version_num = '0001'")
    assert any("this program needs" in words for words in grave(township))


def test_work_of_a_dead_worker_is_explained_and_work_nobody_does_is_wrong(
    either_township: Township,
):
    township = either_township
    long_ago = datetime.now(UTC) - timedelta(hours=3)

    def plan(connection: Connection) -> None:
        for _ in range(2):
            enqueue(connection, station_id=township.station_id, job_id=new_id(),
                    kind="photos.derive", params={"sha256": SHA256}, now=long_ago)  # fmt: skip
        assert take(connection, holder="4711:1", now=long_ago) is not None

    township.services.database.in_transaction(plan)
    township.clock.now = datetime.now(UTC)
    findings = looked_over(township)
    assert any("worker 4711:1 died" in each.words and not each.grave for each in findings)
    assert any("1 jobs have been waiting" in each.words and each.grave for each in findings)


@pytest.fixture
def littered(township: Township) -> tuple[Township, Path, list[Path], list[Path]]:
    """Old leftovers nobody needs, and things as old that somebody may."""
    ana: Phone = township.phone("ana")
    ana.find_hazard(PHOTO)
    store, station = store_of(township), township.station_id
    half = len(PHOTO) // 2
    assert ana.part(SHA256, PHOTO[:half], offset=0, length=len(PHOTO)).status_code == 204
    (counted,) = (store / "parts").rglob("0-*")
    held = store / original_name(station, SHA256)
    held.parent.mkdir(parents=True)
    held.write_bytes(PHOTO)
    stray = store / original_name(station, "ab" * 32)
    stray.parent.mkdir(parents=True, exist_ok=True)
    stray.write_bytes(b"nobody names it")
    aside = store / set_aside_name(station, SHA256, "2026-11-21T02:00:00.000Z")
    aside.parent.mkdir(parents=True)
    aside.write_bytes(b"no longer what it was")
    garbage = [
        held.with_name(f"{SHA256}#1"),
        store / part_name(station, SHA256, 0, half, "cd" * 32),
        store / "derived" / station / "ab" / f"{'ab' * 32}-preview",
        store / "exports" / station / new_id(),
        store / "probe" / "4711",
        township.services.settings.data_dir / "station-key.pem.4711",
    ]
    for path in garbage:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"half")
    return township, store, garbage, [counted, held, stray, aside]


def test_only_what_nothing_can_ask_for_is_cleared_and_only_when_it_is_old(
    littered: tuple[Township, Path, list[Path], list[Path]],
):
    township, _, garbage, kept = littered
    assert clear(looked_over(township)) == [], "all of it could still be in use"
    for path in (*garbage, *kept):
        make_old(path)
    told = {each.path for each in looked_over(township)}
    assert told >= {*garbage, *kept[1:]}, "everything is explained, a counted part needs none"
    assert {each.path for each in clear(looked_over(township))} == set(garbage)
    assert [path for path in garbage if path.exists()] == []
    assert [path for path in kept if not path.exists()] == [], "never a photo, never a counted part"
    assert grave(township) == []


def test_the_command_says_so_with_its_exit_code(township: Township):
    photo = photo_of(township)
    run_waiting(township.services, JOB_KINDS)
    settings = township.services.settings
    environment = {"DATABASE_URL": settings.database_url}
    code, said = attempted(settings.data_dir, "doctor", **environment)
    assert (code, "0 wrong" in said) == (0, True), said
    photo.unlink()
    code, said = attempted(settings.data_dir, "doctor", "--fix", **environment)
    assert (code, "1 wrong" in said) == (1, True), said
    assert SHA256 in said
