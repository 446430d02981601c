"""Write the canonical JSON of the bundled checklists to checklists/ here, where vitest reads it.

A guard test fails while these copies are stale, so vitest never judges by an old file.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from app.checklists.load import bundled, canonical_json  # the path comes first

if __name__ == "__main__":
    folder = Path(__file__).parent / "checklists"
    folder.mkdir(exist_ok=True)
    wanted = {f"{checklist['id']}.json": canonical_json(checklist) for checklist in bundled()}
    for stale in folder.glob("*.json"):
        if stale.name not in wanted:
            stale.unlink()
    for name, data in wanted.items():
        (folder / name).write_bytes(data + b"\n")
