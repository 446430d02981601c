"""Whose key signed what: each batch in the log against the signature its phone gave with it.

The key is the one the log itself names (enrolment.set), so that a key put into the table later
proves nothing. Facts made at the desk bear no signature of their own; the log's head covers them.
Memory grows with the number of phones, never with the log. It must not write anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import Connection

from app.db import run
from app.keys import signature_fits
from app.ledger.signed import batch_text, manifest_of
from app.ledger.witnessed import Witnessed
from sync.admission import parse_verdict
from sync.fact import Fact, parse_fact

ENROLMENT_KIND = "enrolment.set"
PAGE_BATCHES = 500


@dataclass(frozen=True, slots=True)
class Line:
    """An entry of the log as far as its sender matters."""

    index: int
    sha256: str
    verdict: str
    batch: str | None
    enrolment: str | None
    kind: str | None
    raw: bytes | None


@dataclass(frozen=True, slots=True)
class KeptBatch:
    """A batch as it was answered; the last four are null where no signature was kept."""

    manifest: str
    enrolment: str
    fact_count: int
    sent_at: str | None
    n_max: int | None
    signature: str | None
    hashes: str | None

    @property
    def named(self) -> list[str] | None:
        """The hashes of its manifest, where they were kept."""
        return None if self.hashes is None else self.hashes.split("\n")


@dataclass(slots=True)
class _Run:
    """Entries that follow each other and came with one batch."""

    batch: str
    first: int
    last: int
    hashes: list[str] = field(default_factory=list)
    counts: bool = False  # whether any of them was admitted


class PhoneWalk:
    """The log taken entry by entry; tells in words which batches no phone's key stands behind."""

    def __init__(
        self, connection: Connection, station_id: str, witnessed: Witnessed | None = None
    ) -> None:
        self.checked = 0  # batches whose signature fits
        self.unsigned = 0  # from before signatures were kept
        self._connection = connection
        self._station_id = station_id
        self._witnessed = witnessed
        self._keys: dict[str, str] = {}
        self._met = 0  # batches all of whose facts stand in the log where they came
        self._run: _Run | None = None

    def take(self, line: Line) -> Iterator[str]:
        """What is wrong with the batch that ended before this entry, or with the entry."""
        if line.kind == ENROLMENT_KIND:
            self._learn(line)
        if self._run is not None and self._run.batch != line.batch:
            yield from self._close()
        if line.batch is None:
            if self._stands_alone(line):
                yield (
                    f"entry {line.index}: says it is of phone {line.enrolment},"
                    " but came with no batch"
                )
            return
        if self._run is None:
            self._run = _Run(line.batch, line.index, line.index)
        self._run.last = line.index
        self._run.hashes.append(line.sha256)
        self._run.counts |= parse_verdict(line.verdict).admitted

    def _stands_alone(self, line: Line) -> bool:
        """It counts as a phone's, and neither a batch nor a page of a lost log speaks for it."""
        if line.enrolment is None or not parse_verdict(line.verdict).admitted:
            return False
        return self._witnessed is None or not self._witnessed.stands(line.sha256)

    def end(self) -> Iterator[str]:
        """What is wrong with the last batch, with batches that brought nothing new, with keys."""
        if self._run is not None:
            yield from self._close()
        yield from self._check_named()
        answered = run(
            self._connection,
            "SELECT count(*) FROM batch WHERE station_id = ? AND fact_count > 0"
            " AND phone_signature IS NOT NULL AND hashes IS NULL",
            (self._station_id,),
        )[0][0]
        if answered > self._met:
            yield f"{answered - self._met} batches were answered and their facts are not in the log"
        for enrolment, key in run(
            self._connection,
            "SELECT enrolment_id, public_key FROM enrolment WHERE station_id = ?",
            (self._station_id,),
        ):
            if self._keys.get(enrolment, key) != key:
                yield f"phone {enrolment}: its key is not the one the log names"

    def key_of(self, enrolment: str) -> str | None:
        """The key that the log names for a phone."""
        return self._keys.get(enrolment)

    def _learn(self, line: Line) -> None:
        fact = parse_fact(line.raw) if line.raw is not None else None
        if isinstance(fact, Fact) and parse_verdict(line.verdict).admitted:
            key = fact.body.get("public_key")
            if isinstance(key, str):
                self._keys.setdefault(fact.subject, key)

    def _close(self) -> Iterator[str]:
        ended, self._run = self._run, None
        assert ended is not None
        where = f"entries {ended.first} to {ended.last}"
        kept = kept_batch(self._connection, self._station_id, ended.batch)
        if kept is None:
            yield f"{where}: their batch {ended.batch} is gone"
            return
        if kept.signature is None:
            # Kept of every batch since 0005: one without it after one with it was taken away.
            self.unsigned += 1
            if self.checked:
                yield f"{where}: the signature of batch {ended.batch} is gone"
            return
        named = kept.named
        self._met += named is None
        if named is not None and not set(ended.hashes) <= set(named):
            yield f"{where}: batch {ended.batch} does not name them all"
        elif (words := self._misfit(ended.batch, kept, named or ended.hashes)) and ended.counts:
            yield f"{where}: {words}"

    def _misfit(self, batch: str, kept: KeptBatch, hashes: list[str]) -> str | None:
        """Why no phone's key stands behind this batch, or None; counts those that are sound."""
        if manifest_of(hashes) != kept.manifest:
            return f"batch {batch} was handed over with other facts"
        key = self._keys.get(kept.enrolment)
        if key is None:
            return f"batch {batch}: the log names no key for phone {kept.enrolment}"
        if not batch_signed(self._station_id, batch, kept, key):
            return f"batch {batch} was not signed with the key of phone {kept.enrolment}"
        self.checked += 1
        return None

    def _check_named(self) -> Iterator[str]:
        """Batches that brought lines the log knew: their manifest must be what they name."""
        after = ""
        while True:
            rows = run(
                self._connection,
                "SELECT batch_id, manifest, hashes FROM batch WHERE station_id = ?"
                " AND batch_id > ? AND hashes IS NOT NULL ORDER BY batch_id LIMIT ?",
                (self._station_id, after, PAGE_BATCHES),
            )
            for batch, manifest, hashes in rows:
                if manifest_of(hashes.split("\n")) != manifest:
                    yield f"batch {batch} was handed over with other facts"
            if len(rows) < PAGE_BATCHES:
                return
            after = rows[-1][0]


def kept_batch(connection: Connection, station_id: str, batch: str) -> KeptBatch | None:
    """A batch as it was answered."""
    rows = run(
        connection,
        "SELECT manifest, enrolment_id, fact_count, sent_at, n_max, phone_signature, hashes"
        " FROM batch WHERE station_id = ? AND batch_id = ?",
        (station_id, batch),
    )
    return KeptBatch(*rows[0]) if rows else None


def batch_signed(station_id: str, batch: str, kept: KeptBatch, public_key: str) -> bool:
    """Whether the holder of a key signed this batch."""
    text = batch_text(
        station_id,
        batch,
        kept.enrolment,
        sent_at=kept.sent_at or "",
        n_max=kept.n_max or 0,
        manifest=kept.manifest,
    )
    return signature_fits(public_key, text.encode(), kept.signature or "")
