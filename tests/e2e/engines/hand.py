"""A thumb and an eye on any of the three engines: tap, type, choose a picture, see words.

Whatever it looks for it waits for, as a person does. It must not know what a test wants.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.e2e.engines.browsers import Engine
from tests.e2e.engines.wire import WireError

FINDER = (Path(__file__).parent / "finder.js").read_text(encoding="utf-8")
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
WAIT_SECONDS_MAX = 30.0
LOOK_EVERY_SECONDS = 0.05
# A page that is drawn anew takes an element away between finding it and tapping it.
ONCE_MORE = {
    "element click intercepted", "element not interactable", "no such element",
    "stale element reference",
}  # fmt: skip
ASYNC = """
const done = arguments[arguments.length - 1];
(async () => { %s })().then((value) => done({ value }), (error) => done({ error: String(error) }))
"""


class Hand:
    """Uses the app on one engine."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def do(self, command: str, **parameters: Any) -> Any:
        """One command of the wire."""
        assert self.engine.wire is not None, "the browser is not running"
        return self.engine.wire.command(command, **parameters)

    def run(self, script: str, *arguments: Any) -> Any:
        """The value of a script's `return`; it may await."""
        said = self.do("wait", script=ASYNC % script, args=list(arguments))
        assert "error" not in said, said["error"]
        return said.get("value")

    def open(self, address: str) -> None:
        """A page of its own, whatever stood there before: one without anything comes between."""
        self.do("navigate", url="about:blank")
        self.do("navigate", url=address)

    # --- an eye ---

    def look(self, kind: str, name: str, within: str = "", *, exact: bool = False) -> Any:
        """The element a person can see now, or None."""
        found = self.do("execute", script=FINDER, args=[kind, name, within, exact])
        return None if found is None else found[ELEMENT]

    def until(self, done: Callable[[], Any], what: str) -> Any:
        """Ask until it is so, for a bounded time; what it was at last."""
        deadline = time.monotonic() + WAIT_SECONDS_MAX
        while not (value := self._tried(done)):
            if time.monotonic() > deadline:
                raise AssertionError(f"{self.engine.name}: {what}\n{self.screen()}")
            time.sleep(LOOK_EVERY_SECONDS)
        return value

    def _tried(self, done: Callable[[], Any]) -> Any:
        try:
            return done()
        except WireError as refused:
            if refused.code in ONCE_MORE:
                return None
            raise

    def see(self, words: str, kind: str = "text", within: str = "") -> None:
        """These words are on the screen."""
        self.until(lambda: self.look(kind, words, within), f"“{words}” does not come")

    def until_said(self, script: str, wanted: Any, *arguments: Any) -> None:
        """Ask the page until it returns this."""
        said: list[Any] = []

        def asked() -> bool:
            said[:] = [self.do("execute", script=script, args=list(arguments))]
            return bool(said[0] == wanted)

        self.until(asked, f"{script} {arguments}: {wanted!r} does not come")

    def screen(self) -> str:
        """All that stands on the screen, for whoever reads a failure."""
        said: str = self.do("execute", script="return document.body.innerText", args=[])
        return f"{self.do('execute', script='return location.href', args=[])}\n{said}"

    # --- a thumb ---

    def tap(
        self, name: str, within: str = "", *, kind: str = "control", exact: bool = True
    ) -> None:
        """The button or link of this name; what lies over it is waited for."""

        def tapped() -> bool:
            found = self.look(kind, name, within, exact=exact)
            if found is None:
                return False
            self.do("execute", script=TO_THE_MIDDLE, args=[{ELEMENT: found}])
            if not self.run(STANDS, {ELEMENT: found}):
                return False
            self.do("click", id=found)
            return True

        self.until(tapped, f"“{name}” cannot be tapped")

    def type(self, label: str, text: str, within: str = "") -> None:
        """Into the field of this label; "" is any field."""

        def typed() -> bool:
            found = self.look("field", label, within)
            if found is None:
                return False
            self.do("keys", id=found, text=text)
            return True

        self.until(typed, f"nothing can be typed into “{label}”")

    def choose_file(self, selector: str, path: Path) -> None:
        """Give a file to an input that stands behind a button: no driver can use the system's own
        window, which the button opens."""

        def chosen() -> bool:
            script = "return document.querySelector(arguments[0])"
            found = self.do("execute", script=script, args=[selector])
            if found is None:
                return False
            self.do("keys", id=found[ELEMENT], text=str(path))
            return True

        self.until(chosen, f"no {selector}")


TO_THE_MIDDLE = "arguments[0].scrollIntoView({ block: 'center', behavior: 'instant' })"
# A driver taps a place of the screen; a person waits until what she wants to tap has come to rest.
STANDS = """
const [element] = arguments
const place = () => new Promise((done) => {
  requestAnimationFrame(() => { done(element.getBoundingClientRect().top) })
})
const first = await place()
await new Promise((done) => { setTimeout(done, 50) })
return element.isConnected && first === (await place())
"""
