"""Every address says who may use it, and refuses everybody else before it does anything.

The two lists below are the whole of what is open; a new entry is a decision, not an oversight.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import flask
import pytest

from app import create_app
from app.db import make_database
from app.domains import ROUTES
from app.http import ANY, Route
from app.migrate import upgrade
from app.settings import read_settings

ROLES = {"inspector", "certified_inspector", "chief", "admin"}

# Open to anyone who reaches the server, each with the reason.
PUBLIC: dict[str, str] = {
    "GET /healthz": "says that the process answers, nothing else",
    "GET /readyz": "says whether work is taken, nothing else",
    "GET /metrics": "counts without names; nginx gives it to this machine only",
    "POST /api/v1/session": "signing in; slowed down and locked after wrong passwords",
    "POST /api/v1/passwords": "the one-time link is the credential",
    "POST /api/v1/enrolments/claim": "the enrolment code and the proof of a key are the credential",
    "POST /api/v1/enrolments/return": "the station's own signature and the phone's key are it",
    "GET /api/v1/proofs/station": "name and public key, to check a paper or proof file with",
    "GET /api/v1/proofs/<sha256>": "whoever has a fact's hash has the fact; place and time only",
    "GET /api/v1/openapi.json": "describes this interface, holds no data",
    "GET /api/v1/docs": "the same as a page to read",
}

# Open to every signed-in account whatever its roles; what it sees is bounded by its areas.
EVERY_ACCOUNT: dict[str, str] = {
    "GET /api/v1/session": "tells a page who is signed in",
    "DELETE /api/v1/session": "signing out",
    "GET /api/v1/areas": "the tree of areas; names and duties are on the wall of the station",
    "GET /api/v1/sites": "bounded by the account's areas",
    "GET /api/v1/sites/<site_id>": "bounded by the account's areas",
    "GET /api/v1/checklists": "published text, the same for everyone",
    "GET /api/v1/checklists/<checklist_id>/<version>": "published text, the same for everyone",
    "GET /api/v1/settings": "what checklists read, such as the forest fire alert",
    "GET /api/v1/review": "bounded by the account's areas; deciding needs a role",
    "GET /api/v1/inspections": "bounded by the account's areas",
    "GET /api/v1/inspections/<inspection_id>": "bounded by the account's areas",
    "GET /api/v1/hazards": "bounded by the account's areas",
    "GET /api/v1/hazards/<hazard_id>": "bounded by the account's areas",
    "GET /api/v1/hazards/<hazard_id>/proof": "bounded by the account's areas",
    "GET /api/v1/activities": "the whole station's or one's own",
    "GET /api/v1/documents/<document_id>": "bounded by the account's areas",
    "POST /api/v1/decisions": "each kind of fact asks for its own role",
    "HEAD /api/v1/photos/<sha256>": "photos of facts within the account's areas",
    "PATCH /api/v1/photos/<sha256>": "whoever holds a declared photo may hand it over",
    "PUT /api/v1/photos/<sha256>": "whoever holds a declared photo may hand it over",
    "GET /api/v1/photos/<sha256>/thumbnail": "photos of facts within the account's areas",
    "GET /api/v1/photos/<sha256>/view": "photos of facts within the account's areas",
    "GET /api/v1/photos/<sha256>/marked": "photos of facts within the account's areas",
    "GET /api/v1/photos/<sha256>/original": "photos of facts within the account's areas",
    "GET /api/v1/overview": "counts within the account's areas",
    "GET /api/v1/ledger/head": "a witness needs no role",
    "GET /api/v1/ledger/proof": "a witness needs no role; hashes only",
    "GET /api/v1/ledger/consistency": "a witness needs no role; hashes only",
}


def every_route() -> list[Route]:
    return [route for noun in ROUTES for route in noun.all]


def named(route: Route) -> str:
    return f"{'|'.join(route.methods)} {route.address}"


def test_only_listed_addresses_are_open_to_anyone():
    assert {named(route) for route in every_route() if route.auth == "none"} == set(PUBLIC)


def test_only_listed_addresses_are_open_to_every_account():
    asks_no_role = {
        named(route)
        for route in every_route()
        if route.auth in ("desk", "either") and route.roles == ANY
    }
    assert asks_no_role == set(EVERY_ACCOUNT)


def test_every_role_that_is_asked_for_exists():
    for route in every_route():
        assert route.roles <= ROLES, named(route)
        assert route.summary.strip(), named(route)


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[flask.Flask]:
    folder: Path = tmp_path_factory.mktemp("routes")
    settings = read_settings({"GI_DATA_DIR": str(folder), "GI_JOBS_IN_PROCESS": "0"})
    with make_database(settings.database_url).write() as connection:
        upgrade(connection)
    yield create_app(settings)


def test_flask_serves_nothing_that_is_not_declared(application: flask.Flask):
    declared = {route.endpoint for route in every_route()}
    served = {rule.endpoint for rule in application.url_map.iter_rules()}
    assert {name for name in served - declared if not name.startswith("web.")} == set()
    assert declared <= served


def filled(address: str) -> str:
    """An address with something in each of its gaps."""
    parts = ["x" if part.startswith("<") else part for part in address.split("/")]
    return "/".join(parts)


def test_a_stranger_gets_401_from_everything_that_is_not_public(application: flask.Flask):
    client = application.test_client()
    let_in = []
    for route in every_route():
        if route.auth == "none":
            continue
        for method in route.methods:
            answer = client.open(filled(route.address), method=method, json={})
            if answer.status_code != 401:
                let_in.append((method, route.address, answer.status_code))
    assert let_in == []


def test_the_exemption_lists_are_given_with_reasons():
    for address, reason in {**PUBLIC, **EVERY_ACCOUNT}.items():
        assert len(reason) > 10, address
