"""Opens what a crash left as the application does, and compares it with what was acknowledged.

It must not know how the state came about.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

import app.domains  # noqa: F401 - registers the tables
from app.db import Database, UnsafeDatabase, make_database, run
from app.keys import read_or_make_key
from app.ledger.rebuild import rebuild
from app.ledger.store import read_station
from app.ledger.verify import verify
from app.photos.rules import original_name
from tests.api.township import API, Clock, digest_header, open_app


@dataclass
class Acknowledged:
    """What people were told up to a moment."""

    station: str = ""
    key: str = ""
    receipts: dict[str, str] = field(default_factory=dict)
    facts: set[str] = field(default_factory=set)
    photos: dict[str, int] = field(default_factory=dict)

    def note(self, value: dict[str, Any]) -> None:
        """One more acknowledgement."""
        if "built" in value:
            self.station, self.key = value["built"], value["key"]
        if "receipt" in value:
            self.receipts[value["batch"]] = value["receipt"]
            self.facts.update(value["facts"])
        if "photo" in value:
            self.photos[value["photo"]] = value["bytes"]


def losses(folder: Path, told: Acknowledged) -> list[str]:
    """What is gone, damaged or in doubt; empty when every acknowledgement is true."""
    key = folder / "data" / "station-key.pem"
    if not key.exists() or read_or_make_key(key).public_key != told.key:
        return ["the station's key is gone"]
    if not (folder / "data" / "station.db").exists():
        return ["the database is gone"]
    try:
        database = make_database(f"sqlite:///{folder / 'data' / 'station.db'}")
        try:
            return _in_database(database, folder, told)
        finally:
            database.close()
    except (DBAPIError, UnsafeDatabase, ValueError) as error:
        return [f"the database does not open: {error}"]


def _in_database(database: Database, folder: Path, told: Acknowledged) -> list[str]:
    database.boot_check()
    with database.read() as connection:
        sound = connection.exec_driver_sql("PRAGMA integrity_check").scalar()
        if sound != "ok":
            return [f"the database is damaged: {sound}"]
        found = _facts(connection, told) + _photos(connection, folder, told)
        station = read_station(connection, told.station)
        if station is None:
            return [*found, "the station is gone"]
        report = verify(connection, station, [], server_key=told.key)
        return found + [f"ledger verify: {words}" for words in report.breaks]


def _facts(connection: Connection, told: Acknowledged) -> list[str]:
    logged = {row[0] for row in run(connection, "SELECT fact_sha256 FROM log_entry")}
    receipts = dict(run(connection, "SELECT batch_id, receipt FROM batch"))
    lost = len(told.facts - logged)
    wrong = [batch for batch, text in told.receipts.items() if receipts.get(batch) != text]
    return ([f"{lost} acknowledged facts are gone"] if lost else []) + [
        f"the receipt of {batch} is gone" for batch in wrong
    ]


def _photos(connection: Connection, folder: Path, told: Acknowledged) -> list[str]:
    """Whatever was acknowledged is held, and whatever a row holds is there to the last byte."""
    held = {row[0] for row in run(connection, "SELECT sha256 FROM photo WHERE state = 'held'")}
    found = [f"photo {sha256} is not held any more" for sha256 in told.photos if sha256 not in held]
    for sha256 in held:
        path = folder / "data" / "photos" / original_name(told.station, sha256)
        if not path.exists():
            found.append(f"photo {sha256} has no file")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
            found.append(f"photo {sha256} is damaged")
    return found


def goes_on(folder: Path, told: Acknowledged, sent: list[dict[str, str]]) -> list[str]:
    """Phones send everything again; each gets its receipt, the old ones word for word."""
    database = f"sqlite:///{folder / 'data' / 'station.db'}"
    app = open_app(database, folder, Clock())
    client = app.test_client()
    for each in sent:
        body = base64.b64decode(each["body"])
        answer = client.post(
            f"{API}/sync/batches", data=body,
            headers={"Authorization": f"Bearer {each['token']}",
                     "Content-Type": "application/x-ndjson",
                     "Content-Digest": digest_header(body)},
        )  # fmt: skip
        if answer.status_code != 200:
            return [f"a phone that asks again is told {answer.status_code}: {answer.text}"]
        batch = json.loads(answer.json["receipt"])["batch"]
        if told.receipts.get(batch, answer.json["receipt"]) != answer.json["receipt"]:
            return [f"batch {batch} gets another receipt"]
    services = app.extensions["services"]
    with services.database.read() as connection:
        station = read_station(connection, told.station)
        assert station is not None
        found = rebuild(connection, station, apply=False)
        breaks = verify(connection, station, [], server_key=told.key).breaks
    services.database.close()
    rows = [f"{found.differing} rows are not what their facts say"] if found.differing else []
    return rows + breaks
