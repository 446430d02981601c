#!/usr/bin/python3
"""A browser of one window around WebKitGTK, for its driver: as MiniBrowser under automation, but
with a profile that is still there after it was killed, and as narrow as a phone.

Run by the system's Python, which has the bindings (gir1.2-webkit2-4.1): `webkit_window.py PROFILE`.
"""

import sys

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("WebKit2", "4.1")
from gi.repository import Gtk, WebKit2  # noqa: E402  (versions first)

WIDTH, HEIGHT = 390, 844
MINIBROWSER = "MiniBrowser"  # the driver asks for a browser of this name


def context_of(profile: str) -> WebKit2.WebContext:
    """Cookies, databases, service workers and caches below this folder."""
    kept = WebKit2.WebsiteDataManager(
        base_data_directory=f"{profile}/data", base_cache_directory=f"{profile}/cache"
    )
    context = WebKit2.WebContext.new_with_website_data_manager(kept)
    cookies = context.get_cookie_manager()
    cookies.set_persistent_storage(f"{profile}/cookies", WebKit2.CookiePersistentStorage.SQLITE)
    context.set_preferred_languages(["zh-CN"])
    context.set_automation_allowed(True)
    return context


def a_window(context: WebKit2.WebContext) -> WebKit2.WebView:
    """What the driver works in."""
    view = WebKit2.WebView(web_context=context, is_controlled_by_automation=True)
    window = Gtk.Window(decorated=False, default_width=WIDTH, default_height=HEIGHT)
    window.add(view)
    window.show_all()
    return view


def main() -> None:
    """Until the driver, or a kill, ends it."""
    context = context_of(sys.argv[1])

    def started(_context: WebKit2.WebContext, session: WebKit2.AutomationSession) -> None:
        about = WebKit2.ApplicationInfo()
        about.set_name(MINIBROWSER)
        about.set_version(
            WebKit2.get_major_version(), WebKit2.get_minor_version(), WebKit2.get_micro_version()
        )
        session.set_application_info(about)
        session.connect("create-web-view", lambda _session: a_window(context))

    context.connect("automation-started", started)
    Gtk.main()


main()
