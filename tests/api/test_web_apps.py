"""The built web apps as a browser gets them: packed where it can unpack, never from outside."""

from __future__ import annotations

import gzip
from pathlib import Path

import flask
import pytest

from app.web import mount_web

SCRIPT = b"// a chunk of the field app\n" * 200
PAGE = "<!doctype html><title>网格安检</title>".encode()


@pytest.fixture
def client(tmp_path: Path) -> flask.testing.FlaskClient:
    for folder in ("assets", "field", "desk", "proof"):
        (tmp_path / "dist" / folder).mkdir(parents=True)
    (tmp_path / "dist" / "assets" / "index-AbC.js").write_bytes(SCRIPT)
    (tmp_path / "dist" / "assets" / "index-AbC.js.gz").write_bytes(gzip.compress(SCRIPT))
    (tmp_path / "dist" / "field" / "index.html").write_bytes(PAGE)
    (tmp_path / "dist" / "proof" / "index.html").write_bytes(PAGE)
    (tmp_path / "dist" / "field" / "sw.js").write_bytes(b"// worker")
    (tmp_path / "secret.txt").write_text("not for anybody")
    app = flask.Flask("web", static_folder=None)
    mount_web(app, tmp_path / "dist")
    return app.test_client()


def test_a_phone_on_a_thin_line_gets_the_app_packed(client: flask.testing.FlaskClient):
    answer = client.get("/assets/index-AbC.js", headers={"Accept-Encoding": "gzip, br"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert len(answer.data) < len(SCRIPT) / 5
    assert gzip.decompress(answer.data) == SCRIPT


def test_a_client_that_cannot_unpack_gets_it_plain(client: flask.testing.FlaskClient):
    for encoding in ("identity", "", "gzip;q=0"):
        answer = client.get("/assets/index-AbC.js", headers={"Accept-Encoding": encoding})
        assert "Content-Encoding" not in answer.headers
        assert answer.data == SCRIPT
        assert answer.headers["Vary"] == "Accept-Encoding"


def test_hashed_files_are_for_ever_and_pages_are_asked_for_anew(client: flask.testing.FlaskClient):
    assert "immutable" in client.get("/assets/index-AbC.js").headers["Cache-Control"]
    for address in ("/field/", "/field/sw.js", "/field/today"):
        assert client.get(address).headers["Cache-Control"] == "no-cache"


def test_an_unchanged_page_costs_no_second_download(client: flask.testing.FlaskClient):
    tag = client.get("/field/").headers["ETag"]
    assert client.get("/field/", headers={"If-None-Match": tag}).status_code == 304


def test_nothing_outside_the_build_is_served(client: flask.testing.FlaskClient):
    for address in ("/assets/../../secret.txt", "/field/..%2f..%2fsecret.txt", "/assets/none.js"):
        answer = client.get(address)
        assert answer.status_code == 404, address
        assert b"not for anybody" not in answer.data


def test_the_page_that_checks_proofs_is_open_to_anybody(client: flask.testing.FlaskClient):
    assert client.get("/proof/").data == PAGE
    assert client.get("/proof").headers["Location"] == "/proof/"
