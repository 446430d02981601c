"""A disk that forgets: which files may stand there after power is lost at any point of a log.

What was synced stays. Of everything else any part may be there: each 512-byte sector of a file in
any state it had since its last sync, a file in any length it had, a name made, moved or removed
since its folder's last sync or not. A sector is whole, old or new; a rename is there or not. It
must not know what the files are for.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.power.log import Op, Record

SECTOR = 512
Chance = random.Random


@dataclass(slots=True)
class File:
    """Content since the last sync: for each sector touched, every state it had, with its moment.

    Cutting a file is one change of its length: as long as that is lost, what was cut off stands
    there; once it counts, what was cut off is gone and reads as zeros if the file grows again.
    """

    now: bytearray = field(default_factory=bytearray)
    kept: bytes = b""
    sectors: dict[int, list[tuple[int, bytes]]] = field(default_factory=dict)
    sizes: list[tuple[int, int]] = field(default_factory=list)
    cuts: list[tuple[int, int]] = field(default_factory=list)  # moment, first sector cut off

    def write(self, moment: int, offset: int, data: bytes) -> None:
        """Bytes were written."""
        if offset + len(data) > len(self.now):
            self.now.extend(bytes(offset + len(data) - len(self.now)))
            self.sizes.append((moment, len(self.now)))
        self.now[offset : offset + len(data)] = data
        for number in range(offset // SECTOR, (offset + len(data) - 1) // SECTOR + 1):
            piece = bytes(self.now[number * SECTOR : (number + 1) * SECTOR])
            self.sectors.setdefault(number, []).append((moment, piece.ljust(SECTOR, b"\0")))

    def truncate(self, moment: int, size: int) -> None:
        """The file was cut or lengthened."""
        if size < len(self.now):
            self.cuts.append((moment, -(-size // SECTOR)))
        del self.now[size:]
        self.now.extend(bytes(size - len(self.now)))
        self.sizes.append((moment, size))

    def synced(self, moment: int) -> None:
        """Everything up to this moment is on the disk for good."""
        safe = [each for each in self.sizes if each[0] <= moment]
        self.kept = self._content(safe[-1] if safe else (0, len(self.kept)), moment, _latest)
        self.sizes = [each for each in self.sizes if each[0] > moment]
        self.cuts = [each for each in self.cuts if each[0] > moment]
        left = {number: [each for each in states if each[0] > moment]
                for number, states in self.sectors.items()}  # fmt: skip
        self.sectors = {number: states for number, states in left.items() if states}

    def after_crash(self, choose: Choice) -> bytes:
        """One content that may stand there."""
        if not self.sectors and not self.sizes:
            return self.kept
        sizes = [(0, len(self.kept)), *self.sizes]
        return self._content(sizes[choose.version(len(sizes))], None, choose.version)

    def _content(
        self, size_at: tuple[int, int], until: int | None, pick: Callable[[int], int]
    ) -> bytes:
        """The file in one length, each sector in the state that is picked among those it had."""
        at, size = size_at
        cut = [(moment, first) for moment, first in self.cuts if moment <= at]
        whole = min([len(self.kept), *(first * SECTOR for _, first in cut)])
        found = bytearray(self.kept[: min(size, whole)].ljust(size, b"\0"))
        for number, states in self.sectors.items():
            start = number * SECTOR
            if start >= size:
                continue
            since = max((moment for moment, first in cut if first <= number), default=0)
            had = [state for moment, state in states
                   if moment > since and (until is None or moment <= until)]  # fmt: skip
            room = min(SECTOR, size - start)
            picked = [bytes(found[start : start + room]), *had][pick(len(had) + 1)]
            found[start : start + room] = picked[:room]
        return bytes(found)


def _latest(count: int) -> int:
    return count - 1


@dataclass(slots=True)
class Folder:
    """Names: those that are there, those on the disk for good, and what changed in between."""

    now: dict[str, int] = field(default_factory=dict)
    kept: dict[str, int] = field(default_factory=dict)
    changes: list[tuple[int, tuple[tuple[str, int | None], ...]]] = field(default_factory=list)

    def change(self, moment: int, *names: tuple[str, int | None]) -> None:
        """Names appear (with an inode) or go (None), all of one change or none."""
        _apply(self.now, names)
        self.changes.append((moment, names))

    def synced(self, moment: int) -> None:
        """Changes up to this moment are on the disk for good."""
        for at, names in self.changes:
            if at <= moment:
                _apply(self.kept, names)
        self.changes = [each for each in self.changes if each[0] > moment]

    def after_crash(self, choose: Choice) -> dict[str, int]:
        """One list of names that may stand there."""
        found = dict(self.kept)
        for _, names in self.changes:
            if choose.applied():
                _apply(found, names)
        return found


def _apply(names: dict[str, int], changes: tuple[tuple[str, int | None], ...]) -> None:
    for name, inode in changes:
        if inode is None:
            names.pop(name, None)
        else:
            names[name] = inode


class Choice:
    """How one crash treats what was not synced: all gone, all there, or by chance."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self.share = chance.choice((0.0, 1.0, 0.02, 0.1, 0.5, 0.9, 0.98, None))

    def version(self, count: int) -> int:
        """Which of the states a thing had, 0 being the synced one."""
        if self.share is None:
            return self._chance.randrange(count)
        return count - 1 if self._chance.random() < self.share else self._chance.randrange(count) \
            if 0.0 < self.share < 1.0 and self._chance.random() < 0.3 else 0  # fmt: skip

    def applied(self) -> bool:
        """Whether a change of names reached the disk."""
        return self._chance.random() < (0.5 if self.share is None else self.share)


class Disk:
    """Everything below one folder, moment by moment.

    `ignores(path, is_folder)`: a sync that counts for nothing, as if the program had not made it.
    """

    def __init__(self, root_inode: int, ignores: Callable[[str, bool], bool] | None = None) -> None:
        self._root, self._ignores, self._moment = root_inode, ignores, 0
        self._nodes: dict[int, File | Folder] = {root_inode: Folder()}
        self._paths: dict[int, str] = {root_inode: ""}
        self._begun: dict[tuple[int, int], int] = {}

    def follow(self, record: Record) -> None:
        """One record further."""
        self._moment += 1
        match record.op:
            case Op.CREATE | Op.MKDIR:
                node = File() if record.op is Op.CREATE else Folder()
                self._nodes[record.inode], self._paths[record.inode] = node, record.first
                self._name(record.first, record.inode)
            case Op.LINK:
                self._name(record.first, record.inode)
            case Op.UNLINK | Op.RMDIR:
                self._name(record.first, None)
            case Op.RENAME:
                self._rename(record)
            case Op.WRITE:
                self._file(record.inode).write(self._moment, record.offset, record.data)
            case Op.TRUNCATE:
                self._file(record.inode).truncate(self._moment, record.offset)
            case Op.SYNC_BEGIN:
                self._begun[record.inode, record.offset] = self._moment
            case Op.SYNC_END:
                begun = self._begun.pop((record.inode, record.offset))
                self._synced(record.inode, begun)

    def _synced(self, inode: int, begun: int) -> None:
        node = self._nodes.get(inode)
        if node is None:
            return
        ignored = self._ignores and self._ignores(self._paths[inode], isinstance(node, Folder))
        if not ignored:
            node.synced(begun)

    def _file(self, inode: int) -> File:
        node = self._nodes[inode]
        assert isinstance(node, File)
        return node

    def _folder(self, path: str) -> tuple[Folder, str]:
        *above, name = path.split("/")
        node: File | Folder = self._nodes[self._root]
        for each in above:
            assert isinstance(node, Folder)
            node = self._nodes[node.now[each]]
        assert isinstance(node, Folder)
        return node, name

    def _name(self, path: str, inode: int | None) -> None:
        folder, name = self._folder(path)
        folder.change(self._moment, (name, inode))

    def _rename(self, record: Record) -> None:
        source, old = self._folder(record.first)
        target, new = self._folder(record.second)
        assert source is target, "nobody here moves a file to another folder"
        source.change(self._moment, (new, record.inode), (old, None))
        self._paths[record.inode] = record.second

    def now(self) -> dict[str, bytes]:
        """Every file as a program sees it at this moment."""
        return self._files(lambda folder: folder.now, lambda file: bytes(file.now))

    def after_crash(self, choose: Choice) -> dict[str, bytes]:
        """Every file as it may stand there when power is lost at this moment."""
        return self._files(lambda f: f.after_crash(choose), lambda f: f.after_crash(choose))

    def _files(
        self, names: Callable[[Folder], dict[str, int]], content: Callable[[File], bytes]
    ) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        waiting = [("", self._root)]
        while waiting:
            path, inode = waiting.pop()
            node = self._nodes[inode]
            if isinstance(node, File):
                found[path] = content(node)
                continue
            waiting += [(f"{path}/{name}" if path else name, each)
                        for name, each in names(node).items()]  # fmt: skip
        return found


def lay_out(files: dict[str, bytes], folder: Path) -> None:
    """Put a state onto a real disk."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
