"""W3C WebDriver as three browsers speak it: over HTTP (Chromium, WebKit) and Marionette (Firefox).

Marionette, inside every Firefox, takes the same commands with the same parameters under names of
its own over TCP, so no geckodriver is needed, which Debian does not have. It must not know what is
on a page.
"""

from __future__ import annotations

import http.client
import json
import socket
import time
from typing import Any, Protocol

START_SECONDS_MAX = 60
ANSWER_SECONDS_MAX = 60
LENGTH_DIGITS_MAX = 12
# our word: where it is posted below the session, Marionette's name
COMMANDS: dict[str, tuple[str, str]] = {
    "navigate": ("/url", "WebDriver:Navigate"),
    "back": ("/back", "WebDriver:Back"),
    "execute": ("/execute/sync", "WebDriver:ExecuteScript"),
    "wait": ("/execute/async", "WebDriver:ExecuteAsyncScript"),
    "click": ("/element/{id}/click", "WebDriver:ElementClick"),
    "keys": ("/element/{id}/value", "WebDriver:ElementSendKeys"),
    "rect": ("/window/rect", "WebDriver:SetWindowRect"),
}


class WireError(Exception):
    """The browser refused a command; `code` is the protocol's word for why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class Wire(Protocol):
    """One session with one browser."""

    def command(self, name: str, **parameters: Any) -> Any:
        """Do one of COMMANDS; its value. Raises WireError when it is refused."""

    def end(self) -> None:
        """Close the browser as a person would."""


class OverHttp:
    """A driver process that listens on a port: chromedriver, WebKitWebDriver."""

    def __init__(self, port: int, capabilities: dict[str, Any]) -> None:
        self.port = port
        self._until_it_listens()
        told = {"capabilities": {"alwaysMatch": capabilities}}
        self.session = f"/session/{self._ask('POST', '/session', told)['sessionId']}"

    def _until_it_listens(self) -> None:
        deadline = time.monotonic() + START_SECONDS_MAX
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_SECONDS_MAX)
        try:
            sent = None if body is None else json.dumps(body).encode()
            line.request(method, path, sent, {"Content-Type": "application/json"})
            value = json.loads(line.getresponse().read())["value"]
        finally:
            line.close()
        if isinstance(value, dict) and "error" in value and "message" in value:
            raise WireError(value["error"], value["message"])
        return value

    def command(self, name: str, **parameters: Any) -> Any:
        path, _ = COMMANDS[name]
        body = {key: value for key, value in parameters.items() if key != "id"}
        return self._ask("POST", self.session + path.format(**parameters), body)

    def end(self) -> None:
        self._ask("DELETE", self.session)


class Marionette:
    """Firefox's own remote control: `length:[0, number, name, parameters]` each way."""

    def __init__(self, port: int, capabilities: dict[str, Any]) -> None:
        self.line = socket.create_connection(("127.0.0.1", port), timeout=ANSWER_SECONDS_MAX)
        self.number = 0
        self._read()  # it says who it is
        self._ask("WebDriver:NewSession", {"capabilities": {"alwaysMatch": capabilities}})

    def _read(self) -> Any:
        digits = b""
        while not digits.endswith(b":"):
            digits += self._exactly(1)
            assert len(digits) <= LENGTH_DIGITS_MAX, digits
        return json.loads(self._exactly(int(digits[:-1])))

    def _exactly(self, size: int) -> bytes:
        read = b""
        while len(read) < size:
            piece = self.line.recv(size - len(read))
            if not piece:
                raise WireError("invalid session id", "Firefox hung up")
            read += piece
        return read

    def _ask(self, name: str, parameters: dict[str, Any]) -> Any:
        self.number += 1
        sent = json.dumps([0, self.number, name, parameters]).encode()
        self.line.sendall(b"%d:%b" % (len(sent), sent))
        _, number, error, result = self._read()
        assert number == self.number, "an answer to another question"
        if error:
            raise WireError(error["error"], error["message"])
        return result.get("value", result) if isinstance(result, dict) else result

    def command(self, name: str, **parameters: Any) -> Any:
        return self._ask(COMMANDS[name][1], parameters)

    def end(self) -> None:
        self._ask("Marionette:Quit", {"flags": ["eForceQuit"]})
        self.line.close()
