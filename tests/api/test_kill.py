"""kill -9 in the middle of the day: what was acknowledged is there, once, the ledger whole."""

from __future__ import annotations

import gzip
import http.client
import json
import random
import signal
import threading
import time
from pathlib import Path

from app.ledger.rebuild import rebuild
from app.ledger.store import read_station
from app.ledger.verify import verify
from tests.api.handover import batch_bytes, found, headers, sha256
from tests.api.township import API, Phone, build_township
from tests.served import Served

KILLS = 3
BATCHES = 40
FACTS_PER_BATCH = 3
DEADLINE_S = 120
SEED = 20261121


def send_until_answered(served: Served, phone: Phone, body: bytes, stop: float) -> dict[str, str]:
    """What a phone does: try again until there is a receipt."""
    while time.monotonic() < stop:
        try:
            wire = http.client.HTTPConnection("127.0.0.1", served.port, timeout=5)
            wire.request("POST", f"{API}/sync/batches", body, headers(phone, body))
            answer = wire.getresponse()
            text = answer.read()
            if answer.status == 200:
                return dict(json.loads(text))
        except (OSError, http.client.HTTPException):
            pass
        time.sleep(0.05)
    raise AssertionError("no answer before the deadline")


def test_killing_the_server_again_and_again_loses_and_doubles_nothing(tmp_path: Path):
    township = build_township(f"sqlite:///{tmp_path / 'data' / 'station.db'}", tmp_path)
    ana = township.phone("ana")
    lines = [[found(ana) for _ in range(FACTS_PER_BATCH)] for _ in range(BATCHES)]
    bodies = [gzip.compress(batch_bytes(ana, each)) for each in lines]
    served = Served(tmp_path / "data", {"GI_JOBS_IN_PROCESS": "0", "GI_THREADS": "4"}).serve()
    chance = random.Random(SEED)
    stop = time.monotonic() + DEADLINE_S
    receipts: list[dict[str, str]] = []

    def phone() -> None:
        for body in bodies:
            receipts.append(send_until_answered(served, ana, body, stop))

    thread = threading.Thread(target=phone)
    thread.start()
    try:
        for _ in range(KILLS):
            time.sleep(chance.uniform(0.05, 0.6))
            served.stop(signal.SIGKILL)
            served.serve()
        thread.join(DEADLINE_S)
    finally:
        served.stop()
    assert len(receipts) == BATCHES
    with township.services.database.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT f.sha256 FROM fact f JOIN log_entry l ON l.fact_seq = f.seq"
            " WHERE f.enrolment_id = ?", (ana.enrolment,)
        ).all()  # fmt: skip
        assert sorted(row[0] for row in rows) == sorted(sha256(x) for each in lines for x in each)
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        station = read_station(connection, township.station_id)
        assert station is not None
        key = township.services.signer.public_key
        assert verify(connection, station, [], server_key=key).breaks == []
        assert rebuild(connection, station, apply=False).differing == 0
    for receipt in receipts:
        assert json.loads(receipt["receipt"])["count"] == FACTS_PER_BATCH
