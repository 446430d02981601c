"""A day in the ledger, and what is asked of it or done to it: verify, rebuild, tamper.

It must not know what a test wants to find out.
"""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from app.clock import new_id
from app.ledger.head import signed_head
from app.ledger.rebuild import rebuild
from app.ledger.store import read_station
from app.ledger.verify import Head, Report, read_heads, verify
from tests.api.handover import found, noted, private_line, send, sha256
from tests.api.township import Township


def check(township: Township, heads: list[Head] | None = None) -> Report:
    services = township.services
    with services.database.read() as connection:
        station = read_station(connection, township.station_id)
        assert station is not None
        return verify(connection, station, heads or [], server_key=services.signer.public_key)


def head_of(township: Township) -> Head:
    services = township.services
    with services.database.read() as connection:
        station = read_station(connection, township.station_id)
        assert station is not None
        return read_heads(
            json.dumps(signed_head(services.signer, station, township.clock.now)), "Ana's phone"
        )[0]


def a_day(township: Township) -> tuple[Any, str]:
    """Hazards, a note, a private line, a quarantined fact, a conflict of two phones."""
    ana, ben = township.phone("ana"), township.phone("ben")
    hazard, fact_id = new_id(), new_id()
    line = private_line(fact_id, {"fix_owner": "王芳"})
    send(ana, [found(ana, hazard, id=fact_id, private=sha256(line))], [line])
    send(ben, [noted(ben, hazard), found(ben), found(ben, station=new_id())])
    send(ana, [noted(ana, hazard), found(ana)])
    return ana, hazard


def rebuilt(township: Township, *, apply: bool) -> Any:
    def work(connection: Any) -> Any:
        station = read_station(connection, township.station_id)
        assert station is not None
        return rebuild(connection, station, apply=apply)

    if apply:
        return township.services.database.in_transaction(work)
    with township.services.database.read() as connection:
        return work(connection)


def tamper(township: Township, *statements: tuple[str, tuple[Any, ...]]) -> None:
    """What somebody with the file and no scruples can do: drop the triggers, then write."""
    database = township.services.database
    database.close()
    assert database.path is not None
    file = sqlite3.connect(database.path)
    for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        file.execute(f"DROP TRIGGER {name}")
    for text, values in statements:
        file.execute(text, values)
    file.commit()
    file.close()
