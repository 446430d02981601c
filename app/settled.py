"""A problem that is answered while its transaction commits.

A raised ProblemError rolls everything back; a counted failure or a photo that starts anew must stay
written although the answer is a problem. It must not know which nouns do this.
"""

from __future__ import annotations

from typing import Any

import flask

from app.http import Answer
from app.problems import ProblemError
from app.respond import problem_body


def settled_problem(
    request: flask.Request, code: str, *, headers: dict[str, str] | None = None, **params: Any
) -> Answer:
    """The problem as an ordinary answer, so that what the handler wrote is kept."""
    error = ProblemError(code, **params)
    language = "en" if request.accept_languages.best_match(["zh", "en"]) == "en" else "zh"
    flask.g.problem = code
    return Answer(
        problem_body(error, language),
        status=error.problem.status,
        headers={
            "Content-Type": "application/problem+json",
            "Content-Language": language,
            **(headers or {}),
        },
    )
