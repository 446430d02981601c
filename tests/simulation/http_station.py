"""The station of a world as the real application: create_app, real stores, a fresh SQLite file.

A prepared database is copied for every world. Ids, keys and time come from the seed; tokens and
the server's signatures do not, and never stand in a trace. Requests go through Flask's test client.
"""

from __future__ import annotations

import base64
import json
import logging
import shutil
import tempfile
from datetime import timedelta
from functools import cache
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from sqlalchemy import event
from werkzeug.exceptions import ClientDisconnected

from app.auth import store as auth_store
from app.auth.links import new_enrolment_code
from app.auth.tokens import csrf_of, new_token
from app.compose import compose
from app.db import run
from app.keys import KeySigner, b64url, signature_fits
from app.ledger.append import append
from app.ledger.head import read_station
from app.ledger.incoming import DeskFact, desk_incoming, server_sender
from app.ledger.rebuild import rebuild
from app.ledger.station import make_station
from app.ledger.verify import verify
from app.migrate import upgrade
from app.projections import registered
from app.services import Services
from app.settings import read_settings
from sync.fold import Row
from tests.simulation import http_restore
from tests.simulation.chance import Chance, Clock
from tests.simulation.network import Reply, Request
from tests.simulation.station import PEOPLE, QUARANTINED_PER_DAY_MAX, Enrolled, Kept, Restored

API = "/api/v1"
MEMORY = Path("/dev/shm")
MEMORY_FREE_BYTES_MIN = 512 * 1024 * 1024
PAGES_MAX = 100
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class PhoneKey:
    """A phone's P-256 key out of the seed; it signs the same text the same way."""

    def __init__(self, secret: bytes) -> None:
        number = int.from_bytes(secret, "big") % (P256_ORDER - 1) + 1
        self._key = ec.derive_private_key(number, ec.SECP256R1())
        self.public_key = KeySigner(self._key).public_key

    def sign(self, text: str) -> str:
        algorithm = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
        r, s = decode_dss_signature(self._key.sign(text.encode(), algorithm))
        return b64url(r.to_bytes(32, "big") + s.to_bytes(32, "big"))


def _new_folder() -> Path:
    """In memory where there is such a place: a world asks what is right, not what survives power
    loss, and waiting for a disk under other tests would take longer than the world."""
    in_memory = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > MEMORY_FREE_BYTES_MIN
    return Path(tempfile.mkdtemp(prefix="gi-world-", dir=MEMORY if in_memory else None))


class Prepared:
    """The database every HTTP world begins with, made once per process."""

    def __init__(self) -> None:
        self.folder = _new_folder()
        Finalize(None, shutil.rmtree, (self.folder, True), exitpriority=1)
        clock = Clock()
        self._chance = Chance("the prepared database", clock)
        services = _open(self.folder, clock, self._chance).extensions["services"]
        services.database.in_transaction(upgrade)
        station_id = services.database.in_transaction(
            lambda c: make_station(c, services.settings, now=clock(), station_id=self._chance.id())
        )
        self.station_id = station_id
        self.people = {name: self._chance.id() for name in PEOPLE}
        self.areas = {name: self._chance.id() for name in ("zao", "liu")}
        self.sites = {f"{area}{i}": self._chance.id() for area in self.areas for i in range(2)}
        self._write(services, clock)
        services.database.checkpoint()
        services.database.close()

    def _write(self, services: Services, clock: Clock) -> None:
        facts = []
        for name, id_ in self.areas.items():
            facts.append(self._fact("area.set", id_, {"name": name, "level": "village"}))
        for name, (roles, areas) in PEOPLE.items():
            subject = self.people[name]
            account = self._fact(
                "account.set", subject, {"login": name, "active": True}, private={"name": name}
            )
            grant = {"roles": roles, "areas": [self.areas[each] for each in areas]}
            facts += [account, self._fact("grant.set", subject, grant, after=[account.id])]
        for name, id_ in self.sites.items():
            body = {"name": f"{name} 面馆", "place_types": ["餐饮"], "area": self.areas[name[:3]]}
            private = {"owner_phone": "13912345678"}
            facts.append(self._fact("site.registered", id_, body, private=private))
        author = self.people["dai"]
        incoming = desk_incoming(
            facts, station_id=self.station_id, author_id=author, now=clock(),
            salts=(self._chance.salt() for _ in facts),
        )  # fmt: skip
        services.database.in_transaction(
            lambda c: append(c, self.station_id, incoming, server_sender(author), now=clock())
        )

    def _fact(
        self, kind: str, subject: str, body: Any, *, private: Any = None, after: Any = ()
    ) -> DeskFact:
        return DeskFact(self._chance.id(), kind, subject, body, after, private)


@cache
def prepared() -> Prepared:
    return Prepared()


def _open(folder: Path, clock: Clock, chance: Chance, quarantined_per_day_max: int = 2000) -> Any:
    env = {
        "GI_DATA_DIR": str(folder / "data"),
        "DATABASE_URL": f"sqlite:///{folder / 'station.db'}",
        "GI_JOBS_IN_PROCESS": "0",
        "GI_DISK_FREE_MB_MIN": "0",
        "GI_QUARANTINE_LINES_PER_DAY_MAX": str(quarantined_per_day_max),
        "GI_PUBLIC_URL": "https://anjian.example",
    }
    app = compose(read_settings(env), clock=clock, ids=chance.id)
    logging.getLogger("grid_inspector").setLevel(logging.CRITICAL)
    return app


class HttpStation:
    real_keys = True
    restorable = True
    epoch = 1
    proven = 0

    def __init__(self, chance: Chance, clock: Clock) -> None:
        base = prepared()
        self._chance, self._clock = chance, clock
        self.crash_next = False
        self._folder = _new_folder()
        shutil.copytree(base.folder, self._folder, dirs_exist_ok=True)
        self.quarantined_per_day_max = chance.random.choice(QUARANTINED_PER_DAY_MAX)
        self._machines = 1  # the folder of each under the world's own; the first is the copy
        self._start(self._folder)
        self.station_id = base.station_id
        self.people, self.areas, self.sites = base.people, base.areas, base.sites

    def _start(self, folder: Path) -> None:
        self._app = _open(folder, self._clock, self._chance, self.quarantined_per_day_max)
        self._client = self._app.test_client()
        self._desks: dict[str, Any] = {}
        for engine in self._services.database.engines:
            event.listen(engine, "commit", self._maybe_crash)

    # --- backups and restores ---

    def back_up(self) -> http_restore.Backup:
        self._machines += 1
        folder = self._folder / f"backup{self._machines}"
        return http_restore.back_up(self._services, self.station_id, folder)

    def restore(self, backup: http_restore.Backup) -> Restored:
        lost = self._services
        self._machines += 1
        folder = self._folder / f"machine{self._machines}"
        http_restore.copy_keys(lost, folder / "data")
        lost.database.close()
        self._start(folder)
        made = http_restore.restore(backup, lost, self._services, self.station_id)
        self.epoch, self.proven = made.epoch, made.size
        self._lost_epoch = made.before
        return made

    def lacking(self) -> set[int]:
        """The restore report's own words, unfolded."""
        found = http_restore.report(self._services, self.station_id)
        self.proven = found.proved.get(self._lost_epoch, self.proven)
        return {
            index
            for each in found.missing
            if each.epoch == self._lost_epoch
            for index in range(each.first, each.last + 1)
        }

    def hazard_number(self, subject: str) -> int | str | None:
        rows = self._read(
            "SELECT number FROM hazard_number WHERE station_id = ? AND subject_id = ?",
            self.station_id, subject,
        )  # fmt: skip
        return rows[0][0] if rows else None

    def numbers_refused(self) -> set[str]:
        rows = self._read(
            "SELECT subject_id FROM returned_number WHERE station_id = ? AND NOT given_back",
            self.station_id,
        )
        return {row[0] for row in rows}

    _lost_epoch = 1

    @property
    def _services(self) -> Services:
        services: Services = self._app.extensions["services"]
        return services

    def _maybe_crash(self, _connection: Any) -> None:
        if self.crash_next and self._may_crash:
            self.crash_next = False
            raise RuntimeError("the process dies before its commit")

    _may_crash = False

    # --- requests ---

    def handle(self, request: Request) -> Reply:
        self._may_crash = True
        try:
            if request.name == "decide":
                self._may_crash = False
                self._desk(request.token)
                self._may_crash = True
            answer: Reply = getattr(self, f"_on_{request.name}")(request)
            return answer
        except ClientDisconnected:  # the line broke: nobody is there to be answered
            return Reply(400, {"code": "body-cut-short", "retry": True})
        finally:
            self._may_crash = self.crash_next = False

    def _ask(self, method: str, path: str, request: Request, **headers: str) -> Reply:
        length, sha256 = request.declared
        sent = {"Authorization": f"Bearer {request.token}", **headers}
        more: dict[str, Any] = {}
        if method not in ("GET", "HEAD"):
            digest = base64.b64encode(bytes.fromhex(sha256)).decode()
            sent["Content-Digest"] = f"sha-256=:{digest}:"
            more = {
                "data": request.body,
                "environ_overrides": {"CONTENT_LENGTH": str(length)},
            }
        answer = self._client.open(API + path, method=method, headers=sent, **more)
        return self._reply(answer)

    @staticmethod
    def _reply(answer: Any) -> Reply:
        body = answer.get_json(silent=True) if answer.data else {}
        return Reply(
            answer.status_code, body if isinstance(body, dict) else {}, dict(answer.headers)
        )

    def _on_batch(self, request: Request) -> Reply:
        return self._ask(
            "POST", "/sync/batches", request, **{"Content-Type": "application/x-ndjson"}
        )

    def _on_changes(self, request: Request) -> Reply:
        after, limit = request.args["after"], request.args["limit"]
        query = f"limit={limit}" + ("" if after is None else f"&after={after}")
        return self._ask("GET", f"/sync/changes?{query}", request)

    def _on_snapshot(self, request: Request) -> Reply:
        args = {k: v for k, v in request.args.items() if v is not None}
        query = "&".join(f"{name}={value}" for name, value in args.items())
        return self._ask("GET", f"/sync/snapshot?{query}", request)

    def _on_previews(self, request: Request) -> Reply:
        return self._ask("POST", "/sync/previews", request)

    def _on_pulled(self, request: Request) -> Reply:
        return self._ask(
            "POST", "/sync/pulled", request, **{"Content-Type": "application/x-ndjson"}
        )

    def _on_return(self, request: Request) -> Reply:
        return self._ask(
            "POST", "/enrolments/return", request, **{"Content-Type": "application/json"}
        )

    def _on_consistency(self, request: Request) -> Reply:
        older, newer = request.args["from"], request.args["to"]
        return self._ask("GET", f"/ledger/consistency?from={older}&to={newer}", request)

    def _on_head(self, request: Request) -> Reply:
        return self._ask("HEAD", f"/photos/{request.args['sha256']}", request)

    def _on_put(self, request: Request) -> Reply:
        return self._ask("PUT", f"/photos/{request.args['sha256']}", request)

    def _on_patch(self, request: Request) -> Reply:
        args = request.args
        headers = {
            "Content-Type": "application/octet-stream",
            "Upload-Offset": str(args["offset"]),
            "Upload-Length": str(args["length"]),
        }
        if args["epoch"] is not None:
            headers["Upload-Epoch"] = str(args["epoch"])
        return self._ask("PATCH", f"/photos/{args['sha256']}", request, **headers)

    def _on_decide(self, request: Request) -> Reply:
        client, csrf = self._desk(request.token)
        answer = client.post(
            f"{API}/decisions",
            data=request.body,
            headers={"X-CSRF": csrf, "Content-Type": "application/json"},
            environ_overrides={"CONTENT_LENGTH": str(request.declared[0])},
        )
        return self._reply(answer)

    def _desk(self, account: str) -> Any:
        """A browser that is signed in; a session that ran out is opened again."""
        kept = self._desks.get(account)
        now = self._clock()
        if kept is not None and kept[2] > now:
            return kept[:2]
        client, token = self._app.test_client(), new_token()
        self._services.database.in_transaction(
            lambda c: auth_store.add_session(
                c, self.station_id, account, token_hash=token.hash, csrf=csrf_of(token.text),
                now=now, expires_at=now + timedelta(hours=1),
            )
        )  # fmt: skip
        client.set_cookie("gi_session", token.text)
        self._desks[account] = (client, csrf_of(token.text), now + timedelta(minutes=50))
        return client, csrf_of(token.text)

    def desk_token(self, account: str) -> str:
        return account

    # --- people and phones ---

    def make_key(self, chance: Chance) -> PhoneKey:
        return PhoneKey(chance.bytes(32))

    def fits(self, public_key: str, text: str, signature: str) -> bool:
        return signature_fits(public_key, text.encode(), signature)

    def enrol(self, account: str, key: PhoneKey, label: str) -> Enrolled:
        services = self._services
        made = services.database.in_transaction(
            lambda c: new_enrolment_code(
                c, self.station_id, account, public_url=services.settings.public_url,
                now=self._clock(), hours=services.settings.enrolment_code_h,
                created_by=self.people["dai"],
            )
        )  # fmt: skip
        spelled = made.code.replace("-", "")
        proof = key.sign(f"grid-inspector/claim/1\n{spelled}\n{key.public_key}")
        body = {"code": made.code, "public_key": key.public_key, "label": label, "proof": proof}
        answer = self._client.post(f"{API}/enrolments/claim", json=body)
        assert answer.status_code == 200, answer.text
        said = answer.json
        return Enrolled(
            said["enrolment"], said["token"], account, self.station_id, said["server_key"],
            said["epoch"], said["statement"],
        )  # fmt: skip

    def revoke(self, enrolment: str) -> bool:
        client, csrf = self._desk(self.people["dai"])
        answer = client.post(f"{API}/enrolments/{enrolment}/revocation", headers={"X-CSRF": csrf})
        assert answer.status_code == 200, answer.text
        return True

    # --- for checkers: what the tables hold ---

    def _read(self, text: str, *values: Any) -> list[Any]:
        with self._services.database.read() as connection:
            return list(run(connection, text, values))

    def kept(self) -> list[Kept]:
        rows = self._read(
            "SELECT l.fact_sha256, f.bytes, l.idx, l.verdict, l.admitted, p.bytes, l.received_at"
            " FROM log_entry l JOIN fact f ON f.seq = l.fact_seq LEFT JOIN private_line p"
            " ON p.station_id = l.station_id AND p.fact_sha256 = l.fact_sha256"
            " WHERE l.station_id = ? ORDER BY l.idx",
            self.station_id,
        )
        return [
            Kept(s, bytes(raw), i, verdict, bool(a), None if p is None else bytes(p), at)
            for s, raw, i, verdict, a, p, at in rows
        ]

    def rows(self) -> dict[str, Row]:
        found: dict[str, Row] = {}
        for projection in registered().values():
            table = projection.table.name
            for id_, text in self._read(
                f"SELECT id, row FROM {table} WHERE station_id = ?", self.station_id
            ):
                found[id_] = json.loads(text)
        return found

    def row(self, subject: str) -> Row | None:
        return self.rows().get(subject)

    def own_verification(self) -> list[str]:
        """The product's own `ledger verify` and `ledger rebuild` must find nothing."""
        with self._services.database.read() as connection:
            station = read_station(connection, self.station_id)
            assert station is not None
            report = verify(connection, station, [], server_key=self._services.signer.public_key)
            folded = rebuild(connection, station, apply=False)
        found = [f"I7: {words}" for words in report.breaks]
        found += [
            f"I8: {each.type} {each.subject_id}: {each.fields}" for each in folded.differences
        ]
        return found + [f"I8: row {each} without facts" for each in folded.extra]

    def photo(self, sha256: str) -> bytes | None:
        client, _ = self._desk(self.people["chen"])
        answer = client.get(f"{API}/photos/{sha256}/original")
        return bytes(answer.data) if answer.status_code == 200 else None

    def counted(self, enrolment: str) -> tuple[int, int] | None:
        rows = self._read(
            "SELECT n_announced, n_received FROM enrolment"
            " WHERE station_id = ? AND enrolment_id = ?",
            self.station_id, enrolment,
        )  # fmt: skip
        return (int(rows[0][0]), int(rows[0][1])) if rows else None

    def conflicts_listed(self) -> set[str]:
        """What the chief's list of hazards in dispute shows, page after page."""
        client, _ = self._desk(self.people["chen"])
        found: set[str] = set()
        for page in range(1, PAGES_MAX):
            answer = client.get(f"{API}/hazards?conflicts=true&page={page}").json
            found |= {each["hazard"]["id"] for each in answer["items"]}
            if len(found) >= answer["total"]:
                break
        return found

    def scope(self, account: str) -> tuple[bool, frozenset[str]]:
        row = self.row(account)
        assert row is not None
        whole = bool({"chief", "admin"} & set(row["roles"] or ())) and not row["areas"]
        return whole, frozenset(row["areas"] or ())

    def close(self) -> None:
        self._services.database.close()
        shutil.rmtree(self._folder, ignore_errors=True)
