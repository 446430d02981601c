"""What could not be admitted: the list, the exact bytes, and judging it anew by today's rules.

Letting in by a person's own word stays a decision (`ledger.admitted` in /decisions); a trial writes
the same fact when the rules themselves would admit the line now. It must not judge by itself.
"""

from __future__ import annotations

import re
from typing import Any

from app.actor import CHIEF_OR_ADMIN
from app.batches.again import author_today
from app.decisions.decide import decide
from app.decisions.rules import Named, may_admit
from app.http import Answer, Call, Routes
from app.ledger.incoming import DeskFact
from app.problems import ProblemError
from app.quarantine import store
from app.quarantine.rules import judged_anew
from app.quarantine.schema import QuarantinePage, TrialAnswer, TrialRequest
from app.quarantine.store import SetAside
from app.queries import Paging
from sync.problems import QUARANTINE_WORDS

routes = Routes("quarantine")
TRIAL_REASON = "再试一次：按现在的规定可以收"
PASSED, ADMITTED_BEFORE = "现在可以收了，收进台账了。", "已经收进台账了。"
NOT_ASKED = "这一条没法自动再判，要人看过再定。"
NOT_YOURS = "按现在的规定可以收，但要有权限的人来试。"
_HASH = re.compile(r"[0-9a-f]{64}")


@routes.route(
    "/quarantine",
    auth="desk",
    roles=CHIEF_OR_ADMIN,
    query=Paging,
    answers=QuarantinePage,
    write=False,
    summary="What was handed over and could not be admitted, bytes included",
)
def quarantine(call: Call) -> dict[str, Any]:
    return store.list_quarantine(
        call.connection,
        call.station_id,
        call.who.roles,
        page=call.query["page"],
        size=call.query["size"],
    )


@routes.route(
    "/quarantine/<sha256>/bytes",
    auth="desk",
    roles=CHIEF_OR_ADMIN,
    write=False,
    summary="One line exactly as it came, as a download",
)
def quarantine_bytes(call: Call) -> Answer:
    """Whatever a phone sent: never shown in a page of its own."""
    found = _find(call, [call.path["sha256"]])
    if not found:
        raise ProblemError("not-found")
    (line,) = found.values()
    headers = {
        "Content-Type": "application/octet-stream",
        "Content-Disposition": f'attachment; filename="{line.sha256}.txt"',
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    return Answer(line.raw, headers=headers)


def _find(call: Call, hashes: list[str]) -> dict[str, SetAside]:
    wanted = [sha256 for sha256 in hashes if _HASH.fullmatch(sha256)]
    return store.set_aside(call.connection, call.station_id, wanted)


@routes.route(
    "/quarantine/trials",
    methods=["POST"],
    auth="desk",
    roles=CHIEF_OR_ADMIN,
    body=TrialRequest,
    answers=TrialAnswer,
    write=True,
    summary="Judge set-aside lines anew by today's rules; what passes is admitted by a fact",
)
def trials(call: Call) -> dict[str, Any]:
    """Each for itself; what does not pass stays where it is, with the sentence why."""
    hashes: list[str] = list(dict.fromkeys(call.body["facts"]))
    found = _find(call, hashes)
    if len(found) != len(hashes):
        raise ProblemError("not-found")
    told = {sha256: _try(call, found[sha256]) for sha256 in hashes}
    passing = [found[sha256] for sha256, (passed, text) in told.items() if text == PASSED]
    if passing:
        decide(
            call.connection, call.who, [_admitting(call, line) for line in passing], now=call.now
        )
    return {
        "items": [
            {"sha256": sha256, "passed": passed, "sentence": sentence}
            for sha256, (passed, sentence) in told.items()
        ]
    }


def _try(call: Call, line: SetAside) -> tuple[bool, str]:
    """Whether a line is, or now comes, in; and what to say of it."""
    if line.admitted:
        return True, ADMITTED_BEFORE
    author = author_today(call.connection, call.station_id, line.batch_id)
    verdict = judged_anew(line.raw, line.private, line.reason, author, call.station_id)
    if verdict is None or line.subject_id is None:
        return False, NOT_ASKED
    if not verdict.admitted:
        words = QUARANTINE_WORDS.get(verdict.reason or "", ("不能收录。", ""))
        return False, f"还是不能收：{words[0]}"
    named = Named(line.verdict, admitted=False, kind=line.kind or "")
    if not may_admit(named, call.who.roles):
        return False, NOT_YOURS
    return True, PASSED


def _admitting(call: Call, line: SetAside) -> DeskFact:
    body = {"fact_sha256": line.sha256, "reason": TRIAL_REASON}
    return DeskFact(call.services.ids(), "ledger.admitted", line.subject_id or "", body)
