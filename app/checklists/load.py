"""Reading checklists: YAML text -> checked Checklist -> canonical JSON and its SHA-256.

The canonical JSON is published, hashed and kept for ever; YAML is only how people write it.
It knows files and YAML, no database and no web.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast

import yaml

from app.checklists.checklist import CHECKLIST_BYTES_MAX, Checklist
from app.checklists.validate import Problem, validate, validate_together

BUNDLED = Path(__file__).parent / "data"


class ChecklistInvalid(ValueError):
    """A checklist that may not be used; `problems` says what to do about each fault."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


def _whole_numbers(value: Any) -> Any:
    """2.0 becomes 2, so that both languages write (and hash) the same bytes."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_whole_numbers(each) for each in value]
    if isinstance(value, dict):
        return {key: _whole_numbers(each) for key, each in value.items()}
    return value


def read(path: Path) -> tuple[Any, list[Problem]]:
    """The file's content as it stands and all that is wrong with it; never raises on content."""
    data = path.read_bytes()
    if len(data) > 2 * CHECKLIST_BYTES_MAX:
        return None, [Problem(path.name, "", "文件太大，检查表最多 128 KB")]
    try:
        content = _whole_numbers(yaml.safe_load(data.decode("utf-8")))
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        return None, [Problem(path.name, "", f"不是能读的 UTF-8 YAML：{error}")]
    return content, validate(content, file=path.name)


def load(path: Path) -> Checklist:
    content, problems = read(path)
    if problems:
        raise ChecklistInvalid(problems)
    return cast(Checklist, content)


def check(paths: Iterable[Path]) -> list[Problem]:
    """Every fault of these files, each alone and all together (ids used twice)."""
    found: list[Problem] = []
    readable: dict[str, Any] = {}
    for path in paths:
        content, problems = read(path)
        found += problems
        if not problems:
            readable[path.name] = content
    return found + validate_together(readable)


def bundled_paths() -> list[Path]:
    return sorted(BUNDLED.glob("*.yaml"))


@cache
def bundled() -> tuple[Checklist, ...]:
    """The checklists that come with the app, in the order of their file names."""
    return tuple(load(path) for path in bundled_paths())


def canonical_json(checklist: Checklist | Mapping[str, Any]) -> bytes:
    text = json.dumps(
        checklist, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )
    return text.encode("utf-8")


def checklist_sha256(checklist: Checklist | Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical_json(checklist)).hexdigest()
