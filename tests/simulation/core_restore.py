"""A core station set back to a backup: a new epoch, and what phones hand back (contract, 9).

It is put together from what a backup holds and from what phones prove with the station's own
signature; it must not look at what the lost log held.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID, uuid5

from tests.simulation.core_ledger import CoreLedger, Enrolment
from tests.simulation.network import Reply, Request
from tests.simulation.station import Restored, line_of, sha_of

NUMBERS_SET_FREE: Final = 10_000
# Everything a backup holds; keys are kept elsewhere, and what counts per day begins anew.
KEPT: Final = (
    "epoch", "log", "leaves", "frontier", "facts", "verdicts", "index", "counts", "ids",
    "numbers", "of_subject", "folded", "changed", "area_of", "moved", "redacted", "let_in",
    "enrolments", "batches", "photos", "held", "grants", "hazard_numbers", "last_number",
    "refused", "returned",
)  # fmt: skip


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _own(each) for key, each in value.items()}
    return copy.copy(value)


def _own(value: Any) -> Any:
    """Values that are replaced whole may be shared; those changed in place may not."""
    if isinstance(value, Enrolment):
        found = copy.copy(value)
        found.numbers = set(value.numbers)
        return found
    return copy.copy(value) if isinstance(value, list) or hasattr(value, "parts") else value


def page_text(station: str, epoch: int, page: Mapping[str, Any]) -> str:
    """What the station signs under a page of changes."""
    items = "".join(
        f"{each['i']} {each['verdict']} {each['received_at']} {sha_of(each['line'].encode())}"
        f" {each.get('number') or '-'}\n"
        for each in page["items"]
    )
    digest = sha_of(items.encode())
    return f"grid-inspector/pulled/1\n{station}\n{epoch}\n{page['from']}\n{page['to']}\n{digest}"


class Restoring(CoreLedger):
    """Backups, restores, and the requests that only matter after one."""

    opened: dict[str, Any] | None = None
    lives = 1
    proven = 0  # how far any phone proved the lost log to have reached
    came_back: frozenset[int] = frozenset()

    def back_up(self) -> dict[str, Any]:
        self.backed_up_to = len(self.log)
        return {name: _copied(getattr(self, name)) for name in KEPT}

    def restore(self, backup: dict[str, Any]) -> Restored:
        """The machine is lost: a backup on another one, and a new epoch that says so."""
        for name in KEPT:
            setattr(self, name, _copied(backup[name]))
        before, size, root = self.epoch, len(self.log), self.frontier.root().hex()
        self.lives += 1
        self.epoch = self.lives
        self.opened = {"epoch": self.epoch, "from": before, "size": size, "root": root}
        self.proven, self.came_back, self.backed_up_to = size, frozenset(), size
        self.last_number = (self.last_number // NUMBERS_SET_FREE + 2) * NUMBERS_SET_FREE
        self.quarantined, self.previews = {}, {}
        for photo in self.photos.values():
            if not photo.held:
                photo.parts = b""
        subject = str(uuid5(UUID(self.station_id), f"epoch/{self.epoch}"))
        body = {"epoch": self.epoch, "size": size, "root": root}
        dai = self.people["dai"]
        line = self._desk_line(dai, self._chance.id(), "ledger.epoch_opened", subject, [], body)
        self._append([line], self._server(dai), whole=True)
        return Restored(self.epoch, before, size)

    def lacking(self) -> set[int]:
        """The restore report: indexes of the lost log that no phone brought back."""
        assert self.opened is not None
        return set(range(self.opened["size"], self.proven)) - self.came_back

    # --- requests ---

    def _statement(self, enrolment: str) -> dict[str, str]:
        made = self.enrolments[enrolment]
        said = {"enrolment": enrolment, "account": made.account, "station": self.station_id,
                "public_key": made.public_key, "epoch": self.epoch}  # fmt: skip
        text = line_of(said).decode()
        return {"text": text, "signature": self._key.sign("grid-inspector/enrolled/1\n" + text)}

    def _on_return(self, request: Request) -> Reply:
        asked = json.loads(request.body)
        text = asked["statement"]
        if not self._signed("grid-inspector/enrolled/1\n" + text, asked["signature"]):
            return Reply(422, {"code": "statement-mismatch"})
        said = json.loads(text)
        proof = "grid-inspector/return/1\n" + text
        if not self._key.fits(said["public_key"], proof, asked["proof"]):
            return Reply(422, {"code": "statement-mismatch"})
        if asked.get("within", self.epoch) != self.epoch:
            return Reply(409, {"code": "epoch-changed", "retry": True})
        if said["epoch"] == self.epoch:
            return Reply(409, {"code": "no-restore"})
        id_ = said["enrolment"]
        known = self.enrolments.get(id_)
        if known is not None and known.revoked:
            return Reply(403, {"code": "enrolment-revoked"})
        if known is None:
            order = len(self.enrolments)
            numbers = {n for enrolment, n in self.numbers if enrolment == id_}
            made = Enrolment(said["account"], said["public_key"], order, numbers=numbers)
            self.enrolments[id_] = made
        return Reply(200, {"enrolment": id_, "token": id_, "epoch": self.epoch})

    def _on_pulled(self, request: Request, _enrolment: Enrolment) -> Reply:
        """What a phone had from the lost log; nothing without the station's own signature."""
        taken, refused = 0, []
        for place, raw in enumerate(request.body.split(b"\n")[:-1]):
            line = json.loads(raw)
            found = getattr(self, f"_take_{line['type']}")(line)
            if found is None:
                refused.append([place, "signature-mismatch"])
            else:
                taken += found
        return Reply(200, {"taken": taken, "refused": refused})

    def _signed(self, text: str, signature: str) -> bool:
        return self._key.fits(self._key.public_key, text, signature)

    def _of_the_lost(self, epoch: int) -> bool:
        return self.opened is not None and epoch == self.opened["from"]

    def _take_head(self, line: dict[str, Any]) -> int | None:
        words = (self.station_id, line["epoch"], line["size"], line["root"], line["time"])
        if not self._signed("\n".join(map(str, ("grid-inspector/head/1", *words))),
                            line["signature"]):  # fmt: skip
            return None
        if self._of_the_lost(line["epoch"]):
            self.proven = max(self.proven, line["size"])
        return 0

    def _take_receipt(self, line: dict[str, Any]) -> int | None:
        if not self._signed("grid-inspector/receipt/1\n" + line["receipt"], line["signature"]):
            return None
        said = json.loads(line["receipt"])
        if self._of_the_lost(said["epoch"]):
            self.proven = max(self.proven, said["log"]["size"])
        return 0

    def _take_page(self, line: dict[str, Any]) -> int | None:
        text = page_text(self.station_id, line["epoch"], line)
        if line["epoch"] == self.epoch or not self._signed(text, line["signature"]):
            return None
        read, verdicts = [], {}
        for item in line["items"]:
            found = self._read(item["line"].encode())
            if found.fact is not None and item.get("number"):
                self._give_back(found.fact.subject, item["number"])
            if found.sha256 not in self.verdicts:
                read.append(found)
                verdicts[found.sha256] = item["verdict"]
        self._append(read, self._server(self.people["dai"]), whole=True, verdicts=verdicts)
        if self._of_the_lost(line["epoch"]):
            self.proven = max(self.proven, line["to"])
            self.came_back |= {item["i"] for item in line["items"]}
        return len(read)

    def _give_back(self, subject: str, number: int) -> None:
        holder = next((s for s, n in self.hazard_numbers.items() if n == number), subject)
        if holder == subject:
            # Of several the lowest, whichever comes first: a life begins far above the one before.
            self.returned[subject] = min(number, self.returned.get(subject, number))
            self.hazard_numbers[subject] = self.returned[subject]
            self.refused.discard(subject)
        else:
            self.refused.add(subject)
