"""Who handed a batch over, as that account stands today: for facts that are to be judged anew.

A fact itself may name anybody; only the batch says by whose phone it came. It must not judge.
"""

from __future__ import annotations

from sqlalchemy import Connection

from app.auth.owners import phone_of
from app.batches import store
from sync.admission import Author


def author_today(connection: Connection, station_id: str, batch_id: str | None) -> Author | None:
    """The author of the facts of a batch; None when it is not known for certain.

    `signature_ok` is true: what was set aside for its signature is not to be asked about.
    """
    found = store.find_batches(connection, station_id, batch_id) if batch_id else []
    enrolments = {each.enrolment_id for each in found}
    if len(enrolments) != 1:
        return None
    owner = phone_of(connection, station_id, enrolments.pop())
    if owner is None:
        return None
    actor = owner.actor
    enrolment = actor.enrolment_id or ""
    earlier, revoked = store.earlier_enrolments(connection, station_id, actor.account_id, enrolment)
    return Author(
        account=actor.account_id,
        enrolment=enrolment,
        revoked=actor.revoked,
        signature_ok=True,
        roles=actor.roles,
        roles_acknowledged=actor.roles,
        areas=actor.areas,
        earlier=earlier,
        earlier_revoked=revoked,
    )
