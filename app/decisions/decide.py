"""Deciding at the desk: checked, made into facts by the server, appended, all or nothing.

Runs inside the request's transaction and never commits; set-up, imports and the demo use it too.
The same request again changes nothing and answers the same rows (I1).
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from app.actor import Actor
from app.decisions import rules, store
from app.ledger.append import append
from app.ledger.incoming import DeskFact, Incoming, Sender, desk_author, desk_incoming
from app.problems import ProblemError
from sync.problems import QUARANTINE_WORDS

SALT_BYTES = 16


def decide(
    connection: Connection,
    actor: Actor,
    facts: Sequence[DeskFact],
    *,
    now: datetime,
) -> dict[str, dict[str, Any]]:
    """The rows of every subject the facts are about, as they stand afterwards."""
    station_id = actor.station_id
    facts = [_plain_login(fact) for fact in facts]
    rules.check_facts(facts, actor.roles)
    store.hold_station(connection, station_id)
    fresh = _without_repeats(connection, actor, facts)
    rows = store.subject_rows(connection, station_id, actor, {fact.subject for fact in facts})
    _check_logins(connection, station_id, fresh)
    _check_named(connection, actor, fresh)
    changed: dict[str, dict[str, Any]] = {}
    for wave in rules.chained(fresh):
        incoming = _made(wave, actor, now)
        rules.check_steps([each.fact for each in incoming if each.fact is not None], rows | changed)
        changed |= _append(connection, actor, incoming, now)
    rules.check_effects((fact.id for fact in fresh), changed.values())
    _keep_an_admin(connection, station_id, fresh)
    return rows | changed


def _plain_login(fact: DeskFact) -> DeskFact:
    """Logins are kept in one spelling, the one they are looked up by."""
    login = fact.body.get("login")
    if fact.kind != "account.set" or not isinstance(login, str):
        return fact
    body = {**fact.body, "login": login.strip().casefold()}
    return DeskFact(fact.id, fact.kind, fact.subject, body, fact.after, fact.private, fact.photos)


def _without_repeats(
    connection: Connection, actor: Actor, facts: Sequence[DeskFact]
) -> list[DeskFact]:
    stored = store.stored_facts(connection, actor.station_id, (fact.id for fact in facts))
    return [
        fact
        for fact in facts
        if fact.id not in stored or not rules.is_repeat(fact, stored[fact.id], actor.account_id)
    ]


def _made(facts: Sequence[DeskFact], actor: Actor, now: datetime) -> list[Incoming]:
    made = desk_incoming(
        facts,
        station_id=actor.station_id,
        author_id=actor.account_id,
        now=now,
        salts=[secrets.token_hex(SALT_BYTES) for _ in facts],
    )
    for position, each in enumerate(made):
        if each.fact is None:
            reason = each.refusal.reason if each.refusal else ""
            text = QUARANTINE_WORDS.get(reason, ("填得不对。", ""))
            wrong = [{"path": f"facts[{position}]", "text": text[0]}]
            raise ProblemError("invalid-input", fields=wrong, count=1)
    return made


def _append(
    connection: Connection, actor: Actor, incoming: Sequence[Incoming], now: datetime
) -> dict[str, dict[str, Any]]:
    sender = Sender(desk_author(actor.account_id, actor.roles, actor.areas), whole=actor.whole)
    appended = append(connection, actor.station_id, incoming, sender, now=now)
    for outcome in appended.outcomes:
        verdict, _, reason = outcome.verdict.partition(":")
        if verdict == "quarantined":
            if reason == "missing_role":
                raise ProblemError("role-needed", role="有权限的人")
            words = QUARANTINE_WORDS.get(reason, ("现在不能这样做。", ""))
            raise ProblemError("impossible-step", why=words[0], reason=reason)
    return appended.rows


def _check_logins(connection: Connection, station_id: str, facts: Sequence[DeskFact]) -> None:
    wanted = [
        (str(fact.body["login"]), fact.subject) for fact in facts if fact.kind == "account.set"
    ]
    if not wanted:
        return
    owners = store.login_owner(connection, station_id, (login for login, _ in wanted))
    for login, account in wanted:
        if owners.setdefault(login, account) != account:
            raise ProblemError("login-taken", login=login)


def _check_named(connection: Connection, actor: Actor, facts: Sequence[DeskFact]) -> None:
    named = [str(f.body.get("fact_sha256")) for f in facts if f.kind in rules.NAMES_A_FACT]
    if named:
        known = store.named_facts(connection, actor.station_id, named)
        rules.check_named(facts, known, actor.roles)


def _keep_an_admin(connection: Connection, station_id: str, facts: Sequence[DeskFact]) -> None:
    """Nobody may lock the whole station out by switching off or demoting its last admin."""
    if not any(fact.kind in ("account.set", "grant.set") for fact in facts):
        return
    if store.active_admins(connection, station_id) == 0:
        raise ProblemError("impossible-step", why=rules.LAST_ADMIN, reason="last_admin")
