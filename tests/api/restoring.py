"""Losing the machine and restoring it, for tests: the real commands on real folders.

What a phone hands back is written here as a phone keeps it; it must not know what a test expects.
"""

from __future__ import annotations

import argparse
import gzip
import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from werkzeug.test import TestResponse

from app.cli import backup
from app.cli.tool import Tool
from app.services import Services
from app.settings import Settings
from tests.api.township import API, Phone, Township, digest_header, open_app


class CommandTool(Tool):
    """The command line's parts, on services a test made."""

    def __init__(self, services: Services) -> None:
        self._made = services

    @property
    def services(self) -> Services:  # type: ignore[override]
        return self._made

    @property
    def settings(self) -> Settings:  # type: ignore[override]
        return self._made.settings


def asked(folder: Path, **more: Any) -> argparse.Namespace:
    """The words of a command."""
    return argparse.Namespace(folder=folder, **{"set_name": None, "new_key": False, **more})


def back_up(township: Township, folder: Path) -> int:
    """`backup make FOLDER`."""
    return backup.make(CommandTool(township.services), asked(folder))


def lose_and_restore(
    township: Township, backups: Path, folder: Path, database_url: str, **settings: str
) -> Township:
    """Another machine: an empty database, the keys, and `restore from FOLDER`."""
    data = folder / "data"
    data.mkdir(parents=True)
    for name in ("station-key.pem", "rescue-key.pem"):
        shutil.copy(township.services.settings.data_dir / name, data / name)
    township.services.database.close()
    app = open_app(database_url, folder, township.clock, **settings)
    restored = Township(
        app, township.clock, township.station_id, folder,
        dict(township.people), dict(township.areas), dict(township.sites),
    )  # fmt: skip
    assert backup.restore(CommandTool(restored.services), asked(backups)) in (0, 1)
    return restored


def restore_words(township: Township) -> int:
    """`restore report`."""
    return backup.report(CommandTool(township.services), argparse.Namespace(english=True))


def moved(phone: Phone, to: Township) -> Phone:
    """The same phone before the restored station."""
    return Phone(to, to.app.test_client(), phone.key, phone.account, phone.enrolment, phone.token,
                 phone.n)  # fmt: skip


def changes(phone: Phone, after: str | None = None, limit: int = 500) -> dict[str, Any]:
    """One page of changes, as a phone keeps it."""
    asked_after = f"after={after}&" if after else ""
    answer = phone.get(f"/sync/changes?{asked_after}limit={limit}")
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json
    return page


def page_line(page: dict[str, Any]) -> dict[str, Any]:
    """A pulled page as it is handed back."""
    return {"type": "page", **page["witness"], "items": page["facts"]}


def entrusted_line(page: dict[str, Any]) -> dict[str, Any]:
    """What a pulled page kept for the station, as it is handed back."""
    return {"type": "entrusted", "epoch": page["witness"]["epoch"], "text": page["entrusted"]}


def returning(phone: Phone, statement: dict[str, str]) -> TestResponse:
    """The station's own word for an enrolment, shown to it again; the phone takes its new token."""
    proof = phone.key.sign(f"grid-inspector/return/1\n{statement['text']}")
    word = {"statement": statement["text"], "signature": statement["signature"], "proof": proof}
    answer: TestResponse = phone.client.post(f"{API}/enrolments/return", json=word)
    if answer.status_code == 200:
        phone.token = answer.json["token"]
    return answer


def head_line(head: dict[str, Any]) -> dict[str, Any]:
    """A head as it is handed back."""
    names = ("epoch", "size", "root", "time", "signature")
    return {"type": "head", **{name: head[name] for name in names}}


def post_pulled(phone: Phone, lines: Iterable[dict[str, Any]]) -> TestResponse:
    """Hand back what was pulled."""
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    body = gzip.compress(text.encode())
    headers = {
        **phone.bearer,
        "Content-Type": "application/x-ndjson",
        "Content-Encoding": "gzip",
        "Content-Digest": digest_header(body),
    }
    response: TestResponse = phone.client.post(f"{API}/sync/pulled", data=body, headers=headers)
    return response


def numbers(township: Township) -> dict[str, str]:
    """Every hazard's number."""
    with township.services.database.read() as connection:
        rows = connection.exec_driver_sql("SELECT subject_id, number FROM hazard_number").all()
    return dict(map(tuple, rows))


def stored(township: Township) -> set[str]:
    """The hashes of every fact that is here."""
    with township.services.database.read() as connection:
        return {row[0] for row in connection.exec_driver_sql("SELECT sha256 FROM fact")}
