"""The API described for machines and people, made from the declared routes and kinds.

docs/openapi.json is the committed copy; a guard keeps it fresh. It must not know any route: what a
route does not declare does not show.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

import flask
from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from app.http import API, Answer, Call, Route, Routes
from app.respond import HEADERS
from sync.kinds import KINDS

VERSION = "1"
_PARAMETER = re.compile(r"<(?:[a-z]+:)?(\w+)>")

routes = Routes("api")


def make_openapi(nouns: Iterable[Routes]) -> dict[str, Any]:
    """The whole document as JSON values."""
    plugin = MarshmallowPlugin(schema_name_resolver=_schema_name)
    spec = APISpec(
        title="Grid Inspector",
        version=VERSION,
        openapi_version="3.1.0",
        info={"description": "Facts in, rows out. Errors are application/problem+json."},
        plugins=[plugin],
    )
    spec.components.security_scheme(
        "session", {"type": "apiKey", "in": "cookie", "name": "gi_session"}
    )
    spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    spec.components.schema("Problem", _PROBLEM)
    for name, kind in sorted(KINDS.items()):
        spec.components.schema(_kind_name(name), _kind_schema(kind.describe()))
    for noun in nouns:
        for route in noun.all:
            path = _PARAMETER.sub(r"{\1}", route.address)
            operations = {method.lower(): _operation(route) for method in route.methods}
            spec.path(path=path, operations=operations)
    return dict(json.loads(json.dumps(spec.to_dict())))


def openapi_text(nouns: Iterable[Routes]) -> str:
    """The document as it is committed."""
    return json.dumps(make_openapi(nouns), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _schema_name(schema: Any) -> str:
    made = schema if isinstance(schema, type) else type(schema)
    parts = made.__module__.split(".")
    return f"{parts[-2]}.{made.__name__}"


def _operation(route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.endpoint,
        "summary": route.summary,
        "tags": [route.noun],
        "security": _security(route),
        "parameters": _parameters(route),
        "responses": {
            "200": _answer(route),
            "default": {
                "description": "A problem",
                "content": {
                    "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
                },
            },
        },
    }
    if route.roles:
        operation["x-roles"] = sorted(route.roles)
    body = _body(route)
    if body is not None:
        operation["requestBody"] = {"required": True, "content": body}
    return operation


def _security(route: Route) -> list[dict[str, list[str]]]:
    schemes = {"none": (), "desk": ("session",), "phone": ("bearer",)}
    return [{name: []} for name in schemes.get(route.auth, ("session", "bearer"))]


def _parameters(route: Route) -> list[Any]:
    found: list[Any] = [
        {"in": "path", "name": name, "required": True, "schema": {"type": "string"}}
        for name in _PARAMETER.findall(route.address)
    ]
    if route.digest:
        found.append(
            {
                "in": "header",
                "name": "Content-Digest",
                "required": True,
                "schema": {"type": "string"},
            }
        )
    if route.query is not None:
        found.append({"in": "query", "schema": route.query})
    return found


def _answer(route: Route) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": "Done"}
    if route.answers is not None:
        answer["content"] = {"application/json": {"schema": route.answers}}
    return answer


def _body(route: Route) -> dict[str, Any] | None:
    if route.body is None:
        return None
    if route.body == "form":
        return {"multipart/form-data": {"schema": {"type": "object"}}}
    if route.body in ("raw", "stream"):
        batch = route.rule == "/sync/batches"
        if not batch:
            return {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
        kinds = [{"$ref": f"#/components/schemas/{_kind_name(name)}"} for name in sorted(KINDS)]
        lines = {"type": "array", "items": {"anyOf": kinds}, "description": "one JSON per line"}
        return {"application/x-ndjson": {"schema": lines}}
    return {"application/json": {"schema": route.body}}


_PROBLEM = {
    "type": "object",
    "required": ["type", "code", "title", "detail", "status", "retry"],
    "properties": {
        "type": {"type": "string"},
        "code": {"type": "string"},
        "title": {"type": "string"},
        "detail": {"type": "string"},
        "status": {"type": "integer"},
        "retry": {"type": "boolean"},
        "fields": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"path": {"type": "string"}, "text": {"type": "string"}},
            },
        },
    },
}


def _kind_name(name: str) -> str:
    return f"fact.{name}"


def _kind_schema(described: Mapping[str, Any]) -> dict[str, Any]:
    """A kind's body and private fields as JSON Schema."""
    open_fields = [field for field in described["fields"] if not field.get("private")]
    private = [field for field in described["fields"] if field.get("private")]
    schema = _record_schema(open_fields)
    schema["title"] = described["zh"]
    schema["description"] = f"{described['stance']}; body of the fact {described['kind']}"
    if private:
        schema["x-private"] = _record_schema(private)
    return schema


def _record_schema(fields: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    fields = list(fields)
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {field["name"]: _value_schema(field) for field in fields},
    }
    required = [field["name"] for field in fields if field.get("required")]
    if required:
        schema["required"] = required
    return schema


def _value_schema(described: Mapping[str, Any]) -> dict[str, Any]:
    kind = described["type"]
    if kind in _PLAIN:
        return dict(_PLAIN[kind])
    if kind == "text":
        return {"type": "string", "maxLength": described["chars_max"]}
    if kind == "choice":
        return {"type": "string", "enum": described["values"]}
    if kind in ("integer", "number"):
        return {"type": kind, "minimum": described["low"], "maximum": described["high"]}
    if kind == "list":
        return {
            "type": "array",
            "items": _value_schema(described["item"]),
            "minItems": described["items_min"],
            "maxItems": described["items_max"],
        }
    if kind == "map":
        return {"type": "object", "additionalProperties": _value_schema(described["value"])}
    if kind == "either":
        return {"anyOf": [_value_schema(each) for each in described["types"]]}
    if kind == "record":
        return _record_schema(described["fields"])
    return {}


_PLAIN: dict[str, dict[str, Any]] = {
    "id": {"type": "string", "format": "uuid"},
    "hash": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
    "instant": {"type": "string", "format": "date-time"},
    "day": {"type": "string", "format": "date"},
    "boolean": {"type": "boolean"},
    "json": {},
}


@routes.route("/openapi.json", auth="none", write=False, summary="This API for machines")
def get_openapi(_call: Call) -> Answer:
    """Made once per process."""
    document = flask.current_app.extensions.get("openapi")
    if document is None:
        document = make_openapi(flask.current_app.extensions["routes"])
        flask.current_app.extensions["openapi"] = document
    return Answer(document, headers={"Cache-Control": "max-age=300"}, pack=True)


@routes.route("/docs", auth="none", write=False, summary="This API for people")
def get_docs(_call: Call) -> Answer:
    """One page without scripts."""
    page = _page(flask.current_app.extensions["routes"]).encode()
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": HEADERS["Content-Security-Policy"].replace(
            "style-src 'self'", f"style-src 'sha256-{_STYLE_HASH}'"
        ),
    }
    return Answer(page, headers=headers)


def _page(nouns: Iterable[Routes]) -> str:
    parts = [
        "<!doctype html><html lang=en><meta charset=utf-8><title>Grid Inspector API</title>",
        f"<style>{_STYLE}</style><h1>Grid Inspector API</h1>",
        f"<p>For machines: <a href='{API}/openapi.json'>openapi.json</a>. ",
        "Errors are <code>application/problem+json</code>.</p>",
    ]
    for noun in nouns:
        parts.append(f"<h2>{html.escape(noun.noun)}</h2><table>")
        parts += [_line(route) for route in noun.all]
        parts.append("</table>")
    parts.append("<h2>Facts</h2><table>")
    for name, kind in sorted(KINDS.items()):
        fields = ", ".join(
            f"{field.name}{'*' if field.private else ''}{'!' if field.required else ''}"
            for field in kind.fields
        )
        cells = (name, kind.zh, kind.stance, fields)
        parts.append("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells) + "</tr>")
    return "".join([*parts, "</table></html>"])


def _line(route: Route) -> str:
    who = {"none": "anybody", "desk": "desk", "phone": "phone", "either": "desk or phone"}
    roles = f" ({', '.join(sorted(route.roles))})" if route.roles else ""
    cells = (" ".join(route.methods), route.address, who[route.auth] + roles, route.summary)
    return "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells) + "</tr>"


_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%}td{border-top:1px solid #ddd;padding:.35rem .6rem;"
    "vertical-align:top}td:first-child,td:nth-child(2){font-family:ui-monospace,monospace}"
)


_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
