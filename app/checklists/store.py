"""Published checklist versions: reading them, and publishing the bundled ones once each.

Publishing is a fact like all others (`checklist.published`), so that phones get it with their next
changes and an inspection can name the version it was filled with for ever. It must not know HTTP.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from app.activities.forms import SCHEMA as FORM_SCHEMA
from app.activities.forms import bundled_forms
from app.checklists.load import bundled, canonical_json, checklist_sha256
from app.db import run
from app.ledger.append import append
from app.ledger.incoming import DeskFact, desk_incoming, server_sender


def checklist_subject(station_id: str, checklist: str, version: int) -> str:
    """The subject of one published version, the same everywhere, so that publishing twice meets."""
    return str(uuid.uuid5(uuid.UUID(station_id), f"checklist:{checklist}:{version}"))


def publish_bundled(
    connection: Connection,
    station_id: str,
    author_id: str,
    *,
    now: datetime,
    ids: Callable[[], str],
) -> list[str]:
    """Publish every bundled version the station does not have, forms of activities too; titles.

    A version that was published stays as it was: changed content needs a higher version, and a
    changed file under a published version is left out here and told by `checklists check`.
    """
    have = {(checklist, version) for checklist, version in _versions(connection, station_id)}
    published = (*bundled(), *bundled_forms())
    missing = [each for each in published if (each["id"], each["version"]) not in have]
    facts = [
        DeskFact(
            id=ids(),
            kind="checklist.published",
            subject=checklist_subject(station_id, each["id"], each["version"]),
            body={
                "checklist": each["id"],
                "version": each["version"],
                "sha256": checklist_sha256(each),
                "content": json.loads(canonical_json(each)),
            },
        )
        for each in missing
    ]
    if facts:
        incoming = desk_incoming(
            facts, station_id=station_id, author_id=author_id, now=now, salts=()
        )
        append(connection, station_id, incoming, server_sender(author_id), now=now)
    return [str(each["title"]) for each in missing]


def _versions(connection: Connection, station_id: str) -> list[tuple[str, int]]:
    found = run(
        connection,
        "SELECT checklist_id, version FROM checklist WHERE station_id = ?",
        (station_id,),
    )
    return [(str(checklist), int(version)) for checklist, version in found]


def list_checklists(connection: Connection, station_id: str) -> list[dict[str, Any]]:
    """The newest version of each checklist without its items, with the versions there are."""
    found = run(
        connection,
        "SELECT checklist_id, version, row FROM checklist WHERE station_id = ?"
        " ORDER BY checklist_id, version",
        (station_id,),
    )
    versions: dict[str, list[int]] = {}
    newest: dict[str, dict[str, Any]] = {}
    for checklist, version, text in found:
        versions.setdefault(checklist, []).append(version)
        row = json.loads(text)
        if (row.get("content") or {}).get("schema") != FORM_SCHEMA:
            newest[checklist] = row
    return [_brief(row, versions[checklist]) for checklist, row in newest.items()]


def _brief(row: dict[str, Any], versions: list[int]) -> dict[str, Any]:
    content = row.get("content") or {}
    shown = ("title", "short", "category", "place_types", "focus", "frequency", "industry_dept")
    return {
        "id": row.get("checklist"),
        "version": row.get("version"),
        "versions": versions,
        "sha256": row.get("sha256"),
        "items": len(content.get("items") or ()),
        **{key: content.get(key) for key in shown},
    }


def read_checklist(
    connection: Connection, station_id: str, checklist: str, version: int
) -> dict[str, Any] | None:
    """One version exactly as it was published."""
    found = run(
        connection,
        "SELECT row FROM checklist WHERE station_id = ? AND checklist_id = ? AND version = ?",
        (station_id, checklist, version),
    )
    return dict(json.loads(found[0][0])) if found else None


SET_AT_THE_DESK = ("document_numbers", "notice_text", "photo_side_px")


def setting_subject(station_id: str, name: str) -> str:
    """The subject of a setting: the same for everybody, so that two who set it meet in one row."""
    return str(uuid.uuid5(uuid.UUID(station_id), f"setting:{name}"))


def list_settings(connection: Connection, station_id: str) -> list[dict[str, Any]]:
    """The station's settings by name."""
    found = run(
        connection,
        "SELECT row, changed_idx FROM setting WHERE station_id = ? ORDER BY name, id",
        (station_id,),
    )
    return [{**json.loads(text), "i": idx} for text, idx in found]
