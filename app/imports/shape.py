"""What an importer is: its columns, its template, and how its rows become planned facts.

A new kind of import is one module that makes an `Importer` and one line in `app/imports/kinds`.
Everything here is pure: what is already known comes in as a `Known`, ids come in as a function.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from app.imports.sheet import Sheet, SheetRow

EXAMPLE_MARK = "（示例）"
"""A row whose first cell begins with this is the template's own example and is passed over."""


@dataclass(frozen=True, slots=True)
class ImportColumn:
    header: str
    key: str
    note: str
    width: int = 14
    required: bool = False
    chars_max: int | None = None
    choices: tuple[str, ...] = ()
    example: str = ""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing to look at: an error stops the import, a warning only asks for a second look."""

    row: int
    column: str
    text: str
    level: Literal["error", "warning"] = "error"

    def as_json(self) -> dict[str, Any]:
        return {"row": self.row, "column": self.column, "text": self.text, "level": self.level}


DUPLICATE = "可能重复"
"""How every warning about a likely duplicate begins; such rows may be left out when applying."""


@dataclass(frozen=True, slots=True)
class PlannedFact:
    """A fact to be, with its ids already chosen, so that applying it twice adds nothing."""

    id: str
    kind: str
    subject: str
    body: Mapping[str, Any]
    private: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "kind": self.kind,
            "subject": self.subject,
            "body": dict(self.body),
            "private": dict(self.private),
        }


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """What one row of the sheet would become, and what the preview shows of it."""

    number: int
    title: str
    summary: str
    facts: tuple[PlannedFact, ...]
    troubles: tuple[Trouble, ...] = ()

    @property
    def failed(self) -> bool:
        return any(trouble.level == "error" for trouble in self.troubles)

    @property
    def duplicate(self) -> bool:
        return any(trouble.text.startswith(DUPLICATE) for trouble in self.troubles)

    def as_json(self) -> dict[str, Any]:
        return {
            "row": self.number,
            "title": self.title,
            "summary": self.summary,
            "ok": not self.failed,
            "duplicate": self.duplicate,
            "facts": [fact.as_json() for fact in self.facts],
        }


@dataclass(frozen=True, slots=True)
class Known:
    """What the station already has, looked up before planning."""

    areas: Sequence[Mapping[str, Any]] = ()
    sites: Sequence[Mapping[str, Any]] = ()
    logins: frozenset[str] = frozenset()
    place_types: tuple[str, ...] = ()


class Plan(Protocol):
    def __call__(
        self, sheet: Sheet, known: Known, *, new_id: Callable[[], str]
    ) -> list[PlannedRow]: ...


@dataclass(frozen=True, slots=True)
class Importer:
    name: str
    title: str
    columns: Callable[[Known], tuple[ImportColumn, ...]]
    plan: Plan


def rows_to_read(sheet: Sheet, first: str) -> list[SheetRow]:
    """The rows without the template's example."""
    return [row for row in sheet.rows if not row.cells.get(first, "").startswith(EXAMPLE_MARK)]


def check_cells(row: SheetRow, columns: Sequence[ImportColumn]) -> list[Trouble]:
    """What is wrong with a row cell by cell, before anything is looked up."""
    troubles: list[Trouble] = []
    for column in columns:
        text = row.cells.get(column.header, "")
        if column.header in row.formulas:
            troubles.append(Trouble(row.number, column.header, "这一格是公式，请改成文字或数字"))
        elif column.required and not text:
            troubles.append(Trouble(row.number, column.header, f"{column.header}没有填"))
        elif column.chars_max and len(text) > column.chars_max:
            troubles.append(
                Trouble(
                    row.number, column.header, f"最多 {column.chars_max} 个字，现在 {len(text)} 个"
                )
            )
        elif text and column.choices and text not in column.choices:
            options = "、".join(column.choices)
            troubles.append(
                Trouble(row.number, column.header, f"不认得“{text}”，可以填：{options}")
            )
    return troubles


def unknown_columns(sheet: Sheet, columns: Sequence[ImportColumn]) -> list[Trouble]:
    """Columns that are not of the template are named, never dropped in silence."""
    known = {column.header for column in columns}
    return [
        Trouble(1, name, "模板里没有这一列，它的内容不会导入", "warning")
        for name in dict.fromkeys(sheet.headings)
        if name and name not in known
    ]
