"""The manifest of a set: what it holds, signed by the station, and where its files lie.

A folder without a signed manifest is no set: it is written last. It must not know what is copied
or how.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from app.backup.dump import Sealed, SealedFile
from app.keys import signature_fits
from app.ledger.head import head_text
from app.services import Signer

PURPOSE = b"grid-inspector/backup/1\n"
FORMAT = 1
SETS, PHOTOS = "sets", "photos"
DATABASE_FILE, PHOTOS_FILE = "database.ndjson.gz", "photos.txt.gz"
MANIFEST_FILE, SIGNATURE_FILE = "manifest.json", "manifest.sig"


class BadSet(Exception):
    """A set that is not what its station signed; the text says what is wrong."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What one set holds; `head` is the signed head of the log as it was dumped."""

    made_at: str
    station: dict[str, str]
    server_key: str
    head: dict[str, Any]
    revision: str
    tables: dict[str, int]
    database: Sealed
    photos: Sealed  # of the list
    photo_count: int
    photo_bytes: int
    format: int = FORMAT

    @property
    def epoch(self) -> int:
        """Which life of the log it is of."""
        return int(self.head["epoch"])

    @property
    def size(self) -> int:
        """How many entries the log had."""
        return int(self.head["size"])

    @property
    def root(self) -> str:
        """The root over them."""
        return str(self.head["root"])


def photo_path(folder: Path, sha256: str) -> Path:
    """Where a backup keeps a photo, for all its sets."""
    return folder / PHOTOS / sha256[:2] / sha256


def write_manifest(where: Path, manifest: Manifest, signer: Signer) -> None:
    """Manifest, then signature: with the second one the set is there."""
    text = json.dumps(asdict(manifest), ensure_ascii=False, indent=1).encode()
    write_sealed(where / MANIFEST_FILE, text)
    write_sealed(where / SIGNATURE_FILE, signer.sign(PURPOSE + text).encode())


def write_sealed(path: Path, data: bytes) -> None:
    """A small file, durable when this returns."""
    file = SealedFile(path)
    try:
        file.write(data)
        file.seal()
    finally:
        file.close()


def sets_of(folder: Path) -> list[str]:
    """The names of the whole sets, oldest first."""
    return sorted(path.parent.name for path in folder.glob(f"{SETS}/*/{SIGNATURE_FILE}"))


def read_manifest(where: Path) -> Manifest:
    """The manifest of a set, if the key it names signed it. Raises BadSet."""
    try:
        text = (where / MANIFEST_FILE).read_bytes()
        signature = (where / SIGNATURE_FILE).read_text(encoding="ascii").strip()
        told = json.loads(text)
        told["database"], told["photos"] = Sealed(**told["database"]), Sealed(**told["photos"])
        manifest = Manifest(**told)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadSet(f"{where} holds no set: {error}") from None
    if manifest.format != FORMAT:
        raise BadSet(f"{where} is of form {manifest.format}, made by another program")
    if not signature_fits(manifest.server_key, PURPOSE + text, signature):
        raise BadSet(f"{where / MANIFEST_FILE} was changed after the station signed it")
    _check_head(where, manifest)
    return manifest


def _check_head(where: Path, manifest: Manifest) -> None:
    head = manifest.head
    text = head_text(
        manifest.station["id"], epoch=head["epoch"], size=head["size"], root=head["root"],
        time=head["time"],
    )  # fmt: skip
    if not signature_fits(manifest.server_key, text.encode(), head["signature"]):
        raise BadSet(f"{where}: the head of its log was not signed by its station")
