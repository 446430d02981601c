"""Grid Inspector's server; `create_app` builds it.

Nothing is imported here before it is asked for, so that a part can be used without the whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import flask

    from app.settings import Settings


def create_app(settings: Settings | None = None, **parts: Any) -> flask.Flask:
    """The application; `parts` may name another `clock` or `ids`."""
    from app.compose import compose

    return compose(settings, **parts)
