"""How a phone gives its photos: whole or in parts, settled by a signed receipt and nothing else."""

from __future__ import annotations

import json
from base64 import b64decode

from tests.simulation.network import Reply, Request
from tests.simulation.recorder import Recorder, Step
from tests.simulation.station import line_of

JUMPS_MAX = 20
HASH_FAILURES_MAX = 2

PREVIEWS_MAX = 20
# A real picture of 8 by 8 grey points: the station keeps none that it cannot decode.
PREVIEW = b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAFA3PEY8MlBGQUZaVVBfeMiCeG5uePWvuZHI////////////////////"
    "////////////////////////////////wAALCAAIAAgBAREA/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcI"
    "CQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcY"
    "GRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKj"
    "pKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/9oACAEBAAA/ACv/"
    "2Q=="
)


class PhotoSender(Recorder):
    def _send_previews(self) -> Step:
        """Best effort, before the photos; whatever becomes of them, the photos travel."""
        wanted = [
            photo
            for photo in self.disk.photos.values()
            if photo.state == "waiting" and photo.log_size is not None and not photo.preview_sent
        ][:PREVIEWS_MAX]
        if not wanted:
            return
        body = b"".join(
            bytes.fromhex(photo.sha256) + len(PREVIEW).to_bytes(4, "big") + PREVIEW
            for photo in wanted
        )
        reply = yield Request.make("previews", self.disk.token, body)
        yield "previews"
        if reply is not None and reply.status == 200 and "stored" in reply.body:
            self.truth.happened["preview arrived before its photo"] += reply.body["stored"]
            for photo in wanted:
                self.set_photo(photo.sha256, preview_sent=True)

    def _send_photos(self) -> Step:
        for photo in list(self.disk.photos.values()):
            waiting = photo.state == "waiting" and photo.log_size is not None
            if waiting and not (yield from self._send_photo(photo.sha256)):
                return False
        return True

    def _send_photo(self, sha256: str) -> Step:
        """Whole when it is small, else in parts from where the station says. False: try later."""
        place: tuple[int, int | None] | None = None
        tried_whole = False
        for _ in range(JUMPS_MAX):
            body = self.disk.bodies.get(sha256)
            if place is None:
                reply = yield Request.make("head", self.disk.token, sha256=sha256)
                done, place = self._after_head(sha256, reply)
                if place is None:
                    return done
            if body is None:
                self._declare_lost(sha256)
                return True
            if place[0] == 0 and not tried_whole and len(body) <= self.part_bytes:
                tried_whole = True
                reply = yield Request.make("put", self.disk.token, body, sha256=sha256)
                yield "answered"
                if reply is None or reply.status >= 500:
                    return False
                if reply.status in (200, 204):
                    return self._settle_held(sha256, reply.headers.get("Photo-Held", ""))
            part = body[place[0] : place[0] + self.part_bytes]
            reply = yield Request.make(
                "patch", self.disk.token, part, sha256=sha256, offset=place[0], epoch=place[1],
                length=len(body),
            )  # fmt: skip
            yield "answered"
            done, place = self._after_part(sha256, reply)
            if place is None:
                return done
        return False

    def _after_head(
        self, sha256: str, reply: Reply | None
    ) -> tuple[bool, tuple[int, int | None] | None]:
        """Whether this photo is done with, or where to go on."""
        if reply is not None and reply.status == 401:
            self.disk.signed_out = True
        if reply is None or reply.status >= 500 or reply.status == 401:
            return False, None
        if reply.status == 404:
            self.set_photo(sha256, state="parked")
            return True, None
        if "Photo-Receipt" in reply.headers:
            signed = reply.headers["Photo-Receipt"], reply.headers["Photo-Signature"]
            return self._settle_photo(sha256, *signed), None
        return False, self._place(reply)

    def _after_part(
        self, sha256: str, reply: Reply | None
    ) -> tuple[bool, tuple[int, int | None] | None]:
        if reply is None:
            return False, None
        if reply.status == 200:
            text, signature = reply.body.get("receipt"), reply.body.get("signature")
            return self._settle_photo(sha256, text or "", signature or ""), None
        if reply.status == 422:
            failures = self.disk.photos[sha256].hash_failures + 1
            if failures > HASH_FAILURES_MAX:
                self.set_photo(sha256, hash_failures=failures, state="parked")
                return True, None
            self.set_photo(sha256, hash_failures=failures)
        elif reply.status not in (204, 409):
            return False, None
        return False, self._place(reply)

    @staticmethod
    def _place(reply: Reply) -> tuple[int, int | None] | None:
        if "Upload-Offset" not in reply.headers:
            return None
        return int(reply.headers["Upload-Offset"]), int(reply.headers.get("Upload-Epoch", 0))

    def _settle_held(self, sha256: str, held: str) -> bool:
        words = held.split(" ")
        if len(words) != 4:
            return False
        condition, epoch, time, signature = words
        text = line_of(
            {"photo": sha256, "bytes": len(self.disk.bodies.get(sha256, b"")),
             "condition": condition, "station": self.station.station_id, "time": time,
             "epoch": int(epoch)}
        ).decode()  # fmt: skip
        return self._settle_photo(sha256, text, signature)

    def _settle_photo(self, sha256: str, text: str, signature: str) -> bool:
        signed = "grid-inspector/photo/1\n" + text
        if not self.station.fits(self.disk.server_key, signed, signature):
            return False
        receipt, photo = json.loads(text), self.disk.photos.get(sha256)
        if photo is None or (receipt["photo"], receipt["bytes"]) != (sha256, photo.bytes):
            return False
        self.set_photo(sha256, state="held")
        self.truth.photo_receipts.add(sha256)
        return True

    def _declare_lost(self, sha256: str) -> None:
        """The browser threw the bytes away: said once, on the photo's subject (I17)."""
        for fact in list(self.disk.facts.values()):
            if sha256 in fact.photos:
                body = {"sha256": sha256, "reason": "照片在这部手机上找不到了"}
                if self.record("photo.lost", fact.subject, body):
                    self.set_photo(sha256, state="lost")
                    self.truth.photo_receipts.discard(sha256)  # one of a machine that is lost
                return
        self.set_photo(sha256, state="lost")
