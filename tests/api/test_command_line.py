"""The command line, as an administrator types it."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.guards.house import ROOT
from tests.served import cli, environment


def ask(data: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command that may say no."""
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *words],
        cwd=ROOT, env=environment(data, **settings), capture_output=True, text=True, timeout=120,
    )  # fmt: skip


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("cli")
    cli(folder, "migrate")
    cli(folder, "setup")
    return folder


def test_an_inspector_is_added_given_a_village_and_a_phone(data: Path):
    assert "/password/" in cli(data, "accounts", "add", "Ana", "安娜", "--roles", "inspector")
    refused = ask(data, "accounts", "add", "ana", "安娜二")
    assert refused.returncode == 1
    assert "already an account" in refused.stderr
    cli(data, "accounts", "grant", "ana", "--roles", "inspector", "--areas", "北河镇")
    listed = cli(data, "accounts", "list")
    assert "安娜" in listed
    assert "北河镇" in listed
    assert "/field/#/enrol/" in cli(data, "accounts", "enrol", "ana")
    assert "/password/" in cli(data, "accounts", "password-link", "ana")
    assert ask(data, "accounts", "enrol", "nobody").returncode == 1
    unknown = ask(data, "accounts", "grant", "ana", "--roles", "chief", "--areas", "月球")
    assert "月球" in unknown.stderr


def test_a_changed_file_is_found_against_the_head_kept_elsewhere(data: Path, tmp_path: Path):
    head = tmp_path / "head.json"
    head.write_text(cli(data, "ledger", "head"), encoding="utf-8")
    assert "1 head(s) from outside agree" in cli(data, "ledger", "verify", "--head", str(head))
    copy = tmp_path / "copy"
    copy.mkdir()
    for name in ("station.db", "station-key.pem"):
        (copy / name).write_bytes((data / name).read_bytes())
    file = sqlite3.connect(copy / "station.db")
    file.execute("DROP TRIGGER log_entry_no_update")
    file.execute("UPDATE log_entry SET received_at = '2020-01-01T00:00:00.000Z' WHERE idx = 3")
    file.commit()
    file.close()
    found = ask(copy, "ledger", "verify", "--head", str(head))
    assert found.returncode == 1
    assert "BROKEN" in found.stdout
    empty = tmp_path / "empty.json"
    empty.write_text("{}", encoding="utf-8")
    assert ask(data, "ledger", "verify", "--head", str(empty)).returncode == 1


def test_a_row_changed_by_hand_is_shown_then_corrected(data: Path):
    file = sqlite3.connect(data / "station.db")
    file.execute("UPDATE area SET row = json_set(row, '$.name', '别的镇')")
    file.commit()
    file.close()
    shown = ask(data, "ledger", "rebuild", "--check")
    assert shown.returncode == 1
    assert '"别的镇" -> "北河镇"' in shown.stdout
    assert "were corrected" in cli(data, "ledger", "rebuild")
    assert ask(data, "ledger", "rebuild", "--check").returncode == 0


def test_a_wrong_setting_stops_with_its_name(tmp_path: Path):
    for settings, name in (
        ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL"),
        ({"GI_PORT": "70000"}, "GI_PORT"),
        ({"GI_PUBLIC_URL": "ftp://x"}, "GI_PUBLIC_URL"),
        ({"GI_TIMEZONE": "Mars/Olympus"}, "GI_TIMEZONE"),
        ({"GI_TIMEZONE": "Europe/Berlin"}, "UTC+8"),
    ):
        refused = ask(tmp_path, "status", **settings)
        assert refused.returncode == 1
        assert name in refused.stderr
        assert "Traceback" not in refused.stderr


def test_commands_on_an_empty_place_say_what_to_do(tmp_path: Path):
    cli(tmp_path, "migrate")
    refused = ask(tmp_path, "ledger", "verify")
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
