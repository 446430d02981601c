"""Where photo bytes live: one small interface over obstore, a local folder or any S3.

When `put` or `keep` returns, the bytes survive a power cut: obstore renames without syncing, so a
local folder is written here (staged.py). It must not know photos, stations or the database.
"""

from __future__ import annotations

import errno
import mmap
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Literal, Protocol
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, PermissionDeniedError
from obstore.store import LocalStore, ObjectStore, from_url

from app.folders import make_folder, meeting_folder
from app.photos.staged import StagedFile, fsync_path

STREAM_BYTES = 256 * 1024
# A large export goes to a bucket in parts of 5 MB; twelve at once, as the library would, are 60 MB.
PARTS_AT_ONCE_MAX = 2
NAME_CHARS_MAX = 200

# Names are built from ids and hashes alone, so anything else is a programming error, not an input.
_NAME = re.compile(r"[0-9a-z][0-9a-z-]*(?:/[0-9a-z][0-9a-z-]*)+")
_OS_ERROR = re.compile(r"\(os error (\d+)\)")

KeepFault = Literal["disk-full", "store-read-only", "store-unreachable"]
_FAULTS: dict[int, KeepFault] = {
    errno.ENOSPC: "disk-full",
    errno.EDQUOT: "disk-full",
    errno.EFBIG: "disk-full",
    errno.EROFS: "store-read-only",
    errno.EACCES: "store-read-only",
    errno.EPERM: "store-read-only",
}


class KeepError(Exception):
    """The store could not do it; `code` is the problem to answer with, trying again later helps."""

    def __init__(self, code: KeepFault, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code: KeepFault = code


class Arriving(Protocol):
    """An object on its way into the store, piece by piece; without `keep` it never was there."""

    def write(self, piece: bytes) -> None: ...
    def look(self) -> mmap.mmap: ...
    def keep(self) -> None: ...


class PhotoStore(Protocol):
    """What everything above needs of a store; nothing above may ask for more."""

    def receive(self, name: str) -> AbstractContextManager[Arriving]: ...
    def put(self, name: str, data: bytes | Path) -> None: ...
    def put_if_absent(self, name: str, data: bytes | Path) -> bool: ...
    def get(self, name: str) -> bytes | None: ...
    def stream(self, name: str, *, start: int = 0) -> Iterator[bytes] | None: ...
    def size(self, name: str) -> int | None: ...
    def exists(self, name: str) -> bool: ...
    def delete(self, name: str) -> None: ...
    def move(self, name: str, to: str) -> None: ...
    def list(self, prefix: str) -> Iterator[str]: ...
    def probe(self) -> None: ...


class ObjectPhotoStore:
    """The one implementation: obstore speaks local folders and S3 alike."""

    def __init__(self, store: ObjectStore, *, folder: Path | None = None) -> None:
        self._store = store
        self._folder = folder
        self._known_folders: set[Path] = set()

    @contextmanager
    def receive(self, name: str) -> Iterator[Arriving]:
        """Take an object in as it comes; durable when its `keep` returns, otherwise KeepError."""
        arriving: _Local | _Remote
        with _faults(name):
            if self._folder is None:
                arriving = _Remote(self._store, _checked(name))
            else:
                arriving = _Local(name, self._folder / _checked(name), self._sync_above)
        try:
            yield arriving
        finally:
            with _faults(name):
                arriving.close()

    def put(self, name: str, data: bytes | Path) -> None:
        """Write or replace; complete and durable when this returns, otherwise KeepError."""
        if self._folder is None:
            with _faults(name):
                obstore.put(self._store, _checked(name), data, max_concurrency=PARTS_AT_ONCE_MAX)
            return
        with self.receive(name) as arriving:
            for piece in _pieces_of(data):
                arriving.write(piece)
            arriving.keep()

    def put_if_absent(self, name: str, data: bytes | Path) -> bool:
        """Write unless the name is taken; False says nothing about the bytes that are there."""
        with _faults(name):
            try:
                obstore.put(self._store, _checked(name), data, mode="create")
            except AlreadyExistsError:
                return False
            self._sync(name)
        return True

    def get(self, name: str) -> bytes | None:
        """All bytes, or None when there is no such name."""
        with _faults(name):
            try:
                if self._folder is not None:  # the library would ask by way of another thread
                    return (self._folder / _checked(name)).read_bytes()
                return bytes(obstore.get(self._store, _checked(name)).bytes())
            except FileNotFoundError:
                return None

    def stream(self, name: str, *, start: int = 0) -> Iterator[bytes] | None:
        """The bytes from `start` on, piece by piece, or None when there is no such name."""
        with _faults(name):
            try:
                found = obstore.get(
                    self._store, _checked(name), options={"range": {"offset": start}}
                )
            except FileNotFoundError:
                return None
        return _pieces(name, found)

    def size(self, name: str) -> int | None:
        """How many bytes, or None when there is no such name."""
        with _faults(name):
            try:
                return int(obstore.head(self._store, _checked(name))["size"])
            except FileNotFoundError:
                return None

    def exists(self, name: str) -> bool:
        """Whether the name holds anything."""
        return self.size(name) is not None

    def delete(self, name: str) -> None:
        """Remove; a name that is not there is as good as removed."""
        with _faults(name):
            try:
                obstore.delete(self._store, _checked(name))
            except FileNotFoundError:
                return

    def move(self, name: str, to: str) -> None:
        """Give an object another name; the bytes stay what they are, durable when this returns."""
        with _faults(name):
            obstore.rename(self._store, _checked(name), _checked(to))
            self._sync(to)
            if self._folder is not None:
                fsync_path((self._folder / name).parent)

    def list(self, prefix: str) -> Iterator[str]:
        """Every name under a folder-like prefix, in pages of the store's own size."""
        with _faults(prefix):
            for page in obstore.list(self._store, prefix.rstrip("/") + "/"):
                for found in page:
                    yield str(found["path"])

    def probe(self) -> None:
        """Write and remove one small object: does the store really take bytes?"""
        name = f"probe/{os.getpid()}"
        self.put(name, b"ready")
        self.delete(name)

    def _sync(self, name: str) -> None:
        if self._folder is None:
            return
        path = self._folder / name
        fsync_path(path)
        fsync_path(path.parent)
        self._sync_above(path)

    def _sync_above(self, path: Path) -> None:
        """A name is durable once its folder is; a new folder is durable once its own parent is."""
        folder = path.parent
        while folder != self._folder and folder not in self._known_folders:
            fsync_path(folder.parent)
            self._known_folders.add(folder)
            folder = folder.parent


class _Local:
    """Arrives in a folder of this machine."""

    def __init__(self, name: str, path: Path, sync_above: Callable[[Path], None]) -> None:
        self._name, self._path, self._sync_above = name, path, sync_above
        self._file = StagedFile(path)

    def write(self, piece: bytes) -> None:
        with _faults(self._name):
            self._file.write(piece)

    def look(self) -> mmap.mmap:
        with _faults(self._name):
            return self._file.look()

    def keep(self) -> None:
        with _faults(self._name):
            self._file.settle()
            self._sync_above(self._path)

    def close(self) -> None:
        self._file.close()


class _Remote:
    """Waits in a temporary file until it is whole, then goes as one object."""

    def __init__(self, store: ObjectStore, name: str) -> None:
        self._store, self._name = store, name
        self._file = tempfile.NamedTemporaryFile(  # noqa: SIM115 - until close
            prefix="gi-photo-", dir=meeting_folder()
        )

    def write(self, piece: bytes) -> None:
        with _faults(self._name):
            self._file.write(piece)

    def look(self) -> mmap.mmap:
        with _faults(self._name):
            self._file.flush()
            return mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)

    def keep(self) -> None:
        with _faults(self._name):
            self._file.flush()
            obstore.put(self._store, self._name, Path(self._file.name))

    def close(self) -> None:
        self._file.close()


def make_photo_store(url: str) -> ObjectPhotoStore:
    """The store behind PHOTO_STORE_URL: file:///folder (made when missing) or s3://bucket/prefix."""
    parts = urlsplit(url)
    if parts.scheme != "file":
        return ObjectPhotoStore(from_url(url))
    folder = Path(unquote(parts.path)).absolute()
    make_folder(folder)
    return ObjectPhotoStore(LocalStore(folder), folder=folder)


def _checked(name: str) -> str:
    if len(name) > NAME_CHARS_MAX or not _NAME.fullmatch(name):
        raise ValueError(f"not a name this store makes: {name[:60]!r}")
    return name


def _pieces(name: str, found: obstore.GetResult) -> Iterator[bytes]:
    with _faults(name):
        for piece in found.stream(min_chunk_size=STREAM_BYTES):
            yield bytes(piece)


def _pieces_of(data: bytes | Path) -> Iterator[bytes]:
    if isinstance(data, bytes):
        yield data
        return
    with data.open("rb") as file:
        while piece := file.read(STREAM_BYTES):
            yield piece


@contextmanager
def _faults(name: str) -> Iterator[None]:
    """Turn what the library or the system raises into one KeepError that says what to do."""
    try:
        yield
    except PermissionDeniedError as error:
        raise KeepError("store-read-only", f"{name}: {error}") from error
    except OSError as error:
        raise KeepError(
            _FAULTS.get(error.errno or 0, "store-unreachable"), f"{name}: {error}"
        ) from error
    except BaseError as error:
        # The library gives the cause of a local fault only inside its text.
        number = _OS_ERROR.search(str(error))
        code = _FAULTS.get(int(number[1]), "store-unreachable") if number else "store-unreachable"
        raise KeepError(code, f"{name}: {str(error).splitlines()[0]}") from error
