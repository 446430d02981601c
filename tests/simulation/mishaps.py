"""What befalls phones and station in a world; every mishap that took effect is counted by name."""

from __future__ import annotations

from typing import Any

from tests.simulation.chance import DAY_MS, YEAR_MS, Chance, Clock
from tests.simulation.disk import Disk
from tests.simulation.happened import Happened
from tests.simulation.people import Inspector
from tests.simulation.phone import Phone
from tests.simulation.restores import Loss, forgotten, set_back
from tests.simulation.station import Station
from tests.simulation.truth import Truth

CLOCK_ERRORS_MS = (
    0,
    0,
    3 * 60_000,
    -20 * 60_000,
    3 * DAY_MS,
    -40 * DAY_MS,
    5 * YEAR_MS,
    -8 * YEAR_MS,
)


class Mishaps:
    station: Station
    truth: Truth
    chance: Chance
    clock: Clock
    phones: list[Phone]
    people: list[Inspector]
    copies: dict[str, Disk]
    backup: Any
    cut_off_then: dict[str, frozenset[str]]  # the revocations that the backup knows
    losses: list[Loss]

    @property
    def happened(self) -> Happened:
        return self.truth.happened

    def _phone(self) -> Phone:
        return self.chance.random.choice(self.phones)

    def killed(self) -> str:
        phone = self._phone()
        if phone.running is not None:
            self.happened["phone killed at work"] += 1
        phone.running, phone.waiting_for = None, None
        return phone.name

    def updated(self) -> str:
        """A new version of the app; a batch the old one made ready goes as it was made."""
        phone = self._phone()
        phone.running, phone.waiting_for = None, None
        if phone.left()[0]:
            self.happened["app updated with unsent work"] += 1
        if phone.disk.batch is not None:
            self.happened["batch of an older app sent by a newer one"] += 1
        self._mended(phone)
        phone.app += 1
        return f"{phone.name} {phone.app}"

    @staticmethod
    def _mended(phone: Phone) -> None:
        """A version that no longer leaves private lines out hands over what was left out."""
        if phone.owes_private:
            phone.forgets_private = False
            phone.dissolve()
            phone.hand_over_again()

    def copied(self) -> str:
        phone = self._phone()
        self.copies[phone.name] = phone.disk.copy()
        return phone.name

    def set_back(self) -> str:
        """The phone's profile is restored from an old copy: numbers will be used twice."""
        phone = self._phone()
        copy = self.copies.get(phone.name)
        if copy is None:
            return f"{phone.name} no copy"
        lost = set(phone.disk.facts) - set(copy.facts)
        self.happened["profile set back to an old copy"] += bool(lost)
        for sha256 in sorted(lost):
            if not self.truth.facts[sha256].receipts:
                self.truth.sunk.add(sha256)
        if phone.owes_private:
            self.truth.sunk_privates |= lost
        here = {photo for photo in phone.disk.bodies if photo not in copy.bodies}
        gone = self.truth.evicted & set(phone.disk.photos)
        self.truth.sunk_photos |= (here | gone) - self.truth.photo_receipts
        phone.running, phone.waiting_for = None, None
        phone.disk = copy.copy()
        forgotten(self.losses, self.station, self.phones, self.truth)
        return f"{phone.name} sinks {len(lost)}"

    def enrolled_anew(self) -> str:
        phone = self._phone()
        self.happened["enrolled anew with unsent work"] += bool(phone.left()[0])
        phone.enrol()
        return f"{phone.name} {phone.disk.enrolment}"

    def revoked(self) -> str:
        phone = self._phone()
        self.happened["phone revoked with unsent work"] += bool(phone.left()[0])
        if self.station.revoke(phone.disk.enrolment):
            here = {each.sha256 for each in self.station.kept()}
            before = here.union(*(loss.lost for loss in self.losses))
            self.truth.cut_off.setdefault(phone.disk.enrolment, frozenset(before))
        self.truth.revoked.add(phone.account)
        return phone.name

    def disk_fills(self) -> str:
        phone = self._phone()
        phone.full = not phone.full
        return f"{phone.name} {phone.full}"

    def photo_evicted(self) -> str:
        phone = self._phone()
        here = [p for p in phone.disk.bodies if phone.disk.photos[p].state == "waiting"]
        if not here:
            return f"{phone.name} none"
        evicted = self.chance.random.choice(here)
        del phone.disk.bodies[evicted]
        self.truth.evicted.add(evicted)
        self.truth.photo_receipts.discard(evicted)  # waiting again: the receipt's machine was lost
        self.happened["photo thrown away by the browser"] += 1
        return phone.name

    def handed_over_again(self) -> str:
        phone = self._phone()
        phone.hand_over_again()
        self.happened["everything handed over again"] += 1
        return phone.name

    def server_crashes(self) -> str:
        """The next request dies before its commit."""
        self.station.crash_next = True
        return ""

    def backed_up(self) -> str:
        if not self.station.restorable:
            return "not here"
        self.backup = self.station.back_up()
        self.cut_off_then = dict(self.truth.cut_off)
        return "backup"

    def restored(self) -> str:
        """The station's machine is lost; what it had since its backup lives on in the phones."""
        if self.backup is None:
            return "no backup"
        self.clock.ms += 2_000  # a machine is not set up twice within a second
        self.losses.append(set_back(self.station, self.backup, self.phones, self.truth))
        self.truth.cut_off = dict(self.cut_off_then)
        return f"epoch {self.losses[-1].restored.epoch}, {len(self.losses[-1].lost)} lost"

    def clock_set(self) -> str:
        """Somebody corrects the phone's clock, or spoils it."""
        phone = self._phone()
        phone.clock_error_ms = self.chance.random.choice(CLOCK_ERRORS_MS)
        self.happened["phone's clock changed on the way"] += 1
        return f"{phone.name} {phone.clock_error_ms}"

    def hoards(self) -> str:
        person = self.chance.random.choice(self.people)
        self.happened["more recorded than a batch may carry"] += not person.phone.full
        return f"{person.phone.name} {person.hoard()}"
