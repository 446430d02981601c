"""One real station for browser tests: gunicorn, SQLite, the built web apps, a few people.

People are set up through the desk's own API, as an admin would. It must not know what a test does.
"""

from __future__ import annotations

import http.cookiejar
import json
import re
import shutil
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.served import Served, cli

ADMIN_PASSWORD = "Beihe-3rd-Village"
CHIEF_PASSWORD = "Shan-Hou-You-99"
REQUEST_SECONDS_MAX = 30
LPG_PLACE = "餐饮(瓶装液化气)"


class DeskClient:
    """A signed-in desk, over HTTP."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.csrf: str | None = None
        jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """One JSON request; a refusal fails the test with what the station said."""
        headers = {
            "Content-Type": "application/json",
            **({"X-CSRF": self.csrf} if self.csrf else {}),
        }
        request = urllib.request.Request(
            f"{self.url}/api/v1{path}",
            method=method,
            headers=headers,
            data=None if body is None else json.dumps(body).encode(),
        )
        try:
            with self.opener.open(request, timeout=REQUEST_SECONDS_MAX) as answer:
                raw: bytes = answer.read()
        except urllib.error.HTTPError as refused:
            raise AssertionError(f"{method} {path}: {refused.code} {refused.read()!r}") from refused
        return json.loads(raw) if raw else None

    def sign_in(self, login: str, password: str) -> None:
        """Start a session."""
        self.csrf = self.call("POST", "/session", {"login": login, "password": password})["csrf"]

    def download(self, path: str) -> bytes:
        """A file of the desk."""
        with self.opener.open(f"{self.url}/api/v1{path}", timeout=REQUEST_SECONDS_MAX) as answer:
            content: bytes = answer.read()
        return content

    def decide(self, *facts: dict[str, Any]) -> list[dict[str, Any]]:
        """Facts in one decision; the rows they lead to."""
        rows: list[dict[str, Any]] = self.call("POST", "/decisions", {"facts": list(facts)})["rows"]
        return rows


def fact(kind: str, subject: str, body: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A desk fact as the browser would send it."""
    return {
        "id": str(uuid.uuid4()), "kind": kind, "subject": subject, "after": [], "body": body,
        **more,
    }  # fmt: skip


@dataclass
class Station:
    """A running station with an admin, a chief 刘海, an inspector 王芳, one grid and its sites."""

    served: Served
    admin: DeskClient
    ids: dict[str, str] = field(default_factory=dict)
    chiefs: list[DeskClient] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where it answers."""
        return self.served.url

    def enrolment(self, who: str = "wangfang") -> dict[str, Any]:
        """A fresh code and link for a phone of this person."""
        answer: dict[str, Any] = self.admin.call("POST", "/enrolments", {"account": self.ids[who]})
        return answer

    def add_site(self, name: str, **body: Any) -> str:
        """A site of bottled gas in 王芳's grid; its id."""
        site = str(uuid.uuid4())
        told = {"name": name, "place_types": [LPG_PLACE], "area": self.ids["grid"], "grade": "A"}
        private = {"owner_name": "张建国", "owner_phone": "13812342210", "owner_post": "店主"}
        self.admin.decide(fact("site.registered", site, {**told, **body}, private=private))
        return site

    def chief(self) -> DeskClient:
        """The chief's desk, signed in once: tests ask it again and again, a password is slow."""
        if not self.chiefs:
            desk = DeskClient(self.url)
            desk.sign_in("liuhai", CHIEF_PASSWORD)
            self.chiefs.append(desk)
        return self.chiefs[0]


def _password(served: Served, token: str, password: str) -> None:
    DeskClient(served.url).call("POST", "/passwords", {"token": token, "password": password})


def make_station(data: Path) -> Station:
    """Set up and serve; the people and the grid are there, no site yet."""
    served = Served(data)
    data.mkdir(parents=True, exist_ok=True)
    served.settings = {"GI_PUBLIC_URL": served.url}
    cli(data, "migrate", **served.settings)
    said = cli(data, "setup", **served.settings)
    served.serve()
    found = re.search(r"#/password/(\S+)", said)
    assert found, said
    _password(served, found[1], ADMIN_PASSWORD)
    admin = DeskClient(served.url)
    admin.sign_in("admin", ADMIN_PASSWORD)
    station = Station(served, admin)
    _people(station)
    return station


def _people(station: Station) -> None:
    ids = {name: str(uuid.uuid4()) for name in ("town", "village", "grid", "wangfang", "liuhai")}
    station.ids = ids
    admin = station.admin
    admin.decide(
        fact("area.set", ids["town"], {"name": "北河镇", "level": "town"}),
        fact("area.set", ids["village"],
             {"name": "幸福村", "level": "village", "parent": ids["town"]}),
        fact("area.set", ids["grid"],
             {"name": "幸福村第3网格", "level": "grid", "parent": ids["village"]}),
    )  # fmt: skip
    for login, name, roles, areas in (
        ("wangfang", "王芳", ["inspector"], [ids["grid"]]),
        ("liuhai", "刘海", ["chief"], []),
    ):
        account = fact(
            "account.set", ids[login], {"login": login, "active": True}, private={"name": name}
        )
        grant = fact("grant.set", ids[login], {"roles": roles, "areas": areas})
        admin.decide(account, {**grant, "after": [account["id"]]})
    link = admin.call("POST", f"/accounts/{ids['liuhai']}/password-links", {})
    _password(station.served, link["url"].rsplit("/", 1)[1], CHIEF_PASSWORD)


def copy_station(made: Station, data: Path) -> Station:
    """The same people at an address of its own; what is copied must not be running."""
    shutil.copytree(made.served.data, data)
    served = Served(data)
    served.settings = {"GI_PUBLIC_URL": served.url}
    served.serve()
    admin = DeskClient(served.url)
    admin.sign_in("admin", ADMIN_PASSWORD)
    return Station(served, admin, dict(made.ids))
