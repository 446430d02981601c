"""Backups: a set that does not hold does not count and says so; keys and photos come along."""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
from pathlib import Path

import pytest

from app.backup.manifest import photo_path, sets_of
from app.cli import backup
from app.cli.tool import CommandError
from app.photos.rules import original_name
from tests.api.restoring import CommandTool, asked, back_up, changes, lose_and_restore
from tests.api.township import PHOTOS, Township


def first_set(folder: Path) -> Path:
    return folder / "sets" / sets_of(folder)[0]


def restoring(township: Township, folder: Path, where: Path) -> None:
    lose_and_restore(township, folder, where, f"sqlite:///{where / 'second.db'}")


def test_photos_are_copied_once_and_phones_hear_how_far_the_backup_reaches(
    township: Township, tmp_path: Path
):
    ana, photo = township.phone("ana"), (PHOTOS / "small.jpg").read_bytes()
    ana.find_hazard(photo)
    ana.whole(photo)
    assert changes(ana)["backed_up_at"] is None
    assert back_up(township, tmp_path / "backups") == 0
    copy = photo_path(tmp_path / "backups", hashlib.sha256(photo).hexdigest())
    assert copy.read_bytes() == photo
    written = copy.stat().st_mtime_ns
    told = changes(ana)
    assert (told["backed_up_to"], told["opened"]) == (told["head"]["size"], None)
    assert told["backed_up_at"] < told["time"]
    metrics = township.app.test_client().get("/metrics").text
    assert "gi_backup_age_seconds 600" in metrics
    township.clock.forward(hours=1)
    assert back_up(township, tmp_path / "backups") == 0
    assert copy.stat().st_mtime_ns == written
    assert len(sets_of(tmp_path / "backups")) == 2


def test_a_photo_the_store_lost_is_named_and_no_phone_lets_go_of_anything(
    township: Township, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    ana, photo = township.phone("ana"), (PHOTOS / "small.jpg").read_bytes()
    ana.find_hazard(photo)
    ana.whole(photo)
    name = hashlib.sha256(photo).hexdigest()
    township.services.photo_store.put(original_name(township.station_id, name), b"rotten")
    assert back_up(township, tmp_path / "backups") == 1
    assert name in capsys.readouterr().out
    assert changes(ana)["backed_up_to"] == 0


@pytest.mark.parametrize("which", ["database.ndjson.gz", "manifest.json", "photos.txt.gz"])
def test_a_set_that_was_changed_is_not_restored(township: Township, tmp_path: Path, which: str):
    back_up(township, tmp_path / "backups")
    file = first_set(tmp_path / "backups") / which
    data = file.read_bytes()
    if which == "database.ndjson.gz":
        plain = gzip.decompress(data).replace(b"inspector", b"chief    ")
        file.write_bytes(gzip.compress(plain))
    else:
        file.write_bytes(data[:-1] + b"#")
    with pytest.raises(CommandError):
        restoring(township, tmp_path / "backups", tmp_path / "second")


def test_a_set_without_its_signature_is_none(township: Township, tmp_path: Path):
    back_up(township, tmp_path / "backups")
    (first_set(tmp_path / "backups") / "manifest.sig").unlink()
    with pytest.raises(CommandError, match="holds no backup"):
        restoring(township, tmp_path / "backups", tmp_path / "second")


def test_a_restore_never_writes_over_a_station(township: Township, tmp_path: Path):
    back_up(township, tmp_path / "backups")
    with pytest.raises(CommandError, match="not empty"):
        backup.restore(CommandTool(township.services), asked(tmp_path / "backups"))


def test_without_the_key_the_way_out_is_said(township: Township, tmp_path: Path):
    back_up(township, tmp_path / "backups")
    keys = tmp_path / "keys"
    assert backup.keys(CommandTool(township.services), asked(keys)) == 0
    kept = (keys / "station-key.pem").read_bytes()
    assert kept == township.services.settings.key_file.read_bytes()
    assert (keys / "station-key.pem").stat().st_mode & 0o077 == 0
    township.services.settings.key_file.unlink()
    with pytest.raises(CommandError, match="--new-key"):
        backup.restore(CommandTool(township.services), asked(tmp_path / "backups"))


def test_a_damaged_photo_of_the_backup_is_found_by_check(
    township: Township, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    ana, photo = township.phone("ana"), (PHOTOS / "small.jpg").read_bytes()
    ana.find_hazard(photo)
    ana.whole(photo)
    folder, name = tmp_path / "backups", hashlib.sha256(photo).hexdigest()
    back_up(township, folder)
    tool = CommandTool(township.services)
    assert backup.check(tool, asked(folder)) == 0
    shutil.copy(PHOTOS / "small.jpg", photo_path(folder, name))
    photo_path(folder, name).write_bytes(photo[:-1] + b"\0")
    assert backup.check(tool, asked(folder)) == 1
    assert name in capsys.readouterr().out
    manifest = json.loads((first_set(folder) / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["photo_count"] == 1
