"""The machine is lost and restored, small: `python -m tests.faults.restored` is the long form."""

from __future__ import annotations

import signal
from pathlib import Path

from tests.faults.restored import Drill, run_drill
from tests.postgres import Cluster


def test_a_station_lost_on_postgresql_comes_back_with_all_its_phones_knew(
    postgres_cluster: Cluster, tmp_path: Path
):
    urls = postgres_cluster.new_database(), postgres_cluster.new_database()
    drill = Drill(tmp_path, *urls, seed=7, workers=1)
    try:
        found = run_drill(drill, phones=2, visits=1)
    finally:
        drill.served.stop(signal.SIGKILL)
        for url in urls:
            postgres_cluster.drop_database(url)
    assert min(found.values()) > 0
