"""Lives through a station's first day under the shim: `python -m tests.faults.power.record FOLDER`.

A township is made, a server serves it, two people hand over batches and photos at once, thumbnails
are made, the write-ahead log is moved several times, the server is stopped kindly, killed, started
again. Whatever is acknowledged is marked in the log. It must not know what a crash would do.
"""

from __future__ import annotations

import base64
import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from tests.api.handover import batch_bytes, found, headers, sha256
from tests.api.township import API, Phone
from tests.faults.kill_scenes import photo_bytes, send_parts
from tests.faults.kill_world import Wire, World, make_world
from tests.faults.power.log import mark
from tests.served import Served

TURNS = int(os.environ.get("FAULTS_TURNS", "5"))
LOG = Path(os.environ["POWER_LOG"])


class Day:
    """What is sent, and what was answered."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.sent: list[dict[str, Any]] = []
        self._mutex = threading.Lock()

    def batch(self, phone: Phone, lines: list[bytes]) -> None:
        """One batch until its receipt is there."""
        body = batch_bytes(phone, lines)
        with self._mutex:
            self.sent.append({"body": base64.b64encode(body).decode(), "token": phone.token})
        answer = phone.client.post(
            f"{API}/sync/batches", data=body, headers=headers(phone, body, packed=False)
        )
        assert answer.status_code == 200, answer.text
        receipt = json.loads(answer.json["receipt"])
        mark(LOG, {"receipt": answer.json["receipt"], "batch": receipt["batch"],
                   "facts": [sha256(line) for line in lines]})  # fmt: skip

    def turn(self, phone: Phone, number: int) -> None:
        """A batch, a whole photo, a batch, a photo in parts."""
        photos = [photo_bytes(), photo_bytes()]
        named = [{"sha256": sha256(each), "role": "before", "bytes": len(each)} for each in photos]
        self.batch(phone, [found(phone, photos=named), found(phone)])
        address = f"{API}/photos/{sha256(photos[0])}"
        answer = phone.client.put(address, data=photos[0], headers=phone.bearer)
        assert answer.status_code == 204 and answer.headers["Photo-Held"]
        mark(LOG, {"photo": sha256(photos[0]), "bytes": len(photos[0])})
        self.batch(phone, [found(phone) for _ in range(3)])
        if number % 2 == 0:
            send_parts(phone, photos[1])
            mark(LOG, {"photo": sha256(photos[1]), "bytes": len(photos[1])})

    def day(self) -> None:
        """Two people at once; in between the server goes in three ways."""
        township = self.world.township
        phones = [self.world.ana, township.phone("ben")]
        township.close()
        mark(LOG, {"built": township.station_id,
                   "key": township.services.signer.public_key})  # fmt: skip
        served = Served(
            self.world.data,
            {"GI_WORKERS": "2", "GI_THREADS": "6"},
            ("--config", "tests/faults/power/serve.py"),
        )
        for how in (signal.SIGTERM, signal.SIGKILL, signal.SIGKILL)[: TURNS + 1]:
            served.serve()
            for phone in phones:
                phone.client = Wire(served)
            threads = [threading.Thread(target=self._turns, args=(phone,)) for phone in phones]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            served.stop(how)
        (self.world.folder / "sent.log").write_text(json.dumps(self.sent))

    def _turns(self, phone: Phone) -> None:
        for number in range(TURNS):
            self.turn(phone, number)


def main() -> None:
    """Everything below the given folder."""
    day = Day(make_world(Path(sys.argv[1])))
    day.day()
    mark(LOG, {"end": True})
    # The process's own connections must not tidy up behind the recording.
    os._exit(0)


if __name__ == "__main__":
    main()
