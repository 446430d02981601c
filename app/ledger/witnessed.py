"""What the station signs about a page of changes, and what of it came back after a restore.

The signed text names every entry by index, verdict, time of receipt, hash and number, so that what
a lost log had said can be said again, and shown years later: a fact that came back has no batch
with its phone's signature any more, this one stands for it. It must not judge facts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection

from app.clock import instant
from app.db import insert_many, run
from app.keys import signature_fits
from app.ledger.table import returned_fact, returned_page
from app.services import Signer

PULLED_PREFIX = "grid-inspector/pulled/1"
PAGE_ID_CHARS = 32
NO_PAGE = "entrusted"
IGNORE = "ON CONFLICT DO NOTHING"


class Said(Protocol):
    """What a page says of one entry, apart from its bytes."""

    @property
    def i(self) -> int: ...
    @property
    def verdict(self) -> str: ...
    @property
    def received_at(self) -> str: ...
    @property
    def sha256(self) -> str: ...
    @property
    def number(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Word:
    """The same, read from the store."""

    i: int
    verdict: str
    received_at: str
    sha256: str
    number: str | None


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a lost log, whose signature was checked."""

    epoch: int
    start: int
    end: int
    signature: str
    said: Sequence[Said]

    @property
    def id(self) -> str:
        """A short name, the same whoever hands it back."""
        return hashlib.sha256(self.signature.encode()).hexdigest()[:PAGE_ID_CHARS]


def witness_text(station_id: str, epoch: int, start: int, end: int, said: Iterable[Said]) -> bytes:
    """The signed text of a page (docs/contract.md section 9)."""
    digest = hashlib.sha256()
    for each in said:
        line = f"{each.i} {each.verdict} {each.received_at} {each.sha256} {each.number or '-'}\n"
        digest.update(line.encode())
    parts = (PULLED_PREFIX, station_id, str(epoch), str(start), str(end), digest.hexdigest())
    return "\n".join(parts).encode()


def witness(
    signer: Signer, station_id: str, epoch: int, start: int, end: int, said: Sequence[Said]
) -> dict[str, Any]:
    """{from, to, epoch, signature} beside a page that holds facts."""
    text = witness_text(station_id, epoch, start, end, said)
    return {"from": start, "to": end, "epoch": epoch, "signature": signer.sign(text)}


def keep_pages(
    connection: Connection,
    station_id: str,
    pages: Sequence[Page],
    *,
    enrolment_id: str,
    now: datetime,
) -> None:
    """Keep what was proved, for the report and for whoever verifies the log later."""
    columns = ("station_id", "page_id", "epoch", "start", "stop", "signature", "places",
               "enrolment_id", "returned_at")  # fmt: skip
    rows = {
        page.id: (
            station_id, page.id, page.epoch, page.start, page.end, page.signature,
            json.dumps([each.i for each in page.said]), enrolment_id, instant(now),
        )
        for page in pages
    }  # fmt: skip
    ordered = [rows[id_] for id_ in sorted(rows)]
    insert_many(connection, returned_page, columns, ordered, conflict=IGNORE)
    names = ("station_id", "epoch", "idx", "fact_sha256", "verdict", "received_at", "number",
               "page_id")  # fmt: skip
    facts = {
        (page.epoch, each.i): (
            station_id, page.epoch, each.i, each.sha256, each.verdict, each.received_at,
            each.number, page.id,
        )
        for page in pages
        for each in page.said
    }  # fmt: skip
    entries = [facts[key] for key in sorted(facts)]
    insert_many(connection, returned_fact, names, entries, conflict=IGNORE)


def keep_entrusted(
    connection: Connection, station_id: str, entries: Iterable[tuple[int, Said]]
) -> None:
    """Entries of lost logs, by epoch, that came back closed: no page with a signature names them.

    Only facts of the desk come that way; no phone's signature is missing for them.
    """
    names = ("station_id", "epoch", "idx", "fact_sha256", "verdict", "received_at", "number",
             "page_id")  # fmt: skip
    rows = {
        (epoch, each.i): (
            station_id, epoch, each.i, each.sha256, each.verdict, each.received_at, each.number,
            NO_PAGE,
        )
        for epoch, each in entries
    }  # fmt: skip
    ordered = [rows[key] for key in sorted(rows)]
    insert_many(connection, returned_fact, names, ordered, conflict=IGNORE)


class Witnessed:
    """Facts that stand by the word of a log that was lost; every page is checked once."""

    def __init__(self, connection: Connection, station_id: str, server_key: str) -> None:
        self._connection = connection
        self._station_id = station_id
        self._server_key = server_key
        self._pages: dict[str, bool] = {}

    def stands(self, sha256: str) -> bool:
        """Whether the station signed a page with this fact before the loss."""
        rows = run(
            self._connection,
            "SELECT page_id FROM returned_fact WHERE station_id = ? AND fact_sha256 = ?",
            (self._station_id, sha256),
        )
        return any(self._page_stands(page_id) for (page_id,) in rows)

    def _page_stands(self, page_id: str) -> bool:
        if page_id not in self._pages:
            self._pages[page_id] = self._signed(page_id)
        return self._pages[page_id]

    def _signed(self, page_id: str) -> bool:
        rows = run(
            self._connection,
            "SELECT epoch, start, stop, signature, places FROM returned_page"
            " WHERE station_id = ? AND page_id = ?",
            (self._station_id, page_id),
        )
        if not rows:
            return False
        epoch, start, end, signature, places = rows[0]
        said = self._said(epoch, json.loads(places))
        text = witness_text(self._station_id, epoch, start, end, said)
        return signature_fits(self._server_key, text, signature)

    def _said(self, epoch: int, places: list[int]) -> list[Word]:
        rows = run(
            self._connection,
            "SELECT idx, verdict, received_at, fact_sha256, number FROM returned_fact"
            " WHERE station_id = ? AND epoch = ? AND idx = ANY(?)",
            (self._station_id, epoch, places),
        )
        return [Word(*row) for row in sorted(rows)]
