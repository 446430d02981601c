"""Where things lie on this machine. It must not look at any of them."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from app.settings import Settings


def local_folder(settings: Settings) -> Path | None:
    """The photo store's folder, None when photos lie in a bucket."""
    parts = urlsplit(settings.photo_store_url)
    return Path(unquote(parts.path)).absolute() if parts.scheme == "file" else None
