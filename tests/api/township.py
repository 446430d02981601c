"""A small real station for tests: database, photos and key in a temporary folder, five people.

Ana and Ben inspect one village each, Chen is chief, Dai is admin, Eli left and is switched off.
All goes through the real application; only accounts and sites are written by the ledger's own hand.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import flask
from argon2 import PasswordHasher
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import event
from werkzeug.test import TestResponse

from app.auth import store as auth_store
from app.auth.links import new_enrolment_code
from app.auth.tokens import csrf_of, new_token
from app.clock import instant, new_id
from app.compose import compose
from app.keys import KeySigner
from app.ledger.append import append
from app.ledger.incoming import DeskFact, desk_incoming, server_sender
from app.ledger.station import make_station
from app.migrate import upgrade
from app.services import Services
from app.settings import read_settings

API = "/api/v1"
PASSWORD = "Zaoyuan-2026"
PHOTOS = Path(__file__).parent.parent / "fixtures" / "photos"
NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)


# A stored hash says itself how much work checking it is: the least, for tests that guess and guess.
QUICK_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@cache
def password_hash() -> str:
    """One hash for every test, quick to check."""
    return QUICK_HASHER.hash(PASSWORD)


@dataclass
class Clock:
    """A clock that stands still until a test moves it."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        """The time now."""
        return self.now

    def forward(self, **much: float) -> None:
        """Let time pass."""
        self.now += timedelta(**much)


def digest_header(body: bytes) -> str:
    """Content-Digest of a body."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


class PhoneKey:
    """A phone's own key, as WebCrypto makes it."""

    def __init__(self) -> None:
        self._signer = KeySigner(ec.generate_private_key(ec.SECP256R1()))
        self.public_key = self._signer.public_key

    def sign(self, text: str) -> str:
        """Raw r||s in base64url."""
        return self._signer.sign(text.encode())

    def claim_body(self, code: str, label: str = "Ana 的手机") -> dict[str, str]:
        """What a claim sends."""
        spelled = code.replace("-", "")
        proof = self.sign(f"grid-inspector/claim/1\n{spelled}\n{self.public_key}")
        return {"code": code, "public_key": self.public_key, "label": label, "proof": proof}


@dataclass
class Desk:
    """A browser with a session."""

    client: Any
    csrf: str

    def call(self, method: str, path: str, **more: Any) -> TestResponse:
        """A request as the desk's pages send it."""
        headers = {"X-CSRF": self.csrf, **more.pop("headers", {})}
        response: TestResponse = self.client.open(
            API + path, method=method, headers=headers, **more
        )
        return response

    def get(self, path: str) -> TestResponse:
        """GET."""
        return self.call("GET", path)

    def post(self, path: str, body: Any = None) -> TestResponse:
        """POST JSON."""
        return self.call("POST", path, json=body) if body is not None else self.call("POST", path)


@dataclass
class Phone:
    """An enrolled phone that numbers and signs what it hands over."""

    township: Township
    client: Any
    key: PhoneKey
    account: str
    enrolment: str
    token: str
    n: int = 0

    @property
    def bearer(self) -> dict[str, str]:
        """The header every request carries."""
        return {"Authorization": f"Bearer {self.token}"}

    def get(self, path: str, method: str = "GET") -> TestResponse:
        """GET or HEAD."""
        response: TestResponse = self.client.open(API + path, method=method, headers=self.bearer)
        return response

    def fact(self, kind: str, subject: str, body: dict[str, Any], **more: Any) -> bytes:
        """One line of JSON, numbered."""
        self.n += 1
        line = {
            "id": new_id(),
            "kind": kind,
            "v": 1,
            "station": self.township.station_id,
            "subject": subject,
            "after": [],
            "author": self.account,
            "enrolment": self.enrolment,
            "n": self.n,
            "at": instant(self.township.clock.now),
            "offset_ms": 0,
            "where": None,
            "photos": [],
            "body": body,
            **more,
        }
        return json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode()

    def hand_over(self, *facts: bytes) -> TestResponse:
        """A signed batch."""
        batch = str(uuid.uuid4())
        sent_at = instant(self.township.clock.now)
        hashes = "\n".join(hashlib.sha256(line).hexdigest() for line in facts)
        manifest = hashlib.sha256(hashes.encode()).hexdigest()
        envelope = {
            "batch": batch,
            "enrolment": self.enrolment,
            "sent_at": sent_at,
            "offset_ms": 0,
            "n_max": self.n,
            "wire": 1,
            "acknowledged": None,
            "app": "0.1.0",
            "facts": len(facts),
            "privates": 0,
        }
        signature = self.key.sign(
            f"grid-inspector/batch/1\n{self.township.station_id}\n{batch}\n{self.enrolment}\n"
            f"{sent_at}\n{self.n}\n{manifest}"
        )
        head = [json.dumps(envelope), json.dumps({"manifest": manifest, "signature": signature})]
        body = gzip.compress(b"\n".join([*(line.encode() for line in head), *facts]) + b"\n")
        headers = {
            **self.bearer,
            "Content-Type": "application/x-ndjson",
            "Content-Encoding": "gzip",
            "Content-Digest": digest_header(body),
        }
        response: TestResponse = self.client.post(f"{API}/sync/batches", data=body, headers=headers)
        return response

    def find_hazard(self, *photos: bytes, site: str | None = None) -> str:
        """Hand over a hazard with photos; its id."""
        hazard = new_id()
        named = [
            {"sha256": hashlib.sha256(p).hexdigest(), "role": "before", "bytes": len(p)}
            for p in photos
        ]
        body = {
            "site": site or self.township.sites[self.account],
            "finding": "连接软管超过 2 米",
            "level": "general",
            "disposition": "by_deadline",
            "found_on": "2026-11-21",
            "source": "routine",
        }
        answer = self.hand_over(self.fact("hazard.found", hazard, body, photos=named))
        assert answer.status_code == 200, answer.text
        return hazard

    def part(
        self,
        sha256: str,
        data: bytes,
        *,
        offset: int,
        length: int,
        epoch: int | None = None,
        **headers: str,
    ) -> TestResponse:
        """One part of a photo."""
        sent = {
            **self.bearer,
            "Content-Digest": digest_header(data),
            "Upload-Offset": str(offset),
            "Upload-Length": str(length),
            **({} if epoch is None else {"Upload-Epoch": str(epoch)}),
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        response: TestResponse = self.client.patch(
            f"{API}/photos/{sha256}",
            data=data,
            headers=sent,
            environ_overrides={"CONTENT_LENGTH": str(len(data))},
        )
        return response

    def whole(self, data: bytes, *, sha256: str | None = None, **headers: str) -> TestResponse:
        """A whole photo in one request, under its hash or another address."""
        response: TestResponse = self.client.put(
            f"{API}/photos/{sha256 or hashlib.sha256(data).hexdigest()}",
            data=data,
            headers={**self.bearer, **{k.replace("_", "-"): v for k, v in headers.items()}},
            environ_overrides={"CONTENT_LENGTH": str(len(data))},
        )
        return response


@dataclass
class Township:
    """The station and the ways in."""

    app: flask.Flask
    clock: Clock
    station_id: str
    folder: Path
    people: dict[str, str] = field(default_factory=dict)  # name -> account id
    areas: dict[str, str] = field(default_factory=dict)
    sites: dict[str, str] = field(default_factory=dict)  # account id -> a site in its village

    @property
    def services(self) -> Services:
        """The application's own parts."""
        services: Services = self.app.extensions["services"]
        return services

    def record(self, *facts: DeskFact, by: str = "dai") -> None:
        """Write facts in somebody's name, as set-up does."""
        services = self.services
        author = self.people[by]
        salts = (uuid.uuid4().hex for _ in facts)
        incoming = desk_incoming(
            facts,
            station_id=self.station_id,
            author_id=author,
            now=self.clock.now,
            salts=salts,
        )
        services.database.in_transaction(
            lambda c: append(
                c, self.station_id, incoming, server_sender(author), now=self.clock.now
            )
        )

    def heads(self, table: str, subject: str) -> list[str]:
        """What a page of this subject would show as its last facts."""
        with self.services.database.read() as connection:
            found = connection.exec_driver_sql(f"SELECT id, row FROM {table}").all()
        rows = {row[0]: json.loads(row[1]) for row in found}
        return list(rows[subject]["heads"]) if subject in rows else []

    def set_account(self, name: str, *, active: bool = True, **more: Any) -> None:
        """Make or change an account."""
        account_id = self.people.setdefault(name, new_id())
        after = self.heads("account", account_id)
        private = {"name": name.capitalize(), "phone": "13800002210"}
        body = {"login": name, "active": active, **more}
        self.record(DeskFact(new_id(), "account.set", account_id, body, after, private))

    def grant(self, name: str, roles: list[str], areas: list[str] | None = None) -> None:
        """Give roles and areas."""
        account_id = self.people[name]
        body = {"roles": roles, "areas": areas or []}
        after = self.heads("account", account_id)
        self.record(DeskFact(new_id(), "grant.set", account_id, body, after))

    def desk(self, name: str) -> Desk:
        """A browser in which somebody is signed in, without the slow check of a password."""
        client, token = self.app.test_client(), new_token()
        now = self.clock.now
        self.services.database.in_transaction(
            lambda c: auth_store.add_session(
                c,
                self.station_id,
                self.people[name],
                token_hash=token.hash,
                csrf=csrf_of(token.text),
                now=now,
                expires_at=now + timedelta(hours=8),
            )
        )
        client.set_cookie("gi_session", token.text)
        return Desk(client, csrf_of(token.text))

    def close(self) -> None:
        """Give back the database, everything of it in one file."""
        if self.services.database.sqlite:
            self.services.database.checkpoint()
        self.services.database.close()

    def code(self, name: str) -> str:
        """A fresh enrolment code."""
        services = self.services
        made = services.database.in_transaction(
            lambda c: new_enrolment_code(
                c,
                self.station_id,
                self.people[name],
                public_url=services.settings.public_url,
                now=self.clock.now,
                hours=services.settings.enrolment_code_h,
                created_by=self.people["chen"],
            )
        )
        return made.code

    def phone(self, name: str) -> Phone:
        """Enrol a phone."""
        client, key = self.app.test_client(), PhoneKey()
        answer = client.post(f"{API}/enrolments/claim", json=key.claim_body(self.code(name)))
        assert answer.status_code == 200, answer.text
        claimed = answer.json
        return Phone(self, client, key, self.people[name], claimed["enrolment"], claimed["token"])


def open_app(database_url: str, folder: Path, clock: Clock, **settings: str) -> flask.Flask:
    """The application on a database and a folder."""
    env = {
        "GI_DATA_DIR": str(folder / "data"),
        "DATABASE_URL": database_url,
        "GI_JOBS_IN_PROCESS": "0",
        "GI_PUBLIC_URL": "https://anjian.example",
        **settings,
    }
    return compose(read_settings(env), clock=clock)


def copy_township(
    made: Township, folder: Path, database_url: str = "", **settings: str
) -> Township:
    """The same station again in another folder, after `close`; PostgreSQL: a copied database."""
    shutil.copytree(made.folder, folder, dirs_exist_ok=True)
    clock = Clock()
    url = database_url or f"sqlite:///{folder / 'station.db'}"
    app = open_app(url, folder, clock, **settings)
    people, areas, sites = dict(made.people), dict(made.areas), dict(made.sites)
    return Township(app, clock, made.station_id, folder, people, areas, sites)


def build_township(database_url: str, folder: Path, **settings: str) -> Township:
    """A station with two villages and five people, each with the same good password."""
    clock = Clock()
    app = open_app(database_url, folder, clock, **settings)
    services: Services = app.extensions["services"]
    services.database.in_transaction(upgrade)
    station_id = services.database.in_transaction(
        lambda c: make_station(c, services.settings, now=clock.now, station_id=new_id())
    )
    township = Township(app, clock, station_id, folder)
    for name in ("dai", "chen", "ana", "ben", "eli"):
        township.set_account(name)
    _villages(township)
    township.grant("dai", ["admin"])
    township.grant("chen", ["chief"])
    township.grant("ana", ["inspector"], [township.areas["zaoyuan"]])
    township.grant("ben", ["inspector"], [township.areas["liutang"]])
    township.set_account("eli", active=False)
    _passwords(township)
    return township


def _villages(township: Township) -> None:
    for name, inspector in (("zaoyuan", "ana"), ("liutang", "ben")):
        area, site = new_id(), new_id()
        township.areas[name] = area
        township.sites[township.people[inspector]] = site
        township.record(DeskFact(new_id(), "area.set", area, {"name": name, "level": "village"}))
        body = {"name": f"{name} 面馆", "place_types": ["餐饮"], "area": area}
        private = {"owner_name": "王芳", "owner_phone": "13912345678"}
        township.record(DeskFact(new_id(), "site.registered", site, body, (), private))


def _passwords(township: Township) -> None:
    def write(connection: Any) -> None:
        for account_id in township.people.values():
            auth_store.set_password(
                connection,
                township.station_id,
                account_id,
                password_hash=password_hash(),
                now=township.clock.now,
            )

    township.services.database.in_transaction(write)


@contextmanager
def statements_noted(township: Township, note: Callable[..., None]) -> Iterator[None]:
    """`note` hears of every statement meanwhile, as SQLAlchemy's before_cursor_execute does."""
    engines = township.services.database.engines
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)
