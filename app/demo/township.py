"""北河镇: fills a fresh station with a fictional township and a month of work, all by the real app.

`python -m app.cli demo` calls `fill`. A second run changes nothing and prints the logins again;
a station that holds anything else is left alone.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from app.auth.links import new_enrolment_code, new_password_link
from app.checklists.load import bundled
from app.checklists.store import setting_subject
from app.compose import compose
from app.db import run
from app.demo.month import DAYS, Month, Site
from app.demo.parts import DemoClock, DemoDesk, DemoIds, DemoPhone, World
from app.demo.people import (
    ADMIN,
    CHIEF,
    DUTIES,
    EVERYBODY,
    GRIDS,
    INSPECTORS,
    PASSWORD,
    VILLAGES,
    Person,
    grid_name,
    inspector_of,
    phone_number,
)
from app.demo.places import PLACES
from app.demo.stories import plan_month
from app.demo.words import SCREEN, interrupted, logins, occupied, secure_words
from app.domains import JOB_KINDS
from app.jobs.runner import run_waiting
from app.services import Services

SEED = 20261121
MARK = "demo"
SETTINGS = {"forest_fire_alert": 3, "fire_season": True}
REGISTERED_DAYS_BEFORE = 45
"""Sites are older than the month of work, so that some of them are overdue."""
TOWN_CENTRE = (36.5120, 118.2040)


class Tool(Protocol):
    """What the command line hands over: the parts, and one way to write."""

    @property
    def services(self) -> Services: ...

    def write(self, work: Any) -> Any: ...


def fill(tool: Tool) -> int:
    """Fill the station, or say why not; 0 when the township stands, and logins are printed."""
    services = tool.services
    state = tool.write(lambda connection: _state(connection, services))
    if state == "occupied":
        SCREEN.write(occupied())
        return 1
    if state == "building":
        SCREEN.write(interrupted(services.settings.data_dir))
        return 1
    if state == "empty":
        with _quiet_log():
            _build(tool, services)
    _tell(tool, services)
    return 0


def _state(connection: Connection, services: Services) -> str:
    """empty, building (an earlier run broke off), done, or occupied by somebody else's data."""
    station_id = services.station_id(connection)
    marks = run(
        connection, "SELECT row FROM setting WHERE station_id = ? AND name = ?", (station_id, MARK)
    )
    if marks:
        return "done" if '"value":"done"' in marks[0][0] else "building"
    sites = run(connection, "SELECT count(*) FROM site WHERE station_id = ?", (station_id,))
    return "occupied" if sites[0][0] else "empty"


def _build(tool: Tool, services: Services) -> None:
    now, rng = services.clock(), random.Random(SEED)  # noqa: S311 - a story, not a secret
    zone = ZoneInfo(services.settings.timezone)
    clock = DemoClock(now - timedelta(days=DAYS + REGISTERED_DAYS_BEFORE))
    ids = DemoIds(clock, rng)
    settings = replace(services.settings, jobs_in_process=False)
    world = World(compose(settings, clock=clock, ids=ids), clock, ids, rng)
    with services.database.read() as connection:
        world.station_id = services.station_id(connection)
    accounts = _first_password(tool, world)
    admin = DemoDesk(world, ADMIN.login, PASSWORD)
    _mark(world, admin, "building")
    areas = _areas(world, admin)
    accounts |= _accounts(world, admin, accounts, areas)
    _passwords(tool, world, accounts)
    chief = DemoDesk(world, CHIEF.login, PASSWORD)
    sites = _sites(world, admin, areas)
    clock.move(now - timedelta(days=DAYS + 2))
    phones = {person.login: _phone(tool, world, person, accounts) for person in INSPECTORS}
    month = Month(world, zone=zone, now=now, chief=chief, phones=phones, settings=SETTINGS)
    plan_month(month, sites)
    month.play()
    _mark(world, admin, "done")
    run_waiting(world.app.extensions["services"], JOB_KINDS)
    world.app.extensions["services"].database.close()


@contextmanager
def _quiet_log() -> Iterator[None]:
    """Hundreds of request lines would hide the logins printed afterwards."""
    logging.disable(logging.INFO)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def _mark(world: World, admin: DemoDesk, value: str) -> None:
    """Written first and last, so that a run that broke off is noticed."""
    subject = setting_subject(world.station_id, MARK)
    admin.decide(("setting.set", subject, {"name": MARK, "value": value}, {}))
    if value == "building":
        for name, each in SETTINGS.items():
            body = {"name": name, "value": each}
            admin.decide(("setting.set", setting_subject(world.station_id, name), body, {}))


def _first_password(tool: Tool, world: World) -> dict[str, str]:
    """The admin that set-up made gets the demo's password."""
    services: Services = world.app.extensions["services"]
    with services.database.read() as connection:
        found = run(
            connection,
            "SELECT id FROM account WHERE station_id = ? AND login = ?",
            (world.station_id, ADMIN.login),
        )
    accounts = {ADMIN.login: str(found[0][0])}
    _passwords(tool, world, accounts)
    return accounts


def _passwords(tool: Tool, world: World, accounts: dict[str, str]) -> None:
    """Through one-time links, as everybody gets a password; those who have one keep it."""
    client = world.app.test_client()
    for login, account in accounts.items():
        if login == ADMIN.login and len(accounts) > 1:
            continue

        def link(connection: Connection, account: str = account) -> str:
            made = new_password_link(
                connection, world.station_id, account, public_url="", now=world.clock()
            )
            return made.url.rpartition("/")[2]

        body = {"token": tool.write(link), "password": PASSWORD}
        world.answer(client.post("/api/v1/passwords", json=body))


def _areas(world: World, admin: DemoDesk) -> dict[str, str]:
    """Three villages below the town that set-up made, three grids in each."""
    towns = [area for area in admin.call("GET", "/areas")["areas"] if area["level"] == "town"]
    town = towns[0]["id"] if towns else None
    areas = {village: world.ids() for village in VILLAGES} | {grid: world.ids() for grid in GRIDS}
    for village, name in VILLAGES.items():
        body = {"name": name, "level": "village", **({"parent": town} if town else {})}
        admin.decide(("area.set", areas[village], body, {}))
    for grid in GRIDS:
        body = {"name": grid_name(grid), "level": "grid", "parent": areas[grid[0]]}
        admin.decide(("area.set", areas[grid], body, {}))
    return areas


def _accounts(
    world: World, admin: DemoDesk, accounts: dict[str, str], areas: dict[str, str]
) -> dict[str, str]:
    for row in admin.call("GET", "/accounts")["items"]:
        world.heads[row["id"]] = row["heads"]
    made = dict(accounts)
    for position, person in enumerate((CHIEF, *INSPECTORS, ADMIN)):
        account = made.setdefault(person.login, world.ids())
        _account(admin, account, person, position, areas)
    for grid in GRIDS:
        body = {
            "name": grid_name(grid),
            "level": "grid",
            "parent": areas[grid[0]],
            "duties": DUTIES,
            "inspector": made[inspector_of(grid).login],
        }
        admin.decide(("area.set", areas[grid], body, {}))
    return made


def _account(
    admin: DemoDesk, account: str, person: Person, position: int, areas: dict[str, str]
) -> None:
    private = {"name": person.name, "phone": phone_number(position)}
    if person.certificate_no:
        private["certificate_no"] = person.certificate_no
    body = {"login": person.login, "active": True, "staff_type": person.staff_type}
    granted = [areas[each] for each in (*person.grids, *person.villages)]
    grant = {"roles": list(person.roles), "areas": granted}
    admin.decide(("account.set", account, body, private))
    admin.decide(("grant.set", account, grant, {}))


def _sites(world: World, admin: DemoDesk, areas: dict[str, str]) -> list[Site]:
    checklists = {kind: each for each in bundled() for kind in each["place_types"]}
    sites = []
    for number, place in enumerate(PLACES):
        site = Site(
            id=world.ids(),
            place=place,
            inspector=inspector_of(place.grid),
            checklist=checklists[place.place_type],
            where=_where(place.grid, number),
        )
        body = {
            "name": place.name,
            "place_types": [place.place_type],
            "area": areas[place.grid],
            "address": place.address,
            "grade": place.grade,
            "high_risk": place.high_risk,
            "attributes": place.attributes,
            "lat": site.where[0],
            "lon": site.where[1],
            "accuracy_m": 15,
        }
        private = {"owner_name": place.owner, "owner_phone": phone_number(100 + number)}
        admin.decide(("site.registered", site.id, body, private))
        sites.append(site)
    return sites


def _where(grid: str, number: int) -> tuple[float, float]:
    """Villages lie apart, grids beside each other, sites along the roads."""
    village, part = list(VILLAGES).index(grid[0]), int(grid[1])
    lat = TOWN_CENTRE[0] + (village - 1) * 0.018 + (number % 7) * 0.0011
    lon = TOWN_CENTRE[1] + (part - 2) * 0.012 + (number % 5) * 0.0016
    return round(lat, 6), round(lon, 6)


def _phone(tool: Tool, world: World, person: Person, accounts: dict[str, str]) -> DemoPhone:
    account = accounts[person.login]
    code = tool.write(lambda connection: _code(connection, world, account, world.clock()))
    return DemoPhone(world, account, f"{person.name}的{person.device}", code[0])


def _code(connection: Connection, world: World, account: str, now: datetime) -> tuple[str, str]:
    services: Services = world.app.extensions["services"]
    made = new_enrolment_code(
        connection,
        world.station_id,
        account,
        public_url=services.settings.public_url,
        now=now,
        hours=services.settings.enrolment_code_h,
        created_by=account,
    )
    return made.code, made.url


def _tell(tool: Tool, services: Services) -> None:
    """Logins, and a fresh code for one phone: codes are good once and for a while only."""

    def fresh(connection: Connection) -> tuple[str, str]:
        station_id = services.station_id(connection)
        found = run(
            connection,
            "SELECT id FROM account WHERE station_id = ? AND login = ?",
            (station_id, INSPECTORS[1].login),
        )
        made = new_enrolment_code(
            connection,
            station_id,
            str(found[0][0]),
            public_url=services.settings.public_url,
            now=services.clock(),
            hours=services.settings.enrolment_code_h,
            created_by=str(found[0][0]),
        )
        return made.code, made.url

    code, url = tool.write(fresh)
    SCREEN.write(logins(services.settings.public_url, EVERYBODY))
    SCREEN.qr(url)
    SCREEN.write(secure_words(services.settings, INSPECTORS[1], code, url))
