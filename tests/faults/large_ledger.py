"""A ledger of any size, verified in bounded memory: `python -m tests.faults.large_ledger`.

Facts, log and signed batches are written by the ledger's own functions, without folding rows; then
`ledger verify` runs as people run it, and its time and peak memory are read from the system. Last,
two facts are changed behind its back: it must name the first.
"""

from __future__ import annotations

import argparse
import json
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Connection

from app.batches.store import Signed, StoredBatch, save_batch
from app.clock import instant, new_id
from app.ledger import store
from app.ledger.incoming import Incoming, Sender, desk_author
from app.ledger.log import LogEntry, extend_log
from app.ledger.signed import batch_text, manifest_of
from sync.fact import Fact, parse_fact
from tests.api.township import Phone, Township, build_township
from tests.served import ROOT, environment

BATCH_FACTS = 100
BATCHES_PER_COMMIT = 20
MEMORY_RATIO_MAX = 1.25


@dataclass(frozen=True, slots=True)
class Measured:
    """One run of `ledger verify`."""

    facts: int
    cpu_s: float
    peak_mb: float
    code: int
    said: str


def lines_of(phone: Phone, hazard: str, count: int) -> list[Incoming]:
    """Notes about one hazard, numbered, as a phone writes them."""
    found = []
    for _ in range(count):
        raw = phone.fact("hazard.noted", hazard, {"text": f"第 {phone.n} 次看，没有变化"})
        fact = parse_fact(raw)
        assert isinstance(fact, Fact)
        found.append(Incoming(raw, fact.sha256, fact))
    return found


def grow(township: Township, phone: Phone, facts: int, say: bool = False) -> None:
    """Hand over so many facts in signed batches, without making rows of them."""
    services, hazard = township.services, new_id()
    left = facts
    while left > 0:
        with services.database.write() as connection:
            for _ in range(BATCHES_PER_COMMIT):
                count = min(BATCH_FACTS, left)
                if count > 0:
                    _batch(township, phone, connection, lines_of(phone, hazard, count))
                left -= count
        if say and (facts - left) % 100_000 < BATCH_FACTS * BATCHES_PER_COMMIT:
            print(f"  {facts - left} facts written", flush=True)
    services.database.checkpoint()


def _batch(
    township: Township, phone: Phone, connection: Connection, incoming: list[Incoming]
) -> None:
    station_id, batch, at = township.station_id, new_id(), instant(township.clock.now)
    author = replace(desk_author(phone.account, ["inspector"]), enrolment=phone.enrolment)
    sender = Sender(author, batch_id=batch)
    store.insert_facts(connection, station_id, incoming, sender, at)
    station = store.lock_station(connection, station_id)
    assert station is not None
    hashes = [each.sha256 for each in incoming]
    standing = store.standing(connection, station_id, hashes, [], [])
    entries = [
        LogEntry(station.size + place, standing.seqs[sha256], sha256, "admitted", admitted=True)
        for place, sha256 in enumerate(hashes)
    ]
    extend_log(connection, station, entries, at)
    manifest = manifest_of(hashes)
    text = batch_text(
        station_id, batch, phone.enrolment, sent_at=at, n_max=phone.n, manifest=manifest
    )
    save_batch(
        connection,
        station_id=station_id,
        batch_id=batch,
        answer=StoredBatch(manifest, phone.enrolment, "{}", ""),
        received_at=at,
        fact_count=len(hashes),
        signed=Signed(at, phone.n, phone.key.sign(text)),
    )


def measure(township: Township, facts: int) -> Measured:
    """`ledger verify` in a process of its own: seconds of CPU and the peak of its memory."""
    data = township.services.settings.data_dir
    settings = {"DATABASE_URL": f"sqlite:///{township.services.database.path}"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    # Not ru_maxrss: that of a child begins with what its parent had before exec.
    wrapper = (
        "import sys; from app.cli.__main__ import main; code = main(['ledger', 'verify']);"
        " status = open('/proc/self/status').read();"
        " print('peak', status.split('VmHWM:')[1].split()[0]); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", wrapper], cwd=ROOT, env=environment(data, **settings),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert "peak " in done.stdout, done.stdout + done.stderr
    peak_kb = int(done.stdout.rsplit("peak ", 1)[1])
    return Measured(facts, cpu, peak_kb / 1024, done.returncode, done.stdout)


def spoil(township: Township, *places: int) -> list[int]:
    """Change one letter of the facts at these places of the log, as a hand in the file does."""
    file = sqlite3.connect(str(township.services.database.path))
    for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        file.execute(f"DROP TRIGGER {name}")
    for place in places:
        file.execute(
            "UPDATE fact SET bytes = CAST(replace(CAST(bytes AS TEXT), '没有变化', '没有毛病') AS"
            " BLOB) WHERE seq = (SELECT fact_seq FROM log_entry WHERE idx = ?)",
            (place,),
        )
    file.commit()
    file.close()
    return sorted(places)


def main() -> int:
    """Grow, verify, spoil, verify; 1 when memory grew with the ledger or another link is named."""
    words = argparse.ArgumentParser(prog="python -m tests.faults.large_ledger")
    words.add_argument("--facts", type=int, default=1_000_000)
    words.add_argument("--small", type=int, default=10_000)
    asked = words.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        township = build_township(f"sqlite:///{folder}/station.db", Path(folder))
        phone = township.phone("ana")
        grow(township, phone, asked.small)
        small = measure(township, asked.small)
        started = time.process_time()
        grow(township, phone, asked.facts - asked.small, say=True)
        print(f"written in {time.process_time() - started:.0f} s of CPU", flush=True)
        large = measure(township, asked.facts)
        first, _ = spoil(township, asked.facts * 3 // 4, asked.facts * 9 // 10)
        broken = measure(township, asked.facts)
        township.services.database.close()
    for each in (small, large):
        print(f"{each.facts} facts: {each.cpu_s:.1f} s of CPU, peak {each.peak_mb:.1f} MB, "
              f"exit {each.code}")  # fmt: skip
    named = next((line for line in broken.said.splitlines() if line.startswith("BROKEN")), "")
    print(f"after two facts were changed: {named}")
    ratio = large.peak_mb / small.peak_mb
    good = (
        small.code == large.code == 0
        and broken.code == 1
        and f"entry {first}:" in named
        and ratio <= MEMORY_RATIO_MAX
    )
    print(json.dumps({"facts": large.facts, "cpu_s": round(large.cpu_s, 1),
                      "peak_mb": round(large.peak_mb, 1), "ratio": round(ratio, 3)}))  # fmt: skip
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
