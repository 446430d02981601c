"""What a phone downloads first, in either language, stays small and holds nothing of the desk.

After `make build`.
"""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest

from tests.guards.house import ROOT

DIST = ROOT / "pwa" / "dist"
ENGLISH = DIST / "en"  # the same app once more; its addresses begin with /en/
both = pytest.mark.parametrize("dist", [DIST, ENGLISH], ids=["zh", "en"])
FIRST_LOAD_BYTES_MAX = 110_000  # JavaScript and CSS, gzip -9; performance.md section 6
KEPT_BYTES_MAX = 400_000  # everything kept for being offline, as it travels
PACKED = {".js", ".css", ".html", ".webmanifest", ".json"}
ENTRY = "field/index.html"


def first_load(dist: Path) -> set[str]:
    """The files the field entry loads before anything is tapped."""
    files = json.loads((dist / "field" / "files.json").read_text())
    found: set[str] = set()
    waiting, seen = [ENTRY], set()
    while waiting:
        key = waiting.pop()
        if key in seen:
            continue
        seen.add(key)
        found |= {files[key]["file"], *files[key].get("css", [])}
        waiting += files[key].get("imports", [])
    page = (dist / "field" / "index.html").read_text()
    return found | set(
        re.findall(r'(?:src|href)="/(?:en/)?((?:assets|field)/[^"]+\.(?:js|css))"', page)
    )


def precached(dist: Path) -> list[str]:
    """The addresses of the files the service worker keeps."""
    worker = (dist / "field" / "sw.js").read_text()
    return sorted(set(re.findall(r"/(?:en/)?(?:assets|field)/[^`'\",\s]+\.[a-z0-9]+", worker)))


@both
def test_the_field_app_starts_in_110_kilobytes(dist: Path):
    sizes = {
        name: len(gzip.compress((dist / name).read_bytes(), 9))
        for name in first_load(dist)
        if name.endswith((".js", ".css"))
    }
    assert sum(sizes.values()) <= FIRST_LOAD_BYTES_MAX, sizes


def travelling(path: Path) -> int:
    """Bytes on the line."""
    plain = path.read_bytes()
    return len(gzip.compress(plain, 9)) if path.suffix in PACKED else len(plain)


@both
def test_what_a_phone_keeps_for_being_offline_is_400_kilobytes_at_most(dist: Path):
    sizes = {name: travelling(DIST / name.lstrip("/")) for name in precached(dist)}
    assert sum(sizes.values()) <= KEPT_BYTES_MAX, (sum(sizes.values()), sizes)


@both
def test_nothing_of_the_desk_reaches_a_phone(dist: Path):
    for name in precached(dist):
        path = DIST / name.lstrip("/")
        assert path.is_file(), f"the service worker asks for {name}, which does not exist"
        if path.suffix in {".js", ".css"}:
            text = path.read_text(encoding="utf-8")
            assert "el-table" not in text, name
            assert "ElMessage" not in text, name


@both
def test_the_service_worker_keeps_every_file_of_the_field_app(dist: Path):
    kept = set(precached(dist))
    base = f"/{dist.relative_to(DIST).as_posix()}/".replace("/./", "/")
    assert f"{base}field/index.html" in kept
    missing = {f"{base}{name}" for name in first_load(dist)} - kept
    assert missing == set()
    assert {
        name for name in kept if not name.startswith((f"{base}assets/", f"{base}field/"))
    } == set()


@both
def test_the_first_load_never_waits_for_the_tabs_storage(dist: Path):
    # a browser just started stops the page at the first look into it; pwa/build/router-memory.ts
    for name in first_load(dist):
        if name.endswith(".js"):
            text = (dist / name).read_text(encoding="utf-8")
            assert "JSON.parse(sessionStorage" not in text, name


@both
def test_the_app_begins_with_one_script_and_a_small_one_before_it(dist: Path):
    # every file more is a fortieth of a second of a slow phone's start
    page = (dist / "field" / "index.html").read_text()
    assert re.findall(r'src="/(?:en/)?assets/([a-z]+)-', page) == ["early", "index"]
    assert "modulepreload" not in page
    early, style = page.index("/assets/early-"), page.index('rel="stylesheet"')
    assert page.index("theme-color") < early < style  # it colours the bar; styles would hold it up


@both
def test_no_file_of_the_app_is_a_module(dist: Path):
    # browsers keep plain scripts compiled, not modules: pwa/build/plain-scripts.ts
    assert 'type="module"' not in (dist / "field" / "index.html").read_text()
    for name in precached(dist):
        if name.endswith(".js") and ".worker-" not in name:
            text = (DIST / name.lstrip("/")).read_text(encoding="utf-8")
            assert not re.search(r"(?:^|[;}])(?:import|export)[ {*\"'`]", text), name
            assert "import(" not in text, name
            assert "??=" not in text, name  # written after the build has made the rest old enough
