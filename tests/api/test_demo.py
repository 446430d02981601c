"""The demo township: everything a newcomer wants to see is there, and a second run adds nothing."""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from PIL import Image

from app.activities.forms import bundled_forms
from app.auth import passwords
from app.checklists.load import bundled
from app.cli import station
from app.cli.tool import Tool
from app.compose import compose
from app.db import run
from app.demo import month, scenes, township
from app.demo.people import EVERYBODY, PASSWORD
from app.demo.places import PLACES
from app.settings import read_settings
from tests.api.township import QUICK_HASHER
from tests.guards.house import ROOT

API = "/api/v1"
NOTHING = argparse.Namespace()
RECIPE = (ROOT / "Makefile").read_text(encoding="utf-8").split("\ndemo: deps", 1)[1]
DEMO_COMMANDS = re.findall(r"-m app\.cli (\w+)", RECIPE.split("\n\n", 1)[0])


def small_photo(_scene: str, *, seed: int, after: bool = False) -> bytes:
    """A real JPEG of its own for every seed, made in no time; the scenes have their own test."""
    rng = Random(seed * 2 + after)
    out = io.BytesIO()
    Image.frombytes("RGB", (24, 18), rng.randbytes(24 * 18 * 3)).save(out, "JPEG")
    return out.getvalue()


@pytest.mark.parametrize("hour", [0, 9, 10, 11, 15, 18, 19, 23])
def test_days_to_come_stay_in_the_future_whenever_the_demo_is_made(hour: int) -> None:
    """In the late morning a hazard due in three days was closed today, before its recheck."""
    zone = ZoneInfo("Asia/Shanghai")
    now = datetime(2026, 11, 22, hour, 34, tzinfo=zone)
    nobody: Any = None
    made = month.Month(nobody, zone=zone, now=now, chief=nobody, phones={}, settings={})
    for later in range(1, 5):
        assert made.moment(now.date() + timedelta(days=later), 9, 40) > now
    hours = [made.moment(made.last_day, each) for each in range(24)]
    assert hours == sorted(set(hours)), "what comes later in the day stays later"


@pytest.fixture(scope="module")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Tool, str]]:
    """A station filled by the commands of `make demo`, and what they printed."""
    patch = pytest.MonkeyPatch()
    for name in list(os.environ):
        if name.startswith("GI_") or name == "DATABASE_URL":
            patch.delenv(name)
    patch.setenv("GI_DATA_DIR", str(tmp_path_factory.mktemp("demo")))
    patch.setenv("GI_JOBS_IN_PROCESS", "0")
    patch.setattr(month, "draw_photo", small_photo)
    patch.setattr(passwords, "_hasher", QUICK_HASHER)
    tool, said = Tool(), io.StringIO()
    with contextlib.redirect_stdout(said):
        for words in DEMO_COMMANDS:
            assert getattr(station, words)(tool, NOTHING) == 0
    yield tool, said.getvalue()
    tool.services.database.close()
    patch.undo()


@pytest.fixture(scope="module")
def demo(first_run: tuple[Tool, str]) -> Tool:
    return first_run[0]


def ask(tool: Tool, login: str, *paths: str) -> list[dict[str, Any]]:
    """What this person sees at these addresses."""
    app = compose(tool.services.settings)
    client = app.test_client()
    signed_in = client.post(f"{API}/session", json={"login": login, "password": PASSWORD})
    assert signed_in.status_code == 200, signed_in.text
    answers = [client.get(API + path).json for path in paths]
    app.extensions["services"].database.close()
    return [answer or {} for answer in answers]


def test_the_township_has_its_people_villages_and_sixty_sites(demo: Tool) -> None:
    areas, sites, accounts = ask(demo, "admin", "/areas", "/sites?size=200", "/accounts")
    levels = [area["level"] for area in areas["areas"]]
    assert (levels.count("village"), levels.count("grid")) == (3, 9)
    assert all(area["inspector"] for area in areas["areas"] if area["level"] == "grid")
    assert sites["total"] == len(PLACES) == 60
    roles = sorted(tuple(row["roles"]) for row in accounts["items"])
    assert len(roles) == len(EVERYBODY) == 10
    assert [role for role in roles if "chief" in role] == [("chief",)]
    assert [role for role in roles if "admin" in role] == [("admin",)]
    kinds = {kind for item in sites["items"] for kind in item["site"]["place_types"]}
    for checklist in bundled():
        assert kinds & set(checklist["place_types"]), checklist["title"]


def test_every_state_a_newcomer_wants_to_see_is_there(demo: Tool) -> None:
    ledger, late, waiting, returned, overview, quarantine, feedback, sites = ask(
        demo, "liuhai", "/hazards?size=200", "/hazards?overdue=true", "/review?size=200",
        "/review?tab=returned", "/overview", "/quarantine", "/feedback", "/sites",
    )  # fmt: skip
    states = set(ledger["counts"])
    assert states >= {
        "submitted", "returned", "rectifying", "fix_pending", "review_failed", "reopened", "closed",
    }  # fmt: skip
    assert late["total"] > 0
    assert returned["total"] >= 1
    assert overview["suspected_major"] >= 1
    doubts = {doubt["code"] for item in waiting["items"] for doubt in item["doubts"]}
    assert doubts >= {"same_hazard", "clock", "photos_waiting", "outside_area"}
    assert any(item["hazard"]["conflicts"] for item in ledger["items"])
    assert all(overview["matters"][name] >= 1 for name in ("outcome", "field", "same", "photo"))
    assert any(item["hazard"]["level"] == "major" for item in ledger["items"])
    assert quarantine["total"] == 1
    assert feedback["total"] == 2
    assert {"overdue", "done", "never"} <= set(sites["counts"])
    wrong = [item["hazard"]["flags"] for item in ledger["items"] if item["hazard"]["flags"]]
    assert wrong == []
    unfinished = [item for item in ledger["items"] if item["hazard"]["incomplete"]]
    assert unfinished == []


def test_every_form_of_activity_was_filled_in(demo: Tool) -> None:
    """A newcomer sees what each is for; every required question of each is answered."""
    (told,) = ask(demo, "liuhai", "/activities?size=50")
    forms = {form["id"]: form for form in bundled_forms()}
    assert {each["form"] for each in told["items"]} == set(forms)
    for each in told["items"]:
        answered = {entry["item"] for entry in each["entries"]}
        assert {item["id"] for item in forms[each["form"]]["items"] if item.get("required")} <= (
            answered
        )


def test_the_month_is_a_ledger_like_any_other(demo: Tool) -> None:
    with demo.services.database.read() as connection:
        verdicts = dict(run(connection, "SELECT verdict, count(*) FROM log_entry GROUP BY verdict"))
        times = run(connection, "SELECT received_at FROM log_entry ORDER BY idx DESC LIMIT 1")
    assert set(verdicts) == {"admitted", "admitted:outside_area", "quarantined:missing_role"}
    assert times[0][0] <= demo.services.clock().isoformat().replace("+00:00", "Z")


def test_the_first_run_prints_only_what_lets_somebody_in(first_run: tuple[Tool, str]) -> None:
    """A one-time link is void once everybody has a password, so none may be printed."""
    _, said = first_run
    assert DEMO_COMMANDS[-1] == "demo"
    assert "/password/" not in said
    assert PASSWORD in said


def test_a_second_run_adds_nothing_and_prints_the_logins_again(
    demo: Tool, capsys: pytest.CaptureFixture[str]
) -> None:
    def size() -> Any:
        with demo.services.database.read() as connection:
            return run(connection, "SELECT log_size FROM station")

    before = size()
    assert township.fill(demo) == 0
    assert size() == before
    said = capsys.readouterr().out
    assert PASSWORD in said
    assert "wangfang" in said
    assert "/field/" in said
    assert "█" in said
    assert "https" in said, "it says why plain http does not do on another machine"


def test_a_station_with_real_work_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GI_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    tool = Tool()
    station.migrate(tool, NOTHING)
    station.setup(tool, NOTHING)
    row = json.dumps({"id": "s", "name": "真店"})
    tool.write(
        lambda connection: run(
            connection,
            "INSERT INTO site (station_id, id, state, high_risk, name, search, changed_idx, row)"
            " SELECT id, 's', 'active', ?, '真店', '真店', 0, ? FROM station",
            (False, row),
        )
    )
    assert township.fill(tool) == 1
    assert "没有放进去" in capsys.readouterr().out
    tool.services.database.close()


def test_an_https_station_needs_no_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    from app.demo.people import INSPECTORS
    from app.demo.words import secure_words

    monkeypatch.setenv("GI_PUBLIC_URL", "https://anjian.example")
    words = secure_words(read_settings(), INSPECTORS[1], "ABCDE-FGHJK", "https://anjian.example/x")
    assert "普通 http" not in words


@pytest.mark.parametrize("scene", sorted(scenes.SCENES))
def test_every_scene_is_a_small_photo_and_the_same_each_time(scene: str) -> None:
    before, after = (scenes.draw_photo(scene, seed=7, after=each) for each in (False, True))
    assert before != after
    assert before == scenes.draw_photo(scene, seed=7)
    assert 15_000 < len(before) < 120_000
    with Image.open(io.BytesIO(before)) as image:
        assert image.size == (scenes.WIDTH_PX, scenes.HEIGHT_PX)
