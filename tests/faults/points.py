"""Named points at which a process is killed, put in without a hook in the product.

A point is an attribute of a module and a side of its call. `put_in` lays a thin layer over each
of them in a process of the tests' own (kill_gunicorn.py, kill_command.py); the product knows
nothing of it. Nothing happens until a file says which point; then the first process that gets there
takes the file away and dies by SIGKILL. It must not know what is going on when it does.
"""

from __future__ import annotations

import functools
import importlib
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

FOLDER_VARIABLE = "FAULTS_FOLDER"  # where the arming file lies, apart from the data
ARMED, STRUCK = "armed", "struck"
DYING_S_MAX = 10.0

# Taken before anything is covered: a kill must not wait for another kill.
_exists, _rename, _kill = os.path.exists, os.rename, os.kill


@dataclass(frozen=True, slots=True)
class Point:
    """Where a process dies. `call`: at which call of the attribute, counted from the arming."""

    name: str
    module: str
    attribute: str
    when: Literal["before", "after", "during"]
    scene: str
    words: str
    call: int = 1
    delay_s: float = 0.0  # for `during`: how long after the call began
    sqlite_only: bool = False


# fmt: off
POINTS: tuple[Point, ...] = (
    # A batch: read -> bytes -> lock -> log -> rows -> receipt -> commit -> reply.
    Point("batch-judged", "app.batches.api", "judge_early", "after", "batch",
          "the batch is read and judged, nothing is written"),
    Point("batch-bytes-stored", "app.ledger.store", "insert_facts", "after", "batch",
          "the facts' bytes are stored, the log does not name them"),
    Point("batch-station-locked", "app.ledger.store", "lock_station", "after", "batch",
          "the station's lock is held"),
    Point("batch-logged", "app.ledger.append", "extend_log", "after", "batch",
          "the log names the facts, their rows are not written"),
    Point("batch-rows-written", "app.ledger.append", "refold", "after", "batch",
          "the rows are written, photos are not declared, no receipt"),
    Point("batch-receipt-made", "app.batches.api", "_receipt", "after", "batch",
          "the receipt is signed, not stored"),
    Point("batch-receipt-stored", "app.batches.store", "save_batch", "after", "batch",
          "the receipt is stored, nothing is committed"),
    Point("batch-before-commit", "sqlalchemy.engine.default", "DefaultDialect.do_commit",
          "before", "batch", "everything is written, the commit is about to begin"),
    Point("batch-after-commit", "sqlalchemy.engine.default", "DefaultDialect.do_commit",
          "after", "batch", "the commit is done, the writer's gate is still held"),
    Point("batch-before-reply", "app.http", "answer_response", "before", "batch",
          "between commit and reply"),
    Point("checkpoint-before", "app.db", "Database.checkpoint", "before", "checkpoint",
          "the write-ahead log is over its limit, about to be moved", sqlite_only=True),
    Point("checkpoint-during", "app.db", "Database.checkpoint", "during", "checkpoint",
          "in the middle of a checkpoint", delay_s=0.0005, sqlite_only=True),
    Point("checkpoint-after", "app.db", "Database.checkpoint", "after", "checkpoint",
          "the checkpoint is done, the reply not sent", sqlite_only=True),
    # A whole photo: temp -> fsync -> rename -> fsync of the folder -> row -> commit -> reply.
    Point("photo-half-written", "app.photos.staged", "StagedFile.write", "after", "photo",
          "some of the photo's bytes are in a temporary file"),
    Point("photo-before-fsync", "app.photos.staged", "StagedFile.settle", "before", "photo",
          "every byte is in a temporary file, verified, not synced"),
    Point("photo-before-rename", "os", "rename", "before", "photo",
          "the bytes are synced under a temporary name"),
    Point("photo-before-folder-fsync", "app.photos.staged", "fsync_path", "before", "photo",
          "between rename and fsync of the folder"),
    Point("photo-after-folder-fsync", "app.photos.staged", "fsync_path", "after", "photo",
          "the name is durable, no row says so"),
    Point("photo-kept", "app.photos.api", "keep_whole", "after", "photo",
          "between move and commit: the file stands, the transaction has not begun"),
    Point("photo-marked", "app.photos.store", "mark_held", "after", "photo",
          "the row says held, nothing is committed"),
    Point("photo-before-commit", "sqlalchemy.engine.default", "DefaultDialect.do_commit",
          "before", "photo", "row and job are written, the commit is about to begin"),
    Point("photo-before-reply", "app.http", "answer_response", "before", "photo",
          "the photo is committed as held, its receipt is not sent"),
    # The same in a commit that several share.
    Point("together-first-done", "app.together", "_Piece.run", "after", "together",
          "one piece of a shared commit has run, its neighbours have not"),
    Point("together-before-commit", "sqlalchemy.engine.default", "DefaultDialect.do_commit",
          "before", "together", "a shared transaction is about to be committed"),
    Point("together-nobody-woken", "app.together", "Together._pass_on", "before", "together",
          "a shared commit is done, nobody who waits for it knows"),
    # Parts by offset.
    Point("part-half-written", "app.photos.staged", "StagedFile.write", "after", "parts",
          "some bytes of a part are in a temporary file"),
    Point("part-kept", "app.photos.store", "take_part", "before", "parts",
          "the part's file stands, no row names it"),
    Point("part-taken", "app.photos.store", "take_part", "after", "parts",
          "the part's row is written, not committed"),
    Point("part-before-reply", "app.http", "answer_response", "before", "parts",
          "the part counts, the phone does not know"),
    Point("part-before-verify", "app.photos.whole", "check_image", "before", "parts",
          "between part and verify: all parts are put together, not yet looked at"),
    Point("part-last-kept", "app.photos.api", "keep_whole", "after", "parts",
          "the photo stands whole, row and parts still say it is on its way"),
    Point("preview-kept", "app.photos.api", "_keep_preview", "after", "previews",
          "a preview stands, its photo has not come"),
    # Background work: a lease, then pictures or a file, then the row that says so.
    Point("job-taken", "app.jobs.runner", "take", "after", "pictures",
          "the lease is written, not committed"),
    Point("job-leased", "app.photos.uploads", "give_way", "before", "pictures",
          "the lease is committed, the work has not begun"),
    Point("pictures-made", "app.photos.jobs", "derive", "after", "pictures",
          "the pictures are made, in memory"),
    Point("pictures-one-kept", "app.photos.keep", "ObjectPhotoStore.put", "after", "pictures",
          "the view stands, the thumbnail does not"),
    Point("pictures-noted", "app.photos.store", "mark_derived", "after", "pictures",
          "both pictures stand, the row that says so is not committed"),
    Point("pictures-parts-left", "app.photos.keep", "ObjectPhotoStore.list", "before", "pictures",
          "the pictures are committed, the photo's parts are not thrown away"),
    Point("job-finished", "app.jobs.runner", "finish", "after", "pictures",
          "the work is done, the row that says so is not committed"),
    Point("export-spooled", "app.exports.job", "_gather", "after", "export",
          "an export has read its rows into a temporary folder"),
    Point("export-progress", "app.jobs.runner", "note_progress", "after", "export",
          "an export renews its lease"),
    Point("export-written", "app.exports.job", "_keep", "before", "export",
          "an export's file is written in a temporary folder"),
    Point("export-kept", "app.exports.job", "_keep", "after", "export",
          "an export's file stands, no row says that it is done"),
    # The desk.
    Point("decision-appended", "app.decisions.decide", "append", "after", "decision",
          "a decision is in the log, not committed"),
    Point("decision-before-reply", "app.http", "answer_response", "before", "decision",
          "a decision is committed, the page does not know"),
    Point("redaction-written", "app.ledger.store", "redact", "after", "redaction",
          "a private line is destroyed, not committed"),
    Point("redaction-before-reply", "app.http", "answer_response", "before", "redaction",
          "a private line is destroyed for good, the page does not know"),
    Point("claim-code-taken", "app.auth.enrolment_store", "take_code", "after", "claim",
          "an enrolment's code is spent, the enrolment not made"),
    Point("claim-enrolled", "app.auth.enrolment_store", "add_enrolment", "after", "claim",
          "the enrolment is made, the ledger does not tell of it"),
    Point("claim-before-reply", "app.http", "answer_response", "before", "claim",
          "the phone is enrolled, its token never reaches it"),
    Point("import-marked", "app.imports.api", "mark_applied", "after", "import",
          "an import is marked as applied, nothing of it is"),
    Point("import-applied", "app.imports.api", "decide", "after", "import",
          "all rows of an import are in the ledger, not committed"),
    Point("import-before-reply", "app.http", "answer_response", "before", "import",
          "an import is applied, the page does not know"),
    # Commands.
    Point("setup-key-made", "os", "link", "before", "setup",
          "the station's key is written beside its name"),
    Point("setup-key-linked", "os", "link", "after", "setup",
          "the key has its name, and a second one"),
    Point("setup-station-made", "app.cli.station", "ensure_station", "after", "setup",
          "station and first admin are made, not committed"),
    Point("setup-checklists", "app.cli.station", "publish_bundled", "after", "setup",
          "the station is committed, its checklists are not"),
    Point("migrate-copied", "app.cli.station", "copy_before", "after", "migrate",
          "the copy before a migration stands, the migration has not begun", sqlite_only=True),
    Point("migrate-copying", "app.cli.station", "copy_before", "during", "migrate",
          "the copy before a migration is half written", delay_s=0.002, sqlite_only=True),
    Point("migrate-one-step", "alembic.runtime.migration", "HeadMaintainer.update_to_step",
          "after", "migrate", "one of several migrations is done"),
    Point("migrate-all-steps", "app.cli.station", "upgrade", "after", "migrate",
          "every migration is done, nothing is committed"),
    Point("migrate-committed", "sqlalchemy.engine.default", "DefaultDialect.do_commit",
          "after", "migrate", "the migration is committed, nobody was told"),
    Point("rebuild-comparing", "app.ledger.rebuild", "make_row", "after", "rebuild",
          "a rebuild has folded some subjects", call=5),
    Point("rebuild-written", "app.ledger.rebuild", "write_projections", "after", "rebuild",
          "a rebuild has written rows, not committed"),
    Point("rebuild-committed", "sqlalchemy.engine.default", "DefaultDialect.do_commit",
          "after", "rebuild", "a rebuild is committed, nobody was told"),
)
# fmt: on
BY_NAME = {point.name: point for point in POINTS}


def covered(point: Point) -> tuple[Any, str]:
    """What holds the attribute, and its last name; AttributeError when it is not there."""
    owner: Any = importlib.import_module(point.module)
    *path, last = point.attribute.split(".")
    for name in path:
        owner = getattr(owner, name)
    getattr(owner, last)
    return owner, last


def arm(folder: Path, point: Point, *, later: int = 0) -> None:
    """From now on the next process that gets there dies; `later`: so many calls after the first."""
    (folder / STRUCK).unlink(missing_ok=True)
    text = f"{point.name} {point.call + later} {time.monotonic_ns()}"
    (folder / "arming").write_text(text)
    _rename(folder / "arming", folder / ARMED)


def struck(folder: Path, point: Point) -> bool:
    """Whether somebody died there since it was armed."""
    return (folder / STRUCK).exists() and (folder / STRUCK).read_text().split()[0] == point.name


def put_in(points: tuple[Point, ...], folder: Path) -> None:
    """Cover every attribute once, in this process, for good."""
    by_attribute: dict[tuple[int, str], list[Point]] = {}
    owners: dict[tuple[int, str], Any] = {}
    for point in points:
        owner, last = covered(point)
        by_attribute.setdefault((id(owner), last), []).append(point)
        owners[id(owner), last] = owner
    watch = _Watch(folder)
    for (key, last), group in by_attribute.items():
        owner = owners[key, last]
        setattr(owner, last, _cover(getattr(owner, last), group, watch))


class _Watch:
    """Looks whether a point is armed, and counts the calls since it was."""

    def __init__(self, folder: Path) -> None:
        self._armed, self._struck = str(folder / ARMED), str(folder / STRUCK)
        self._mutex = threading.Lock()
        self._text, self._calls = "", 0

    def wanted(self, group: list[Point]) -> Point | None:
        """The point that strikes at this very call, if any."""
        if not _exists(self._armed):
            return None
        try:
            with open(self._armed) as file:  # noqa: PTH123 - as little as possible is covered
                text = file.read()
        except FileNotFoundError:
            return None
        name, call, _ = text.split()
        point = next((each for each in group if each.name == name), None)
        if point is None:
            return None
        with self._mutex:
            self._calls = self._calls + 1 if text == self._text else 1
            self._text = text
            return point if self._calls == int(call) else None

    def strike(self) -> None:
        """Die at once, if nobody else has died for this arming."""
        try:
            _rename(self._armed, self._struck)
        except FileNotFoundError:
            return
        _kill(os.getpid(), signal.SIGKILL)
        time.sleep(DYING_S_MAX)

    def strike_in(self, delay_s: float) -> None:
        """The same from another thread, a moment later."""

        def wait() -> None:
            time.sleep(delay_s)
            self.strike()

        threading.Thread(target=wait, daemon=True).start()


def _cover(original: Callable[..., Any], group: list[Point], watch: _Watch) -> Callable[..., Any]:
    @functools.wraps(original)
    def layer(*words: Any, **named: Any) -> Any:
        point = watch.wanted(group)
        if point is None:
            return original(*words, **named)
        if point.when == "before":
            watch.strike()
        if point.when == "during":
            watch.strike_in(point.delay_s)
        answer = original(*words, **named)
        if point.when != "before":
            watch.strike()
        return answer

    return layer
