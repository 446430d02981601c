"""The one place where real parts are put together: database, store, key, clock, routes.

It must not hold logic of its own; tests put other parts together with the same two functions.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from datetime import datetime, timedelta

import flask
from werkzeug.middleware.proxy_fix import ProxyFix

from app.auth.authenticator import LedgerAuthenticator
from app.clock import new_id, utc_now
from app.db import make_database
from app.domains import JOB_KINDS, ROUTES
from app.http import mount
from app.jobs.runner import start_lazily
from app.keys import read_or_make_key, read_or_make_rescue_key
from app.photos.keep import make_photo_store
from app.respond import add_headers
from app.services import Services
from app.settings import Settings, read_settings
from app.web import mount_web


def make_services(
    settings: Settings,
    *,
    clock: Callable[[], datetime] = utc_now,
    ids: Callable[[], str] = new_id,
) -> Services:
    """The real parts of one process."""
    return Services(
        settings=settings,
        database=make_database(settings.database_url, gate_wait_s_max=settings.gate_wait_s_max),
        photo_store=make_photo_store(settings.photo_store_url),
        signer=read_or_make_key(settings.key_file),
        rescue_key=read_or_make_rescue_key(settings.rescue_key_file),
        authenticator=LedgerAuthenticator(
            clock,
            idle=timedelta(hours=settings.session_idle_h),
            whole=timedelta(days=settings.session_days_max),
        ),
        clock=clock,
        ids=ids,
    )


def compose(
    settings: Settings | None = None,
    *,
    clock: Callable[[], datetime] = utc_now,
    ids: Callable[[], str] = new_id,
) -> flask.Flask:
    """The application; refuses to start when an acknowledgement could turn out untrue."""
    _log_lines_to_stderr()
    services = make_services(settings or read_settings(), clock=clock, ids=ids)
    services.database.boot_check()
    app = flask.Flask("grid_inspector", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = None  # limits are per route, in app/bodies.py
    app.config["MAX_FORM_PARTS"] = 20
    app.url_map.strict_slashes = True
    app.extensions["services"] = services
    app.extensions["routes"] = ROUTES
    mount(app, ROUTES, services)
    mount_web(app, services.settings.web_dir)
    app.after_request(lambda response: add_headers(response, https=services.settings.https))
    if services.settings.jobs_in_process:
        start_lazily(app, services, JOB_KINDS)
    if services.settings.behind_proxy:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
    return app


def _log_lines_to_stderr() -> None:
    """One JSON line per request, without personal data; the journal keeps and turns them over."""
    log = logging.getLogger("grid_inspector")
    if not log.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(message)s"))
        log.addHandler(handler)
        log.setLevel(logging.INFO)
        log.propagate = False
