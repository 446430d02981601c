"""The ledger's SQL: a constant number of statements for a batch of any length.

Every statement is keyed by the station first and uses an index; sorting happens in Python, because
`subject IN (...) ORDER BY idx` makes SQLite scan the whole station. It must not decide anything.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from app.courtesy import writer_first
from app.db import Row, insert_many, run, upsert
from app.ledger.incoming import Incoming, Sender
from app.ledger.table import (
    counter,
    document_number,
    fact,
    hazard_number,
    late_private,
    log_entry,
    log_node,
    private_line,
    redaction,
    subject,
)
from sync.fact import PrivateLine
from sync.fold import FOLD_VERSION

IGNORE = "ON CONFLICT DO NOTHING"
FACT_COLUMNS = (
    "station_id", "sha256", "fact_id", "kind", "subject_id", "author_id", "enrolment_id", "n",
    "batch_id", "received_at", "bytes",
)  # fmt: skip
SUBJECT_COLUMNS = (
    "station_id", "subject_id", "type", "site_id", "area_id", "author_id", "areas_before",
    "changed_idx", "area_changed_idx",
)  # fmt: skip
LOG_COLUMNS = (
    "station_id", "idx", "fact_seq", "fact_sha256", "verdict", "admitted", "received_at",
)  # fmt: skip
STATION_QUERY = (
    "SELECT id, code, name, timezone, epoch, log_size, log_root, log_frontier"
    " FROM station WHERE id = ?"
)
FOLDED_COUNTER = "folded_as"  # the version of the fold that made every row
FOLDING_COUNTER = "folding_as"  # that of the rebuild which was begun last
BY_BYTES, BY_ID, BY_NUMBER = 0, 1, 2
_STANDING = (
    "SELECT {asked}, l.idx, l.verdict, f.seq, f.sha256, f.fact_id, f.enrolment_id, f.n FROM fact f"
    " {join} log_entry l ON l.fact_seq = f.seq WHERE f.station_id = ? AND {where}"
)
STANDING_QUERY = " UNION ALL ".join(
    (
        _STANDING.format(asked=BY_BYTES, join="LEFT JOIN", where="f.sha256 = ANY(?)"),
        _STANDING.format(asked=BY_ID, join="JOIN", where="f.fact_id = ANY(?)"),
        _STANDING.format(
            asked=BY_NUMBER, join="JOIN", where="f.enrolment_id = ANY(?) AND f.n = ANY(?)"
        ),
    )
)
PLANNED_TABLES = ("fact", "log_entry", "private_line", "subject", "hazard_number", "photo")
NUMBERED = (("hazard", "hazard_number"), ("document", "document_number"))
NUMBER_TABLES = {each.name: each for each in (hazard_number, document_number)}
N_MAX = 2**53


@dataclass(frozen=True, slots=True)
class Station:
    """The station row, read under its lock."""

    id: str
    code: str
    name: str
    timezone: str
    epoch: int
    size: int
    root: str
    frontier: str


@dataclass(frozen=True, slots=True)
class Stored:
    """A fact that is already in the log."""

    subject_id: str
    sha256: str
    raw: bytes
    idx: int
    verdict: str
    received_at: str
    private: bytes | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What the ledger holds of the lines handed over, read under the station's lock."""

    seqs: dict[str, int]  # sha256 -> its key in `fact`
    logged: dict[str, tuple[int, str]]  # sha256 -> place in the log and verdict
    ids: dict[str, str]  # fact id -> sha256 of the first fact logged under it
    numbers: dict[tuple[str, int], str]  # enrolment and number -> the same


@dataclass(frozen=True, slots=True)
class Target:
    """A fact that a ledger fact names."""

    subject_id: str | None
    verdict: str
    admitted: bool


@dataclass(slots=True)
class SubjectRow:
    """Where a subject lies and when it last changed."""

    subject_id: str
    type: str
    site_id: str | None
    area_id: str | None
    author_id: str | None
    areas_before: str | None
    changed_idx: int
    area_changed_idx: int
    number: str | None = None


def insert_facts(
    connection: Connection,
    station_id: str,
    incoming: Iterable[Incoming],
    sender: Sender,
    received_at: str,
) -> None:
    """Insert or ignore the bytes, keys sorted so that two batches never wait for each other."""
    rows = {each.sha256: _fact_row(station_id, each, sender, received_at) for each in incoming}
    ordered = [rows[sha256] for sha256 in sorted(rows)]
    insert_many(connection, fact, FACT_COLUMNS, ordered, conflict=IGNORE)


def settled_privates(connection: Connection, station_id: str, sha256s: Collection[str]) -> set[str]:
    """Of these facts those whose private line is here, or was destroyed and stays destroyed."""
    rows = run(
        connection,
        "SELECT fact_sha256 FROM private_line WHERE station_id = ? AND fact_sha256 = ANY(?)"
        " UNION SELECT fact_sha256 FROM redaction WHERE station_id = ? AND fact_sha256 = ANY(?)",
        (station_id, list(sha256s), station_id, list(sha256s)),
    )
    return {sha256 for (sha256,) in rows}


def insert_privates(
    connection: Connection, station_id: str, privates: Mapping[str, PrivateLine]
) -> None:
    """Keep private lines, by the facts they belong to."""
    rows = [(station_id, sha256, privates[sha256].raw) for sha256 in sorted(privates)]
    columns = ("station_id", "fact_sha256", "bytes")
    insert_many(connection, private_line, columns, rows, conflict=IGNORE)


def save_late_privates(
    connection: Connection, station_id: str, sha256s: Iterable[str], idx: int
) -> None:
    """Remember at which place in the log these private lines changed their subjects."""
    rows = [(station_id, sha256, idx) for sha256 in sorted(sha256s)]
    insert_many(connection, late_private, ("station_id", "fact_sha256", "idx"), rows)


def late_privates(connection: Connection, station_id: str) -> dict[str, int]:
    """Every private line that came after its fact, and where in the log that counts."""
    query = "SELECT fact_sha256, idx FROM late_private WHERE station_id = ?"
    return {str(sha256): int(idx) for sha256, idx in run(connection, query, (station_id,))}


def _fact_row(station_id: str, each: Incoming, sender: Sender, received_at: str) -> Row:
    enrolment = sender.author.enrolment
    known = each.fact
    if known is None:
        return (station_id, each.sha256, None, None, None, None, enrolment, None,
                sender.batch_id, received_at, each.raw)  # fmt: skip
    numbering = sender.author.numbering(known)
    n = known.n if known.n is not None and known.n <= N_MAX and numbering is not None else None
    return (
        station_id, each.sha256, known.id, known.kind, known.subject, known.author,
        numbering or enrolment, n, sender.batch_id, received_at, each.raw,
    )  # fmt: skip


def lock_station(connection: Connection, station_id: str) -> Station | None:
    """The station row, locked: from here on this transaction is the station's only writer."""
    lock = ""
    if connection.dialect.name != "sqlite":
        # Whoever waits for a row that its holder rewrites starts over: p99 was ten times the p50.
        # An advisory lock is taken in the order of asking.
        run(connection, "SELECT pg_advisory_xact_lock(hashtextextended(?, 0))", (station_id,))
        writer_first.enter()
        lock = " FOR UPDATE"
    rows = run(connection, STATION_QUERY + lock, (station_id,))
    return Station(*rows[0]) if rows else None


def read_station(connection: Connection, station_id: str) -> Station | None:
    """The station row as it is committed."""
    rows = run(connection, STATION_QUERY, (station_id,))
    return Station(*rows[0]) if rows else None


def standing(
    connection: Connection,
    station_id: str,
    sha256s: Collection[str],
    fact_ids: Collection[str],
    numbers: Collection[tuple[str, int]],
) -> Standing:
    """What the ledger holds of these lines, whose bytes are in it already; one statement.

    `numbers`: pairs of an enrolment and a number. The answer may hold pairs nobody asked for.
    """
    rows = run(
        connection,
        STANDING_QUERY,
        (station_id, list(sha256s), station_id, list(fact_ids), station_id,
         sorted({each for each, _ in numbers}), sorted({n for _, n in numbers})),
    )  # fmt: skip
    found = Standing({}, {}, {}, {})
    # The last one of a key stays: with the latest first, that is the first one logged.
    for asked, idx, verdict, seq, sha256, fact_id, enrolment, n in sorted(rows, key=_latest_first):
        if asked == BY_ID:
            found.ids[fact_id] = sha256
        elif asked == BY_NUMBER:
            found.numbers[enrolment, n] = sha256
        else:
            found.seqs[sha256] = seq
            if idx is not None:
                found.logged[sha256] = (idx, verdict)
    return found


def _latest_first(row: Row) -> int:
    """A line's place in the log, turned round; lines that are not in it come anywhere."""
    return 0 if row[1] is None else -int(row[1])


def subjects_by_id(
    connection: Connection, station_id: str, subject_ids: Collection[str]
) -> dict[str, SubjectRow]:
    """What is known of these subjects, with the number a hazard or a document was given."""
    rows = run(
        connection,
        "SELECT s.subject_id, s.type, s.site_id, s.area_id, s.author_id, s.areas_before,"
        " s.changed_idx, s.area_changed_idx, COALESCE(h.number, d.number) FROM subject s"
        " LEFT JOIN hazard_number h ON h.station_id = s.station_id AND h.subject_id = s.subject_id"
        " LEFT JOIN document_number d ON s.type = 'document'"
        " AND d.station_id = s.station_id AND d.subject_id = s.subject_id"
        " WHERE s.station_id = ? AND s.subject_id = ANY(?)",
        (station_id, list(subject_ids)),
    )
    return {row[0]: SubjectRow(*row) for row in rows}


def admitted_facts(
    connection: Connection, station_id: str, subject_ids: Collection[str], *, below_idx: int
) -> list[Stored]:
    """Every admitted fact about these subjects below a log index, in no particular order."""
    rows = run(
        connection,
        "SELECT f.subject_id, f.sha256, f.bytes, l.idx, l.verdict, l.received_at, p.bytes"
        " FROM fact f"
        " JOIN log_entry l ON l.fact_seq = f.seq"
        " LEFT JOIN private_line p ON p.station_id = f.station_id AND p.fact_sha256 = f.sha256"
        " WHERE f.station_id = ? AND f.subject_id = ANY(?) AND l.admitted AND l.idx + 0 < ?",
        (station_id, list(subject_ids), below_idx),
    )
    return [
        Stored(subject, sha256, bytes(raw), idx, verdict, received_at, _bytes(private))
        for subject, sha256, raw, idx, verdict, received_at, private in rows
    ]


def _bytes(value: Any) -> bytes | None:
    return None if value is None else bytes(value)


def targets(connection: Connection, station_id: str, sha256s: Collection[str]) -> dict[str, Target]:
    """The facts that ledger facts name."""
    rows = run(
        connection,
        "SELECT f.sha256, f.subject_id, l.verdict, l.admitted FROM fact f"
        " JOIN log_entry l ON l.fact_seq = f.seq"
        " WHERE f.station_id = ? AND f.sha256 = ANY(?)",
        (station_id, list(sha256s)),
    )
    return {row[0]: Target(row[1], row[2], bool(row[3])) for row in rows}


def admit_after_all(connection: Connection, station_id: str, sha256s: Collection[str]) -> None:
    """Raise the admission of quarantined facts (the trigger allows only this direction)."""
    run(
        connection,
        "UPDATE log_entry SET admitted = ? WHERE fact_seq IN"
        " (SELECT seq FROM fact WHERE station_id = ? AND sha256 = ANY(?))",
        (True, station_id, list(sha256s)),
    )


def redact(connection: Connection, station_id: str, by_fact: Mapping[str, int]) -> None:
    """Destroy private lines; `by_fact` gives the log index of the redaction that says so."""
    rows = [(station_id, sha256, by_fact[sha256]) for sha256 in sorted(by_fact)]
    insert_many(connection, redaction, ("station_id", "fact_sha256", "idx"), rows, conflict=IGNORE)
    run(
        connection,
        "DELETE FROM private_line WHERE station_id = ? AND fact_sha256 = ANY(?)",
        (station_id, sorted(by_fact)),
    )


def insert_log(connection: Connection, rows: Sequence[Row]) -> None:
    """Append entries to the log."""
    insert_many(connection, log_entry, LOG_COLUMNS, rows)


def insert_nodes(connection: Connection, rows: Sequence[Row]) -> None:
    """Keep the hashes of complete subtrees."""
    insert_many(connection, log_node, ("station_id", "level", "idx", "hash"), rows, conflict=IGNORE)


def save_subjects(connection: Connection, station_id: str, rows: Iterable[SubjectRow]) -> None:
    """Write where subjects lie."""
    values = [
        (station_id, s.subject_id, s.type, s.site_id, s.area_id, s.author_id, s.areas_before,
         s.changed_idx, s.area_changed_idx)
        for s in sorted(rows, key=lambda row: row.subject_id)
    ]  # fmt: skip
    conflict = upsert(subject, SUBJECT_COLUMNS)
    insert_many(connection, subject, SUBJECT_COLUMNS, values, conflict=conflict)


def move_children(
    connection: Connection,
    station_id: str,
    site_ids: Collection[str],
    idx: int,
    tables: Collection[str],
) -> None:
    """Give everything about these sites the sites' areas, and remember where it lay before.

    `tables`: the projections that have whatever lies at a site; subjects have no index of their
    own by site, since it would cost every batch more pages than anything else but the hashes.
    """
    sites = list(site_ids)
    children = " UNION ALL ".join(
        f"SELECT id FROM {table} WHERE station_id = ? AND site_id = ANY(?)"  # noqa: S608 - ours
        for table in tables
    )
    run(
        connection,
        "UPDATE subject SET"  # noqa: S608 - our tables
        " areas_before = COALESCE(areas_before, '') || ' ' || COALESCE(area_id, ''),"
        " area_changed_idx = ?, area_id = (SELECT s.area_id FROM subject s"
        " WHERE s.station_id = subject.station_id AND s.subject_id = subject.site_id)"
        f" WHERE station_id = ? AND site_id = ANY(?) AND subject_id IN ({children})",
        (idx, station_id, sites, *(each for _ in tables for each in (station_id, sites))),
    )
    for table in tables:
        run(
            connection,
            f"UPDATE {table} SET area_id = (SELECT s.area_id FROM subject s"  # noqa: S608 - our tables
            f" WHERE s.station_id = {table}.station_id AND s.subject_id = {table}.site_id)"
            " WHERE station_id = ? AND site_id = ANY(?)",
            (station_id, sites),
        )


def folded_by_another_release(connection: Connection, station_id: str) -> bool:
    """Whether rows may say what another version of the fold made of their facts (I8)."""
    return counters(connection, station_id, [FOLDED_COUNTER])[FOLDED_COUNTER] != FOLD_VERSION


def counters(connection: Connection, station_id: str, names: Collection[str]) -> dict[str, int]:
    """The station's counters under these names; a counter that is not there stands at 0."""
    rows = run(
        connection,
        "SELECT name, value FROM counter WHERE station_id = ? AND name = ANY(?)",
        (station_id, list(names)),
    )
    return {**dict.fromkeys(names, 0), **dict(rows)}


def save_counters(connection: Connection, station_id: str, values: Mapping[str, int]) -> None:
    """Set counters."""
    columns = ("station_id", "name", "value")
    rows = [(station_id, name, values[name]) for name in sorted(values)]
    insert_many(connection, counter, columns, rows, conflict=upsert(counter, columns))


def save_numbers(connection: Connection, table: str, rows: Sequence[Row]) -> None:
    """Numbers of one series, written once with the facts."""
    columns = ("station_id", "subject_id", "year", "seq", "number")
    insert_many(connection, NUMBER_TABLES[table], columns, rows)


def numbers_of(connection: Connection, station_id: str, typed: Mapping[str, str]) -> dict[str, str]:
    """The numbers that subjects of these types were given: part of the record, not of the fold."""
    found: dict[str, str] = {}
    for type_, table in NUMBERED:
        ids = [id_ for id_, each in typed.items() if each == type_]
        if ids:
            found |= dict(
                run(
                    connection,
                    f"SELECT subject_id, number FROM {table}"  # noqa: S608 - our tables
                    " WHERE station_id = ? AND subject_id = ANY(?)",
                    (station_id, ids),
                )
            )
    return found


def returned_numbers(connection: Connection, station_id: str) -> list[tuple[str, int]]:
    """Subjects that got a lost log's number back, and where in the log that counts."""
    query = "SELECT subject_id, idx FROM returned_number WHERE station_id = ?"
    return [(subject_id, idx) for subject_id, idx in run(connection, query, (station_id,))]


def refresh_statistics(connection: Connection) -> None:
    """Tell PostgreSQL's planner how the tables look.

    Before its first own look, up to a minute after a station's first batch, it takes the station's
    id for rare and reads the whole station for every question.
    """
    if connection.dialect.name == "sqlite":
        return
    # A table that PostgreSQL itself looks at now is left to it: waiting would hold up the station.
    connection.exec_driver_sql(f"ANALYZE (SKIP_LOCKED) {', '.join(PLANNED_TABLES)}")


def save_head(
    connection: Connection, station_id: str, *, size: int, root: str, frontier: str
) -> None:
    """The log's new head."""
    run(
        connection,
        "UPDATE station SET log_size = ?, log_root = ?, log_frontier = ? WHERE id = ?",
        (size, root, frontier, station_id),
    )
