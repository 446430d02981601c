"""The question asked of a township after everything that was done to it."""

from __future__ import annotations

from app.ledger.rebuild import rebuild
from app.ledger.store import read_station
from app.ledger.verify import verify
from tests.api.township import Township


def sound(township: Township) -> None:
    """Every link of the log holds, and every row is what its facts say (I7, I8)."""
    with township.services.database.read() as connection:
        station = read_station(connection, township.station_id)
        assert station is not None
        key = township.services.signer.public_key
        assert verify(connection, station, [], server_key=key).breaks == []
        report = rebuild(connection, station, apply=False)
        assert (report.differing, report.extra) == (0, []), report.differences
