"""A provider of map tiles on this machine, for tests: real HTTP, and every way it can misbehave."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from PIL import Image

TILE_PIXELS = 256


def a_tile(colour: tuple[int, int, int]) -> bytes:
    """One picture of one colour."""
    file = io.BytesIO()
    Image.new("RGB", (TILE_PIXELS, TILE_PIXELS), colour).save(file, "PNG")
    return file.getvalue()


class Provider(ThreadingHTTPServer):
    """Answers as `way` says; `asked` holds the paths it was asked for."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Tile)
        self.way = "well"
        self.asked: list[str] = []
        self.agents: set[str] = set()
        self.go_on = threading.Event()
        self.tile = a_tile((196, 214, 180))

    @property
    def template(self) -> str:
        """For GI_MAP_TILES."""
        return f"http://127.0.0.1:{self.server_port}/t?x={{x}}&y={{y}}&l={{z}}&tk=KEY"


class _Tile(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        """One tile, or what the way of the day is."""
        self.server.asked.append(self.path)
        self.server.agents.add(f"{self.client_address[0]} {self.headers['User-Agent']}")
        getattr(self, f"_{self.server.way}")()

    def log_message(self, *_: object) -> None:
        """Nothing of it belongs into the output of a test."""

    def _send(self, content: bytes, kind: str = "image/png") -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _well(self) -> None:
        self._send(self.server.tile)

    def _page(self) -> None:
        self._send(b"<html>the key has run out</html>", "image/png")

    def _large(self) -> None:
        self._send(self.server.tile + bytes(600 * 1024))

    def _elsewhere(self) -> None:
        self.send_response(302)
        self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/other")
        self.end_headers()

    def _refused(self) -> None:
        self.send_error(403)

    def _waits(self) -> None:
        self.server.go_on.wait(20)
        self._send(self.server.tile)

    def _drips(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "image/png")
        self.end_headers()
        for byte in self.server.tile:
            if self.server.go_on.is_set():
                return
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            time.sleep(0.2)


@contextmanager
def a_provider() -> Iterator[Provider]:
    """One, until the end of the block."""
    provider = Provider()
    thread = threading.Thread(target=provider.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        provider.go_on.set()
        provider.shutdown()
        provider.server_close()
        thread.join()
