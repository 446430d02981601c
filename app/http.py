"""The one road of a request: authenticate, limit, parse, prepare, handle, commit, respond.

Every route of every noun is declared here with its authentication, roles and schemas; the answer
leaves only after the transaction committed, and nothing but this file, app/cli and the job runner
commits: a shared transaction, too, is asked for here, and answers wait for it (app/together.py).
It must not know what any route does.
"""

from __future__ import annotations

import hmac
import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

import flask
from marshmallow import EXCLUDE, Schema, ValidationError
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException

from app.actor import Actor
from app.bodies import ComingBody, parse_json, read_body
from app.courtesy import writer_first
from app.faults import foreseen
from app.gate import GateBusy
from app.metrics import count_request
from app.problems import ProblemError
from app.respond import answer_response, problem_response
from app.services import Services

log = logging.getLogger("grid_inspector.http")

ANY: frozenset[str] = frozenset()
API = "/api/v1"
BODY_BYTES_MAX = 256 * 1024
ROLE_WORDS = {
    "inspector": "网格员",
    "certified_inspector": "监管员",
    "chief": "站长",
    "admin": "管理员",
}
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

Auth = Literal["none", "desk", "phone", "either"]
Body = type[Schema] | Schema | Literal["raw", "stream", "form"] | None


@dataclass(slots=True)
class Answer:
    """What a handler gives back: a body (JSON value, bytes or a stream), a status, headers."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    stream: Iterator[bytes] | None = None
    pack: bool = False  # gzip the JSON when the caller takes it
    undo: bool = False  # roll the transaction back although all went well (probes, previews)


class _Undone(Exception):
    """Carries an answer out of a transaction that is to leave nothing behind."""

    def __init__(self, answer: Answer) -> None:
        super().__init__("undone")
        self.answer = answer


@dataclass(slots=True)
class Call:
    """One request as a handler sees it."""

    actor: Actor | None
    station_id: str
    connection: Connection
    body: Any
    query: Mapping[str, Any]
    path: Mapping[str, str]
    now: datetime
    request: flask.Request
    services: Services
    looked: Any = None
    prepared: Any = None

    @property
    def who(self) -> Actor:
        """The caller of a route that asks for one."""
        if self.actor is None:
            raise ProblemError("unauthorised")
        return self.actor


Handler = Callable[[Call], "Answer | dict[str, Any]"]
Look = Callable[[Call], Any]
Prepare = Callable[[Call], Any]


@dataclass(frozen=True, slots=True)
class Route:
    """A declared route; app/openapi.py and the guard tests read the same declaration."""

    noun: str
    rule: str
    methods: tuple[str, ...]
    auth: Auth
    roles: frozenset[str]
    body: Body
    query: type[Schema] | Schema | None
    answers: type[Schema] | Schema | None
    write: bool
    shared: bool
    look: Look | None
    prepare: Prepare | None
    summary: str
    limit_bytes: int
    digest: bool
    revoked_ok: bool
    handler: Handler

    @property
    def endpoint(self) -> str:
        """A unique name."""
        return f"{self.noun}.{self.handler.__name__}"

    @property
    def address(self) -> str:
        """The rule as mounted: under /api/v1 unless it starts with a double slash."""
        return self.rule[1:] if self.rule.startswith("//") else API + self.rule


class Routes:
    """The routes of one noun; app/domains.py lists them."""

    def __init__(self, noun: str) -> None:
        self.noun = noun
        self.all: list[Route] = []

    def route(
        self,
        rule: str,
        *,
        methods: tuple[str, ...] | list[str] = ("GET",),
        auth: Auth,
        roles: frozenset[str] = ANY,
        body: Body = None,
        query: type[Schema] | Schema | None = None,
        answers: type[Schema] | Schema | None = None,
        write: bool,
        shared: bool = False,
        look: Look | None = None,
        prepare: Prepare | None = None,
        summary: str,
        limit_bytes: int = BODY_BYTES_MAX,
        digest: bool = False,
        revoked_ok: bool = False,
    ) -> Callable[[Handler], Handler]:
        """Declare a route. `roles`: any one of them is enough; ANY asks for none.

        `body`: a schema for JSON, "raw" for bytes, "stream" for bytes as they come (ComingBody),
        "form" for multipart (call.request.files).
        `shared`: what it writes is small, and is committed together with what other requests to
        such routes write at the same moment; each answer still leaves after its own commit.
        `look` reads what stands in the database before the body is waited for, in the transaction
        that finds out who asks; its result is call.looked, and may be old when the body is there.
        `prepare` runs before the transaction (call.connection is closed then); its result is
        call.prepared. `digest` asks for Content-Digest. `revoked_ok` lets a revoked phone in.
        """

        def declare(handler: Handler) -> Handler:
            self.all.append(
                Route(
                    self.noun,
                    rule,
                    tuple(methods),
                    auth,
                    frozenset(roles),
                    body,
                    query,
                    answers,
                    write,
                    shared,
                    look,
                    prepare,
                    summary,
                    limit_bytes,
                    digest,
                    revoked_ok,
                    handler,
                )
            )
            return handler

        return declare


def mount(app: flask.Flask, routes: list[Routes], services: Services) -> None:
    """Give every declared route to Flask, and turn what no route answers into problems."""
    for noun in routes:
        for declared in noun.all:
            app.add_url_rule(
                declared.address,
                endpoint=declared.endpoint,
                view_func=_view(declared, services),
                methods=list(declared.methods),
                provide_automatic_options=False,
            )
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unforeseen)


def _view(route: Route, services: Services) -> Callable[..., flask.Response]:
    def view(**path: str) -> flask.Response:
        started = time.perf_counter()
        flask.g.route = route
        flask.g.request_id = services.ids()
        try:
            answer = _serve(route, services, path)
            response = answer_response(answer)
            _note_seen(services)
        except ProblemError as error:
            response = problem_response(error)
        except Exception as error:  # every fault becomes a problem and a log line, never a page
            response = problem_response(_fault(error))
        _note(route, response, time.perf_counter() - started)
        return response

    return view


def _serve(route: Route, services: Services, path: Mapping[str, str]) -> Answer:
    """Authenticate, parse, prepare, then handle inside one transaction."""
    request = flask.request
    call = Call(
        actor=None,
        station_id="",
        connection=_NO_CONNECTION,
        body=None,
        query={},
        path=path,
        now=services.clock(),
        request=request,
        services=services,
    )
    with services.database.read() as connection:
        call.actor, call.station_id = _authenticate(route, services, request, connection)
        if route.look is not None:
            call.looked = route.look(replace(call, connection=connection))
    call.query = _load(route.query, _query_values(request)) if route.query else request.args
    call.body = _parse(route, request)
    if route.prepare is not None:
        if route.body != "stream":  # that mostly waits for the phone and the disk
            writer_first.let_pass()
        call.prepared = route.prepare(call)
    if route.write:
        database = services.database
        transact = database.in_shared_transaction if route.shared else database.in_transaction
        try:
            return transact(lambda c: _handle(route, call, c))
        except _Undone as undone:
            return undone.answer
    with services.database.read() as connection:
        return _handle(route, call, connection)


def _handle(route: Route, call: Call, connection: Connection) -> Answer:
    result = route.handler(replace(call, connection=connection))
    answer = result if isinstance(result, Answer) else Answer(result)
    if answer.undo and route.write:
        raise _Undone(answer)
    return answer


class _Closed:
    """Stands where a connection will be, so that use outside the transaction fails loudly."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(f"no transaction is open here (asked for .{name})")


_NO_CONNECTION: Any = _Closed()


def _authenticate(
    route: Route, services: Services, request: flask.Request, connection: Connection
) -> tuple[Actor | None, str]:
    if route.auth == "none":
        return None, services.station_id(connection)
    actor = _find_actor(route, services, request, connection)
    if actor is None:
        raise ProblemError("unauthorised")
    flask.g.account_id = actor.account_id
    flask.g.actor = actor
    if actor.revoked and not route.revoked_ok:
        raise ProblemError("enrolment-revoked")
    if route.roles and not route.roles & actor.roles:
        words = "、".join(word for role, word in ROLE_WORDS.items() if role in route.roles)
        raise ProblemError("role-needed", role=words)
    return actor, actor.station_id


def _note_seen(services: Services) -> None:
    """Now and then, after the answer is made: the session runs on, the phone was seen."""
    actor: Actor | None = flask.g.get("actor")
    if actor is None or not services.authenticator.wants_note(actor):
        return
    try:
        services.database.in_transaction(lambda c: services.authenticator.note_seen(c, actor))
    except (GateBusy, DBAPIError):
        log.warning("could not note that a caller was seen")


def _find_actor(
    route: Route, services: Services, request: flask.Request, connection: Connection
) -> Actor | None:
    bearer = request.headers.get("Authorization", "").startswith("Bearer ")
    if route.auth == "phone" or (route.auth == "either" and bearer):
        return services.authenticator.phone(request, connection)
    actor = services.authenticator.desk(request, connection)
    if actor is not None and request.method not in SAFE_METHODS:
        _check_csrf(actor, request)
    return actor


def _check_csrf(actor: Actor, request: flask.Request) -> None:
    """A cookie alone never changes anything: the page must also show the session's own word."""
    sent = request.headers.get("X-CSRF", "")
    if not actor.csrf or not hmac.compare_digest(sent.encode(), actor.csrf.encode()):
        raise ProblemError("csrf")


def _check_origin(request: flask.Request) -> None:
    """Other sites' pages may not make a browser post here, signed in or not."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise ProblemError("csrf")


def _parse(route: Route, request: flask.Request) -> Any:
    if request.method in SAFE_METHODS:
        return None
    if route.auth != "phone":
        _check_origin(request)
    if route.body is None:
        read_body(request, limit_bytes=route.limit_bytes, digest=False, required=False)
        return None
    if route.body == "form":
        if request.mimetype != "multipart/form-data":
            raise ProblemError("unsupported-media-type")
        read_body(request, limit_bytes=route.limit_bytes, digest=False, required=True)
        return None
    if route.body == "stream":
        return ComingBody(request, limit_bytes=route.limit_bytes, digest=route.digest)
    raw = read_body(request, limit_bytes=route.limit_bytes, digest=route.digest, required=True)
    if route.body == "raw":
        return raw
    if request.mimetype != "application/json":
        raise ProblemError("unsupported-media-type")
    return _load(route.body, parse_json(raw))


def _query_values(request: flask.Request) -> dict[str, Any]:
    """Each name once; a repeated name becomes a list, which only a List field takes."""
    lists = request.args.to_dict(flat=False)
    return {name: values if len(values) > 1 else values[0] for name, values in lists.items()}


def _load(schema: type[Schema] | Schema, value: Any) -> Any:
    made = schema() if isinstance(schema, type) else schema
    try:
        return made.load(value, unknown=EXCLUDE)
    except ValidationError as error:
        fields = _field_errors(error.messages)
        raise ProblemError("invalid-input", fields=fields, count=len(fields)) from None


def _field_errors(messages: Any, path: str = "") -> list[dict[str, str]]:
    """Marshmallow's nested messages as a flat list of {path, text}."""
    if isinstance(messages, Mapping):
        return [
            entry
            for key, inner in messages.items()
            for entry in _field_errors(
                inner, f"{path}.{key}".strip(".") if key != "_schema" else path
            )
        ]
    texts = messages if isinstance(messages, list) else [messages]
    return [{"path": path, "text": str(text)} for text in texts]


def _fault(error: Exception) -> ProblemError:
    """What went wrong below, as a problem; only the unforeseen is logged with its traceback."""
    problem = foreseen(error)
    if problem is not None:
        return problem
    log.error("fault", exc_info=_without_values(error))
    return ProblemError("internal", request=flask.g.get("request_id", ""))


def _without_values(error: Exception) -> Exception:
    """SQLAlchemy prints a statement's values with its errors; people's data is not for logs."""
    if isinstance(error, DBAPIError):
        error.hide_parameters = True
        diagnostic = getattr(error.orig, "diag", None)
        if diagnostic is not None:
            error.args = (type(error.orig).__name__,)
    return error


def _http_error(error: HTTPException) -> flask.Response:
    """What Flask itself refuses: unknown address, wrong method, a body over its limit."""
    codes = {404: "not-found", 405: "method-not-allowed", 413: "too-large"}
    code = codes.get(error.code or 500, "bad-request" if (error.code or 500) < 500 else "internal")
    return problem_response(ProblemError(code))


def _unforeseen(error: Exception) -> flask.Response:
    return problem_response(_fault(error))


def _note(route: Route, response: flask.Response, seconds: float) -> None:
    count_request(route.endpoint, response.status_code, seconds)
    log.info(
        json.dumps(
            {
                "request": flask.g.get("request_id"),
                "method": flask.request.method,
                "route": route.address,
                "status": response.status_code,
                "ms": round(seconds * 1000, 1),
                "account": flask.g.get("account_id"),
                "problem": flask.g.get("problem"),
            }
        )
    )
