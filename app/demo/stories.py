"""What happens in the demo's month: who is visited when, how hazards go on, special cases.

Every state the desk can show is there: overdue, suspected major, returned, fixed on the spot,
closed, reopened, a conflict, a wrong clock, a likely duplicate, photos on their way, a quarantine.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from app.demo.activities import plan_activities
from app.demo.month import DAYS, Hazard, Month, Site, Visit

Decided = tuple[str, str, dict[str, Any], dict[str, Any]]
FAILING = ((0, 30), (1, 32), (2, 24), (3, 14))
"""How many items fail in a visit, with the weight of each count."""
THREE_HOURS_MS = 3 * 3600 * 1000
_A_FIRST, _A_AGAIN, _B, _C, _TODAY, _MAJOR = 0.85, 0.75, 0.8, 0.6, 0.15, 0.1


def plan_month(month: Month, sites: list[Site]) -> None:
    """Put the whole month into the queue."""
    first = month.last_day - timedelta(days=DAYS - 1)
    for offset in range(DAYS):
        month.hand_over_in_the_evening(first + timedelta(days=offset))
    special = {"老街川味馆", "福兴五金店", "李记烟花专店", "东头闲置养殖院", "村口加油点"}
    for site in sites:
        if site.place.name not in special:
            _plan_visits(month, site, first)
    by_name = {site.place.name: site for site in sites}
    _same_hazard_twice(month, by_name["老街川味馆"])
    _returned_work(month, by_name["福兴五金店"])
    _wrong_clock(month, by_name["李记烟花专店"])
    _photos_on_their_way(month, by_name["东头闲置养殖院"])
    _all_passed(month, by_name["村口加油点"])
    _outside_the_area(month, by_name["平安旅馆"])
    _conflict(month, by_name["宏达木器厂"])
    _come_back(month, by_name["北坡旧厂房"])
    _two_words(month, by_name["盛华制衣"])
    _photo_used_before(month, by_name["桥头公寓"], by_name["极速网吧"])
    _feedback(month)
    plan_activities(month)
    _quarantined(month)


def _plan_visits(month: Month, site: Site, first: date) -> None:
    rng, grade = month.world.rng, site.place.grade
    days: list[int] = []
    if grade == "A":
        days += [rng.randint(0, 12)] if rng.random() < _A_FIRST else []
        days += [rng.randint(17, 30)] if rng.random() < _A_AGAIN else []
    elif rng.random() < (_B if grade == "B" else _C):
        days.append(rng.randint(1, 29))
    if rng.random() < _TODAY:
        days.append(30)
    for offset in days:
        day = min(month.workday(first + timedelta(days=offset)), month.last_day)
        at = month.moment(day, rng.randint(9, 15), rng.randint(0, 59))
        month.at(at, partial(_visit, month, site, at))


def _visit(month: Month, site: Site, at: datetime) -> None:
    rng = month.world.rng
    failing = rng.choices([n for n, _ in FAILING], [weight for _, weight in FAILING])[0]
    visit = month.visit(site, at, failing=failing, suspected_major=rng.random() < _MAJOR)
    day = at.astimezone(month.zone).date()
    age = (month.last_day - day).days
    if age >= 2 or (age == 1 and rng.random() < 0.5):
        review = month.workday(day + timedelta(days=1))
        _accept(month, visit, review)
        for hazard in visit.hazards:
            go_on(month, hazard, review, age)


def _accept(month: Month, visit: Visit, day: date) -> None:
    month.at(month.moment(day, 9, 10), partial(month.accept, visit.inspection))


def _settle(month: Month, hazard: Hazard, day: date) -> None:
    """Confirmed and ordered on the morning of a day."""
    month.at(month.moment(day, 9, 20), partial(month.confirm, hazard))
    month.at(month.moment(day, 9, 30), partial(month.order, hazard))


def go_on(month: Month, hazard: Hazard, review: date, age: int) -> None:
    """How one hazard goes on after the chief has seen it, by how old it is when the month ends."""
    month.at(month.moment(review, 9, 20), partial(month.confirm, hazard))
    if hazard.on_spot:
        if month.world.rng.random() < 0.85:
            month.at(month.moment(review, 9, 25), partial(month.close, hazard))
        return
    if age <= 3 and month.world.rng.random() < 0.5:
        return
    month.at(month.moment(review, 9, 30), partial(month.order, hazard))
    ways = [way for way, _ in _WAYS]
    weights = [weight[0 if age >= 14 else 1] for _, weight in _WAYS]
    month.world.rng.choices(ways, weights)[0](month, hazard, review)


def _recheck_day(month: Month, hazard: Hazard, review: date) -> date:
    return month.workday(max(hazard.deadline, review + timedelta(days=1)))


def _closed_in_time(month: Month, hazard: Hazard, review: date) -> None:
    day = _recheck_day(month, hazard, review)
    at = month.moment(day, 10, 40)
    month.at(at, partial(month.recheck, hazard, at, "fixed"))
    closing = month.workday(day + timedelta(days=1))
    month.at(month.moment(closing, 9, 40), partial(month.close, hazard))


def _waits_to_be_closed(month: Month, hazard: Hazard, review: date) -> None:
    at = month.moment(_recheck_day(month, hazard, review), 11, 5)
    month.at(at, partial(month.recheck, hazard, at, "fixed"))


def _reported(month: Month, hazard: Hazard, review: date) -> None:
    at = month.moment(_recheck_day(month, hazard, review), 14, 15)
    month.at(at, partial(month.report_fixed, hazard, at))


def _failed_recheck(month: Month, hazard: Hazard, review: date) -> None:
    at = month.moment(_recheck_day(month, hazard, review), 15, 10)
    result = month.world.rng.choice(["not_fixed", "partly"])
    month.at(at, partial(month.recheck, hazard, at, result))


def _nothing_more(_month: Month, _hazard: Hazard, _review: date) -> None:
    """Stays as ordered: in time or overdue, as the deadline falls."""


def _void(month: Month, hazard: Hazard, review: date) -> None:
    reason = {"reason": "现场核实不是隐患，网格员看错了位置"}
    at = month.moment(month.workday(review + timedelta(days=1)), 16, 0)
    month.at(at, partial(month.chief.decide, ("hazard.voided", hazard.id, reason, {})))


# weights for hazards older than two weeks, and for younger ones
_WAYS = (
    (_closed_in_time, (62, 30)),
    (_waits_to_be_closed, (7, 12)),
    (_reported, (7, 14)),
    (_failed_recheck, (8, 6)),
    (_nothing_more, (13, 36)),
    (_void, (3, 2)),
)


# --- special cases ------------------------------------------------------------------------------


def _same_hazard_twice(month: Month, site: Site) -> None:
    """赵强 helped out and reported a hazard; days later 王芳 reports the same item again."""
    earlier = month.workday(month.last_day - timedelta(days=4))
    at, today = month.moment(earlier, 15, 30), month.moment(month.last_day, 10, 31)
    found: list[Hazard] = []

    def first() -> None:
        visit = month.visit(site, at, failing=2, phone=month.phones["zhaoqiang"])
        found.extend(visit.hazards)
        review = month.workday(earlier + timedelta(days=1))
        _accept(month, visit, review)
        for hazard in visit.hazards:
            month.at(month.moment(review, 9, 20), partial(month.confirm, hazard))

    def again() -> None:
        items = [hazard.item for hazard in found if not hazard.on_spot]
        month.visit(site, today, failing=1, suspected_major=True, repeat=items[:1])

    month.at(at, first)
    month.at(today, again)


def _returned_work(month: Month, site: Site) -> None:
    """The chief sends two findings back with a word on one field; they wait on 王芳's phone."""
    at = month.moment(month.workday(month.last_day - timedelta(days=2)), 10, 21)
    found: list[Hazard] = []
    words = (
        ("spot", "二楼楼梯口还是后门？请补一张能看清门牌的照片。"),
        ("finding", "写清楚有几处、在什么位置。"),
    )

    def visit() -> None:
        found.extend(month.visit(site, at, failing=2).hazards)

    def send_back() -> None:
        for hazard, (name, text) in zip(found, words, strict=False):
            remarks = {"remarks": [{"field": name, "text": text}]}
            month.chief.decide(("hazard.returned", hazard.id, remarks, {}))

    month.at(at, visit)
    month.at(month.moment(month.last_day, 9, 5), send_back)


def _wrong_clock(month: Month, site: Site) -> None:
    """A phone that runs three hours fast; its work is taken all the same."""
    at = month.moment(month.last_day, 11, 40)
    phone = month.phones[site.inspector.login]

    def visit() -> None:
        right, phone.offset_ms = phone.offset_ms, THREE_HOURS_MS
        month.visit(site, at, failing=0)
        phone.offset_ms = right

    month.at(at, visit)


def _photos_on_their_way(month: Month, site: Site) -> None:
    """Text is here, the photos still travel; the chief sees how many."""
    at = month.moment(month.last_day, 9, 47)
    way = partial(month.visit, site, at, failing=1, suspected_major=True, late_photos=True)
    month.at(at, way)


def _all_passed(month: Month, site: Site) -> None:
    at = month.moment(month.last_day, 9, 12)
    month.at(at, partial(month.visit, site, at, failing=0))


def _outside_the_area(month: Month, site: Site) -> None:
    """李军 stood in for a colleague in another village: taken, and said."""
    at = month.moment(month.last_day, 14, 5)
    month.at(at, partial(month.visit, site, at, failing=1, phone=month.phones["lijun"]))


def _conflict(month: Month, site: Site) -> None:
    """The chief closes while the inspector, without signal, has found it not fixed after all."""
    day = month.workday(month.last_day - timedelta(days=9))
    at = month.moment(day, 9, 50)

    def visit() -> None:
        visit = month.visit(site, at, failing=1)
        review = month.workday(day + timedelta(days=1))
        _accept(month, visit, review)
        for hazard in visit.hazards[:1]:
            _settle(month, hazard, review)
            _play_conflict(month, hazard, review)

    month.at(at, visit)


def _play_conflict(month: Month, hazard: Hazard, review: date) -> None:
    fixed_at = month.moment(month.workday(review + timedelta(days=2)), 10, 0)
    closing = fixed_at + timedelta(hours=23)
    again = closing + timedelta(hours=2)
    offline: list[str] = []

    def loses_signal() -> None:
        offline.extend(month.world.heads[hazard.id])

    def not_fixed() -> None:
        known = month.world.heads[hazard.id]
        month.recheck(hazard, again, "not_fixed", after=list(offline))
        month.world.heads[hazard.id] = [*known, *month.world.heads[hazard.id]]

    month.at(fixed_at, partial(month.recheck, hazard, fixed_at, "fixed"))
    month.at(fixed_at + timedelta(hours=9), loses_signal)
    month.at(closing, partial(month.close, hazard))
    month.at(again, not_fixed)


def _come_back(month: Month, site: Site) -> None:
    """A closed hazard is back at the look-back: the chief opens it again."""
    day = month.workday(month.last_day - timedelta(days=20))
    at = month.moment(day, 14, 20)

    def visit() -> None:
        visit = month.visit(site, at, failing=1)
        review = month.workday(day + timedelta(days=1))
        _accept(month, visit, review)
        for hazard in visit.hazards[:1]:
            _settle(month, hazard, review)
            _close_and_reopen(month, hazard, review)

    month.at(at, visit)


def _close_and_reopen(month: Month, hazard: Hazard, review: date) -> None:
    fixed_at = month.moment(month.workday(review + timedelta(days=2)), 10, 0)
    closing = month.workday(review + timedelta(days=4))
    back = month.workday(review + timedelta(days=15))
    reason = {"reason": "回头看：又和上次一样，没有坚持住"}
    reopened: Decided = ("hazard.reopened", hazard.id, reason, {})
    month.at(fixed_at, partial(month.recheck, hazard, fixed_at, "fixed"))
    month.at(month.moment(closing, 9, 0), partial(month.close, hazard))
    month.at(month.moment(back, 16, 30), partial(month.chief.decide, reopened))


def _two_words(month: Month, site: Site) -> None:
    """The chief puts right where it is while the inspector, without signal, does so too."""
    day = month.workday(month.last_day - timedelta(days=3))
    at = month.moment(day, 10, 15)
    west, east = {"spot": "二楼走廊西头，配电箱旁"}, {"spot": "二楼走廊东头，楼梯口"}

    def visit() -> None:
        found = month.visit(site, at, failing=1).hazards[0]
        phone, review = month.phones[site.inspector.login], month.workday(day + timedelta(days=1))
        known: list[str] = []

        def loses_signal() -> None:
            known.extend(month.world.heads[found.id])

        def says_so_too() -> None:
            heads, said_at = month.world.heads[found.id], month.moment(review, 9, 50)
            phone.record("hazard.amended", found.id, east, at=said_at, after=list(known))
            month.world.heads[found.id] = [*heads, *month.world.heads[found.id]]

        month.at(month.moment(review, 8, 40), loses_signal)
        by_chief: Decided = ("hazard.amended", found.id, west, {})
        month.at(month.moment(review, 9, 40), partial(month.chief.decide, by_chief))
        month.at(month.moment(review, 9, 50), says_so_too)

    month.at(at, visit)


def _photo_used_before(month: Month, site: Site, later: Site) -> None:
    """An inspector picks a photo of an earlier visit by mistake: worth a look, no more."""
    at = month.moment(month.workday(month.last_day - timedelta(days=12)), 10, 40)
    again = month.moment(month.workday(month.last_day - timedelta(days=1)), 15, 5)
    found: list[Hazard] = []

    def first() -> None:
        found.extend(month.visit(site, at, failing=1).hazards)

    def second() -> None:
        hazard = month.visit(later, again, failing=1).hazards[0]
        phone, said = month.phones[later.inspector.login], {"reason": "补一张照片"}
        moment = again + timedelta(minutes=4)
        phone.record("hazard.amended", hazard.id, said, at=moment, photos=found[0].photos[:1])

    month.at(at, first)
    month.at(again, second)


def _feedback(month: Month) -> None:
    """Two words to the people who make this."""
    for offset, login, text in (
        (6, "zhouli", "下雨天手湿，合格和不合格两个按钮能不能再大一点。"),
        (2, "wuyong", "希望能看到上次检查时拍的照片，好对比。"),
    ):
        at = month.moment(month.last_day - timedelta(days=offset), 16, 40)
        body = {"type": "feedback", "text": text}
        say = partial(
            month.phones[login].record, "activity.recorded", month.world.ids(), body, at=at
        )
        month.at(at, say)


def _quarantined(month: Month) -> None:
    """An inspector closed a hazard himself: kept, shown to him and the admin, without effect."""
    at = month.moment(month.last_day - timedelta(days=3), 16, 45)

    def close_it_myself() -> None:
        phone, heads = month.phones["chengang"], month.world.heads
        hazard = next(each for each in month.hazards if each.id in heads)
        before = list(heads[hazard.id])
        phone.record("hazard.closed", hazard.id, {"note": "我看已经改好了"}, at=at)
        heads[hazard.id] = before

    month.at(at, close_it_myself)
