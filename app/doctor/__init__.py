"""Looks over a whole installation and explains what it finds in plain words.

Every finding says what it is and what to do; a leftover of a killed process is none of a person's
business and says so. It only reads; `clear.py` takes away what nothing can ever ask for.
"""

from __future__ import annotations

from sqlalchemy import Connection

from app.doctor import database, house, jobs, photos
from app.doctor.finding import Finding
from app.migrate import current_revision, head_revision
from app.services import Services

__all__ = ["Finding", "examine"]


def examine(services: Services, connection: Connection) -> list[Finding]:
    """All findings, grave ones first; `connection` is a declared read."""
    found = [*database.look(services, connection), *house.look(services)]
    if current_revision(connection) == head_revision():
        found += photos.look(services, connection)
        found += jobs.look(services, connection)
    return sorted(found, key=lambda each: (not each.grave, each.kind))
