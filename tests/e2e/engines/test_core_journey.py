"""The core journey on three engines: enrolled, offline, killed twice, handed over, offline again.

One story for Chromium, Firefox and WebKitGTK, with a real gunicorn that is really gone while 王芳
is in the village. Where an engine differs, docs/engines.md says how.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.e2e.engines.browsers import ENGINES, Engine, an_engine
from tests.e2e.engines.hand import Hand
from tests.e2e.station import Station
from tests.e2e.steps import inspections_of, wait_for

PHOTOS = Path(__file__).resolve().parents[2] / "fixtures" / "photos"
TURNED = PHOTOS / "orientation_6.jpg"
"""Lies on its side in the file; EXIF says how to hold it."""
KILOS = ("LPG-03", "80")
FAILED, WHAT = "LPG-12", "软管连接"
SPOT = "后厨灶台下"
REMARK = "老板娘说下周换软管"
CONTROLLED = "return navigator.serviceWorker.controller !== null"
WORKER_READY = "return navigator.serviceWorker.ready.then(() => true)"
MARKED_STORED = "return document.querySelectorAll('li.shot .mark.pass').length"
VALUE = "return document.querySelector(arguments[0])?.value"
# Name and real hash of every photo in her phone's database.
PHOTOS_KEPT = """
const asked = (request) => new Promise((done, failed) => {
  request.onsuccess = () => done(request.result)
  request.onerror = () => failed(request.error)
})
const database = await asked(indexedDB.open('gi'))
const rows = await asked(database.transaction('photoBodies').objectStore('photoBodies').getAll())
database.close()
const hex = (sum) => [...new Uint8Array(sum)].map((byte) => byte.toString(16).padStart(2, '0'))
const sum = async ({ body }) => hex(await crypto.subtle.digest('SHA-256', body)).join('')
return Promise.all(rows.map(async (row) => [row.sha256, await sum(row)]))
"""
# What the app does for a moment, without an end: a transaction with one request after another.
READ_FOR_EVER = """
for (const { name } of await indexedDB.databases()) {
  const opening = indexedDB.open(name)
  await new Promise((done) => { opening.onsuccess = done })
  const stores = opening.result.objectStoreNames
  if (!stores.length) { opening.result.close(); continue } // deleted since it was named
  const store = opening.result.transaction(stores, 'readwrite').objectStore(stores[0])
  const again = () => { store.count().onsuccess = again }
  again()
}
window.left = true
"""


@contextmanager
def no_network(station: Station) -> Iterator[None]:
    """The station is gone for every part of the browser: connections are refused."""
    station.served.stop()
    try:
        yield
    finally:
        station.served.serve()


@pytest.mark.parametrize("name", ENGINES)
def test_wang_fangs_visit_without_network_reaches_the_station(
    name: str, station: Station, tmp_path: Path
) -> None:
    """Nothing she records is lost or changed, whichever browser her phone came with."""
    place = f"{name}面馆"
    site = station.add_site(place)
    with an_engine(name, tmp_path) as engine:
        engine.start()
        her = Hand(engine)
        enrol(her, station, place)
        with no_network(station):
            leave_in_the_middle(her, station)
            open_anew(her, station)
            begin(her, place)
            killed(engine)
            open_anew(her, station)
            go_on(her, place)
            (photo,) = photos_kept(her)
            finish(her)
            killed(engine)
            open_anew(her, station)
            her.see("1 份检查、1 张照片只在这部手机里")
        hand_over(her, station)
        check_the_ledger(station, site, photo)
        with no_network(station):
            killed(engine)
            open_anew(her, station)
            her.open(f"{station.url}/field/#/hand-over")
            her.see("第 1 批")


def enrol(her: Hand, station: Station, place: str) -> None:
    """By the link; the list comes down, and the app is kept for being offline."""
    her.open(station.enrolment()["url"])
    her.tap("登记这部手机")
    her.see("登记好了")
    her.tap("去看今天")
    her.see(place)
    assert her.run(WORKER_READY) is True


def open_anew(her: Hand, station: Station) -> None:
    """With the station gone, this page comes from the service worker or not at all."""
    her.open(f"{station.url}/field/")
    her.see("今天")
    assert her.run(CONTROLLED) is True


def leave_in_the_middle(her: Hand, station: Station) -> None:
    """She goes to another page while the app reads, and back: WebKit keeps such a page as it is."""
    her.open(f"{station.url}/field/")
    her.see("今天")
    her.run(READ_FOR_EVER)
    her.do("navigate", url="about:blank")
    her.do("back")
    her.until_said("return window.left ?? null", None)  # kept as it was, it starts anew
    her.see("今天")
    her.run(READ_FOR_EVER)


def killed(engine: Engine) -> None:
    """SIGKILL in the middle of the village, and a start on the same profile."""
    engine.kill()
    engine.start()


def begin(her: Hand, place: str) -> None:
    """A number, and an item that fails: its hazard opens in place and takes a photo."""
    her.tap(place, kind="text", exact=False)
    her.tap("开始检查")
    item, kilos = KILOS
    her.type("", kilos, within=f"#item-{item}")
    her.see("已答 1 /")  # the items that the number brings up stand in the list
    her.tap("不合格", within=f"#item-{FAILED}", kind="text")
    her.see("记下这条隐患", within=f"#item-{FAILED}")
    her.tap(WHAT, within=f"#item-{FAILED} .in-place", kind="text")
    her.choose_file("input[data-source=gallery]", TURNED)
    her.until_said(MARKED_STORED, 1)
    her.see("每一下都已存好")


def go_on(her: Hand, place: str) -> None:
    """After the kill: all stands where she left it; the hazard gets a spot."""
    her.tap(place, kind="text", exact=False)
    item, kilos = KILOS
    her.until_said(VALUE, kilos, f"#item-{item} input")
    her.tap("不合格", within=f"#item-{FAILED} .say", kind="text", exact=False)
    her.until_said(MARKED_STORED, 1)
    her.tap("全部内容", within=f"#item-{FAILED}", kind="text", exact=False)
    her.type("部位", SPOT)
    her.tap("记下这条隐患")
    her.see("隐患已记下", within=f"#item-{FAILED}")


def photos_kept(her: Hand) -> list[str]:
    """The names of the photos on her phone; each is what its bytes hash to."""
    rows = her.run(PHOTOS_KEPT)
    assert [name for name, found in rows if name != found] == []
    return [name for name, _ in rows]


def finish(her: Hand) -> None:
    """Nobody there to sign, a remark, and 存好."""
    her.tap("收尾")
    her.tap("不在场", kind="text")
    her.type("备注", REMARK)
    her.tap("存好这次检查")
    her.see("已存好", kind="heading")


def hand_over(her: Hand, station: Station) -> None:
    """The station is back: the receipt is shown."""
    her.open(f"{station.url}/field/#/hand-over")
    her.see("第 1 批")


def check_the_ledger(station: Station, site: str, photo: str) -> None:
    """One visit, one hazard, and the photo's very bytes, upright."""
    chief = station.chief()
    (inspection,) = inspections_of(station, site)
    (found,) = chief.call("GET", f"/hazards?site={site}")["items"]
    hazard = found["hazard"]
    assert (hazard["item"], hazard["spot"]) == (FAILED, SPOT)
    assert WHAT in hazard["finding"]
    answers: Any = chief.call("GET", f"/inspections/{hazard['inspection']}")
    assert REMARK in str(answers) and "80" in str(answers), inspection

    def held() -> bool:
        (row,) = chief.call("GET", f"/hazards/{hazard['id']}")["photos"]
        return bool(row["held"]) and row["sha256"] == photo

    wait_for(held, "the photo did not arrive")
    there = chief.download(f"/photos/{photo}/original")
    assert hashlib.sha256(there).hexdigest() == photo
    with Image.open(io.BytesIO(there)) as picture, Image.open(TURNED) as taken:
        assert picture.format == "JPEG"
        assert picture.getexif().get(0x0112, 1) == 1
        assert (picture.height > picture.width) == (taken.width > taken.height), "held upright"
