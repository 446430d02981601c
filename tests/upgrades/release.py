"""Databases as earlier releases left them: how one is written down, and how it is loaded again.

A release is a file in `releases/`: one JSON object per table, with its rows as that release's own
program made them. Loaded into an empty database at that release's revision, it is what a station
brings to an upgrade. To write down the present one: `python -m tests.upgrades.release NAME`.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Collection
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, LargeBinary, MetaData, Table, func, inspect, select, text

from app.clock import new_id
from app.ledger.incoming import DeskFact
from tests.api.handover import batch_bytes, found, noted, post, private_line, send, sha256
from tests.api.township import Phone, Township, build_township

RELEASES = Path(__file__).parent / "releases"
NOT_DATA = frozenset({"alembic_version", "account_secret", "session"})  # the latter: slow to hash


def tables_of(connection: Connection, leave_out: Collection[str] = NOT_DATA) -> dict[str, Table]:
    """The tables a database has, whatever this program declares."""
    reflected = MetaData()
    names = sorted(set(inspect(connection).get_table_names()) - set(leave_out))
    return {name: Table(name, reflected, autoload_with=connection) for name in names}


def rows_of(connection: Connection, table: Table) -> list[dict[str, Any]]:
    """All rows, bytes as hex, in an order that does not depend on the database."""
    binary = {column.name for column in table.columns if isinstance(column.type, LargeBinary)}
    rows = [
        {
            name: bytes(value).hex() if name in binary and value is not None else value
            for name, value in row.items()
        }
        for row in connection.execute(select(table)).mappings()
    ]
    return sorted(rows, key=lambda row: json.dumps(row, sort_keys=True))


def count(connection: Connection, table: Table) -> int:
    """How many rows a table has."""
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def load(connection: Connection, name: str) -> None:
    """Put a release's rows into a database that stands at its revision and is empty."""
    tables = tables_of(connection)
    for line in (RELEASES / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
        written = json.loads(line)
        table = tables[written["table"]]
        binary = {column.name for column in table.columns if isinstance(column.type, LargeBinary)}
        rows = [
            {
                column: bytes.fromhex(value) if column in binary and value is not None else value
                for column, value in row.items()
            }
            for row in written["rows"]
        ]
        own_keys = [column.name for column in table.columns if column.identity is not None]
        if not own_keys:
            connection.execute(table.insert(), rows)
            continue
        # PostgreSQL gives these numbers itself unless it is told that they are part of the data.
        names, values = ", ".join(rows[0]), ", ".join(f":{column}" for column in rows[0])
        insert = f"INSERT INTO {table.name} ({names}) OVERRIDING SYSTEM VALUE VALUES ({values})"
        connection.execute(text(insert), rows)
        for key in own_keys:
            last = f"(SELECT max({key}) FROM {table.name})"
            connection.execute(
                text(f"SELECT setval(pg_get_serial_sequence('{table.name}', '{key}'), {last})")
            )


def write_down(connection: Connection, path: Path) -> None:
    """Write every row of a database to a file."""
    lines = []
    for name, table in tables_of(connection).items():
        rows = rows_of(connection, table)
        if rows:
            lines.append(json.dumps({"table": name, "rows": rows}, ensure_ascii=False))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def live(township: Township) -> None:
    """A few days with everything an upgrade could lose."""
    ana, ben = township.phone("ana"), township.phone("ben")
    hazard, fact_id, late_id = new_id(), new_id(), new_id()
    line = private_line(fact_id, {"fix_owner": "王芳"})
    named = found(ana, hazard, id=fact_id, private=sha256(line))
    photo = {"sha256": "ab" * 32, "role": "before", "bytes": 5}
    send(ana, [named, found(ana, photos=[photo])], [line])
    send(ben, [noted(ben, hazard), found(ben), found(ben, station=new_id())])
    unreadable = [b'{"half of', b"\xff\xfe no text at all", b'{"id":1}']
    post(ana, batch_bytes(ana, [*unreadable, noted(ana, hazard)]))
    stranger = noted(ana, hazard, author=township.people["ben"])
    send(ana, [stranger])
    after = private_line(late_id, {"fix_owner": "李四"})
    behind = found(ben, id=late_id, private=sha256(after))
    send(ben, [behind])
    township.clock.forward(hours=20)
    send(ben, [behind], [after])
    again = {"basis": "本人申请", "approver": "陈站长"}
    township.record(
        DeskFact(new_id(), "ledger.admitted", hazard, {"fact_sha256": sha256(stranger)}),
        DeskFact(new_id(), "ledger.redacted", hazard, {"fact_sha256": sha256(named), **again}),
    )
    site = township.sites[ana.account]
    beside_the_visits(ana, site, hazard)
    body = {"area": township.areas["liutang"]}
    township.record(DeskFact(new_id(), "site.amended", site, body, township.heads("site", site)))
    for day in range(6):
        township.clock.forward(hours=24)
        send(ben, [found(ben) for _ in range(day + 1)])


def beside_the_visits(phone: Phone, site: str, hazard: str) -> None:
    """A notice left on the spot, a training, a zero report of no day, and a feedback."""
    notice = {
        "paper": "notice",
        "site": site,
        "hazards": [{"hazard": hazard, "finding": "连接软管超过 2 米"}],
        "site_name": "面馆",
        "station_name": "白杨镇安监站",
        "issued_on": "2026-11-21",
        "attendance": "refused",
    }
    training = {"type": "training", "form": "ac-training", "form_version": 1}
    zero = {"type": "zero_report", "form": "ac-zero-report", "form_version": 1}
    activities = (
        {**training, "form_sha256": "cd" * 32, "day": "2026-11-20", "entries": []},
        {**zero, "form_sha256": "ef" * 32},
        {"type": "feedback", "text": "字太小"},
    )
    facts = [phone.fact("document.issued", new_id(), notice)]
    send(phone, facts + [phone.fact("activity.recorded", new_id(), each) for each in activities])


def main() -> None:
    """Write down a database of the program as it is."""
    with tempfile.TemporaryDirectory() as folder:
        township = build_township(f"sqlite:///{folder}/station.db", Path(folder))
        live(township)
        with township.services.database.read() as connection:
            write_down(connection, RELEASES / f"{sys.argv[1]}.jsonl")
        township.services.database.close()


if __name__ == "__main__":
    main()
