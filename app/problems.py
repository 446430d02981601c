"""Every answer that is no success, as data: a stable code, a status, a sentence in two languages.

The pure core has its own catalogue (sync/problems.py); this one adds what only a server can meet
and joins the two. It must not know how a problem travels over HTTP.
"""

from __future__ import annotations

from typing import Any

from app.problem_list import SERVER_PROBLEMS
from sync.problems import CATALOGUE, Problem

# Where both name a code, the core's sentence stands: the phone's generated copy comes from there.
_catalogue: dict[str, Problem] = {p.code: p for p in SERVER_PROBLEMS} | CATALOGUE


def declare(*problems: Problem) -> None:
    """Add the problems of one noun; two different problems under one code are a mistake."""
    for problem in problems:
        if _catalogue.setdefault(problem.code, problem) != problem:
            raise ValueError(f"problem {problem.code} is declared twice")


def find_problem(code: str) -> Problem:
    """The catalogue's entry for a code."""
    return _catalogue[code]


def all_problems() -> list[Problem]:
    """The whole catalogue in the order of its codes, for documentation and tests."""
    return [_catalogue[code] for code in sorted(_catalogue)]


class ProblemError(Exception):
    """Raised anywhere below http.py; the transaction is rolled back and the problem is the answer.

    `params` fill the sentence and travel as members of the answer; `headers` go with it.
    """

    def __init__(
        self,
        code: str,
        *,
        fields: list[dict[str, str]] | None = None,
        headers: dict[str, str] | None = None,
        **params: Any,
    ) -> None:
        super().__init__(code)
        self.problem = find_problem(code)
        self.fields = fields
        self.headers = headers or {}
        self.params = params
