"""The app's own camera in real Chromium: every tap of the shutter is a photo, whatever happens.

The lens is a canvas of the page: what each photo shows is known, so that order and uprightness can
be told from the stored pictures.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Playwright, expect

from tests.e2e.phone import Phone, a_phone
from tests.e2e.station import Station
from tests.e2e.steps import ANDROID, begin_visit, enrol

IN_A_ROW = 10
FRAMES_HELD_MAX = 1  # of about three that a camera has: while all are held it stands still
OFF_MAX = 8  # what JPEG may make of one of 256 shades
# A lens whose shade is set, a red corner at its upper left; frames that are held are counted, and
# the worker can be made to die.
LENS = """
(() => {
  const picture = Object.assign(document.createElement('canvas'), {width: 960, height: 720})
  const pen = picture.getContext('2d')
  const lens = window.lens = {shade: 0, held: 0, heldMost: 0, deaths: 0, taken: 0}
  let tick = 0
  setInterval(() => {
    pen.fillStyle = `rgb(${lens.shade}, ${lens.shade}, ${lens.shade})`
    pen.fillRect(0, 0, 960, 720)
    pen.fillStyle = 'red'
    pen.fillRect(0, 0, 240, 180)
    pen.fillStyle = ['#111', '#222'][tick++ % 2]
    pen.fillRect(940, 700, 20, 20)
  }, 30)
  navigator.mediaDevices.getUserMedia = async () => picture.captureStream(30)
  const Frame = VideoFrame
  window.VideoFrame = class extends Frame {
    constructor(...all) {
      super(...all)
      this.open = true
      lens.held += 1
      lens.taken += 1
      lens.heldMost = Math.max(lens.heldMost, lens.held)
    }
    close() {
      if (this.open) lens.held -= 1
      this.open = false
      super.close()
    }
  }
  const post = Worker.prototype.postMessage
  Worker.prototype.postMessage = function (...all) {
    post.apply(this, all)
    if (!all[0]?.frame || lens.deaths === 0) return
    lens.deaths -= 1
    this.terminate()
    this.dispatchEvent(new Event('error'))
  }
  window.shoot = async (shade) => {
    lens.shade = shade
    const video = document.querySelector('.camera video')
    for (let seen = 0; seen < 4; seen++) {
      await new Promise((done) => video.requestVideoFrameCallback(done))
    }
    const before = lens.taken
    document.querySelector('.shutter').click()
    // a tap may wait for the photos before it: the shade stays until its own frame was taken
    for (let tries = 0; lens.taken === before && tries < 2000; tries++) {
      await new Promise((done) => setTimeout(done, 5))
    }
  }
})()
"""
# Of every small picture on the screen: the shade of its middle, whether its upper left is red.
SEEN = """
() => Promise.all([...document.querySelectorAll('li.shot img')].map(async (img) => {
  await img.decode()
  const canvas = Object.assign(document.createElement('canvas'), {width: 40, height: 30})
  const pen = canvas.getContext('2d')
  pen.drawImage(img, 0, 0, 40, 30)
  const at = (x, y) => pen.getImageData(x, y, 1, 1).data
  const corner = at(2, 2)
  return {shade: at(25, 20)[1], red: corner[0] > 180 && corner[1] < 80}
}))
"""
# How many photos the phone's databases hold, how many of them under another name than their hash.
STORED = """
async () => {
  const found = {photos: 0, wrong: 0}
  for (const {name} of await indexedDB.databases()) {
    const base = await new Promise((done) => {
      const asked = indexedDB.open(name)
      asked.onsuccess = () => done(asked.result)
    })
    const holds = base.objectStoreNames.contains('photoBodies')
    const bodies = !holds ? [] : await new Promise((done) => {
      const asked = base.transaction('photoBodies').objectStore('photoBodies').getAll()
      asked.onsuccess = () => done(asked.result)
    })
    base.close()
    for (const {sha256, body} of bodies) {
      const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', body))
      found.photos += 1
      const name = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
      found.wrong += name !== sha256
    }
  }
  return found
}
"""


def open_camera(phone: Phone) -> None:
    phone.tap("拍照")
    expect(phone.page.get_by_role("button", name="拍一张")).to_be_visible()


def shown(page: Page, count: int) -> list[dict[str, Any]]:
    """What the photos show, once there are so many of them."""
    expect(page.locator("li.shot img")).to_have_count(count)
    seen: list[dict[str, Any]] = page.evaluate(SEEN)
    assert all(each["red"] for each in seen), f"a photo lies on its side: {seen}"
    return seen


def assert_shades(seen: list[dict[str, Any]], shades: list[int]) -> None:
    told = [each["shade"] for each in seen]
    assert all(abs(is_ - was) <= OFF_MAX for is_, was in zip(told, shades, strict=True)), told


def test_every_tap_of_the_shutter_is_a_photo(
    playwright: Playwright, station: Station, tmp_path: Path
) -> None:
    """Ten in a row with the camera closed on the last; two whose worker dies; and a battery that is
    pulled while the camera is still open: none is lost, and she is back at the same photos."""
    site = station.add_site("快手小吃店")
    shades = [20 + 20 * shot for shot in range(IN_A_ROW)]
    with a_phone(playwright, tmp_path / "profile", user_agent=ANDROID) as phone:
        page = phone.start()
        enrol(phone, station)
        page.add_init_script(LENS)
        begin_visit(phone, station, site)
        page.reload()
        phone.number("LPG-13", "2.3")
        phone.item("LPG-13").locator("button.say").click()
        open_camera(phone)
        page.get_by_label("连拍").check()
        page.evaluate(f"(async () => {{ for (const shade of {shades}) await shoot(shade) }})()")
        phone.tap("好了")
        assert_shades(shown(page, IN_A_ROW), shades)
        assert page.evaluate("lens.heldMost") == FRAMES_HELD_MAX
        assert page.evaluate("lens.held") == 0, "a frame of the camera is held for ever"

        page.evaluate("lens.deaths = 2")
        open_camera(phone)
        for shade in (230, 245):
            page.evaluate(f"shoot({shade})")
        assert_shades(shown(page, IN_A_ROW + 2), [*shades, 230, 245])
        assert page.evaluate("lens.deaths") == 0
        assert page.evaluate(STORED) == {"photos": IN_A_ROW + 2, "wrong": 0}
        phone.kill()

        page = phone.start()
        page.goto(f"{station.url}/field/")
        expect(page.get_by_text("上次拍照被系统中断")).to_be_in_viewport()
        assert_shades(shown(page, IN_A_ROW + 2), [*shades, 230, 245])
        assert phone.trouble == []
