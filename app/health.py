"""Whether the server lives, whether it can take work, and its numbers for a monitor.

Numbers and words only: nothing here names a person, a site or a phone.
"""

from __future__ import annotations

import os
import shutil
import sqlite3

from sqlalchemy import Connection

from app.db import SQLITE_FIXED, run
from app.http import Answer, Call, Routes
from app.marks import backup_age_s
from app.metrics import exposition
from app.migrate import current_revision, head_revision
from app.photos.keep import KeepError
from app.services import Services

WAL_BYTES_ALARM = 64 * 1024 * 1024
PROBE = "probe"

routes = Routes("health")


@routes.route("//healthz", auth="none", write=False, summary="The process answers")
def healthz(_call: Call) -> Answer:
    """No look at anything else: a busy database must not get the process killed."""
    return Answer({"status": "ok"})


@routes.route("//readyz", auth="none", write=True, summary="The server can take work")
def readyz(call: Call) -> Answer:
    """Each check with its finding; 503 when one of them fails. The probe's write is undone."""
    findings = checks(call.services, call.connection)
    ready = all(ok for ok, _ in findings.values())
    body = {
        "status": "ready" if ready else "not ready",
        "checks": {name: {"ok": ok, "found": found} for name, (ok, found) in findings.items()},
    }
    return Answer(body, status=200 if ready else 503, undo=True)


def checks(services: Services, connection: Connection) -> dict[str, tuple[bool, str]]:
    """Everything that must hold before this server should get work; may write, to be undone."""
    at, head = current_revision(connection), head_revision()
    found = {"schema": (at == head, f"{at} of {head}")}
    if at == head:
        run(
            connection,
            "INSERT INTO counter (station_id, name, value) VALUES (?, ?, 1)"
            " ON CONFLICT (station_id, name) DO UPDATE SET value = counter.value + 1",
            (PROBE, PROBE),
        )
        found["write"] = (True, "a write was made and undone")
        found["station"] = (bool(services.station_id(connection)), "set up")
    free = shutil.disk_usage(services.settings.data_dir).free
    found["disk"] = (free >= services.settings.disk_free_bytes_min, f"{free} bytes free")
    found["photos"] = _photo_store_check(services)
    if services.database.sqlite:
        found.update(_sqlite_checks(services, connection))
    return found


def _photo_store_check(services: Services) -> tuple[bool, str]:
    try:
        services.photo_store.probe()
    except KeepError as error:
        return False, error.code
    return True, "a photo was written and removed"


def _sqlite_checks(services: Services, connection: Connection) -> dict[str, tuple[bool, str]]:
    wal = services.database.wal_bytes()
    automatic = int(connection.exec_driver_sql("PRAGMA wal_autocheckpoint").scalar() or 0)
    fixed = sqlite3.sqlite_version_info >= SQLITE_FIXED
    return {
        "sqlite": (
            fixed or automatic == 0,
            f"{sqlite3.sqlite_version}, autocheckpoint {automatic}",
        ),
        "wal": (wal < WAL_BYTES_ALARM, f"{wal} bytes"),
    }


@routes.route("//metrics", auth="none", write=False, summary="Numbers for Prometheus")
def metrics(call: Call) -> Answer:
    """This worker's counts, then what the database says (the same from every worker)."""
    lines = exposition(os.getpid())
    for name, value in gauges(call.services, call.connection).items():
        lines += [f"# TYPE gi_{name} gauge", f"gi_{name} {value}"]
    text = "\n".join(lines) + "\n"
    return Answer(text.encode(), headers={"Content-Type": "text/plain; version=0.0.4"})


_GAUGES = {
    "log_entries": "SELECT COALESCE(SUM(log_size), 0) FROM station",
    "facts_quarantined": "SELECT COUNT(*) FROM log_entry WHERE NOT admitted",
    "enrolments_with_holes": "SELECT COUNT(*) FROM enrolment WHERE n_announced > n_received",
    "photos_wanted": "SELECT COUNT(*) FROM photo WHERE state = 'wanted'",
    "log_alarms": "SELECT COUNT(*) FROM finding WHERE kind = 'log' AND ended_at IS NULL",
    "photos_lost": "SELECT COUNT(*) FROM finding f WHERE f.kind = 'photo' AND f.ended_at IS NULL"
    " AND EXISTS (SELECT 1 FROM photo p WHERE p.station_id = f.station_id"
    " AND p.sha256 = f.about AND p.state <> 'held')",
    "jobs_waiting": "SELECT COUNT(*) FROM job WHERE state IN ('waiting', 'running')",
    "jobs_failed": "SELECT COUNT(*) FROM job WHERE state = 'failed'",
}


def gauges(services: Services, connection: Connection) -> dict[str, int]:
    """Numbers that describe the whole installation."""
    found = {name: int(run(connection, text)[0][0]) for name, text in _GAUGES.items()}
    found["backup_age_seconds"] = backup_age_s(
        connection, services.station_id(connection), services.clock()
    )
    found["wal_bytes"] = services.database.wal_bytes()
    found["disk_free_bytes"] = shutil.disk_usage(services.settings.data_dir).free
    found["transaction_retries"] = services.database.retries
    return found
