"""The inspectors' guide (docs/field-guide.md) calls every button by the name it really has."""

from __future__ import annotations

import re

from tests.guards.house import ROOT

GUIDE = ROOT / "docs" / "field-guide.md"
APP = ROOT / "pwa" / "src"
GAP_CHARS_MAX = 40  # what a source may put where the guide says …… : a number filled in


def test_every_name_in_the_guide_is_one_in_the_app():
    sources = [
        path.read_text(encoding="utf-8")
        for folder in ("field", "ui", "data")
        for ending in ("*.vue", "*.ts")
        for path in (APP / folder).rglob(ending)
        if not path.name.endswith(".test.ts")
    ]
    quoted = set(re.findall(r"「([^」]+)」", GUIDE.read_text(encoding="utf-8")))
    assert len(quoted) > 40

    def there(name: str) -> bool:
        parts = [re.escape(part) for part in name.split("……")]
        wanted = re.compile(f".{{1,{GAP_CHARS_MAX}}}?".join(parts))
        return any(wanted.search(source) for source in sources)

    assert sorted(name for name in quoted if not there(name)) == []


def test_every_picture_of_the_guide_is_there():
    shown = re.findall(r'src="([^"]+)"', GUIDE.read_text(encoding="utf-8"))
    assert len(shown) > 20
    assert [name for name in shown if not (GUIDE.parent / name).is_file()] == []
