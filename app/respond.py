"""Answers and problems as HTTP: JSON bodies, problem+json, security headers on everything.

It must not know which handler made an answer, nor open a transaction.
"""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import flask
import orjson

from app.bodies import drain
from app.problems import ProblemError

if TYPE_CHECKING:
    from app.http import Answer

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "font-src 'self' data:; connect-src 'self'; worker-src 'self'; manifest-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=()",
    "X-Frame-Options": "DENY",
}
PACK_BYTES_MIN = 1024
PACK_LEVEL = 5  # half the time of 9 for a few per cent more bytes
HSTS = "max-age=31536000"
JSON_OPTIONS = orjson.OPT_NON_STR_KEYS


def answer_response(answer: Answer) -> flask.Response:
    """The response for a handler's answer; JSON unless it is bytes or a stream."""
    headers = dict(answer.headers)
    if answer.stream is not None:
        response = flask.Response(answer.stream, status=answer.status)
    elif isinstance(answer.body, bytes):
        response = flask.Response(answer.body, status=answer.status)
        headers.setdefault("Content-Type", "application/octet-stream")
    elif answer.body is None:
        response = flask.Response(b"", status=answer.status)
        response.headers.pop("Content-Type", None)
    else:
        text = orjson.dumps(answer.body, option=JSON_OPTIONS)
        if answer.pack and len(text) >= PACK_BYTES_MIN and takes_gzip():
            text = gzip.compress(text, compresslevel=PACK_LEVEL)
            headers["Content-Encoding"] = "gzip"
        if answer.pack:
            headers["Vary"] = "Accept-Encoding"
        response = flask.Response(text, answer.status)
        headers.setdefault("Content-Type", "application/json")
    headers.setdefault("Cache-Control", "no-store")
    for name, value in headers.items():
        response.headers[name] = value
    return response


def takes_gzip() -> bool:
    """Whether the caller can unpack gzip."""
    return "gzip" in flask.request.headers.get("Accept-Encoding", "").lower()


def problem_body(error: ProblemError, language: str) -> dict[str, Any]:
    """The members of a problem document."""
    problem = error.problem
    body: dict[str, Any] = {
        "type": f"/problems/{problem.code}",
        "code": problem.code,
        "title": problem.code.replace("-", " "),
        "detail": problem.sentence(language, error.params),
        "status": problem.status,
        "retry": problem.retry,
    }
    if error.fields:
        body["fields"] = error.fields
    for name, value in error.params.items():
        body.setdefault(name, value)
    return body


def problem_response(error: ProblemError) -> flask.Response:
    """problem+json in the caller's language, after reading the rest of a refused body."""
    request = flask.request
    flask.g.problem = error.problem.code
    drain(request)
    language = "en" if request.accept_languages.best_match(("zh", "en")) == "en" else "zh"
    response = flask.Response(
        orjson.dumps(problem_body(error, language)), status=error.problem.status
    )
    response.headers["Content-Type"] = "application/problem+json"
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Language"] = language
    for name, value in error.headers.items():
        response.headers[name] = value
    return response


def add_headers(response: flask.Response, *, https: bool) -> flask.Response:
    """Security headers on every answer; a handler that set a stricter one keeps it."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if https:
        response.headers.setdefault("Strict-Transport-Security", HSTS)
    request_id = flask.g.get("request_id")
    if request_id:
        response.headers["X-Request-Id"] = request_id
    return response
