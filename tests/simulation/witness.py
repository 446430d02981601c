"""A phone as a witness: what it keeps with the station's signature, and hands back after a restore.

The order is that of the contract, section 9: what it pulled, then its own facts again, then the
rows anew, and only then is the new epoch remembered; killed in between, it begins again.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from tests.simulation.network import Request
from tests.simulation.recorder import Recorder, Step
from tests.simulation.station import line_of

LINES_PER_REQUEST = 4


def names_numbers(page: dict[str, Any]) -> bool:
    """A number may be younger than its fact: what the backup had unnumbered was let in since."""
    return any(item.get("number") for item in page.get("items", ()))


class Witness(Recorder):
    def _keep_page(self, page: dict[str, Any]) -> None:
        witness = page.get("witness")
        if witness is not None and page["facts"]:
            self.disk.pages.append({"type": "page", **witness, "items": page["facts"]})
        if "entrusted" in page:
            told = {"type": "entrusted", "epoch": page["epoch"], "text": page["entrusted"]}
            self.disk.pages.append({**told, "to": witness["to"], "items": []})

    def _keep_head(self, epoch: int, head: dict[str, Any]) -> None:
        self.disk.heads[epoch] = {"type": "head", "epoch": epoch, **head}

    def _return(self) -> Step:
        """The station does not know this token: if it was restored, its own word is the proof."""
        within = None
        for statement, key in self.disk.statements:
            reply = yield self.return_of(statement, key, within)
            yield "answered"
            if reply is None or reply.status >= 500 or reply.body.get("retry"):
                return False
            within = reply.body.get("epoch", within) if within is None else within
            if reply.body.get("enrolment") == self.disk.enrolment and reply.status == 200:
                self.disk.token, self.disk.signed_out = reply.body["token"], False
                self.truth.happened["enrolment came back by the station's own statement"] += 1
        return not self.disk.signed_out

    def _meets_new_epoch(self, body: dict[str, Any]) -> Step:
        """True when everything was handed back and only the rows are to be fetched anew."""
        opened, disk = body["opened"], self.disk
        size = opened["size"] if opened["from"] == disk.epoch else 0
        same_size = size and disk.head is not None and disk.head[0] == size
        if same_size and disk.head != (size, opened["root"]):
            self._doubts(f"epoch {body['epoch']} begins with another log than the one it knew")
        lines = [each for epoch, each in disk.heads.items() if epoch != body["epoch"]]
        lines += self._receipts_beyond(size, body["epoch"])
        lines += [
            each
            for each in disk.pages
            if each["epoch"] != body["epoch"]
            and (each["to"] > size or each["epoch"] != opened["from"] or names_numbers(each))
        ]
        for start in range(0, len(lines), LINES_PER_REQUEST):
            some = lines[start : start + LINES_PER_REQUEST]
            text = b"".join(line_of(each) + b"\n" for each in some)
            reply = yield Request.make("pulled", disk.token, text)
            yield "handed back"
            if reply is None or reply.status != 200 or "taken" not in reply.body:
                return False
            self.truth.happened["fact came back from a phone that had pulled it"] += reply.body[
                "taken"
            ]
            for refused in reply.body["refused"]:
                self.truth.wrong("I16", f"{self.name}: what it had pulled was refused: {refused}")
        self._take_back(size, body)
        disk.cursor = None
        return True

    def _receipts_beyond(self, size: int, epoch: int) -> list[dict[str, Any]]:
        found = []
        for batch, text in self.disk.receipts.items():
            said = json.loads(text)
            if said["epoch"] != epoch and said["log"]["size"] > size:
                signature = self.disk.receipt_signatures[batch]
                facts = self.disk.receipt_facts[batch]
                line = {"type": "receipt", "receipt": text, "signature": signature, "facts": facts}
                found.append(line)
        return found

    def _take_back(self, size: int, body: dict[str, Any]) -> None:
        """Everything the restored log may lack travels again, photos' bytes after a question."""
        disk = self.disk
        for key, fact in disk.facts.items():
            beyond = fact.log_size is not None and fact.log_size > size
            if fact.enrolment == disk.enrolment:
                beyond |= fact.n > body["n_received"]
            if fact.state == "receipted" and beyond:
                disk.facts[key] = replace(fact, state="unsent", batch=None, log_size=None)
                self.truth.happened["own fact handed over again after a restore"] += 1
        for sha256, photo in disk.photos.items():
            # One whose bytes the browser threw away has to be declared lost, too.
            if photo.state in ("parked", "held"):
                self.set_photo(sha256, state="waiting", hash_failures=0)
        for fact in disk.facts.values():
            for sha256 in fact.photos:
                if fact.log_size is None and sha256 in disk.photos:
                    self.set_photo(sha256, log_size=None)

    def _doubts(self, words: str) -> None:
        self.doubt = words
        self.truth.wrong("I7", f"{self.name}: {words}")
