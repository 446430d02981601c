"""Every dependency has a reason that is written down, and every lock file works anywhere."""

from __future__ import annotations

import json
import re

from tests.guards.house import ROOT

DOCUMENT = ROOT / "docs" / "dependencies.md"
PACKAGES = ("pwa", "bench/lighthouse")
EXACT = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[a-z0-9,]+\])?==\S+$")


def javascript() -> dict[str, str]:
    """Every JavaScript package asked for, and its version."""
    asked: dict[str, str] = {}
    for folder in PACKAGES:
        package = json.loads((ROOT / folder / "package.json").read_text())
        asked |= {**package.get("dependencies", {}), **package.get("devDependencies", {})}
    return asked


def asked_for() -> set[str]:
    """The names in requirements.in, tests/requirements.in and both package.json."""
    names = set()
    for file in ("requirements.in", "tests/requirements.in"):
        for line in (ROOT / file).read_text().splitlines():
            if line and not line.startswith(("#", "-r")):
                match = EXACT.match(line)
                assert match, f"{file}: {line} names no exact version"
                names.add(match.group(1))
    return names | set(javascript())


def documented() -> dict[str, str]:
    """Package to reason, from the document's tables."""
    rows = re.findall(r"^\| (\S+) \| (.+) \|$", DOCUMENT.read_text(), re.MULTILINE)
    return {name: reason for name, reason in rows if name != "package"}


def test_every_dependency_has_one_line_of_reason_and_every_reason_a_dependency():
    assert set(documented()) == asked_for()
    assert all(len(reason) > 10 for reason in documented().values())


def test_javascript_versions_are_exact():
    assert {n: v for n, v in javascript().items() if not re.fullmatch(r"\d+\.\d+\.\d+", v)} == {}


def test_lock_files_carry_hashes_and_name_no_host_or_path():
    for file in ("requirements.txt", "tests/requirements.txt"):
        text = (ROOT / file).read_text()
        pinned = re.findall(r"^[A-Za-z0-9._-]+==", text, re.MULTILINE)
        assert len(pinned) > 10
        assert text.count("--hash=sha256:") >= len(pinned)
        assert not re.search(r"https?://|file:|index-url|find-links", text), file
    for folder in PACKAGES:
        lock = json.loads((ROOT / folder / "package-lock.json").read_text())
        packages = {name: entry for name, entry in lock["packages"].items() if name}
        assert all("integrity" in entry for entry in packages.values())
        assert [name for name, entry in packages.items() if "resolved" in entry] == []


def test_run_time_and_test_locks_agree_on_every_version():
    def versions(file: str) -> dict[str, str]:
        pairs = re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", (ROOT / file).read_text(), re.MULTILINE)
        return dict(pairs)

    run, test = versions("requirements.txt"), versions("tests/requirements.txt")
    assert {name: test.get(name) for name in run} == run
