"""`python -m bench.at_rest`: what encrypting the phone's records would cost, and would keep.

Real Chromium with a profile of its own: the price of a PIN's hash, of photos and of the rows of a
first list; then what of a record, and of a key that no script can read out, lies on the disk.
Figures of docs/decisions/22. It must not know the app: nothing of it is encrypted.
"""

from __future__ import annotations

import http.server
import secrets
import tempfile
import threading
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, Playwright, sync_playwright

from tests.e2e.phone import ARGUMENTS, CHROMIUM

PIN_ROUNDS = 600_000
PHOTO_BYTES = 200_000
ROWS = 22_000  # 2,000 sites and 20,000 hazards
ROW_BYTES = 600
ROWS_PER_BLOCK = 100
SLOWER = 4
PINS = 10**6
RECORD = "zhang-jianguo-13812342210"
SETTLE_MS = 3_000

COST = """async ({ rounds, photo, rows, bytes, block }) => {
  const best = async (times, work) => {
    let found = Infinity
    for (let i = 0; i < times; i++) {
      const from = performance.now()
      await work()
      found = Math.min(found, performance.now() - from)
    }
    return found
  }
  const pin = await crypto.subtle.importKey('raw', new TextEncoder().encode('270419'), 'PBKDF2',
    false, ['deriveBits'])
  const salt = new Uint8Array(16)
  const hashing = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: rounds }
  const gcm = { name: 'AES-GCM', length: 256 }
  const key = await crypto.subtle.generateKey(gcm, false, ['encrypt', 'decrypt'])
  const iv = new Uint8Array(12)
  const how = { name: 'AES-GCM', iv }
  const close = (size) => crypto.subtle.encrypt(how, key, new Uint8Array(size))
  const open = (closed) => crypto.subtle.decrypt(how, key, closed)
  const picture = await close(photo)
  const [row, many] = [await close(bytes), await close(bytes * block)]
  const each = (closed, count) => Promise.all(Array.from({ length: count }, () => open(closed)))
  return {
    pin: await best(5, () => crypto.subtle.deriveBits(hashing, pin, 256)),
    photo_closed: await best(20, () => close(photo)),
    photo_opened: await best(20, () => open(picture)),
    rows: await best(3, () => each(row, rows)),
    blocks: await best(3, () => each(many, rows / block)),
  }
}"""
KEEP = """async ({ raw, record }) => {
  const opening = indexedDB.open('at-rest', 1)
  opening.onupgradeneeded = () => opening.result.createObjectStore('kept')
  const database = await new Promise((done) => { opening.onsuccess = () => done(opening.result) })
  const bytes = Uint8Array.from(raw.match(/../g), (pair) => parseInt(pair, 16))
  const key = await crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt'])
  const writing = database.transaction('kept', 'readwrite', { durability: 'strict' })
  writing.objectStore('kept').put(key, 'key')
  writing.objectStore('kept').put({ record }, 'record')
  await new Promise((done) => { writing.oncomplete = done })
  return crypto.subtle.exportKey('raw', key).then(() => 'exported', (error) => error.name)
}"""
CLEAR = """async () => {
  const opening = indexedDB.open('at-rest', 1)
  const database = await new Promise((done) => { opening.onsuccess = () => done(opening.result) })
  const writing = database.transaction('kept', 'readwrite', { durability: 'strict' })
  writing.objectStore('kept').clear()
  await new Promise((done) => { writing.oncomplete = done })
}"""


class Silent(http.server.SimpleHTTPRequestHandler):
    """An empty page: records and keys need an origin."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


def opened(playwright: Playwright, profile: Path) -> BrowserContext:
    return playwright.chromium.launch_persistent_context(
        str(profile), executable_path=CHROMIUM, headless=True, args=ARGUMENTS
    )


def at_speed(page: Page, rate: int) -> dict[str, float]:
    """Milliseconds, the best of a few; the rate slows the page, not the browser's own threads."""
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": rate})
    asked = {
        "rounds": PIN_ROUNDS, "photo": PHOTO_BYTES, "rows": ROWS, "bytes": ROW_BYTES,
        "block": ROWS_PER_BLOCK,
    }  # fmt: skip
    found: dict[str, float] = page.evaluate(COST, asked)
    return found


def on_disk(profile: Path, wanted: bytes) -> bool:
    return any(wanted in each.read_bytes() for each in profile.rglob("*") if each.is_file())


def spelled(text: str) -> list[bytes]:
    """As the browser may write it."""
    return [text.encode(), text.encode("utf-16-le")]


def told(profile: Path, raw: bytes, when: str) -> None:
    record = any(on_disk(profile, each) for each in spelled(RECORD))
    print(
        f"{when}: the record {'is' if record else 'is not'} readable in the profile's files,",
        end=" ",
    )
    print(f"the key's bytes {'are' if on_disk(profile, raw) else 'are not'}")


def main() -> None:
    raw = secrets.token_bytes(32)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Silent)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}/"
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        profile = Path(folder) / "profile"
        context = opened(playwright, profile)
        page = context.pages[0]
        page.goto(url)
        for rate in (1, SLOWER):
            found = at_speed(page, rate)
            print(f"CPU / {rate}:", ", ".join(f"{name} {ms:.1f} ms" for name, ms in found.items()))
            print(f"  every PIN of six digits, one core: {found['pin'] * PINS / 3_600_000:.0f} h")
        print(
            "reading the key out by script:",
            page.evaluate(KEEP, {"raw": raw.hex(), "record": RECORD}),
        )
        page.wait_for_timeout(SETTLE_MS)
        context.close()
        told(profile, raw, "after storing")
        context = opened(playwright, profile)
        context.pages[0].goto(url)
        context.pages[0].evaluate(CLEAR)
        context.pages[0].wait_for_timeout(SETTLE_MS)
        context.close()
        told(profile, raw, "after clearing")
    server.shutdown()


if __name__ == "__main__":
    main()
