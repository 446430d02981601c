"""Copies of photos that leave the station carry their words; the kept photo does not (I13)."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

from openpyxl import load_workbook
from PIL import ImageFont

from app.clock import instant, new_id
from app.doctor import examine
from app.domains import JOB_KINDS
from app.jobs.runner import run_waiting
from app.photos.derive import derive
from app.photos.lettering import lettering_of
from app.photos.stamp import Words, stamped
from sync.watermark import photo_code
from tests.api.helpers_desk import decided, hazard_body
from tests.api.township import PHOTOS, Township

PHOTO = (PHOTOS / "orientation_6.jpg").read_bytes()
SHA = hashlib.sha256(PHOTO).hexdigest()
WHERE = {"lat": 36.45123, "lon": 118.2, "accuracy_m": 12}


def find(township: Township, offset_ms: int | None = 90_000) -> str:
    """Ana's hazard with a photo kept 90 s before she saved, on a phone 90 s fast."""
    ana, hazard = township.phone("ana"), new_id()
    named = {"sha256": SHA, "role": "before", "bytes": len(PHOTO)}
    told = {"kept_at": "2026-11-21T01:58:30.500Z", "source": "camera", "marks": MARKS}
    body = hazard_body(township.sites[ana.account])
    where = {**WHERE, "at": instant(township.clock.now)}
    fact = ana.fact(
        "hazard.found", hazard, body,
        photos=[{**named, **told}], where=where, offset_ms=offset_ms,
    )  # fmt: skip
    assert ana.hand_over(fact).status_code == 200
    assert ana.part(SHA, PHOTO, offset=0, length=len(PHOTO)).status_code == 200
    return hazard


MARKS = [{"shape": "circle", "box": [100, 200, 500, 600]}]
LINES = [
    "zaoyuan 面馆 · 后厨",
    "2026-11-21 09:57:00（已校时）",
    "北纬 36.45123 东经 118.20000 ±12 米（WGS-84）",
    "Ana · 北河镇安监站",
    f"BH-2026-0001 · 照片 {photo_code(SHA)}",
]


def drawn(township: Township, lines: list[str], pixels: int) -> bytes:
    lettering = lettering_of(township.services.settings)
    assert lettering is not None
    return stamped(derive(io.BytesIO(PHOTO), (pixels,))[0], Words(lines, MARKS), lettering)


def test_chen_hands_out_a_copy_that_says_where_when_and_who(either_township: Township) -> None:
    hazard = find(either_township)
    chen = either_township.desk("chen")
    copy = chen.get(f"/photos/{SHA}/marked?subject={hazard}")
    assert copy.status_code == 200, copy.text
    assert copy.headers["Content-Type"] == "image/jpeg"
    assert photo_code(SHA) in copy.headers["Content-Disposition"]
    assert copy.data == drawn(either_township, LINES, 1600)
    assert chen.get(f"/photos/{SHA}/original").data == PHOTO


def test_a_phone_that_was_never_put_right_is_not_called_right(township: Township) -> None:
    hazard = find(township, offset_ms=None)
    copy = township.desk("chen").get(f"/photos/{SHA}/marked?subject={hazard}")
    lines = [LINES[0], "2026-11-21 09:58:30（手机时间未校对）", *LINES[2:]]
    assert copy.data == drawn(township, lines, 1600)


def test_a_copy_is_made_for_a_record_that_shows_the_photo(township: Township) -> None:
    find(township)
    other = township.phone("ben").find_hazard()
    chen = township.desk("chen")
    assert chen.get(f"/photos/{SHA}/marked?subject={other}").status_code == 404
    assert chen.get(f"/photos/{SHA}/marked").status_code == 422


def exported(township: Township) -> tuple[list[bytes], str]:
    """The pictures inside the ledger, and what it says of them."""
    chen = township.desk("chen")
    asked = chen.post("/exports", {"format": "ledger_xlsx"})
    run_waiting(township.services, JOB_KINDS)
    data = chen.get(f"/exports/{asked.json['id']}/file").data
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        names = [name for name in packed.namelist() if name.startswith("xl/media/")]
        pictures = [packed.read(name) for name in names]
    book = load_workbook(io.BytesIO(data))
    said = {line[0].value: line[1].value for line in book["说明"].iter_rows()}
    return pictures, str(said["照片"])


def test_the_photos_of_an_exported_ledger_carry_their_words(township: Township) -> None:
    find(township)
    pictures, said = exported(township)
    assert pictures == [drawn(township, LINES, 320)]
    assert "图下的字由记录生成" in said


def test_a_place_renamed_between_two_exports_has_its_new_name_in_the_second(
    township: Township,
) -> None:
    find(township)
    assert exported(township)[0] == [drawn(township, LINES, 320)]
    site = township.sites[township.phone("ana").account]
    decided(township.desk("chen"), township, "site.amended", site, name="新街面馆")
    assert exported(township)[0] == [drawn(township, ["新街面馆 · 后厨", *LINES[1:]], 320)]


def latin_font(folder: Path) -> str:
    """A font file that has letters and no Chinese."""
    built_in = ImageFont.load_default(16)
    assert isinstance(built_in, ImageFont.FreeTypeFont)
    assert isinstance(built_in.path, io.BytesIO)
    (folder / "latin.ttf").write_bytes(built_in.path.getvalue())
    return str(folder / "latin.ttf")


def test_without_a_chinese_font_nobody_gets_boxes(
    make_township: Callable[..., Township], tmp_path: Path
) -> None:
    """The copy is refused with a remedy; the ledger comes all the same, and says what lacks."""
    without_chinese = make_township(GI_FONT=latin_font(tmp_path))
    hazard = find(without_chinese)
    chen = without_chinese.desk("chen")
    refused = chen.get(f"/photos/{SHA}/marked?subject={hazard}")
    assert (refused.status_code, refused.json["code"]) == (503, "font-missing")
    assert "装上中文字体" in refused.json["detail"]
    pictures, said = exported(without_chinese)
    (bare,) = derive(io.BytesIO(PHOTO), (320,))
    assert pictures == [stamped(bare, Words(marks=MARKS), None)]
    assert "没有中文字体" in said
    with without_chinese.services.database.read() as connection:
        told = examine(without_chinese.services, connection)
    assert ["fonts-noto-cjk" in each.advice for each in told if each.kind == "font"] == [True]
