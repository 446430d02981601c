"""One world: a seed, a station, phones, people, a network, and the steps they take.

Single-threaded: at every step one of them is chosen to do one small thing, and the step is written
to a trace whose SHA-256 names the world. After the last step faults stop, everything is handed
over in a bounded number of rounds, and the checkers speak.
"""

from __future__ import annotations

import hashlib
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.simulation.chance import DAY_MS, Chance, Clock
from tests.simulation.checks import check_world
from tests.simulation.core_station import CoreStation
from tests.simulation.disk import Disk
from tests.simulation.happened import Happened
from tests.simulation.mishaps import CLOCK_ERRORS_MS, Mishaps
from tests.simulation.network import Network, Reply, Request
from tests.simulation.people import Desk, Inspector
from tests.simulation.phone import Phone
from tests.simulation.restores import Loss
from tests.simulation.station import Station
from tests.simulation.truth import Truth

STEPS = {"small": 120, "medium": 260, "large": 1000}
DRAIN_ROUNDS_MAX = 14
ANSWERS_MAX = 8  # a hazard's level, deadline, spot, measure, outcome ... one after another
DRAIN_STEPS_MAX = 20_000


@dataclass(slots=True)
class Outcome:
    seed: int
    fingerprint: str
    violations: list[str]
    steps: int
    facts: int
    happened: Happened
    trace: list[str] = field(default_factory=list)


class Trace:
    def __init__(self, *, keep: bool) -> None:
        self._hash, self._keep = hashlib.sha256(), keep
        self.lines: list[str] = []
        self.count = 0

    def note(self, line: str) -> None:
        self.count += 1
        self._hash.update(line.encode() + b"\n")
        if self._keep:
            self.lines.append(line)

    def fingerprint(self) -> str:
        return self._hash.hexdigest()


class World(Mishaps):
    def __init__(self, seed: int, station: str, *, trace: bool) -> None:
        self.clock = Clock()
        self.chance = Chance(f"{station} {seed}", self.clock)
        self.truth = Truth()
        self.trace = Trace(keep=trace)
        self.station = make_station(station, self.chance, self.clock)
        self.network = Network(self.chance, self.clock, self.truth.happened)
        self.phones: list[Phone] = []
        self.people: list[Inspector] = []
        self.desks: list[Desk] = []
        self.copies: dict[str, Disk] = {}
        self.backup: Any = None
        self.cut_off_then: dict[str, frozenset[str]] = {}
        self.losses: list[Loss] = []
        self._settle_in()
        pick = self.chance.random.random
        self.weights: list[tuple[float, Callable[[], str]]] = [
            (10, self.person_acts),
            (30, self.phone_steps),
            (6, self.phone_wakes),
            (4 * pick(), self.desk_acts),
            (1.5 * pick(), self.admin_acts),
            (1.5, self.desk_looks),
            (3, self.time_passes),
            (3, self.late_request),
            (2 * pick(), self.killed),
            (0.8 * pick(), self.copied),
            (0.6 * pick(), self.set_back),
            (0.5 * pick(), self.enrolled_anew),
            (0.15 * pick(), self.revoked),
            (0.5 * pick(), self.disk_fills),
            (0.3 * pick(), self.photo_evicted),
            (0.4 * pick(), self.handed_over_again),
            (0.4 * pick(), self.updated),
            (0.4 * pick(), self.server_crashes),
            (0.2 * pick(), self.clock_set),
            (0.4 * pick(), self.backed_up),
            (0.25 * pick(), self.restored),
            (0.01 * pick(), self.hoards),
        ]
        if station == "http":  # in core worlds what an account may see is the model's own
            self.weights.append((3 * pick(), self.site_moves))

    def _settle_in(self) -> None:
        rand = self.chance.random
        names = ["ana", "ana", "ben", "cai", "chen", "lin"]
        for place, name in enumerate(rand.sample(names, rand.randrange(2, 5))):
            account = self.station.people[name]
            phone = Phone(
                f"{name}{place}", account, self.station, self.truth, self.chance, self.clock
            )
            phone.clock_error_ms = rand.choice(CLOCK_ERRORS_MS)
            phone.forgets_private = phone.owes_private = self.chance.hits(0.1)
            phone.enrol()
            self.phones.append(phone)
            self.people.append(Inspector(phone, self.chance, name in ("chen", "lin")))
        for name in ("chen", "lin", "dai"):
            account = self.station.people[name]
            self.desks.append(Desk(name, account, self.station, self.truth, self.chance))
        for phone in self.phones:
            self._run_out(phone)

    # --- steps ---

    def run(self, steps: int) -> None:
        total = sum(weight for weight, _ in self.weights)
        for _ in range(steps):
            draw = self.chance.random.random() * total
            for weight, step in self.weights:
                draw -= weight
                if draw < 0:
                    self.trace.note(f"{self.clock.ms} {step.__name__} {step()}")
                    break

    def person_acts(self) -> str:
        person = self.chance.random.choice(self.people)
        return f"{person.phone.name} {person.act()}"

    def phone_wakes(self) -> str:
        phone = self._phone()
        if phone.running is None:
            phone.running = phone.work()
        return phone.name

    def phone_steps(self) -> str:
        running = [phone for phone in self.phones if phone.running is not None]
        if not running:
            return self.phone_wakes()
        phone = self.chance.random.choice(running)
        return f"{phone.name} {self._step(phone)}"

    def _step(self, phone: Phone) -> str:
        """One step of a phone: a request is carried, and its answer waits for the next step."""
        assert phone.running is not None
        told = "goes on"
        reply: Reply | None = None
        try:
            if phone.waiting_for is not None:
                request, phone.waiting_for = phone.waiting_for, None
                reply, fate = self.network.carry(request, self.station)
                told = f"{request.name} {fate} {reply.status if reply else '-'}"
            yielded = phone.running.send(reply)
        except StopIteration:
            phone.running = None
            return told + " done"
        if isinstance(yielded, Request):
            phone.waiting_for = yielded
            return f"{told} asks {yielded.name}"
        return f"{told} {yielded}"

    def _run_out(self, phone: Phone) -> None:
        """Let a phone finish what it does, without interruption."""
        phone.running, phone.waiting_for = phone.work(), None
        calm, self.network.calm = self.network.calm, True
        for _ in range(DRAIN_STEPS_MAX):
            if phone.running is None:
                break
            self.trace.note(f"{phone.name} {self._step(phone)}")
        else:
            self.truth.wrong("I17", f"{phone.name} never comes to an end")
        self.network.calm = calm

    def desk_looks(self) -> str:
        desk = self.chance.random.choice(self.desks)
        return f"{desk.name} {desk.open_page()}"

    def desk_acts(self) -> str:
        return self._desk(self.chance.random.choice(self.desks[:2]), admin=False)

    def admin_acts(self) -> str:
        return self._desk(self.desks[2], admin=True)

    def _desk(self, desk: Desk, *, admin: bool) -> str:
        request = desk.act(admin)
        if request is None:
            return f"{desk.name} nothing"
        return self._asked(desk, request)

    def site_moves(self) -> str:
        """The chief gives a site that is on somebody's phone to an area that person may not see."""
        phone, desk = self._phone(), self.chance.random.choice(self.desks[:2])
        whole, areas = self.station.scope(phone.account)
        elsewhere = sorted(set(self.station.areas.values()) - areas)
        if whole or not elsewhere:
            return f"{phone.name} sees everything"
        request = desk.move_away(phone.subjects("site"), self.chance.random.choice(elsewhere))
        return f"{phone.name} holds none" if request is None else self._asked(desk, request)

    def _asked(self, desk: Desk, request: Request) -> str:
        """A desk's request over the line, and what its page makes of the answer."""
        reply, fate = self.network.carry(request, self.station)
        ok = reply is not None and reply.status == 200 and "login" not in reply.body
        status = None if reply is not None and "login" in reply.body else reply and reply.status
        desk.answered(request, status, ok)
        return f"{desk.name} {hashlib.sha256(request.body).hexdigest()[:12]} {fate} {status}"

    def time_passes(self) -> str:
        much = self.chance.random.choice((1_000, 60_000, 3_600_000, DAY_MS, 9 * DAY_MS))
        self.clock.ms += int(much * self.chance.random.random()) + 1
        return str(self.clock.ms)

    def late_request(self) -> str:
        request = self.network.due()
        if request is None:
            return "none"
        return f"{request.name} {self.station.handle(request).status}"

    # --- the end ---

    def drain(self) -> None:
        """Faults stop; late copies arrive in any order, and every phone finishes."""
        self.network.calm, self.station.crash_next = True, False
        for phone in self.phones:
            phone.full = False
            self._mended(phone)
            phone.running, phone.waiting_for = None, None
        self.clock.ms += 1
        for _ in range(DRAIN_ROUNDS_MAX):
            self.late_requests()
            for desk in self.desks:
                while desk.unanswered:
                    request = desk.unanswered.pop(0)
                    reply = self.station.handle(request)
                    desk.answered(request, reply.status, reply.status == 200)
            for phone in self.phones:
                self._run_out(phone)
                self._enrolled_if_asked(phone)
            asked = any(phone.disk.number_reused for phone in self.phones)
            asked |= any(phone.disk.signed_out for phone in self.phones)
            if not asked and all(phone.left() == (0, 0) for phone in self.phones):
                break
            self.clock.ms += DAY_MS  # a full quarantine empties over night
        else:
            self.truth.wrong("I17", f"after {DRAIN_ROUNDS_MAX} rounds something is left")
        self._settle_disputes()
        self._again()
        for phone in self.phones:
            self._run_out(phone)

    def _settle_disputes(self) -> None:
        """The chief sees both sides of every hazard in dispute, and one answer ends it (I5)."""
        chief = self.desks[0]
        for id_ in sorted(self.station.conflicts_listed()):
            for _ in range(ANSWERS_MAX):
                row = self.station.row(id_)
                assert row is not None
                if not row["conflicts"] or row["state"] == "incomplete":
                    break
                conflict = row["conflicts"][0]
                kind = chief.settle(row, conflict)
                self.happened[f"{conflict['type']} conflict settled by {kind}"] += 1
                if kind is None:
                    self.truth.wrong("I5", f"nobody can settle {conflict} of {id_}")
                    break
            else:
                self.truth.wrong("I5", f"{row['conflicts']} of {id_} stay whatever is decided")

    def _enrolled_if_asked(self, phone: Phone) -> None:
        """The phone says 这台设备要重新登记, or that it is signed out: its person does as told."""
        if phone.disk.number_reused:
            self.truth.happened["enrolled anew because a number was used twice"] += 1
        if phone.disk.signed_out or phone.disk.number_reused:
            phone.enrol()

    def late_requests(self) -> None:
        for _ in range(len(self.network.waiting)):
            request = self.network.due(every=True)
            assert request is not None
            self.trace.note(f"late {request.name} {self.station.handle(request).status}")

    def _again(self) -> None:
        """Handing everything over once more must change nothing (I1)."""
        before = len(self.station.kept())
        for phone in self.phones:
            lines = [f for f in phone.disk.facts.values() if f.kind != "photo.lost"]
            if lines and self.chance.hits(0.5):
                phone.hand_over_again()
                self._run_out(phone)
        if len(self.station.kept()) != before:
            self.truth.wrong("I1", "handing over again made the log grow")


def make_station(kind: str, chance: Chance, clock: Clock) -> Station:
    if kind == "core":
        return CoreStation(chance, clock)
    from tests.simulation.http_station import HttpStation

    return HttpStation(chance, clock)


def run_world(
    seed: int, station: str = "core", size: str = "medium", *, trace: bool = False
) -> Outcome:
    """Run one world to its end and check it. The same seed gives the same outcome, always."""
    world = World(seed, station, trace=trace)
    try:
        violations = _lived(world, STEPS[size], f"check {seed}")
        head: Any = [(each.sha256, each.verdict) for each in world.station.kept()]
        world.trace.note(f"log {hashlib.sha256(repr(head).encode()).hexdigest()}")
        found = (world.trace.fingerprint(), violations, world.trace.count)
        return Outcome(
            seed, *found, len(world.truth.facts), world.truth.happened, world.trace.lines
        )
    finally:
        world.station.close()


def _lived(world: World, steps: int, seed: str) -> list[str]:
    try:
        world.run(steps)
        world.drain()
        return check_world(world.station, world.phones, world.truth, seed, world.losses)
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        return [f"crash: {error!r} at {last.filename}:{last.lineno}"]
