"""What a phone signs when it hands over: the texts, the same for whoever makes or checks them.

It must not know HTTP, the database or what a fact says.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

BATCH_PREFIX = "grid-inspector/batch/1"
RECEIPT_PREFIX = "grid-inspector/receipt/1\n"


def manifest_of(sha256s: Sequence[str]) -> str:
    """The one hash that names an ordered list of facts."""
    return hashlib.sha256("\n".join(sha256s).encode()).hexdigest()


def batch_text(
    station_id: str, batch_id: str, enrolment_id: str, *, sent_at: str, n_max: int, manifest: str
) -> str:
    """The text under a batch's signature: it cannot be moved to another station, phone or time."""
    return "\n".join(
        (BATCH_PREFIX, station_id, batch_id, enrolment_id, sent_at, str(n_max), manifest)
    )
