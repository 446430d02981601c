"""Many at once against two real workers, on both databases: a sample of `tests.faults.crowd`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.crowd import pulled_beside, replay
from tests.faults.station import Behind, behind_gunicorn, temporary_folder

ROUNDS = 6
EVENTS = 320
SEED = 7


@pytest.fixture(scope="module")
def behind(module_database_url: str) -> Iterator[Behind]:
    with temporary_folder() as folder:
        url = module_database_url
        with behind_gunicorn(folder, None if url.startswith("sqlite") else url) as made:
            yield made


def test_eight_phones_replaying_one_batch_at_once_store_it_once(behind: Behind):
    assert replay(behind, ROUNDS, lambda _words: None) == 0, "nobody had to be sent away"


def test_who_looks_while_eight_write_with_slow_tails_sees_everything_once(behind: Behind):
    written, looks = pulled_beside(behind, EVENTS, SEED)
    assert written == EVENTS
    assert looks > 3, "it looked in between"
