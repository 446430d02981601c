"""Backups, restoring one, and what phones hand back to a restored station.

A set is a portable dump of every table at one snapshot, the list of held photos, and a manifest the
station signed. It must not know the web, apart from api.py.
"""
