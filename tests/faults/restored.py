"""The drill: a station under load is backed up, lost and restored, and phones bring back the rest.

`python -m tests.faults.restored --phones 6 --visits 12 --database postgresql`. Real commands, real
gunicorn, a backup made while phones write, kill -9, an empty machine. One phone is broken for good
after its last batch: what only it knew must be named by the report, place by place.
"""

from __future__ import annotations

import argparse
import random
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection

from app.backup.report import read_report
from app.clock import new_id
from app.db import make_database
from app.ledger.head import read_station
from app.photos.rules import original_name
from tests.api.handover import found, post, sha256
from tests.api.township import API, Phone, PhoneKey, Township, build_township
from tests.faults.kill_commands import attempted
from tests.faults.kill_world import Wire
from tests.faults.restored_phone import Remembering
from tests.faults.station import picture
from tests.postgres import Cluster
from tests.served import Served, cli

NAMES = ("ana", "chen", "ben")  # the second one sees the whole station
PHOTO_BYTES = 20_000
KEYS = ("station-key.pem", "rescue-key.pem")


@dataclass
class Drill:
    """One run; `found` counts what was compared."""

    folder: Path
    first_url: str
    second_url: str
    seed: int
    workers: int = 2
    phones: list[Remembering] = field(default_factory=list)
    found: dict[str, int] = field(default_factory=dict)
    township: Township = field(init=False)
    served: Served = field(init=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.backups = self.folder / "backups"

    # --- before the loss ---

    def begin(self, phones: int) -> None:
        """A station with its phones, served."""
        self.township = build_township(self.first_url, self.folder / "first")
        self.township.clock.now = datetime.now(UTC)
        self.served = self._serve(self.folder / "first" / "data", self.first_url)
        for place in range(phones):
            self.enrol(NAMES[place % len(NAMES)])

    def _serve(self, data: Path, url: str) -> Served:
        settings = {"DATABASE_URL": url, "GI_JOBS_IN_PROCESS": "0", "GI_WORKERS": str(self.workers)}
        return Served(data, {**settings, "GI_THREADS": "8"}).serve()

    def enrol(self, name: str) -> Remembering:
        """A phone that keeps the station's word about itself."""
        client, key = Wire(self.served), PhoneKey()
        code = self.township.code(name)
        claimed = client.post(f"{API}/enrolments/claim", json=key.claim_body(code)).json
        account = self.township.people[name]
        phone = Phone(self.township, client, key, account, claimed["enrolment"], claimed["token"])
        self.township.sites.setdefault(account, next(iter(self.township.sites.values())))
        made = Remembering(phone, random.Random(self.chance.random()), claimed["statement"])
        self.phones.append(made)
        return made

    def a_day(self, visits: int, *, backup_meanwhile: bool) -> None:
        """Every phone works in a thread of its own; the backup runs beside them."""
        trouble: list[BaseException] = []

        def works(each: Remembering) -> None:
            try:
                for _ in range(visits):
                    each.work(picture(each.chance, PHOTO_BYTES))
                    each.pull()
            except BaseException as error:
                trouble.append(error)
                raise

        threads = [threading.Thread(target=works, args=(each,)) for each in self.phones]
        for thread in threads:
            thread.start()
        if backup_meanwhile:
            cli(self.served.data, "backup", "make", str(self.backups), **self.served.settings)
        for thread in threads:
            thread.join()
        assert trouble == []

    def command(self, *words: str) -> str:
        """One command on the machine that is there, in this process: starting one costs seconds."""
        code, said = attempted(self.served.data, *words, **self.served.settings)
        assert code == 0, said
        return said

    def breaks_for_good(self) -> tuple[Remembering, int]:
        """A phone hands over two facts nobody pulls, and falls into the river; a head was seen."""
        lost = self.phones[0]
        before = changes_size(lost)
        lost.hand_over([found(lost.phone, new_id()) for _ in range(2)], [])
        witness = self.phones[1]
        witness.note(witness.phone.get("/ledger/head").json)
        return lost, before

    # --- loss and restore ---

    def lose(self) -> None:
        """kill -9, and the machine is not there any more; the keys were kept apart."""
        self.command("backup", "keys", str(self.folder / "keys"))
        self.served.stop(signal.SIGKILL)
        self.township.services.database.close()
        shutil.rmtree(self.folder / "first")

    def restore(self) -> None:
        """Onto an empty machine; its own commands say that the log holds."""
        data = self.folder / "second" / "data"
        data.mkdir(parents=True)
        for name in KEYS:
            shutil.copy(self.folder / "keys" / name, data / name)
        url = {"DATABASE_URL": self.second_url}
        said = cli(data, "restore", "from", str(self.backups), **url)
        assert "every link of the log holds" in said, said
        self.served = self._serve(data, self.second_url)
        for each in self.phones:
            each.phone.client = Wire(self.served)

    def report(self) -> tuple[int, str]:
        """`restore report`: its exit code and words."""
        words = ("restore", "report", "--english")
        return attempted(self.served.data, *words, **self.served.settings)

    # --- what must hold ---

    def check_everything_known(self, phones: list[Remembering]) -> None:
        """Each fact once, each number and photo as they were."""
        with self._database() as connection:
            here = [row[0] for row in connection.exec_driver_sql("SELECT sha256 FROM fact")]
            rows = connection.exec_driver_sql("SELECT subject_id, number FROM hazard_number")
            numbers = dict(map(tuple, rows))
        known = set().union(*(each.knows() for each in phones))
        told = {hazard: n for each in phones for hazard, n in each.numbers.items()}
        assert len(here) == len(set(here))
        assert known - set(here) == set()
        assert {hazard: numbers[hazard] for hazard in told} == told
        assert len(set(numbers.values())) == len(numbers)
        store = self.served.data / "photos"
        photos = {name: body for each in phones for name, body in each.photos.items()}
        for name, body in photos.items():
            assert (store / original_name(self.township.station_id, name)).read_bytes() == body
        self.found |= {"facts": len(known), "numbers": len(told), "photos": len(photos)}

    def check_old_batches(self, phones: list[Remembering], size: int) -> None:
        """Yesterday's batches, byte for byte: the same receipts as then."""
        replayed = 0
        for each in phones:
            for batch in each.sent:
                if batch.size <= size:
                    assert post(each.phone, batch.body).json["receipt"] == batch.receipt
                    replayed += 1
        assert replayed > 0
        self.found["replayed"] = replayed

    def check_log(self) -> None:
        """Every link, every row."""
        assert "every link holds" in self.command("ledger", "verify")
        assert "every row is what its facts say" in self.command("ledger", "rebuild", "--check")

    def missing(self) -> list[tuple[int, int]]:
        """The places of the lost log that the report names."""
        with self._database() as connection:
            station = read_station(connection, self.township.station_id)
            assert station is not None
            report = read_report(connection, station)
        assert report is not None
        return [(each.first, each.last) for each in report.missing]

    @contextmanager
    def _database(self) -> Iterator[Connection]:
        database = make_database(self.second_url)
        try:
            with database.read() as connection:
                yield connection
        finally:
            database.close()


def changes_size(phone: Remembering) -> int:
    """The size of the log now."""
    return int(phone.phone.get("/ledger/head").json["size"])


def run_drill(drill: Drill, *, phones: int, visits: int) -> dict[str, int]:
    """The whole of it; what was compared."""
    drill.begin(phones)
    drill.a_day(visits, backup_meanwhile=False)
    drill.a_day(visits, backup_meanwhile=True)
    late = drill.enrol("ben")
    drill.a_day(visits, backup_meanwhile=False)
    for each in drill.phones:
        each.pull()
    broken, place = drill.breaks_for_good()
    everybody = list(drill.phones)
    drill.lose()
    drill.restore()
    back = [each for each in everybody if each is not broken]
    assert late in back
    drill.chance.shuffle(back)
    for each in back:
        each.come_back()
    drill.check_everything_known(back)
    size = int(back[0].phone.get("/sync/changes?limit=1").json["opened"]["size"])
    drill.check_old_batches(back, size)
    assert drill.missing() == [(place, place + 1)]
    assert drill.report()[0] == 1
    broken.come_back()  # the river gave it back
    drill.check_everything_known(everybody)
    code, words = drill.report()
    assert (code, drill.missing()) == (0, []), words
    drill.check_log()
    drill.found["lost_entries"] = changes_size(back[0]) - size
    assert sha256(broken.sent[-1].lines[0]) in broken.knows()
    return drill.found


def main() -> int:
    """Run it on one kind of database and print what was compared."""
    words = argparse.ArgumentParser(prog="python -m tests.faults.restored", description=__doc__)
    words.add_argument("--phones", type=int, default=6)
    words.add_argument("--visits", type=int, default=12)
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    asked = words.parse_args()
    kinds = ("sqlite", "postgresql") if asked.database == "both" else (asked.database,)
    for kind in kinds:
        found = _run(kind, asked)
        print(f"{kind}: {found}: nothing any phone knew is missing, the rest was named")
    return 0


def _run(kind: str, asked: argparse.Namespace) -> dict[str, int]:
    with tempfile.TemporaryDirectory(prefix="gi-drill-") as name:
        folder, cluster = Path(name), Cluster() if kind == "postgresql" else None
        urls = [
            f"sqlite:///{folder / place / 'data' / 'station.db'}" for place in ("first", "second")
        ]
        if cluster is not None:
            cluster.start()
            urls = [cluster.new_database(), cluster.new_database()]
        drill = Drill(folder, *urls, seed=asked.seed)
        try:
            return run_drill(drill, phones=asked.phones, visits=asked.visits)
        finally:
            drill.served.stop(signal.SIGKILL)
            if cluster is not None:
                cluster.stop()


if __name__ == "__main__":
    raise SystemExit(main())
