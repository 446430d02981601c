"""Answers and problems as HTTP: JSON bodies, problem+json, the security headers each kind needs.

It must not know which handler made an answer, nor open a transaction.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
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
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=(self)",
    "X-Frame-Options": "DENY",
}
# JSON is never a page: a browser that opens it all the same runs nothing, frames it nowhere and
# takes it for nothing else. The rest would only repeat that in every answer on a village's line.
API_CSP = "default-src 'none'; frame-ancestors 'none'"
API_HEADERS = {
    "Content-Security-Policy": API_CSP,
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}
JSON_TYPES = frozenset({"application/json", "application/problem+json"})
NO_CONTENT = 204
PROBLEM_STATUS_MIN = 400
PACK_BYTES_MIN = 1024
PACK_LEVEL = 5  # half the time of 9 for a few per cent more bytes
HSTS = "max-age=31536000"
JSON_OPTIONS = orjson.OPT_NON_STR_KEYS


def answer_response(answer: Answer) -> flask.Response:
    """The response for a handler's answer; JSON unless it is bytes or a stream."""
    headers = dict(answer.headers)
    body: bytes | Iterator[bytes]
    if answer.stream is not None:
        body = answer.stream
    elif isinstance(answer.body, bytes):
        body = answer.body
        headers.setdefault("Content-Type", "application/octet-stream")
    elif answer.body is None:
        body = b""
    else:
        body = _json(answer, headers)
    # What answers a change and has no content is kept by nobody anyway.
    if answer.status != NO_CONTENT or flask.request.method in ("GET", "HEAD"):
        headers.setdefault("Cache-Control", "no-store")
    response = flask.Response(body, answer.status)
    if "Content-Type" not in headers:
        response.headers.pop("Content-Type", None)
    response.headers.update(headers)
    return response


def _json(answer: Answer, headers: dict[str, str]) -> bytes:
    text = orjson.dumps(answer.body, option=JSON_OPTIONS)
    if answer.pack and len(text) >= PACK_BYTES_MIN and takes_gzip():
        text = gzip.compress(text, compresslevel=PACK_LEVEL)
        headers["Content-Encoding"] = "gzip"
    if answer.pack:
        headers["Vary"] = "Accept-Encoding"
    headers.setdefault("Content-Type", "application/json")
    return text


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
    if error.problem.code != "body-cut-short":  # of that nothing more will come
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
    """Security headers as the kind of answer needs them; what a handler set is kept.

    An answer without content (a photo is held) has nothing to guard. Problems name the request,
    so that a person can quote it and the log be searched for it.
    """
    if response.status_code != NO_CONTENT:
        needed = API_HEADERS if response.mimetype in JSON_TYPES else HEADERS
        present = {name.lower() for name, _ in response.headers}
        response.headers.extend(
            (name, value) for name, value in needed.items() if name.lower() not in present
        )
    if https:
        response.headers.setdefault("Strict-Transport-Security", HSTS)
    request_id = flask.g.get("request_id")
    if request_id and response.status_code >= PROBLEM_STATUS_MIN:
        response.headers["X-Request-Id"] = request_id
    return response
