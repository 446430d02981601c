"""What a phone of a world keeps: frozen values, so that an old copy of a disk stays old."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from sync.fold import Row


@dataclass(frozen=True, slots=True)
class OwnFact:
    """A fact as the phone keeps it. Frozen, so that an old copy of the disk stays what it was."""

    id: str
    sha256: str
    line: bytes
    private: bytes | None
    n: int
    enrolment: str
    kind: str
    subject: str
    photos: tuple[str, ...]
    state: str = "unsent"  # unsent | sent | receipted
    batch: str | None = None
    receipted_ms: int | None = None
    log_size: int | None = None
    verdict: str | None = None
    parked: bool = False


@dataclass(frozen=True, slots=True)
class OwnPhoto:
    sha256: str
    bytes: int
    state: str = "waiting"  # waiting | held | parked | lost
    log_size: int | None = None
    hash_failures: int = 0
    preview_sent: bool = False


@dataclass(frozen=True, slots=True)
class Prepared:
    """A batch fixed on disk: the same bytes go until a receipt covers them."""

    id: str
    body: bytes
    manifest: str
    facts: tuple[str, ...]
    enrolment: str
    n_max: int


@dataclass(slots=True)
class Disk:
    """What survives a kill. Each change between two yields is one transaction."""

    enrolment: str = ""
    token: str = ""
    key: Any = None
    server_key: str = ""
    epoch: int = 1
    n: int = 0
    facts: dict[str, OwnFact] = field(default_factory=dict)
    batch: Prepared | None = None
    receipts: dict[str, str] = field(default_factory=dict)
    photos: dict[str, OwnPhoto] = field(default_factory=dict)
    bodies: dict[str, bytes] = field(default_factory=dict)
    receipt_signatures: dict[str, str] = field(default_factory=dict)
    receipt_facts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    statements: list[tuple[dict[str, str], Any]] = field(default_factory=list)  # and their keys
    pages: list[dict[str, Any]] = field(default_factory=list)  # pulled, with the station's witness
    heads: dict[int, dict[str, Any]] = field(default_factory=dict)  # newest signed one per epoch
    rows: dict[str, Row] = field(default_factory=dict)
    pulled: dict[str, tuple[int, str]] = field(default_factory=dict)  # sha256 -> index, line
    cursor: str | None = None
    covered: int = 0
    head: tuple[int, str] | None = None
    offset_ms: int | None = None
    revoked: bool = False
    signed_out: bool = False
    checklist: int = 1  # the version of the checklist this phone holds
    number_reused: bool = False

    def copy(self) -> Disk:
        """A backup of the whole profile; all values inside are immutable or replaced whole."""
        names = ("facts", "receipts", "receipt_signatures", "receipt_facts", "photos", "bodies",
                 "rows", "pulled", "heads")  # fmt: skip
        lists = {"statements": list(self.statements), "pages": list(self.pages)}
        return replace(self, **{name: dict(getattr(self, name)) for name in names}, **lists)
