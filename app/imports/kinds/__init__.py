"""The importers by name; a new one is a module here and a line in `IMPORTERS`."""

from __future__ import annotations

from app.imports.kinds import accounts, sites
from app.imports.shape import Importer

IMPORTERS: dict[str, Importer] = {each.name: each for each in (sites.IMPORTER, accounts.IMPORTER)}
