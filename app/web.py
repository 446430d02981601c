"""The built web apps: the field app (below /en/ once more, in English), the desk, the public page
存证核对, and their hashed files.

Hashed files are for ever; pages, worker and manifest are asked for anew each time. It must not know
any route under /api.
"""

from __future__ import annotations

import mimetypes
from pathlib import Path

import flask
from werkzeug.security import safe_join

from app.problems import ProblemError
from app.respond import problem_response

FOREVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
ENGLISH = "en"  # the folder and the address of the app in English
PHONE_WORDS = ("Mobile", "Android", "iPhone", "iPad", "HarmonyOS")
TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}


def mount_web(app: flask.Flask, web_dir: Path) -> None:
    """Serve the apps from the folder the build wrote."""

    english = web_dir / ENGLISH

    def asset(name: str) -> flask.Response:
        return _file(web_dir / "assets", name) or problem_response(ProblemError("not-found"))

    def english_asset(name: str) -> flask.Response:
        return _file(english / "assets", name) or problem_response(ProblemError("not-found"))

    def field(name: str = "") -> flask.Response:
        return _page(web_dir / "field", name)

    def english_field(name: str = "") -> flask.Response:
        return _page(english / "field", name)

    def desk(name: str = "") -> flask.Response:
        return _page(web_dir / "desk", name)

    def proof(name: str = "") -> flask.Response:
        return _page(web_dir / "proof", name)

    def root() -> flask.Response:
        asked = flask.request
        phone = any(word in asked.headers.get("User-Agent", "") for word in PHONE_WORDS)
        best = asked.accept_languages.best_match(["zh", "en"], default="zh")
        reads_english = best == "en" and (english / "field" / "index.html").is_file()
        address = "/desk/" if not phone else f"/{ENGLISH}/field/" if reads_english else "/field/"
        response = flask.Response(status=302, headers={"Location": address})
        response.headers["Cache-Control"] = "no-store"
        response.headers["Vary"] = "User-Agent, Accept-Language"
        return response

    app.add_url_rule("/assets/<path:name>", "web.asset", asset)
    app.add_url_rule(f"/{ENGLISH}/assets/<path:name>", "web.en.asset", english_asset)
    apps: dict[str, flask.typing.RouteCallable] = {
        "field": field,
        f"{ENGLISH}/field": english_field,
        "desk": desk,
        "proof": proof,
    }
    for prefix, view in apps.items():
        name = f"web.{prefix.replace('/', '.')}"
        app.add_url_rule(f"/{prefix}/", name, view)
        app.add_url_rule(f"/{prefix}/<path:name>", f"{name}.file", view)
        app.add_url_rule(f"/{prefix}", f"{name}.bare", _to_slash(prefix))
    app.add_url_rule("/", "web.root", root)


def _to_slash(prefix: str) -> flask.typing.RouteCallable:
    def view() -> flask.Response:
        return flask.Response(status=302, headers={"Location": f"/{prefix}/"})

    return view


def _page(folder: Path, name: str) -> flask.Response:
    """A file of an app; an address without a file ending is one of the app's own pages."""
    found = _file(folder, name) if name else None
    if found is None and "." not in name.rsplit("/", 1)[-1]:
        found = _file(folder, "index.html")
    return found or problem_response(ProblemError("not-found"))


def _file(folder: Path, name: str) -> flask.Response | None:
    joined = safe_join(str(folder), name)
    path = Path(joined) if joined else None
    if path is None or not path.is_file():
        return None
    kind = (
        TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    )
    packed = path.with_name(f"{path.name}.gz")
    smaller = flask.request.accept_encodings["gzip"] > 0 and packed.is_file()
    sent = packed if smaller else path
    response = flask.send_file(sent, mimetype=kind, conditional=True, etag=True)
    response.headers["Content-Type"] = kind
    response.headers["Vary"] = "Accept-Encoding"
    if smaller:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Cache-Control"] = FOREVER if folder.name == "assets" else ASK_AGAIN
    if path.name == "sw.js":
        english = folder.parent.name == ENGLISH
        response.headers["Service-Worker-Allowed"] = f"/{ENGLISH}/field/" if english else "/field/"
    return response
