"""The built web apps as a browser gets them: packed where it can unpack, never from outside."""

from __future__ import annotations

import gzip
from pathlib import Path

import flask
import pytest

from app.web import mount_web

SCRIPT = b"// a chunk of the field app\n" * 200
PAGE = "<!doctype html><title>网格安检</title>".encode()
ENGLISH_PAGE = b"<!doctype html><title>Grid Inspector</title>"


@pytest.fixture
def client(tmp_path: Path) -> flask.testing.FlaskClient:
    for folder in ("assets", "field", "desk", "proof", "en/assets", "en/field"):
        (tmp_path / "dist" / folder).mkdir(parents=True)
    (tmp_path / "dist" / "assets" / "index-AbC.js").write_bytes(SCRIPT)
    (tmp_path / "dist" / "assets" / "index-AbC.js.gz").write_bytes(gzip.compress(SCRIPT))
    (tmp_path / "dist" / "field" / "index.html").write_bytes(PAGE)
    (tmp_path / "dist" / "proof" / "index.html").write_bytes(PAGE)
    (tmp_path / "dist" / "field" / "sw.js").write_bytes(b"// worker")
    (tmp_path / "dist" / "en" / "assets" / "index-XyZ.js").write_bytes(SCRIPT)
    (tmp_path / "dist" / "en" / "field" / "index.html").write_bytes(ENGLISH_PAGE)
    (tmp_path / "dist" / "en" / "field" / "sw.js").write_bytes(b"// worker")
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


def test_the_app_in_english_is_an_app_of_its_own(client: flask.testing.FlaskClient):
    assert client.get("/en/field/").data == ENGLISH_PAGE
    assert client.get("/en/field/today").data == ENGLISH_PAGE
    assert client.get("/en/field").headers["Location"] == "/en/field/"
    worker = client.get("/en/field/sw.js").headers
    assert worker["Service-Worker-Allowed"] == "/en/field/"
    assert worker["Cache-Control"] == "no-cache"
    assert client.get("/field/sw.js").headers["Service-Worker-Allowed"] == "/field/"
    asset = client.get("/en/assets/index-XyZ.js")
    assert (asset.data, asset.headers["Cache-Control"]) == (
        SCRIPT,
        client.get("/assets/index-AbC.js").headers["Cache-Control"],
    )
    for address in (
        "/en/",
        "/en/desk/",
        "/en/assets/..%2f..%2fsecret.txt",
        "/en/assets/index-AbC.js",
    ):
        assert client.get(address).status_code == 404, address


PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Mobile Safari/537.36"


@pytest.mark.parametrize(
    ("agent", "languages", "address"),
    [
        (PHONE, "zh-CN,zh;q=0.9,en;q=0.8", "/field/"),
        (PHONE, "en-GB,en;q=0.9,zh;q=0.5", "/en/field/"),
        (PHONE, "", "/field/"),
        (PHONE, "de", "/field/"),
        ("Mozilla/5.0 (X11; Linux x86_64)", "en", "/desk/"),
    ],
)
def test_the_bare_address_leads_a_phone_to_the_app_in_its_language(
    client: flask.testing.FlaskClient, agent: str, languages: str, address: str
):
    answer = client.get("/", headers={"User-Agent": agent, "Accept-Language": languages})
    assert answer.headers["Location"] == address
    assert "Accept-Language" in answer.headers["Vary"]
