"""What the desk may decide, checked before anything is written: roles, fields, possible next steps.

Pure: rows and facts come in as values, a plan or a problem comes out. The fold stays the judge of
what a fact means; these checks only keep a person from a mistake and say why.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.hazards.words import ROLE_WORDS
from app.ledger.incoming import DeskFact
from app.ledger.judge import readmissible
from app.problems import ProblemError, declare
from sync.fact import Fact
from sync.kinds import KINDS, subject_type
from sync.kinds.declare import Fault, Kind
from sync.problems import FAULT_WORDS, STEP_WORDS, Problem
from sync.steps import impossible

declare(
    Problem(
        "fact-id-reused",
        409,
        "这个编号已经记过别的内容，请刷新页面再试。",
        "This id was used for something else; reload the page and try again.",
        retry=False,
    ),
    Problem(
        "login-taken",
        409,
        "登录名“{login}”已有人用，请换一个。",
        "The login {login} is taken; choose another.",
        retry=False,
    ),
)

NOT_AT_THE_DESK = frozenset({"enrolment.set"})
"""Phones are claimed and revoked by routes of their own, which also end their tokens."""
SOFT_FLAGS = frozenset({"needs_review", "same_person", "outside_area", "unknown_kind"})
"""Flags that ask for a second look; every other one means that the step had no effect."""
LAST_ADMIN = "至少要留一个能登录的管理员。"
NAMES_A_FACT = frozenset({"ledger.admitted", "ledger.redacted"})
NO_SUCH_FACT = "站里没有这条记录。"
ALREADY_ADMITTED = "这条记录已经收进台账了。"
NEVER_ADMITTED = "这一条收不进台账，原样留着备查。"


@dataclass(frozen=True, slots=True)
class Stored:
    """A fact already in the ledger under an id that is asked for again."""

    kind: str
    subject: str
    author: str
    body: Mapping[str, Any]
    private: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Named:
    """A fact in the ledger that a decision is about."""

    verdict: str
    admitted: bool
    kind: str


def check_facts(facts: Sequence[DeskFact], roles: Iterable[str]) -> None:
    """Known kinds, held roles, right fields; the first missing role or all wrong fields."""
    held = frozenset(roles)
    wrong: list[dict[str, str]] = []
    for position, fact in enumerate(facts):
        kind = KINDS.get(fact.kind)
        if kind is None or kind.server_only or fact.kind in NOT_AT_THE_DESK:
            wrong.append({"path": f"facts[{position}].kind", "text": "这里不能记这种内容。"})
            continue
        _check_role(kind, fact, held)
        for fault in kind.check(fact.body, fact.private or {}):
            wrong.append(_told(position, fault, kind))
    if wrong:
        raise ProblemError("invalid-input", fields=wrong, count=len(wrong))


def _check_role(kind: Kind, fact: DeskFact, held: frozenset[str]) -> None:
    needed = frozenset[str]()
    if kind.stance != "observation" and not (
        kind.observed_with and fact.body.get(kind.observed_with)
    ):
        needed = kind.roles
    elif any(each.guarded and fact.body.get(each.name) is not None for each in kind.fields):
        needed = kind.guard_roles if kind.name != "site.registered" else frozenset()
    if needed and not needed & held:
        words = "或".join(ROLE_WORDS.get(role, role) for role in sorted(needed))
        raise ProblemError("role-needed", role=words, roles=sorted(needed))


def _told(position: int, fault: Fault, kind: Kind) -> dict[str, str]:
    part = "private" if _is_private(kind, fault.path) else "body"
    text = FAULT_WORDS.get(fault.code, ("这里填得不对。", ""))[0].replace("{limit}", fault.limit)
    return {"path": f"facts[{position}].{part}.{fault.path}", "text": text}


def _is_private(kind: Kind, path: str) -> bool:
    name = path.partition(".")[0].partition("[")[0]
    return any(each.private and each.name == name for each in kind.fields)


def chained(facts: Sequence[DeskFact]) -> list[list[DeskFact]]:
    """The facts in waves, one per subject in each: later decisions of a request know earlier ones.

    A page sends the heads it showed with every fact; without this, "confirm and close" in one tap
    would be two decisions that do not know of each other.
    """
    waves: list[list[DeskFact]] = []
    before: dict[str, list[str]] = {}
    for fact in facts:
        earlier = before.setdefault(fact.subject, [])
        if earlier:
            fact = replace(fact, after=[earlier[-1]])
        if len(waves) == len(earlier):
            waves.append([])
        waves[len(earlier)].append(fact)
        earlier.append(fact.id)
    return waves


def check_steps(facts: Sequence[Fact], rows: Mapping[str, Mapping[str, Any]]) -> None:
    """Refuse what makes no sense from where the row stands, unless the page was out of date.

    A fact that follows older heads than the row has is let through: the fold keeps both sides and
    puts the conflict before the chief (I5).
    """
    for fact in facts:
        row = rows.get(fact.subject)
        if row is not None and set(fact.after) != set(row.get("heads") or ()):
            continue
        type_ = str(row["type"]) if row is not None else subject_type(fact.kind) or ""
        refusal = impossible(type_, dict(row) if row is not None else None, fact)
        if refusal is not None:
            raise impossible_step(refusal.reason)


def check_named(
    facts: Iterable[DeskFact], known: Mapping[str, Named], roles: Iterable[str]
) -> None:
    """A fact about another fact must be able to do something, or a person is told what is not so.

    Who lets a decision count after all must be allowed to decide it: otherwise a chief could make
    an admin by admitting a grant that some phone sent.
    """
    held = frozenset(roles)
    for fact in facts:
        if fact.kind not in NAMES_A_FACT:
            continue
        named = known.get(str(fact.body.get("fact_sha256")))
        if named is None:
            raise ProblemError("impossible-step", why=NO_SUCH_FACT, reason="no_such_fact")
        if fact.kind == "ledger.admitted":
            _check_admissible(named, held)


def _check_admissible(named: Named, held: frozenset[str]) -> None:
    if named.admitted:
        raise ProblemError("impossible-step", why=ALREADY_ADMITTED, reason="already_admitted")
    if not _countable(named):
        raise ProblemError("impossible-step", why=NEVER_ADMITTED, reason="never_admitted")
    needed = _roles_for(named)
    if needed and not needed & held:
        words = "或".join(ROLE_WORDS.get(role, role) for role in sorted(needed))
        raise ProblemError("role-needed", role=words, roles=sorted(needed))


def may_admit(named: Named, roles: Iterable[str]) -> bool:
    """Whether somebody with these roles can let a fact count; the page offers no other."""
    needed = _roles_for(named)
    return (
        not named.admitted and _countable(named) and (not needed or bool(needed & frozenset(roles)))
    )


def _countable(named: Named) -> bool:
    """Whether there is something that could count, and that a person may let count."""
    kind = KINDS.get(named.kind)
    useless = named.kind in NAMES_A_FACT or (kind is not None and kind.server_only)
    return not useless and readmissible(named.verdict)


def _roles_for(named: Named) -> frozenset[str]:
    kind = KINDS.get(named.kind)
    return frozenset() if kind is None else kind.roles


def check_effects(ids: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """What the fold itself flags as without effect is refused too; nothing has been committed."""
    asked = set(ids)
    for row in rows:
        for flag in row.get("flags") or ():
            if flag.get("fact") in asked and flag.get("reason") not in SOFT_FLAGS:
                raise impossible_step(str(flag.get("reason")))


def impossible_step(reason: str) -> ProblemError:
    """The problem for a step that makes no sense, in words."""
    words = STEP_WORDS.get(reason, ("现在不能这样做。", ""))
    return ProblemError("impossible-step", why=words[0], reason=reason)


def is_repeat(fact: DeskFact, stored: Stored, author: str) -> bool:
    """Whether a stored fact is this very decision; another one under its id is a problem."""
    same = (
        stored.kind == fact.kind
        and stored.subject == fact.subject
        and stored.author == author
        and dict(stored.body) == dict(fact.body)
        and (
            not fact.private or stored.private is None or dict(stored.private) == dict(fact.private)
        )
    )
    if not same:
        raise ProblemError("fact-id-reused")
    return True
