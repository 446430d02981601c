"""A township behind a real gunicorn, and the questions asked of its ledger after every fault.

The tests look into the same database and photo folder as the served processes, from outside.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import random
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from app.clock import new_id
from app.db import run
from app.photos.rules import original_name
from tests.api.handover import batch_bytes, found, noted, private_line, sha256
from tests.api.sound import sound
from tests.api.township import Phone, Township, build_township
from tests.faults.line import named
from tests.served import Served

BLOCK_BYTES_MAX = 60_000


@dataclass(slots=True)
class Behind:
    """What was built and what serves it."""

    township: Township
    served: Served

    @property
    def port(self) -> int:
        """Where gunicorn listens."""
        return self.served.port

    def stored(self, facts: Sequence[bytes]) -> int:
        """How many of these lines are in the log, counted as often as they are there."""
        hashes = [sha256(line) for line in facts]
        with self.township.services.database.read() as connection:
            rows = run(
                connection,
                "SELECT f.sha256 FROM fact f JOIN log_entry l ON l.fact_seq = f.seq"
                " WHERE f.sha256 = ANY(?)",
                (hashes,),
            )
        return len(rows)

    def held(self, photo: bytes) -> bool:
        """Whether the station says it has the photo; and then its very bytes are in the store."""
        name = named(photo)
        with self.township.services.database.read() as connection:
            rows = run(connection, "SELECT state FROM photo WHERE sha256 = ?", (name,))
        if rows != [("held",)]:
            return False
        kept = self.township.services.photo_store.get(original_name(self.township.station_id, name))
        assert kept is not None, "held, but not in the store"
        assert hashlib.sha256(kept).hexdigest() == name, "held, but with other bytes"
        return True

    def check_ledger(self) -> None:
        """Every link of the log holds, every row is what its facts say, the file is sound."""
        sound(self.township)
        database = self.township.services.database
        with database.read() as connection:
            twice = run(connection, "SELECT sha256 FROM fact GROUP BY sha256 HAVING count(*) > 1")
            assert twice == []
            if database.sqlite:
                assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"


@contextmanager
def behind_gunicorn(
    folder: Path, database_url: str | None = None, **settings: str
) -> Iterator[Behind]:
    """A township in `folder`, served by two workers; SQLite without a database URL."""
    url = database_url or f"sqlite:///{folder / 'data' / 'station.db'}"
    township = build_township(url, folder)
    served = Served(
        folder / "data",
        {"GI_JOBS_IN_PROCESS": "0", "DATABASE_URL": url, **settings},
    )
    try:
        yield Behind(township, served.serve())
    finally:
        served.stop()
        township.services.database.close()


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """In memory where there is such a place: what is tried here does not ask for a disk."""
    memory = Path("/dev/shm")
    where = memory if memory.is_dir() and os.access(memory, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="gi-faults-", dir=where) as name:
        yield Path(name)


def visit(phone: Phone, photos: Sequence[bytes] = (), **envelope: str) -> tuple[bytes, list[bytes]]:
    """One small visit: (batch, its fact lines); a finding with a name and two notes."""
    hazard, fact_id = new_id(), new_id()
    private = private_line(fact_id, {"fix_owner": "王芳", "fix_owner_phone": "13912345678"})
    mentioned = [{"sha256": named(p), "role": "before", "bytes": len(p)} for p in photos]
    facts = [
        found(phone, hazard, id=fact_id, private=sha256(private), photos=mentioned),
        noted(phone, hazard),
        noted(phone, hazard, "软管已经老化"),
    ]
    return batch_bytes(phone, facts, [private], **envelope), facts


def picture(chance: random.Random, size: int) -> bytes:
    """A JPEG of exactly so many bytes, unlike any other: filled up as cameras do, with own data."""
    out = io.BytesIO()
    colour = (chance.randrange(256), chance.randrange(256), chance.randrange(256))
    Image.new("RGB", (64, 48), colour).save(out, "JPEG")
    plain, filling = out.getvalue(), b""
    left = size - len(plain)
    while left > 0:
        block = min(left - 4, BLOCK_BYTES_MAX) if left - BLOCK_BYTES_MAX > 8 else left - 4
        filling += b"\xff\xe5" + (block + 2).to_bytes(2, "big") + chance.randbytes(block)
        left -= block + 4
    return plain[:2] + filling + plain[2:]


def receipt_of(text: str) -> dict[str, object]:
    """A receipt's text as it was signed."""
    return dict(json.loads(text))
