"""What people are doing while a process dies: one function per scene, each ends with its promises.

A scene asks again until it is answered, and asserts what the person who asked would miss. It must
not know where the process dies, only that it may, at any time.
"""

from __future__ import annotations

import gzip
import io
import json
import random
import threading
import uuid
from collections.abc import Callable
from dataclasses import replace

from PIL import Image

from app.clock import new_id
from app.photos.rules import derived_name
from tests.api.handover import batch_bytes, found, headers, private_line, sha256
from tests.api.helpers_desk import decision
from tests.api.township import API, Phone, PhoneKey, digest_header
from tests.faults.kill_world import Reply, World, keep_facts, original
from tests.faults.points import Point
from tests.unit.test_import_sheets import sheet_bytes

FACTS = 3
SENDERS = 6
PART_BYTES = 90_000
PIXELS = (400, 300)
CHECKPOINT_BATCHES_MAX = 120
MULTIPART = "----gi-faults"

Scene = Callable[[World, Point], None]


def photo_bytes() -> bytes:
    """A photo nobody has taken before: noise, so that it is as large as a real one."""
    made = io.BytesIO()
    Image.frombytes("RGB", PIXELS, random.randbytes(PIXELS[0] * PIXELS[1] * 3)).save(
        made, "JPEG", quality=85
    )
    return made.getvalue()


def hand_over(world: World, lines: list[bytes], privates: tuple[bytes, ...] = ()) -> None:
    """A batch until its receipt is there; the same batch again gets the same receipt."""
    body = gzip.compress(batch_bytes(world.ana, lines, privates))
    answers = [_post_batch(world, body) for _ in range(2)]
    assert answers[0].json["receipt"] == answers[1].json["receipt"]
    keep_facts(world, lines, answers[0].json["receipt"])


def _post_batch(world: World, body: bytes) -> Reply:
    answer = world.ana.client.post(
        f"{API}/sync/batches", data=body, headers=headers(world.ana, body)
    )
    assert answer.status_code == 200, answer.text
    reply: Reply = answer
    return reply


def batch(world: World, _point: Point) -> None:
    """Ana hands over three hazards, one with a private line."""
    ident = new_id()
    line = private_line(ident, {"fix_owner": "王芳"})
    first = found(world.ana, id=ident, private=sha256(line))
    hand_over(world, [first, *(found(world.ana) for _ in range(FACTS - 1))], (line,))


def checkpoint(world: World, point: Point) -> None:
    """Batch after batch, until the write-ahead log is over its limit."""
    for _ in range(CHECKPOINT_BATCHES_MAX):
        batch(world, point)
        if world.struck(point):
            return


def declared(world: World, count: int = 1) -> list[bytes]:
    """Photos that a hazard names and whose bytes have not come."""
    photos = [photo_bytes() for _ in range(count)]
    named = [{"sha256": sha256(each), "role": "before", "bytes": len(each)} for each in photos]
    hand_over(world, [found(world.ana, photos=named)])
    return photos


def put(world: World, data: bytes) -> None:
    """A whole photo until its short receipt is there."""
    answer = world.ana.client.put(
        f"{API}/photos/{sha256(data)}", data=data, headers=world.ana.bearer
    )
    assert answer.status_code == 204, answer.text
    assert answer.headers["Photo-Held"]
    world.promises.photos[sha256(data)] = data


def photo(world: World, point: Point) -> None:
    """Ana sends a whole photo."""
    _before_arming(world, point, lambda: world.before.update(photos=declared(world)))
    put(world, world.before["photos"][0])


def _before_arming(world: World, point: Point, work: Callable[[], None]) -> None:
    """What must stand before the process dies: done unarmed, then the point is armed."""
    work()
    world.arm(point, later=world.before.get("later", 0))


def together(world: World, point: Point) -> None:
    """Six photos come at the same moment, so that they share a commit."""
    _before_arming(world, point, lambda: world.before.update(photos=declared(world, SENDERS)))
    faults: list[BaseException] = []

    def send(data: bytes) -> None:
        try:
            put(world, data)
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=send, args=(each,)) for each in world.before["photos"]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


def parts(world: World, point: Point) -> None:
    """A photo in parts, each where the server says it has come to."""
    _before_arming(world, point, lambda: world.before.update(photos=declared(world)))
    data = world.before["photos"][0]
    send_parts(world.ana, data)
    world.promises.photos[sha256(data)] = data


def send_parts(phone: Phone, data: bytes) -> None:
    """Part after part, where the server says it has come to, until its receipt is there."""
    address, whole = f"{API}/photos/{sha256(data)}", len(data)
    while True:
        at = phone.client.open(address, method="HEAD", headers=phone.bearer)
        if "Photo-Receipt" in at.headers:
            assert json.loads(at.headers["Photo-Receipt"])["photo"] == sha256(data)
            return
        offset = int(at.headers["Upload-Offset"])
        piece = data[offset : offset + PART_BYTES]
        phone.client.patch(
            address, data=piece,
            headers={**phone.bearer, "Content-Digest": digest_header(piece),
                     "Upload-Offset": str(offset), "Upload-Length": str(whole),
                     "Upload-Epoch": at.headers["Upload-Epoch"]},
        )  # fmt: skip


def previews(world: World, point: Point) -> None:
    """Tiny pictures ahead of the photo."""
    _before_arming(world, point, lambda: world.before.update(photos=declared(world)))
    data = world.before["photos"][0]
    small = io.BytesIO()
    with Image.open(io.BytesIO(data)) as image:
        image.thumbnail((80, 80))
        image.save(small, "JPEG")
    tiny = small.getvalue()
    body = bytes.fromhex(sha256(data)) + len(tiny).to_bytes(4, "big") + tiny
    answer = world.ana.client.post(
        f"{API}/sync/previews", data=body,
        headers={**world.ana.bearer, "Content-Digest": digest_header(body)},
    )  # fmt: skip
    assert answer.json == {"stored": 1, "ignored": 0}
    put(world, data)


def pictures(world: World, point: Point) -> None:
    """The background makes thumbnails of a photo that has come in parts."""
    parts(world, point)
    digest = sha256(world.before["photos"][0])
    world.wait_struck(point)
    world.let_leases_pass()
    world.wait("the pictures", "SELECT COUNT(*) FROM job WHERE state <> 'done'", want=0)
    for size in ("thumbnail", "view"):
        name = derived_name(world.township.station_id, digest, size)
        assert Image.open(world.data / "photos" / name).format == "JPEG"
    assert original(world, digest).exists()


def export(world: World, point: Point) -> None:
    """Chen exports the ledger; the file she gets is whole."""
    asked = world.chen.post("/exports", {"format": "ledger_csv", "filters": {}})
    assert asked.status_code == 202, asked.text
    world.chen.get("/exports")
    world.wait_struck(point)
    world.let_leases_pass()
    # An answer that was lost asks for a second export: each is whole, or is not there.
    world.wait("the export", "SELECT COUNT(*) FROM job WHERE state <> 'done'", want=0)
    state = world.chen.get(f"/exports/{asked.json['id']}").json
    data = world.chen.get(f"/exports/{asked.json['id']}/file").data
    assert len(data) == state["file"]["bytes"]
    assert data.count(b"\n") >= state["file"]["count"] > 0


def decide_desk(world: World, point: Point) -> None:
    """Chen confirms a hazard; the page sends the same decision until it is answered."""
    hazard = new_id()
    hand_over(world, [found(world.ana, hazard)])
    fact = decision(world.township, "hazard.confirmed", hazard, {"level": "general"})
    world.arm(point, later=world.before.get("later", 0))
    answer = world.chen.post("/decisions", {"facts": [fact]})
    assert answer.status_code == 200, answer.text
    world.promises.desk_facts.append(fact["id"])


def redaction(world: World, point: Point) -> None:
    """Dai destroys a private line on somebody's lawful request."""
    hazard, ident = new_id(), new_id()
    line = private_line(ident, {"fix_owner": "王芳"})
    named = found(world.ana, hazard, id=ident, private=sha256(line))
    hand_over(world, [named], (line,))
    body = {"fact_sha256": sha256(named), "basis": "本人申请", "approver": "陈站长"}
    fact = {"id": new_id(), "kind": "ledger.redacted", "subject": hazard, "after": [], "body": body}
    world.arm(point, later=world.before.get("later", 0))
    answer = world.dai.post("/decisions", {"facts": [fact]})
    assert answer.status_code == 200, answer.text
    world.promises.desk_facts.append(fact["id"])
    left = "SELECT COUNT(*) FROM private_line WHERE fact_sha256 = ?"
    assert world.ask(left, (sha256(named),)) == [(0,)]


def claim(world: World, point: Point) -> None:
    """Ana enrols a second phone; her first try may have come through without her knowing."""
    code, key, wire = world.township.code("ana"), PhoneKey(), world.wire()
    world.arm(point, later=world.before.get("later", 0))
    answer = wire.post(f"{API}/enrolments/claim", json=key.claim_body(code, "第二部手机"))
    assert answer.status_code == 200, answer.text
    told = answer.json
    world.promises.enrolments.append(told["enrolment"])
    phone = replace(
        world.ana, client=wire, key=key, enrolment=told["enrolment"], token=told["token"], n=0
    )
    assert phone.get("/sync/changes").status_code == 200, "the token she was given last is good"


def import_sites(world: World, point: Point) -> None:
    """Dai imports a list of sites; all of it or nothing, once."""
    names = [f"小店{uuid.uuid4().hex[:8]}" for _ in range(4)]
    rows = [{"单位(场所)名称": name, "场所类型": "小餐饮", "所属网格": "zaoyuan", "风险分级": "A"}
            for name in names]  # fmt: skip
    body = _form(sheet_bytes(rows))
    preview = world.dai.call(
        "POST", "/imports/sites", data=body,
        headers={"Content-Type": f"multipart/form-data; boundary={MULTIPART}"},
    )  # fmt: skip
    assert preview.status_code == 200, preview.text
    world.arm(point, later=world.before.get("later", 0))
    answer = world.dai.post(f"/imports/{preview.json['id']}/application", {})
    assert answer.status_code == 200, answer.text
    assert answer.json["applied"] == len(names)
    world.promises.sites += names


def _form(data: bytes) -> bytes:
    head = (
        f'--{MULTIPART}\r\nContent-Disposition: form-data; name="file"; filename="a.xlsx"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    return head.encode() + data + f"\r\n--{MULTIPART}--\r\n".encode()


# scene -> what happens in it, whether the background works meanwhile
SCENES: dict[str, tuple[Scene, bool]] = {
    "batch": (batch, False),
    "checkpoint": (checkpoint, False),
    "photo": (photo, False),
    "together": (together, False),
    "parts": (parts, False),
    "previews": (previews, False),
    "decision": (decide_desk, False),
    "redaction": (redaction, False),
    "claim": (claim, False),
    "import": (import_sites, False),
    "pictures": (pictures, True),
    "export": (export, True),
}
# These do something first that must not be struck, and arm by themselves.
ARM_THEMSELVES = frozenset(
    {"photo", "together", "parts", "previews", "pictures", "decision", "redaction", "claim",
     "import"}
)  # fmt: skip
