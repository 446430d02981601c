"""`python -m tests.upgrades.phone_release`: keep the phone's database as this release makes it.

Stores and indexes come from a real Chromium that opened the built app, the fields of each record
from pwa/src/db/user.ts. Run it when a release goes out; the file is named by the version and is
never written again. tests/e2e/test_phone_storage.py opens each one with the app of today.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.e2e.phone import Phone
from tests.e2e.station import make_station
from tests.e2e.steps import enrol

HERE = Path(__file__).parent / "phones"
SOURCE = Path(__file__).parents[2] / "pwa" / "src" / "db" / "user.ts"
LOOK = """async () => {
  const opened = await new Promise((done) => {
    const opening = indexedDB.open('gi')
    opening.onsuccess = () => done(opening.result)
  })
  const stores = {}
  for (const name of opened.objectStoreNames) {
    const store = opened.transaction(name).objectStore(name)
    const indexes = [...store.indexNames].map((each) => {
      const index = store.index(each)
      return { name: each, path: index.keyPath, multi: index.multiEntry }
    })
    stores[name] = { key: store.keyPath, indexes }
  }
  const { version } = opened
  opened.close()
  return { version, stores }
}"""


def fields_of_stores(source: str) -> dict[str, list[str]]:
    """Store -> the fields of its records, as the source declares them."""
    records = {
        name: re.findall(r"^  (\w+)\??:", body, re.MULTILINE)
        for name, body in re.findall(
            r"export interface (\w+Record) \{\n(.*?)^\}", source, re.M | re.S
        )
    }
    tables = re.findall(r"^  (\w+)!: (?:Entity)?Table<(\w+Record),", source, re.MULTILINE)
    return {store: records[record] for store, record in tables}


def released() -> dict[str, Any]:
    """The database of a phone that was just enrolled."""
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        station = make_station(Path(name) / "station")
        phone = Phone(playwright, Path(name) / "profile")
        try:
            page = phone.start()
            enrol(phone, station)
            made: dict[str, Any] = page.evaluate(LOOK)
        finally:
            phone.stop()
            station.served.stop()
    fields = fields_of_stores(SOURCE.read_text(encoding="utf-8"))
    for store, shape in made["stores"].items():
        shape["fields"] = fields[store]
    return made


def main() -> int:
    made = released()
    path = HERE / f"{made['version']}.json"
    if path.exists():
        print(f"{path.name} is there already: a release is kept once")
        return 1
    path.write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(f"kept {path.name}: {len(made['stores'])} stores")
    return 0


if __name__ == "__main__":
    sys.exit(main())
