"""The demo's own clock, ids and browsers, so that a month can pass in half a minute.

Everything goes through the real application: signed batches, photo parts, decisions at the desk.
It must not know what happens in that month.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import flask
from cryptography.hazmat.primitives.asymmetric import ec

from app.clock import instant
from app.http import API
from app.keys import KeySigner

APP_VERSION = "0.1.0"
Facts = list[dict[str, Any]]


class DemoFault(RuntimeError):
    """The application answered something the demo did not expect: a bug, no state of the demo."""


@dataclass
class DemoClock:
    """A clock that the demo moves, never backwards."""

    now: datetime

    def __call__(self) -> datetime:
        """The time now; each look is a little later, so that no two things happen at once."""
        self.now += timedelta(milliseconds=7)
        return self.now

    def move(self, moment: datetime) -> None:
        """Let time pass until `moment`; the past stays the past."""
        self.now = max(self.now, moment.astimezone(UTC))


@dataclass
class DemoIds:
    """uuid7 by the demo's clock with seeded randomness: the same month has the same ids."""

    clock: DemoClock
    rng: Random

    def __call__(self) -> str:
        """A fresh id."""
        milliseconds = int(self.clock.now.timestamp() * 1000)
        value = milliseconds << 80 | self.rng.getrandbits(80)
        value = value & ~(0xF << 76) | 0x7 << 76
        value = value & ~(0x3 << 62) | 0x2 << 62
        return str(UUID(int=value))


@dataclass
class World:
    """What everybody in the demo shares; `heads` are the last facts known about each subject."""

    app: flask.Flask
    clock: DemoClock
    ids: DemoIds
    rng: Random
    station_id: str = ""
    heads: dict[str, list[str]] = field(default_factory=dict)

    def answer(self, response: Any) -> Any:
        """The JSON of an answer that has to be a success."""
        if response.status_code >= 300:
            raise DemoFault(f"{response.status_code}: {response.get_data(as_text=True)[:600]}")
        return response.get_json()


class DemoDesk:
    """One person's browser at the station; signs in again when a session has run out."""

    SESSION_KEPT = timedelta(hours=1)

    def __init__(self, world: World, login: str, password: str) -> None:
        self._world = world
        self._login = {"login": login, "password": password}
        self._client = world.app.test_client()
        self._csrf = ""
        self._until = world.clock.now

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """A request as the desk's pages send it."""
        if not self._csrf or self._world.clock.now >= self._until:
            signed_in = self._client.post(f"{API}/session", json=self._login)
            self._csrf = self._world.answer(signed_in)["csrf"]
            self._until = self._world.clock.now + self.SESSION_KEPT
        response = self._client.open(
            API + path, method=method, json=body, headers={"X-CSRF": self._csrf}
        )
        return self._world.answer(response)

    def decide(self, *facts: tuple[str, str, dict[str, Any], dict[str, Any]]) -> None:
        """Post (kind, subject, body, private) after the heads known now."""
        heads = self._world.heads
        sent = []
        for kind, subject, body, private in facts:
            fact_id = self._world.ids()
            sent.append(
                {
                    "id": fact_id,
                    "kind": kind,
                    "subject": subject,
                    "after": heads.get(subject, []),
                    "body": body,
                    "private": private or None,
                }
            )
            heads[subject] = [fact_id]
        self.call("POST", "/decisions", {"facts": sent})


@dataclass
class Photo:
    """A photo on a phone; `late` ones are still on their way when the demo ends."""

    data: bytes
    role: str
    late: bool = False

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


class DemoPhone:
    """An enrolled phone: its own key and numbers, an outbox that is handed over as one batch."""

    def __init__(self, world: World, account: str, label: str, code: str) -> None:
        self._world = world
        self._client = world.app.test_client()
        self._key = KeySigner(ec.generate_private_key(ec.SECP256R1()))
        self.account = account
        self.offset_ms = world.rng.randint(-9_000, 9_000)
        self._n = 0
        self._lines: list[bytes] = []
        self._privates: list[bytes] = []
        self._photos: list[Photo] = []
        proof = self._sign(
            f"grid-inspector/claim/1\n{code.replace('-', '')}\n{self._key.public_key}"
        )
        claim = {
            "code": code,
            "public_key": self._key.public_key,
            "label": label,
            "proof": proof,
        }
        claimed = world.answer(self._client.post(f"{API}/enrolments/claim", json=claim))
        self._enrolment: str = claimed["enrolment"]
        self._bearer = {"Authorization": f"Bearer {claimed['token']}"}

    def _sign(self, text: str) -> str:
        return self._key.sign(text.encode())

    def record(
        self,
        kind: str,
        subject: str,
        body: dict[str, Any],
        *,
        at: datetime,
        private: dict[str, Any] | None = None,
        photos: list[Photo] | None = None,
        where: tuple[float, float] | None = None,
        after: list[str] | None = None,
    ) -> str:
        """Write down one fact; it stays on the phone until the next hand_over."""
        world, photos = self._world, photos or []
        self._n += 1
        fact_id = world.ids()
        device_time = at + timedelta(milliseconds=self.offset_ms)
        fact: dict[str, Any] = {
            "id": fact_id,
            "kind": kind,
            "v": 1,
            "station": world.station_id,
            "subject": subject,
            "after": after if after is not None else world.heads.get(subject, []),
            "author": self.account,
            "enrolment": self._enrolment,
            "n": self._n,
            "at": instant(device_time),
            "offset_ms": self.offset_ms,
            "where": _place(where, device_time, world.rng),
            "photos": [
                {"sha256": photo.sha256, "role": photo.role, "bytes": len(photo.data)}
                for photo in photos
            ],
        }
        if private:
            salt = f"{world.rng.getrandbits(128):032x}"
            line = _line({"fact": fact_id, "salt": salt, "fields": private})
            self._privates.append(line)
            fact["private"] = hashlib.sha256(line).hexdigest()
        self._lines.append(_line({**fact, "body": body}))
        self._photos += photos
        world.heads[subject] = [fact_id]
        return fact_id

    @property
    def waiting(self) -> bool:
        return bool(self._lines)

    def hand_over(self) -> None:
        """One signed batch, then the photos that are not late."""
        world = self._world
        batch, sent_at = world.ids(), instant(world.clock.now)
        hashes = "\n".join(hashlib.sha256(line).hexdigest() for line in self._lines)
        manifest = hashlib.sha256(hashes.encode()).hexdigest()
        envelope = {
            "batch": batch,
            "enrolment": self._enrolment,
            "sent_at": sent_at,
            "offset_ms": self.offset_ms,
            "n_max": self._n,
            "wire": 1,
            "acknowledged": None,
            "app": APP_VERSION,
            "facts": len(self._lines),
            "privates": len(self._privates),
        }
        signature = self._sign(
            f"grid-inspector/batch/1\n{world.station_id}\n{batch}\n{self._enrolment}\n"
            f"{sent_at}\n{self._n}\n{manifest}"
        )
        signed = {"manifest": manifest, "signature": signature}
        lines = [_line(envelope), _line(signed), *self._lines, *self._privates]
        body = gzip.compress(b"\n".join(lines) + b"\n")
        headers = {
            **self._bearer,
            "Content-Type": "application/x-ndjson",
            "Content-Encoding": "gzip",
            "Content-Digest": _digest(body),
        }
        world.answer(self._client.post(f"{API}/sync/batches", data=body, headers=headers))
        for photo in self._photos:
            if not photo.late:
                self._send(photo)
        self._lines, self._privates, self._photos = [], [], []

    def _send(self, photo: Photo) -> None:
        headers = {
            **self._bearer,
            "Content-Digest": _digest(photo.data),
            "Upload-Offset": "0",
            "Upload-Length": str(len(photo.data)),
        }
        path = f"{API}/photos/{photo.sha256}"
        self._world.answer(self._client.patch(path, data=photo.data, headers=headers))


def _place(where: tuple[float, float] | None, at: datetime, rng: Random) -> dict[str, Any] | None:
    """A position of some accuracy; one in eight visits has none, as under a roof."""
    if where is None or rng.random() < 0.125:
        return None
    return {
        "lat": round(where[0] + rng.uniform(-1e-4, 1e-4), 6),
        "lon": round(where[1] + rng.uniform(-1e-4, 1e-4), 6),
        "accuracy_m": rng.randint(5, 30),
        "at": instant(at),
    }


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _digest(body: bytes) -> str:
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"
