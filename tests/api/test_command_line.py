"""The command line, as an administrator types it."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.guards.house import ROOT
from tests.served import environment, said, typed


def test_a_shell_is_told_what_went_wrong_and_by_its_status(tmp_path: Path):
    """The same as a process of its own: what it prints, where, and how it ends."""
    for words, settings, status, told in (
        (["--help"], {}, 0, ""),
        (["ledger", "no-such-command"], {}, 2, "no-such-command"),
        (["status"], {"GI_PORT": "70000"}, 1, "stopped: GI_PORT"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "app.cli", *words], cwd=ROOT,
            env=environment(tmp_path, **settings), capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert done.returncode == status
        assert bool(done.stdout) == (status == 0)
        assert told in done.stderr
        assert "Traceback" not in done.stderr


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("cli")
    said(folder, "migrate")
    said(folder, "setup")
    return folder


def test_an_inspector_is_added_given_a_village_and_a_phone(data: Path):
    assert "/password/" in said(data, "accounts", "add", "Ana", "安娜", "--roles", "inspector")
    refused = typed(data, "accounts", "add", "ana", "安娜二")
    assert refused.returncode == 1
    assert "already an account" in refused.stderr
    said(data, "accounts", "grant", "ana", "--roles", "inspector", "--areas", "北河镇")
    listed = said(data, "accounts", "list")
    assert "安娜" in listed
    assert "北河镇" in listed
    assert "/field/#/enrol/" in said(data, "accounts", "enrol", "ana")
    assert "/password/" in said(data, "accounts", "password-link", "ana")
    assert typed(data, "accounts", "enrol", "nobody").returncode == 1
    unknown = typed(data, "accounts", "grant", "ana", "--roles", "chief", "--areas", "月球")
    assert "月球" in unknown.stderr


def test_a_changed_file_is_found_against_the_head_kept_elsewhere(data: Path, tmp_path: Path):
    head = tmp_path / "head.json"
    head.write_text(said(data, "ledger", "head"), encoding="utf-8")
    assert "1 head(s) from outside agree" in said(data, "ledger", "verify", "--head", str(head))
    copy = tmp_path / "copy"
    copy.mkdir()
    (copy / "station-key.pem").write_bytes((data / "station-key.pem").read_bytes())
    file = sqlite3.connect(copy / "station.db")
    with closing(sqlite3.connect(data / "station.db")) as whole:
        whole.backup(file)
    file.execute("DROP TRIGGER log_entry_no_update")
    file.execute("UPDATE log_entry SET received_at = '2020-01-01T00:00:00.000Z' WHERE idx = 3")
    file.commit()
    file.close()
    found = typed(copy, "ledger", "verify", "--head", str(head))
    assert found.returncode == 1
    assert "BROKEN" in found.stdout
    empty = tmp_path / "empty.json"
    empty.write_text("{}", encoding="utf-8")
    assert typed(data, "ledger", "verify", "--head", str(empty)).returncode == 1


def test_a_row_changed_by_hand_is_shown_then_corrected(data: Path):
    file = sqlite3.connect(data / "station.db")
    file.execute("UPDATE area SET row = json_set(row, '$.name', '别的镇')")
    file.commit()
    file.close()
    shown = typed(data, "ledger", "rebuild", "--check")
    assert shown.returncode == 1
    assert '"别的镇" -> "北河镇"' in shown.stdout
    assert "were corrected" in said(data, "ledger", "rebuild")
    assert typed(data, "ledger", "rebuild", "--check").returncode == 0


def test_a_wrong_setting_stops_with_its_name(tmp_path: Path):
    for settings, name in (
        ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL"),
        ({"GI_PORT": "70000"}, "GI_PORT"),
        ({"GI_PUBLIC_URL": "ftp://x"}, "GI_PUBLIC_URL"),
        ({"GI_TIMEZONE": "Mars/Olympus"}, "GI_TIMEZONE"),
        ({"GI_TIMEZONE": "Europe/Berlin"}, "UTC+8"),
    ):
        refused = typed(tmp_path, "status", **settings)
        assert refused.returncode == 1
        assert name in refused.stderr


def test_commands_on_an_empty_place_say_what_to_do(tmp_path: Path):
    said(tmp_path, "migrate")
    refused = typed(tmp_path, "ledger", "verify")
    assert refused.returncode == 1
    assert "setup" in refused.stderr


def test_the_signing_key_is_readable_by_the_server_alone(data: Path):
    assert (data / "station-key.pem").stat().st_mode & 0o777 == 0o600


def test_the_described_api_names_every_route_and_kind():
    described = json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))
    assert "/api/v1/sync/batches" in described["paths"]
    assert "fact.hazard.found" in described["components"]["schemas"]
    found = described["components"]["schemas"]["fact.hazard.found"]
    assert "finding" in found["required"]
    assert "fix_owner" not in found["properties"]
