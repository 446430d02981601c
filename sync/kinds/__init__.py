"""The registry of kinds: a family is one file here and one line below.

It must not know what any kind means; it only finds declarations by name.
"""

from typing import Final

from sync.kinds import activity, administration, document, hazard, inspection, ledger, photo, site
from sync.kinds.declare import Kind, Shape

FAMILIES: Final = (
    site,
    inspection,
    hazard,
    document,
    photo,
    activity,
    ledger,
    administration,
)

KINDS: Final[dict[str, Kind]] = {kind.name: kind for family in FAMILIES for kind in family.KINDS}
SHAPES: Final[dict[str, Shape]] = {
    shape.type: shape for family in FAMILIES for shape in family.SHAPES
}

# Kinds whose name does not begin with the type of the subject they are about.
_ABOUT: Final = {"grant": "account"}
_ABOUT_ANY: Final = frozenset({"photo", "ledger"})


def subject_type(kind: str) -> str | None:
    """The type of subject a kind is about; None where it may be any (photo.lost, ledger.*)."""
    family = kind.partition(".")[0]
    if family in _ABOUT_ANY:
        return None
    return _ABOUT.get(family, family)
