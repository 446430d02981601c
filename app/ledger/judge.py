"""Admission at the door of the ledger: looks up what sync/admission.py needs and asks it.

It must not write anything, nor look at more than one line at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from app.db import run
from app.ledger.early import Early
from app.ledger.grants import account_grants
from app.ledger.incoming import Incoming, Sender
from app.ledger.store import SubjectRow
from sync.admission import Author, Verdict, admit, parse_verdict, refused
from sync.fact import Fact
from sync.grants import acknowledged_roles
from sync.kinds import KINDS

# A person may let these count after all; the others hold no fact that could be folded, or one whose
# id already names another fact.
READMISSIBLE = frozenset(
    {
        "malformed",
        "revoked",
        "bad_signature",
        "wrong_author",
        "missing_role",
        "private_mismatch",
        "desk_only",
    }
)


def readmissible(verdict: str) -> bool:
    """Whether `ledger.admitted` can let a quarantined fact count."""
    return parse_verdict(verdict).reason in READMISSIBLE


class Judge:
    """The verdicts of one append, with the look-ups they rest on."""

    def __init__(
        self,
        connection: Connection,
        station_id: str,
        sender: Sender,
        subjects: dict[str, SubjectRow],
        early: Early,
        *,
        now: datetime,
    ) -> None:
        self._connection = connection
        self._station_id = station_id
        self._sender = sender
        self._author = sender.author
        self._subjects = subjects
        self._early = early
        self._now = now
        self._new_site_areas: dict[str, Any] = {}

    def prepare(self, fresh: Sequence[Incoming]) -> None:
        """What has to be known of the whole append before the first verdict."""
        facts = [each.fact for each in fresh if each.fact is not None]
        for fact in facts:
            if fact.kind == "site.registered":
                self._new_site_areas.setdefault(fact.subject, fact.body.get("area"))
        if any(self._needs_older_roles(fact) for fact in facts):
            self._author = self._with_acknowledged_roles()

    def verdict(self, each: Incoming) -> Verdict:
        """The verdict on one line taken by itself; clashes of ids are the plan's business."""
        if each.fact is None:
            assert each.refusal is not None
            return refused(each.refusal)
        site_area = self._site_area(each.fact)
        if site_area is None or site_area in self._author.areas:
            early = self._early.verdict(each.sha256, self._author)
            if early is not None:
                return early
        return admit(
            each.fact,
            self._author,
            self._station_id,
            site_area=site_area,
            private=each.private,
        )

    def _site_area(self, fact: Fact) -> str | None:
        """The area the fact is about, None where it does not matter or is not known."""
        if self._sender.whole:
            return None
        site = fact.subject if fact.kind.startswith("site.") else fact.body.get("site")
        for subject_id in (site, fact.subject):
            if not isinstance(subject_id, str):
                continue
            if subject_id in self._subjects:
                return self._subjects[subject_id].area_id
            area = self._new_site_areas.get(subject_id)
            if isinstance(area, str):
                return area
        return None

    def _needs_older_roles(self, fact: Fact) -> bool:
        kind = KINDS.get(fact.kind)
        if kind is None or self._author.enrolment is None:
            return False
        wanted = kind.roles | kind.guard_roles
        return bool(wanted) and not wanted & self._author.roles

    def _acknowledged(self) -> int | None:
        """The furthest cursor the phone ever acknowledged: an older one brings no role back."""
        claimed = self._sender.acknowledged_idx
        if claimed is None:
            return None
        rows = run(
            self._connection,
            "SELECT acknowledged_idx FROM enrolment WHERE station_id = ? AND enrolment_id = ?",
            (self._station_id, self._author.enrolment),
        )
        return max(claimed, *(int(row[0]) for row in rows))

    def _with_acknowledged_roles(self) -> Author:
        """The roles held at the cursor the phone last acknowledged, while they still count."""
        cursor = self._acknowledged()
        if cursor is None:
            return self._author
        held = account_grants(self._connection, self._station_id, [self._author.account])
        roles = acknowledged_roles(held.get(self._author.account, ()), cursor, self._now)
        return replace(self._author, roles_acknowledged=roles)
