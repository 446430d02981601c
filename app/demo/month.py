"""A month of work in the demo township: visits, hazards, decisions, each at its moment.

`Month` keeps a queue of moments; what happens at one may put later ones into it. The stories that
show special cases (a conflict, a wrong clock, a duplicate) are in stories.py.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.checklists.checklist import Checklist, HazardToFind
from app.checklists.load import checklist_sha256
from app.clock import instant
from app.demo.answers import SPOTS, Filled, fill_checklist
from app.demo.parts import DemoDesk, DemoPhone, Photo, World
from app.demo.people import INSPECTORS, Person
from app.demo.places import Place
from app.demo.scenes import SCENES_OF_CHECKLIST, draw_photo, draw_signature

DAYS = 31
LATEST_PLAUSIBLE_HOUR = 10
"""Before ten in the morning the demo's last day is yesterday: nobody inspects at night."""
EVENING = time(18, 30)
Action = Callable[[], object]


@dataclass
class Site:
    """A site of the demo with what a visit needs to know."""

    id: str
    place: Place
    inspector: Person
    checklist: Checklist
    where: tuple[float, float]
    open_hazards: list[str] = field(default_factory=list)


@dataclass
class Hazard:
    """A hazard on its way through the month."""

    id: str
    item: str
    site: Site
    level: str
    scene: str
    deadline: date
    measure: str
    found_at: datetime
    on_spot: bool
    photos: list[Photo]
    rechecked_by: str = ""


@dataclass(frozen=True, slots=True)
class Visit:
    inspection: str
    hazards: list[Hazard]


class Month:
    """The queue of moments and everything that can happen in one."""

    def __init__(
        self,
        world: World,
        *,
        zone: ZoneInfo,
        now: datetime,
        chief: DemoDesk,
        phones: dict[str, DemoPhone],
        settings: dict[str, Any],
    ) -> None:
        local = now.astimezone(zone)
        today_counts = local.hour >= LATEST_PLAUSIBLE_HOUR
        self.world, self.zone, self.now = world, zone, now
        self.last_day = local.date() if today_counts else local.date() - timedelta(days=1)
        self.chief, self.phones, self.settings = chief, phones, settings
        self._queue: list[tuple[datetime, int, Action]] = []
        self._order = itertools.count()
        self._squeezed = today_counts and local.time() < EVENING
        self._seeds = itertools.count(1)
        self.hazards: list[Hazard] = []

    # --- the queue ---

    def at(self, moment: datetime, action: Action) -> None:
        """Let something happen at a moment; what would lie in the future never happens."""
        if moment < self.now:
            heapq.heappush(self._queue, (moment, next(self._order), action))

    def play(self) -> None:
        """Let the whole month happen."""
        while self._queue:
            moment, _, action = heapq.heappop(self._queue)
            self.world.clock.move(moment)
            action()

    def moment(self, day: date, hour: int, minute: int = 0) -> datetime:
        """A local time of a day; a last day not yet over is squeezed into the hours before now."""
        if day != self.last_day or not self._squeezed:
            return datetime.combine(day, time(hour, minute), self.zone)
        minutes = (hour * 60 + minute) / (24 * 60) * 150
        return self.now - timedelta(minutes=170 - minutes)

    def workday(self, day: date) -> date:
        """The day itself, or Monday when it is a Sunday."""
        return day + timedelta(days=1) if day.weekday() == 6 else day

    # --- a visit ---

    def visit(
        self,
        site: Site,
        at: datetime,
        *,
        failing: int,
        suspected_major: bool = False,
        phone: DemoPhone | None = None,
        late_photos: bool = False,
        repeat: list[str] | None = None,
    ) -> Visit:
        """One inspection written down on a phone; handed over in the evening with the others."""
        phone = phone or self.phones[site.inspector.login]
        day = at.astimezone(self.zone).date()
        filled = fill_checklist(
            site.checklist,
            self.world.rng,
            site=site.place.attributes,
            settings=self.settings,
            today=day,
            failing=failing,
            suspected_major=suspected_major,
            repeat=repeat or [],
        )
        inspection, started = self.world.ids(), at - timedelta(minutes=18 + failing * 6)
        found = [(self.world.ids(), each) for each in filled.hazards]
        self._submit(phone, site, inspection, filled, found, started=started, at=at)
        hazards = [
            self._find(phone, site, inspection, subject, each, at=at, late=late_photos)
            for subject, each in found
        ]
        self.hazards += hazards
        return Visit(inspection, hazards)

    def _submit(
        self,
        phone: DemoPhone,
        site: Site,
        inspection: str,
        filled: Filled,
        found: list[tuple[str, HazardToFind]],
        *,
        started: datetime,
        at: datetime,
    ) -> None:
        rng, shift = self.world.rng, timedelta(milliseconds=phone.offset_ms)
        attendance = rng.choices(("signed", "absent", "refused"), (86, 9, 5))[0]
        signed = attendance == "signed"
        photos = [Photo(draw_signature(seed=next(self._seeds)), "signature")] if signed else []
        body = {
            "site": site.id,
            "checklist": site.checklist["id"],
            "checklist_version": site.checklist["version"],
            "checklist_sha256": checklist_sha256(site.checklist),
            "method": rng.choices(("routine", "special", "joint"), (80, 12, 8))[0],
            "started_at": instant(started + shift),
            "finished_at": instant(at + shift),
            "answers": filled.answers,
            "hazards": [subject for subject, _ in found],
            "attendance": attendance,
        }
        on_site = {"on_site_name": site.place.owner, "on_site_post": "负责人"} if signed else None
        phone.record(
            "inspection.submitted",
            inspection,
            body,
            at=at,
            private=on_site,
            photos=photos,
            where=site.where,
        )

    def _find(
        self,
        phone: DemoPhone,
        site: Site,
        inspection: str,
        subject: str,
        each: HazardToFind,
        *,
        at: datetime,
        late: bool,
    ) -> Hazard:
        rng, day = self.world.rng, at.astimezone(self.zone).date()
        on_spot = each["deadline_days"] == 0 and each["level"] == "general"
        deadline = day + timedelta(days=each["deadline_days"])
        scene = rng.choice(SCENES_OF_CHECKLIST[site.checklist["id"]])
        measure = each["measures"][0] if each["measures"] else "限期改正"
        body = {
            "site": site.id,
            "inspection": inspection,
            "checklist": site.checklist["id"],
            "checklist_version": site.checklist["version"],
            "item": each["item"],
            "spot": rng.choice(SPOTS),
            "finding": each["finding"]["text"],
            "category": each["category"],
            "level": each["level"],
            "basis": each["basis_text"],
            "disposition": "on_spot" if on_spot else "by_deadline",
            "measure": measure,
            "deadline": deadline.isoformat(),
            "found_on": day.isoformat(),
            "source": "routine",
        }
        if each["handoff"]:
            body["handoff"] = each["handoff"]
        private = {"fix_owner": site.place.owner}
        count = 1 if each["level"] == "general" else 2
        photos = [self.photo(scene, "before", late=late) for _ in range(count)]
        phone.record(
            "hazard.found", subject, body, at=at, private=private, photos=photos, where=site.where
        )
        hazard = Hazard(
            subject,
            each["item"],
            site,
            each["level"],
            scene,
            deadline,
            measure,
            at,
            on_spot,
            photos,
        )
        if on_spot and rng.random() < 0.7:
            phone.record(
                "hazard.spot_fixed",
                subject,
                {"note": "当场改好"},
                at=at + timedelta(minutes=2),
                photos=[self.photo(scene, "after")],
                where=site.where,
            )
        else:
            hazard.on_spot = False
        return hazard

    def photo(self, scene: str, role: str, *, late: bool = False) -> Photo:
        """A fresh photo of a scene."""
        after = role == "after"
        return Photo(draw_photo(scene, seed=next(self._seeds), after=after), role, late)

    # --- what follows from a finding ---

    def hand_over_in_the_evening(self, day: date) -> None:
        """Everybody who wrote something down hands it over on the way home."""
        for position, phone in enumerate(self.phones.values()):
            self.at(self.moment(day, 17, 10 + position * 5), self._hand_over(phone))

    def _hand_over(self, phone: DemoPhone) -> Action:
        def act() -> None:
            if phone.waiting:
                phone.hand_over()

        return act

    def accept(self, inspection: str) -> None:
        """The chief puts a submission away as seen."""
        self.chief.decide(("inspection.reviewed", inspection, {"outcome": "accepted"}, {}))

    def confirm(self, hazard: Hazard) -> None:
        """The chief settles the level; a major one with all five settled."""
        if hazard.level == "general":
            self.chief.decide(("hazard.confirmed", hazard.id, {"level": "general"}, {}))
            return
        settled = {
            "level": "major",
            "measure": hazard.measure,
            "deadline": max(
                hazard.deadline, hazard.found_at.date() + timedelta(days=10)
            ).isoformat(),
            "fund_wan": self.world.rng.choice([0.3, 0.8, 1.5, 4]),
            "contingency": "整改期间停用，专人看守，备好灭火器，出现险情先撤人再报告。",
        }
        owner = {"fix_owner": hazard.site.place.owner}
        self.chief.decide(("hazard.confirmed", hazard.id, settled, owner))

    def order(self, hazard: Hazard, deadline: date | None = None) -> None:
        """A written order with a deadline."""
        number = next(self._seeds)
        body = {
            "deadline": (deadline or hazard.deadline).isoformat(),
            "disposition": "by_deadline" if hazard.level == "general" else "stop_use",
            "document_no": f"（北河）安整〔{hazard.found_at.year}〕{number}号",
        }
        self.chief.decide(("hazard.ordered", hazard.id, body, {}))

    def recheck(
        self, hazard: Hazard, at: datetime, result: str, *, after: list[str] | None = None
    ) -> None:
        """The inspector looks again and photographs what is there."""
        day = at.astimezone(self.zone).date()
        body: dict[str, Any] = {"result": result, "rechecked_on": day.isoformat()}
        if result != "fixed":
            body["new_deadline"] = (day + timedelta(days=7)).isoformat()
            body["note"] = "只改了一部分，催了店主"
        photos = [self.photo(hazard.scene, "after" if result == "fixed" else "before")]
        photos = [Photo(each.data, "after") for each in photos]
        hazard.rechecked_by = second_person(hazard.site)
        self.phones[hazard.rechecked_by].record(
            "hazard.rechecked",
            hazard.id,
            body,
            at=at,
            photos=photos,
            where=hazard.site.where,
            after=after,
        )

    def report_fixed(self, hazard: Hazard, at: datetime) -> None:
        """The owner says it is put right; the inspector writes that down."""
        day = at.astimezone(self.zone).date()
        self.phones[hazard.site.inspector.login].record(
            "hazard.fix_reported",
            hazard.id,
            {"fixed_on": day.isoformat(), "note": "店主来电说改好了"},
            at=at,
            photos=[self.photo(hazard.scene, "after")],
        )

    def close(self, hazard: Hazard, **body: Any) -> None:
        """The chief decides that it is finished; when one person did it all, with a reason."""
        if hazard.rechecked_by == hazard.site.inspector.login:
            body["override_reason"] = "本村只有一名网格员，照片清楚"
        self.chief.decide(("hazard.closed", hazard.id, {"note": "看过照片，已改好", **body}, {}))


def second_person(site: Site) -> str:
    """Who rechecks: the village's certified inspector, unless there is none or it is the finder."""
    for person in INSPECTORS:
        if site.place.grid[0] in person.villages and person.login != site.inspector.login:
            return person.login
    return site.inspector.login
