"""What other nouns may do with the phones' own numbers: count those that came another way."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from app.batches import store


def follow_enrolments(connection: Connection, station_id: str, highest: Mapping[str, int]) -> None:
    """Count numbers that came under these enrolments; `highest`: the highest of each."""
    store.follow_earlier(connection, station_id, highest)
