"""The door for whoever checks something: note what did not hold, say when it is mended."""

from app.findings.store import count_unseen, end, note

__all__ = ["count_unseen", "end", "note"]
