"""The documents a newcomer reads exist, and what they promise to be there is there."""

from __future__ import annotations

import re
import tomllib

from alembic.script import ScriptDirectory

from tests.guards.house import ROOT

MAKE_TARGETS = {"run", "demo", "test", "lint", "build", "bench", "audit", "screens", "lock"}
DOCUMENTS = ("architecture", "protocol", "glossary", "dependencies", "settings", "problems")


def test_make_explains_itself():
    text = (ROOT / "Makefile").read_text()
    explained = dict(re.findall(r"^([a-z]+):.*## (.+)$", text, re.MULTILINE))
    assert set(explained) >= MAKE_TARGETS
    assert all(sentence.endswith(".") for sentence in explained.values())


def test_every_decision_says_what_was_rejected():
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert len(pages) >= 8
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert "**Decided.**" in text, page.name
        assert "**Rejected.**" in text, page.name


def test_the_readme_leads_everywhere():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in DOCUMENTS:
        assert (ROOT / "docs" / f"{name}.md").is_file(), name
        assert f"docs/{name}.md" in text, name
    for path in re.findall(r"\]\((?!https?:)([^)#]+)\)", text):
        assert (ROOT / path).exists(), f"README.md points to {path}, which does not exist"
    for command in ("make run", "make demo"):
        assert command in text


def test_the_readme_lists_every_system_package_the_tests_need():
    wanted = re.findall(r"^  need (\S+) ", (ROOT / ".ci" / "system-packages").read_text(), re.M)
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert wanted
    assert [package for package in wanted if package not in text] == []


def test_migrations_have_one_head_and_can_be_undone():
    scripts = ScriptDirectory(str(ROOT / "migrations"))
    assert len(scripts.get_heads()) == 1
    for revision in scripts.walk_revisions():
        assert revision.doc.strip(), revision.revision
        names = revision.module.downgrade.__code__.co_names
        assert names, f"{revision.revision} cannot be undone"


def test_every_noun_of_the_server_keeps_its_store_to_itself():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    listed = next(
        c["source_modules"] for c in contracts if "app.*.store" in c.get("forbidden_modules", [])
    )
    nouns = {f"app.{path.parent.name}" for path in (ROOT / "app").glob("*/api.py")}
    nouns |= {f"app.{path.parent.name}" for path in (ROOT / "app").glob("*/table.py")}
    assert nouns == set(listed)
