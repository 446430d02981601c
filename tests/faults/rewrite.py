"""The past really rewritten: one fact changed in the file, and everything made to agree with it.

What somebody with the server in hand could do: bytes, hashes, the whole log with its subtrees and
head, and the batch's manifest. Only what others keep (heads, receipts, signatures) speaks against
it. The server must not be running.
"""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path

from sync.merkle import Frontier, append_leaves, leaf_hash, log_leaf


def rewrite(path: Path, old: str, new: str) -> int:
    """Put `new` where a fact says `old`; the place in the log that now says something else."""
    file = sqlite3.connect(path)
    for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        file.execute(f"DROP TRIGGER {name}")
    seq, raw, before = next(
        row
        for row in file.execute("SELECT seq, bytes, sha256 FROM fact ORDER BY seq")
        if old.encode() in row[1]
    )
    changed = bytes(raw).replace(old.encode(), new.encode())
    after = hashlib.sha256(changed).hexdigest()
    file.execute("UPDATE fact SET bytes = ?, sha256 = ? WHERE seq = ?", (changed, after, seq))
    file.execute("UPDATE log_entry SET fact_sha256 = ? WHERE fact_seq = ?", (after, seq))
    for table in ("private_line", "photo_use"):
        file.execute(
            f"UPDATE {table} SET fact_sha256 = ? WHERE fact_sha256 = ?",
            (after, before),
        )
    _log_anew(file)
    place = file.execute("SELECT idx FROM log_entry WHERE fact_seq = ?", (seq,)).fetchone()[0]
    file.commit()
    file.close()
    return int(place)


def _log_anew(file: sqlite3.Connection) -> None:
    rows = file.execute("SELECT fact_sha256, verdict, received_at FROM log_entry ORDER BY idx")
    grown = append_leaves(Frontier(), [leaf_hash(log_leaf(*row)) for row in rows])
    for level, index, found in grown.nodes:
        file.execute(
            "UPDATE log_node SET hash = ? WHERE level = ? AND idx = ?", (found.hex(), level, index)
        )
    frontier = grown.frontier
    file.execute(
        "UPDATE station SET log_root = ?, log_frontier = ?",
        (frontier.root().hex(), frontier.to_text()),
    )
