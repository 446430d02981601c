"""What a phone downloads first stays small and holds nothing of the desk (after `make build`)."""

from __future__ import annotations

import gzip
import json
import re

from tests.guards.house import ROOT

DIST = ROOT / "pwa" / "dist"
FIRST_LOAD_BYTES_MAX = 110_000  # JavaScript and CSS, gzip -9; performance.md section 6
ENTRY = "field/index.html"


def first_load() -> set[str]:
    """The files the field entry loads before anything is tapped."""
    files = json.loads((DIST / "field" / "files.json").read_text())
    found: set[str] = set()
    waiting, seen = [ENTRY], set()
    while waiting:
        key = waiting.pop()
        if key in seen:
            continue
        seen.add(key)
        found |= {files[key]["file"], *files[key].get("css", [])}
        waiting += files[key].get("imports", [])
    page = (DIST / "field" / "index.html").read_text()
    return found | {
        name.lstrip("/")
        for name in re.findall(r'(?:src|href)="(/(?:assets|field)/[^"]+\.(?:js|css))"', page)
    }


def precached() -> list[str]:
    """The files the service worker keeps."""
    worker = (DIST / "field" / "sw.js").read_text()
    return sorted(set(re.findall(r"/(?:assets|field)/[^`'\",\s]+\.[a-z0-9]+", worker)))


def test_the_field_app_starts_in_110_kilobytes():
    sizes = {
        name: len(gzip.compress((DIST / name).read_bytes(), 9))
        for name in first_load()
        if name.endswith((".js", ".css"))
    }
    assert sum(sizes.values()) <= FIRST_LOAD_BYTES_MAX, sizes


def test_nothing_of_the_desk_reaches_a_phone():
    for name in precached():
        path = DIST / name.lstrip("/")
        assert path.is_file(), f"the service worker asks for {name}, which does not exist"
        if path.suffix in {".js", ".css"}:
            text = path.read_text(encoding="utf-8")
            assert "el-table" not in text, name
            assert "ElMessage" not in text, name


def test_the_service_worker_keeps_every_file_of_the_field_app():
    kept = set(precached())
    assert "/field/index.html" in kept
    missing = {f"/{name}" for name in first_load()} - kept
    assert missing == set()


def test_the_first_load_never_waits_for_the_tabs_storage():
    # a browser just started stops the page at the first look into it; pwa/build/router-memory.ts
    for name in first_load():
        if name.endswith(".js"):
            text = (DIST / name).read_text(encoding="utf-8")
            assert "JSON.parse(sessionStorage" not in text, name


def test_the_databases_are_asked_for_by_a_script_before_the_apps_own():
    page = (DIST / "field" / "index.html").read_text()
    scripts = re.findall(r'<script type="module"([^>]*) src="/assets/([a-z]+)-', page)
    assert [name for _, name in scripts] == ["early", "index"]
    assert "async" in scripts[0][0]  # it waits for nothing, and nothing waits for it
