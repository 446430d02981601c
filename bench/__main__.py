"""`make bench`: every figure beside its target, and what is missed.

`python -m bench` runs all parts; `python -m bench batches photos --database sqlite --seconds 10`
runs some. It must not know how anything is measured.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import signal
import sys
from collections.abc import Callable, Iterator

from bench import (
    bad_line,
    batches,
    day,
    exports,
    field,
    full_phone,
    machine,
    photos,
    shaped_line,
    shutter,
)
from bench.figures import Figure, tell, tell_missed

DATABASES = ("sqlite", "postgresql")
Part = Callable[[argparse.Namespace], Iterator[tuple[str, list[Figure]]]]


def _machine(_chosen: argparse.Namespace) -> Iterator[tuple[str, list[Figure]]]:
    yield "This machine now", machine.measure()


def _batches(chosen: argparse.Namespace) -> Iterator[tuple[str, list[Figure]]]:
    for kind in chosen.databases:
        yield f"Inspections, {kind}", batches.measure(kind, chosen.seconds)
    yield "Statements", batches.statements()


def _photos(chosen: argparse.Namespace) -> Iterator[tuple[str, list[Figure]]]:
    for kind in chosen.databases:
        yield f"Photos, {kind}", photos.measure(kind, chosen.seconds)


def _day(_chosen: argparse.Namespace) -> Iterator[tuple[str, list[Figure]]]:
    yield "A field day on the wire", day.measure()


def _bad_line(_chosen: argparse.Namespace) -> Iterator[tuple[str, list[Figure]]]:
    yield "Photos over a line that breaks", bad_line.measure()


def _shaped_line(chosen: argparse.Namespace) -> Iterator[tuple[str, list[Figure]]]:
    for figures in shaped_line.measure(quick=chosen.quick, browser=chosen.browser):
        yield "A day over 500 kbit/s and 300 ms", figures


def _exports(_chosen: argparse.Namespace) -> Iterator[tuple[str, list[Figure]]]:
    yield "Exports", exports.measure()


def _field(_chosen: argparse.Namespace) -> Iterator[tuple[str, list[Figure]]]:
    yield "Field app", field.measure()


def _full_phone(_chosen: argparse.Namespace) -> Iterator[tuple[str, list[Figure]]]:
    yield "Field app on a full phone", full_phone.measure()


def _shutter(_chosen: argparse.Namespace) -> Iterator[tuple[str, list[Figure]]]:
    yield "The field app's camera", shutter.measure()


PARTS: dict[str, Part] = {
    "machine": _machine,
    "shutter": _shutter,
    "batches": _batches,
    "photos": _photos,
    "day": _day,
    "bad_line": _bad_line,
    "shaped_line": _shaped_line,
    "exports": _exports,
    "field": _field,
    "full_phone": _full_phone,
}


def load_words() -> str:
    """How busy the machine is; figures of a busy machine are told as such."""
    return "load " + " ".join(f"{each:.1f}" for each in os.getloadavg())


def main() -> None:
    """Run the chosen parts, one after the other."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=", ".join(PARTS))
    parser.add_argument("--seconds", type=float, default=10, help="work made for each clocked run")
    parser.add_argument("--database", choices=DATABASES, help="one of the two")
    parser.add_argument("--quick", action="store_true", help="shaped_line: a tenth of the day")
    parser.add_argument("--browser", action="store_true", help="shaped_line: in real Chromium")
    chosen = parser.parse_args()
    unknown = set(chosen.parts) - set(PARTS)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    chosen.databases = (chosen.database,) if chosen.database else DATABASES
    # Ended by somebody else, it still stops the servers it started.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(1))
    now = datetime.datetime.now().astimezone().isoformat(timespec="minutes")
    words = f"Python {platform.python_version()}, {platform.machine()}"
    print(f"{now}, {os.cpu_count()} cores, {words}, {load_words()}")
    figures: list[Figure] = []
    for name in chosen.parts or PARTS:
        for title, found in PARTS[name](chosen):
            tell(f"{title} ({load_words()} at its end)", found)
            figures += found
    tell_missed(figures)


if __name__ == "__main__":
    main()
