"""Who gets what from every route (I11): each declared route by each kind of caller.

The routes come from the application itself, so a new route without a line here fails. Ben inspects
the other village: what he may not see must look the same as what does not exist.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from app.clock import new_id
from app.domains import ROUTES
from app.http import Route
from tests.api.township import API, PHOTOS, Desk, Phone, Township, build_township, digest_header

CALLERS = ("nobody", "ana_phone", "ben_phone", "revoked", "ana_desk", "ben_desk", "chen", "dai")

# What each caller of CALLERS gets, in that order, for an object in Ana's village.
REACH = """
GET    //healthz                              200 200 200 200 200 200 200 200
GET    //readyz                               200 200 200 200 200 200 200 200
GET    //metrics                              200 200 200 200 200 200 200 200
GET    /openapi.json                          200 200 200 200 200 200 200 200
GET    /docs                                  200 200 200 200 200 200 200 200
POST   /session                               401 401 401 401 401 401 401 401
GET    /session                               401 401 401 401 200 200 200 200
DELETE /session                               401 401 401 401 204 204 204 204
POST   /passwords                             404 404 404 404 404 404 404 404
GET    /accounts                              401 401 401 401 403 403 200 200
POST   /accounts/<account_id>/password-links  401 401 401 401 403 403 403 200
POST   /unmask                                401 401 401 401 403 403 200 200
GET    /access-log                            401 401 401 401 403 403 200 200
POST   /enrolments                            401 401 401 401 403 403 200 200
GET    /enrolments/<code>/sheet               401 401 401 401 403 403 200 200
POST   /enrolments/claim                      422 422 422 422 422 422 422 422
GET    /enrolments                            401 401 401 401 403 403 200 200
POST   /enrolments/<enrolment_id>/revocation  401 401 401 401 403 403 200 200
GET    /areas                                 401 401 401 401 200 200 200 200
GET    /sites                                 401 401 401 401 200 200 200 200
GET    /sites/<site_id>                       401 401 401 401 200 404 200 200
GET    /checklists                            401 200 200 403 200 200 200 200
GET    /settings                              401 200 200 403 200 200 200 200
GET    /checklists/<checklist_id>/<version>   401 404 404 403 404 404 404 404
GET    /review                                401 401 401 401 200 200 200 200
GET    /inspections                           401 401 401 401 200 200 200 200
GET    /inspections/<inspection_id>           401 401 401 401 200 404 200 200
GET    /hazards                               401 401 401 401 200 200 200 200
GET    /hazards/<hazard_id>                   401 401 401 401 200 404 200 200
GET    /activities                            401 401 401 401 200 200 200 200
GET    /documents/<document_id>               401 401 401 401 200 404 200 200
POST   /decisions                             401 401 401 401 200 404 200 200
HEAD   /photos/<sha256>                       401 200 404 404 200 404 200 200
PATCH  /photos/<sha256>                       401 200 404 404 200 404 200 200
PUT    /photos/<sha256>                       401 204 404 404 204 404 204 204
POST   /sync/previews                         401 200 200 403 401 401 401 401
GET    /photos/<sha256>/thumbnail             401 200 404 403 200 404 200 200
GET    /photos/<sha256>/view                  401 200 404 403 200 404 200 200
GET    /photos/<sha256>/marked                401 401 401 401 200 404 200 200
GET    /photos/<sha256>/original              401 200 404 403 200 404 200 200
POST   /exports                               401 401 401 401 403 403 202 202
GET    /exports                               401 401 401 401 403 403 200 200
GET    /exports/<export_id>                   401 401 401 401 403 403 404 404
GET    /exports/<export_id>/file              401 401 401 401 403 403 404 404
POST   /imports/<noun>                        401 401 401 401 403 403 403 422
POST   /imports/<import_id>/application       401 401 401 401 403 403 403 404
GET    /imports/<noun>/template               401 401 401 401 403 403 403 200
POST   /rescue/files                          401 401 401 401 403 403 422 422
GET    /rescue/key                            401 401 401 401 403 403 200 200
GET    /overview                              401 401 401 401 200 200 200 200
GET    /matters                               401 401 401 401 403 403 200 200
GET    /feedback                              401 401 401 401 403 403 200 200
GET    /quarantine                            401 401 401 401 403 403 200 200
GET    /quarantine/<sha256>/bytes             401 401 401 401 403 403 404 404
POST   /quarantine/trials                     401 401 401 401 403 403 404 404
GET    /map/tiles/<z>/<x>/<y>                 401 404 404 403 401 401 401 401
POST   /sync/doubts                           401 200 200 200 401 401 401 401
GET    /findings                              401 401 401 401 403 403 200 200
POST   /findings/seen                         401 401 401 401 403 403 404 404
POST   /sync/batches                          401 400 400 400 401 401 401 401
POST   /sync/pulled                           401 200 200 200 401 401 401 401
GET    /restores                              401 401 401 401 403 403 200 200
POST   /enrolments/return                     422 422 422 422 422 422 422 422
GET    /sync/receipts/<batch>                 401 404 404 404 401 401 401 401
GET    /sync/changes                          401 200 200 200 401 401 401 401
GET    /sync/snapshot                         401 200 200 403 401 401 401 401
GET    /hazards/<hazard_id>/proof             401 401 401 401 200 404 200 200
GET    /proofs/station                        200 200 200 200 200 200 200 200
GET    /proofs/<sha256>                       404 404 404 404 404 404 404 404
GET    /ledger/head                           401 200 200 403 200 200 200 200
GET    /ledger/proof                          401 404 404 403 404 404 404 404
GET    /ledger/consistency                    401 200 200 403 200 200 200 200
"""


@dataclass
class World:
    """A township with work in Ana's village, and every caller ready to ask for it."""

    township: Township
    phones: dict[str, Phone]
    hazard: str
    inspection: str
    document: str
    photo: bytes
    sha256: str
    spare_enrolment: str
    code: str
    secrets: list[str] = field(default_factory=list)
    desks: dict[str, Desk] = field(default_factory=dict)

    def desk(self, name: str) -> Desk:
        """A browser in which somebody is signed in, the same one each time."""
        if name not in self.desks:
            self.desks[name] = self.township.desk(name)
        return self.desks[name]

    def parameters(self) -> dict[str, str]:
        """A value for each name in a route's address: Ana's own things."""
        ana = self.township.people["ana"]
        return {
            "account_id": ana,
            "code": self.code,
            "enrolment_id": self.spare_enrolment,
            "site_id": self.township.sites[ana],
            "checklist_id": "no-such-list",
            "version": "1",
            "inspection_id": self.inspection,
            "hazard_id": self.hazard,
            "document_id": self.document,
            "sha256": self.sha256,
            "export_id": new_id(),
            "noun": "sites",
            "import_id": new_id(),
            "batch": new_id(),
            **{"z": "14", "x": "13574", "y": "6387"},
        }

    def bodies(self) -> dict[str, dict[str, Any]]:
        """What each writing route is sent, as arguments of the test client."""
        ana_site = self.township.sites[self.township.people["ana"]]
        note = {"id": new_id(), "kind": "hazard.noted", "subject": self.hazard, "after": []}
        look = {"subject": ana_site, "field": "owner_phone", "reason": "通知复查时间"}
        claim = {"code": "00000-00000", "public_key": "AAAA", "proof": "AAAA"}
        part = {
            "Upload-Offset": "0",
            "Upload-Length": str(len(self.photo)),
            "Content-Digest": digest_header(self.photo),
        }
        small = bytes.fromhex(self.sha256) + (1).to_bytes(4, "big") + b"x"
        return {
            "POST /session": {"json": {"login": new_id(), "password": "Wrong-2026x"}},
            "POST /passwords": {"json": {"token": "x" * 43, "password": "Baiyang.88x"}},
            "POST /sync/doubts": {"json": {"kind": "settled"}},
            "POST /findings/seen": {"json": {"kind": "row", "about": "nothing"}},
            "POST /unmask": {"json": look},
            "POST /enrolments": {"json": {"account": self.township.people["ana"]}},
            "POST /enrolments/claim": {"json": claim},
            "POST /decisions": {"json": {"facts": [{**note, "body": {"text": "看过"}}]}},
            "PATCH /photos/<sha256>": {"data": self.photo, "headers": part},
            "PUT /photos/<sha256>": {"data": self.photo},
            "POST /sync/previews": {
                "data": small,
                "headers": {"Content-Digest": digest_header(small)},
            },
            "POST /sync/batches": {
                "data": b"{}",
                "headers": {"Content-Digest": digest_header(b"{}")},
            },
            "POST /sync/pulled": {
                "data": b"\n",
                "headers": {"Content-Digest": digest_header(b"\n")},
            },
            "POST /enrolments/return": {
                "json": {"statement": "{}", "signature": "x", "proof": "x"}
            },
            "POST /exports": {"json": {"format": "ledger_csv", "filters": {}}},
            "POST /imports/<noun>": {"data": {}, "content_type": "multipart/form-data"},
            "POST /imports/<import_id>/application": {"json": {}},
            "POST /quarantine/trials": {"json": {"facts": ["0" * 64]}},
            "POST /rescue/files": {"data": b"nothing of ours"},
        }

    def queries(self) -> dict[str, str]:
        """Query strings that a route cannot do without."""
        return {
            "GET /photos/<sha256>/marked": f"?subject={self.hazard}",
            "GET /ledger/proof": "?fact=" + "0" * 64,
            "GET /ledger/consistency": "?from=1&to=2",
        }


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Ana inspected, found a hazard and sent its photo."""
    folder: Path = tmp_path_factory.mktemp("scope")
    township = build_township(f"sqlite:///{folder / 'station.db'}", folder)
    ana, ben, lost = township.phone("ana"), township.phone("ben"), township.phone("ben")
    spare = township.phone("ana")
    chen = township.desk("chen")
    assert chen.post(f"/enrolments/{lost.enrolment}/revocation").status_code == 200
    photo = (PHOTOS / "small.jpg").read_bytes()
    hazard, inspection = ana.find_hazard(photo), new_id()
    assert ana.hand_over(
        ana.fact("inspection.submitted", inspection, _inspection(township, hazard))
    )
    document = new_id()
    notice = _notice(township, hazard)
    assert ana.hand_over(ana.fact("document.issued", document, notice)).status_code == 200
    sha256 = digest_of(photo)
    assert ana.part(sha256, photo, offset=0, length=len(photo)).status_code == 200
    phones = {"ana_phone": ana, "ben_phone": ben, "revoked": lost}
    code = township.code("ana")
    made = World(
        township, phones, hazard, inspection, document, photo, sha256, spare.enrolment, code
    )
    made.secrets = [hazard, inspection, document, sha256, township.sites[township.people["ana"]]]
    yield made
    township.services.database.close()


def _inspection(township: Township, hazard: str) -> dict[str, Any]:
    return {
        "site": township.sites[township.people["ana"]],
        "checklist": "no-such-list",
        "checklist_version": 1,
        "checklist_sha256": "0" * 64,
        "method": "routine",
        "started_at": "2026-11-21T01:00:00.000Z",
        "finished_at": "2026-11-21T01:30:00.000Z",
        "answers": [],
        "hazards": [hazard],
        "attendance": "absent",
    }


def _notice(township: Township, hazard: str) -> dict[str, Any]:
    return {
        "paper": "notice",
        "site": township.sites[township.people["ana"]],
        "hazards": [{"hazard": hazard, "finding": "软管超过 2 米"}],
        "site_name": "面馆",
        "station_name": "安监站",
        "issued_on": "2026-11-21",
        "attendance": "absent",
    }


def digest_of(data: bytes) -> str:
    """The hash that names a photo."""
    return hashlib.sha256(data).hexdigest()


def declared() -> dict[str, tuple[int, ...]]:
    """REACH as a table."""
    rows = [line.split() for line in REACH.strip().splitlines()]
    return {f"{row[0]} {row[1]}": tuple(map(int, row[2:])) for row in rows}


def all_routes() -> dict[str, Route]:
    """Every route of the application under `METHOD rule`."""
    return {
        f"{method} {route.rule}": route
        for noun in ROUTES
        for route in noun.all
        for method in route.methods
    }


def ask(world: World, name: str, caller: str, parameters: dict[str, str]) -> TestResponse:
    """One request by one caller."""
    method, _, rule = name.partition(" ")
    path = rule[1:] if rule.startswith("//") else API + rule
    for parameter, value in parameters.items():
        path = path.replace(f"<{parameter}>", value)
    more = dict(world.bodies().get(name, {}))
    headers = dict(more.pop("headers", {}))
    client: Any = world.township.app.test_client()
    if caller in world.phones:
        headers |= world.phones[caller].bearer
    elif caller != "nobody":
        person = caller.removesuffix("_desk")
        desk = world.township.desk(person) if method == "DELETE" else world.desk(person)
        client, headers["X-CSRF"] = desk.client, desk.csrf
    query = world.queries().get(name, "")
    response: TestResponse = client.open(path + query, method=method, headers=headers, **more)
    return response


def undescribed(route: Route, body: Any) -> Any:
    """Where an answer differs from what the route says it answers."""
    if route.answers is None:
        return {}
    schema = route.answers() if isinstance(route.answers, type) else route.answers
    return schema.validate(body)


def test_every_route_says_who_reaches_it() -> None:
    assert sorted(declared()) == sorted(all_routes())


@pytest.mark.parametrize("name", sorted(declared()))
def test_each_caller_gets_exactly_what_is_declared(world: World, name: str) -> None:
    parameters = world.parameters()
    got = []
    for caller in CALLERS:
        answer = ask(world, name, caller, parameters)
        got.append(answer.status_code)
        if name != "POST /unmask":
            assert b"13912345678" not in answer.data, f"{caller} reads a whole number in {name}"
        if answer.status_code < 300 and answer.is_json:
            assert not undescribed(all_routes()[name], answer.json), name
        if caller in ("ben_phone", "ben_desk", "revoked", "nobody") and answer.status_code < 300:
            leaked = [secret for secret in world.secrets if secret.encode() in answer.data]
            assert not leaked, f"{caller} reads of Ana's village in {name}"
    assert tuple(got) == declared()[name], dict(zip(CALLERS, got, strict=True))


OBJECTS = ("site_id", "inspection_id", "hazard_id", "document_id", "sha256")


@pytest.mark.parametrize(
    "name", sorted(n for n in declared() if any(f"<{each}>" in n for each in OBJECTS))
)
@pytest.mark.parametrize("caller", ["ben_phone", "ben_desk", "revoked"])
def test_foreign_and_missing_look_the_same(world: World, name: str, caller: str) -> None:
    missing: dict[str, Callable[[], str]] = {"sha256": lambda: "0" * 64}
    nowhere = {each: missing.get(each, new_id)() for each in OBJECTS}
    foreign = ask(world, name, caller, world.parameters())
    absent = ask(world, name, caller, world.parameters() | nowhere)
    assert foreign.status_code == absent.status_code
    assert foreign.data == absent.data


def test_a_phone_is_told_when_its_village_changes(township: Township) -> None:
    ben = township.phone("ben")
    cursor = ben.get("/sync/changes").json["cursor"]
    assert ben.get(f"/sync/changes?after={cursor}").status_code == 200
    township.grant("ben", ["inspector"], list(township.areas.values()))
    told = ben.get(f"/sync/changes?after={cursor}")
    assert told.status_code == 409
    assert told.json["code"] == "scope-changed"
    fresh = json.dumps(ben.get("/sync/snapshot").json)
    assert township.sites[township.people["ana"]] in fresh


def test_a_phone_pulls_only_its_own_village(world: World) -> None:
    changes = world.phones["ben_phone"].get("/sync/changes").json
    text = json.dumps(changes)
    assert world.township.sites[world.township.people["ben"]] in text
    assert not [secret for secret in world.secrets if secret in text]
    mine = json.dumps(world.phones["ana_phone"].get("/sync/changes").json)
    assert world.hazard in mine
