"""What a phone hands back after a restore, read and checked line by line before any transaction.

Every line carries the station's own signature from before the loss; a line without it is refused
and the others count. Nothing a phone says by itself is believed here. It must not know SQL.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.batches.feed import Told
from app.bodies import parse_json
from app.keys import signature_fits
from app.ledger.entrusted import Opened, open_kept
from app.ledger.head import head_text
from app.ledger.signed import RECEIPT_PREFIX, manifest_of
from app.ledger.witnessed import Page, witness_text
from app.problems import ProblemError
from app.services import Opener
from sync.kinds.declare import is_hash, is_instant
from sync.limits import BATCH_FACTS_MAX, INTEGER_MAX

LINES_MAX = 1000
VERDICT_CHARS_MAX = 120
NUMBER_CHARS_MAX = 40


@dataclass(frozen=True, slots=True)
class LostHead:
    """A size some lost log had; the root is known when a head said so."""

    epoch: int
    size: int
    root: str | None


@dataclass(frozen=True, slots=True)
class LostBatch:
    """A batch some lost log had taken in."""

    epoch: int
    batch: str
    enrolment: str
    size: int
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LostEntry:
    """An entry of a lost log, with its fact."""

    epoch: int
    told: Told
    private: str | None = None  # its private line, which only entrusted entries bring
    entrusted: bool = False


@dataclass(slots=True)
class Pulled:
    """What stood the check, and what did not: [line number from 1, problem code]."""

    heads: list[LostHead] = field(default_factory=list)
    batches: list[LostBatch] = field(default_factory=list)
    entries: list[LostEntry] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    refused: list[list[Any]] = field(default_factory=list)


class _Refused(Exception):
    """This line counts for nothing."""


@dataclass(frozen=True, slots=True)
class _Station:
    id: str
    epoch: int
    key: str
    opener: Opener

    def signed(self, text: bytes, signature: Any) -> None:
        if not isinstance(signature, str) or not signature_fits(self.key, text, signature):
            raise _Refused("not-signed-here")

    def lost(self, epoch: Any) -> int:
        """The epoch of something lost; the running one has nothing to hand back."""
        if type(epoch) is not int or not 0 < epoch <= INTEGER_MAX:
            raise _Refused("malformed")
        if epoch == self.epoch:
            raise _Refused("epoch-is-running")
        return epoch


def read_pulled(
    body: bytes, *, station_id: str, epoch: int, server_key: str, opener: Opener
) -> Pulled:
    """Read a request's lines; ProblemError only when there are too many of them."""
    lines = [line for line in body.split(b"\n") if line]
    if len(lines) > LINES_MAX:
        raise ProblemError("too-large", limit=f"{LINES_MAX} 行")
    station, found = _Station(station_id, epoch, server_key, opener), Pulled()
    for number, line in enumerate(lines, 1):
        try:
            _read_line(line, station, found)
        except _Refused as why:
            found.refused.append([number, str(why)])
    if sum(not each.entrusted for each in found.entries) > BATCH_FACTS_MAX:
        raise ProblemError("too-large", limit=f"{BATCH_FACTS_MAX} 条")
    return found


def _read_line(line: bytes, station: _Station, found: Pulled) -> None:
    try:
        told = parse_json(line)
    except ProblemError:
        raise _Refused("malformed") from None
    reader = _READERS.get(told.get("type")) if isinstance(told, dict) else None
    if reader is None:
        raise _Refused("malformed")
    try:
        reader(told, station, found)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise _Refused("malformed") from None


def _read_head(told: dict[str, Any], station: _Station, found: Pulled) -> None:
    epoch, size, root, time = station.lost(told["epoch"]), told["size"], told["root"], told["time"]
    if not (_is_count(size) and is_hash(root) and is_instant(time)):
        raise _Refused("malformed")
    text = head_text(station.id, epoch=epoch, size=size, root=root, time=time)
    station.signed(text.encode(), told["signature"])
    found.heads.append(LostHead(epoch, size, root))


def _read_receipt(told: dict[str, Any], station: _Station, found: Pulled) -> None:
    text, facts = told["receipt"], told["facts"]
    station.signed((RECEIPT_PREFIX + text).encode(), told["signature"])
    receipt = json.loads(text)
    epoch = station.lost(receipt["epoch"])
    if not (receipt["station"] == station.id and all(is_hash(each) for each in facts)):
        raise _Refused("malformed")
    if manifest_of(facts) != receipt["manifest"]:
        raise _Refused("manifest-mismatch")
    size, root = receipt["log"]["size"], receipt["log"]["root"]
    found.heads.append(LostHead(epoch, size, root))
    found.batches.append(
        LostBatch(epoch, receipt["batch"], receipt["enrolment"], size, tuple(facts))
    )


def _read_page(told: dict[str, Any], station: _Station, found: Pulled) -> None:
    epoch, start, end = station.lost(told["epoch"]), told["from"], told["to"]
    if not (_is_count(start) and _is_count(end)):
        raise _Refused("malformed")
    items = [_item(each) for each in told["items"]]
    text = witness_text(station.id, epoch, start, end, items)
    station.signed(text, told["signature"])
    found.pages.append(Page(epoch, start, end, told["signature"], items))
    found.entries += [LostEntry(epoch, each) for each in items]
    found.heads.append(LostHead(epoch, end, None))


def _read_entrusted(told: dict[str, Any], station: _Station, found: Pulled) -> None:
    epoch, text = station.lost(told["epoch"]), told["text"]
    opened = open_kept(station.opener, station.id, epoch, text) if isinstance(text, str) else None
    if opened is None:
        raise _Refused("not-signed-here")
    found.entries += lost_entries(opened)
    found.heads.append(LostHead(epoch, opened.stop, None))


def lost_entries(opened: Opened) -> list[LostEntry]:
    """What the station had entrusted to a phone, as entries of the log that was lost."""
    return [
        LostEntry(
            opened.epoch,
            Told(each.i, each.verdict, each.line, each.received_at, each.sha256),
            each.private,
            entrusted=True,
        )
        for each in opened.items
    ]


def _item(told: dict[str, Any]) -> Told:
    line, number = told["line"], told.get("number")
    sha256 = hashlib.sha256(line.encode("utf-8")).hexdigest()
    item = Told(told["i"], told["verdict"], line, told["received_at"], sha256, number)
    fits = _is_count(item.i) and is_instant(item.received_at) and isinstance(item.verdict, str)
    if not fits or len(item.verdict) > VERDICT_CHARS_MAX:
        raise _Refused("malformed")
    if number is not None and not (isinstance(number, str) and len(number) <= NUMBER_CHARS_MAX):
        raise _Refused("malformed")
    return item


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value < 2**31


_Reader = Callable[[dict[str, Any], _Station, Pulled], None]
_READERS: dict[Any, _Reader] = {
    "head": _read_head, "receipt": _read_receipt, "page": _read_page, "entrusted": _read_entrusted,
}  # fmt: skip


def in_order(entries: Sequence[LostEntry]) -> list[LostEntry]:
    """Each fact once, in the order its log had them; of several epochs the latest one's word."""
    latest: dict[str, LostEntry] = {}
    # of one place told twice, the one with its private line stays
    for each in sorted(entries, key=lambda e: (e.epoch, e.told.i, e.private is not None)):
        latest[each.told.sha256] = each
    return sorted(latest.values(), key=lambda entry: (entry.epoch, entry.told.i))
