"""How a document stands: issued, or void for a reason; and the number it has before the station's.

A voided paper keeps its number and is never issued again, so any voiding holds. It must not know
formal numbers: the server gives those once, with the facts (app/ledger/numbers.py).
"""

from __future__ import annotations

from typing import Final

from sync.folding import Folding

PHONE_DIGITS: Final = 8  # of the enrolment's id; all of them random


def provisional_number(enrolment: str | None, n: int | None) -> str | None:
    """临-1F3A90C2-17: which phone, and the how-manieth fact of it; none for a fact of the desk."""
    if enrolment is None or n is None:
        return None
    return f"临-{enrolment[-PHONE_DIGITS:].upper()}-{n}"


def finish_document(folding: Folding) -> str:
    """The state of a document, told beside it why it is void."""
    folding.settle_fields()
    row, root = folding.row, folding.root()
    if root is None:
        return "incomplete"
    fact = folding.facts[root]
    row["provisional"] = provisional_number(fact.enrolment, fact.n)
    row["issued_fact"] = fact.sha256
    last = folding.last(folding.mask("document.voided"))
    if last is None:
        return "issued"
    row["void_reason"] = folding.fields[last].get("reason")
    row["voided_by"], row["voided_at"] = folding.facts[last].author, folding.facts[last].at
    return "void"
