"""Browser tests: every test here drives real Chromium against a real gunicorn and is marked so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.e2e.phone_over_http import BarePhone, enrol
from tests.e2e.station import Station, copy_station, make_station
from tests.e2e.steps import a_browser


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """`make test` runs the browser tests in a stage of their own."""
    here = Path(__file__).parent
    for item in items:
        if here in Path(item.path).parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """The driver, once."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """One Chromium for the whole run; phones and desks have a context of their own each."""
    with a_browser(playwright) as opened:
        yield opened


@pytest.fixture(scope="session")
def made_station(tmp_path_factory: pytest.TempPathFactory) -> Station:
    """A station with its people, set up once and stopped: files of tests work on copies of it."""
    made = make_station(tmp_path_factory.mktemp("made") / "station")
    made.served.stop()
    return made


@pytest.fixture(scope="module")
def station(made_station: Station, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    """A station shared by the tests of one file."""
    copied = copy_station(made_station, tmp_path_factory.mktemp("copied") / "station")
    yield copied
    copied.served.stop()


@pytest.fixture(scope="module")
def phone(station: Station) -> BarePhone:
    """王芳's phone without a screen, for tests of the desk."""
    return enrol(station)
