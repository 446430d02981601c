"""`python -m tests.faults.rescue --cases N`: files of a phone in any order, state and number.

Each case is made from its seed: a phone records visits with photos and exports them; its files come
in shuffled, some twice, some cut, flipped or lengthened first, some batches over the wire between
them. Afterwards what was recorded is compared with what the station holds. It must not know how a
file is read.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from app.clock import new_id
from app.keys import signature_fits
from app.ledger.rebuild import rebuild
from app.ledger.store import read_station
from tests.api.handover import batch_bytes, found, noted, post, sha256
from tests.api.rescue_desk import batch_file, bring, file_of, named
from tests.api.township import Desk, Phone, Township, build_township
from tests.rescue_files import inside

PHOTO_HEAD = b"\xff\xd8 not much of a picture "
STATION_CASES_MAX = 200  # then a fresh station, so that late cases are as quick as early ones


@dataclass
class Visit:
    """What a person recorded at one place: kept apart from the station."""

    batch: str
    plain: bytes
    facts: list[bytes]
    photos: list[bytes]


@dataclass
class Case:
    """One phone's export and what is to come of it."""

    seed: int
    phone: Phone
    desk: Desk
    visits: list[Visit] = field(default_factory=list)
    files: list[bytes] = field(default_factory=list)
    receipts: dict[str, str] = field(default_factory=dict)  # batch -> the one receipt it ever gets
    photo_receipts: set[str] = field(default_factory=set)
    refused: int = 0


def record(case: Case, chance: random.Random) -> None:
    """Visits, and the files they are exported to: facts first, photos beside or apart."""
    for _ in range(chance.randint(1, 3)):
        photos = [PHOTO_HEAD + chance.randbytes(chance.randint(1, 3000)) for _ in range(3)]
        photos = photos[: chance.randint(0, 3)]
        hazard = new_id()
        facts = [found(case.phone, hazard, photos=[named(photo) for photo in photos])]
        facts += [noted(case.phone, hazard) for _ in range(chance.randint(0, 2))]
        batch = new_id()
        plain = batch_bytes(case.phone, facts, batch=batch)
        case.visits.append(Visit(batch, plain, facts, photos))
        beside = chance.randint(0, len(photos))
        file = batch_file(case.phone, [], photos[:beside], batch=batch, plain=plain)
        case.files.append(file)
        if photos[beside:]:
            case.files.append(file_of(case.phone, inside(None, photos[beside:]), batch=batch))


def spoilt(file: bytes, chance: random.Random) -> bytes:
    """The file as a bad cable or chat program might leave it."""
    at = chance.randrange(len(file))
    ways: list[Callable[[], bytes]] = [
        lambda: file[:at],
        lambda: file[:at] + bytes([file[at] ^ (1 << chance.randrange(8))]) + file[at + 1 :],
        lambda: file + chance.randbytes(chance.randint(1, 40)),
        lambda: file[:at] + file[at + chance.randint(1, 40) :],
    ]
    return chance.choice(ways)()


def size_and_held(township: Township) -> tuple[int, int]:
    """How long the log is and how many photos are held."""
    with township.services.database.read() as connection:
        size = connection.exec_driver_sql("SELECT log_size FROM station").scalar_one()
        held = "SELECT count(*) FROM photo WHERE state = 'held'"
        return int(size), int(connection.exec_driver_sql(held).scalar_one())


def deliver(township: Township, case: Case, chance: random.Random) -> None:
    """Every file at least once, in any order; spoilt ones and the wire in between."""
    again = [file for file in case.files if chance.random() < 0.3]
    steps: list[Callable[[], None]] = [lambda f=f: accepted(case, f) for f in [*case.files, *again]]  # type: ignore[misc]
    bad = [spoilt(file, chance) for file in case.files if chance.random() < 0.7]
    steps += [lambda f=f: refused(township, case, f) for f in bad if f not in case.files]  # type: ignore[misc]
    steps += [lambda v=v: over_the_wire(case, v) for v in case.visits if chance.random() < 0.3]  # type: ignore[misc]
    chance.shuffle(steps)
    for step in steps:
        step()
    accepted(case, case.files[0])  # photos that came before the wire's facts are looked at again


def accepted(case: Case, file: bytes) -> None:
    """A whole file is taken, and its receipts are kept as the phone would."""
    answer = bring(case.desk, file)
    assert answer.status_code == 200, answer.text
    key = case.phone.township.services.signer.public_key
    for each in answer.json["receipts"]:
        text = b"grid-inspector/receipt/1\n" + each["receipt"].encode()
        assert signature_fits(key, text, each["signature"])
        keep_receipt(case, each["receipt"])
    for each in answer.json["photo_receipts"]:
        text = b"grid-inspector/photo/1\n" + each["receipt"].encode()
        assert signature_fits(key, text, each["signature"])
        case.photo_receipts.add(json.loads(each["receipt"])["photo"])


def keep_receipt(case: Case, text: str) -> None:
    batch = json.loads(text)["batch"]
    assert case.receipts.setdefault(batch, text) == text, "one batch, two receipts"


def refused(township: Township, case: Case, file: bytes) -> None:
    """A spoilt file is refused with a sentence, and nothing of it is taken."""
    before = size_and_held(township)
    answer = bring(case.desk, file)
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.json["code"].startswith("rescue-"), answer.text
    assert size_and_held(township) == before, "half of a file came in"
    case.refused += 1


def over_the_wire(case: Case, visit: Visit) -> None:
    """The network was back for a moment: the words go by themselves."""
    answer = post(case.phone, visit.plain)
    assert answer.status_code == 200, answer.text
    keep_receipt(case, answer.json["receipt"])


def check(township: Township, case: Case) -> None:
    """What was recorded against what the station holds: all of it, once, byte for byte."""
    lines = {sha256(line): line for visit in case.visits for line in visit.facts}
    photos = {hashlib.sha256(p).hexdigest(): p for visit in case.visits for p in visit.photos}
    with township.services.database.read() as connection:
        stored = connection.exec_driver_sql(
            "SELECT f.sha256, f.bytes, count(l.idx) FROM fact f JOIN log_entry l"
            " ON l.fact_seq = f.seq GROUP BY f.sha256, f.bytes"
        ).all()
    mine = {sha: (bytes(raw), times) for sha, raw, times in stored if sha in lines}
    assert mine == {sha: (line, 1) for sha, line in lines.items()}, "a fact is missing or twice"
    assert case.receipts.keys() == {visit.batch for visit in case.visits}
    assert case.photo_receipts == photos.keys(), "a photo without its receipt, or one too many"
    for sha, photo in photos.items():
        assert case.desk.get(f"/photos/{sha}/original").data == photo


def run_case(township: Township, desk: Desk, seed: int) -> Case:
    """One case; AssertionError when something recorded is not what the station holds."""
    chance = random.Random(seed)
    case = Case(seed, township.phone("ana"), desk)
    record(case, chance)
    deliver(township, case, chance)
    check(township, case)
    return case


def run(seeds: range) -> Iterator[Case]:
    """Cases on stations that are made anew now and then; rows are compared with a rebuild."""
    for start in range(seeds.start, seeds.stop, STATION_CASES_MAX):
        with tempfile.TemporaryDirectory(prefix="gi-rescue-") as folder:
            path = Path(folder)
            township = build_township(f"sqlite:///{path / 'station.db'}", path)
            desk = township.desk("dai")
            for seed in range(start, min(start + STATION_CASES_MAX, seeds.stop)):
                yield run_case(township, desk, seed)
            with township.services.database.read() as connection:
                station = read_station(connection, township.station_id)
                assert station is not None
                assert rebuild(connection, station, apply=False).differing == 0
            township.services.database.close()


def main() -> int:
    """Run the cases; the last line says how many, and of how many files."""
    words = argparse.ArgumentParser(prog="python -m tests.faults.rescue", description=__doc__)
    words.add_argument("--cases", type=int, default=500)
    words.add_argument("--seed", type=int, default=1, help="the first seed; each case has its own")
    asked = words.parse_args()
    cases = files = spoilt_files = 0
    shown = time.monotonic()
    for case in run(range(asked.seed, asked.seed + asked.cases)):
        cases, files = cases + 1, files + len(case.files)
        spoilt_files += case.refused
        if time.monotonic() - shown > 10:
            shown = time.monotonic()
            print(f"{cases} of {asked.cases}", flush=True)
    print(f"{cases} exports, {files} files, {spoilt_files} spoilt ones refused whole; all held")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
