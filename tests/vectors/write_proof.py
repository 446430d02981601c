"""Writes tests/vectors/proof.json: one real proof file, and what may and may not be changed in it.

`python -m tests.vectors.write_proof` makes it anew (other ids and keys, the same cases); sync and
desk both check it (tests/api/test_proof.py, pwa/src/proof/check.test.ts).
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from tests.api.handover import found, noted, private_line, send, sha256
from tests.api.township import build_township

FILE = Path(__file__).with_name("proof.json")


def document() -> dict[str, Any]:
    """A hazard found by a phone, noted by another in a batch with other facts, judged by a desk."""
    with tempfile.TemporaryDirectory() as folder:
        township = build_township(f"sqlite:///{folder}/station.db", Path(folder))
        ana, ben = township.phone("ana"), township.phone("ben")
        hazard, fact_id = (
            "01a2015c-4cee-7ce3-9815-a71c476093a2",
            "01a2015c-4cee-7ce3-9815-000000000001",
        )
        line = private_line(fact_id, {"fix_owner": "王芳"})
        first = found(ana, hazard, id=fact_id, private=sha256(line))
        send(ana, [found(ana), first, found(ana)], [line])
        send(ana, [first, noted(ana, hazard, "第二天又看了一次")], [line])
        send(ben, [found(ben) for _ in range(300)])
        chen = township.desk("chen")
        shown = chen.get(f"/hazards/{hazard}").json["hazard"]
        confirm = {
            "id": "01a2015c-4cee-7ce3-9815-000000000002",
            "kind": "hazard.confirmed",
            "subject": hazard,
            "after": shown["heads"],
            "body": {"level": "general"},
        }
        assert chen.post("/decisions", {"facts": [confirm]}).status_code == 200
        made: dict[str, Any] = chen.get(f"/hazards/{hazard}/proof").json
        township.close()
        return made


def change(why: str, at: list[str | int], to: Any, **more: Any) -> dict[str, Any]:
    """One change: `at` is the way to the place, `to` what stands there then; it breaks the proof
    unless `holds=True` says otherwise."""
    return {"why": why, "at": at, "to": to, "holds": False, **more}


def cases(made: dict[str, Any]) -> list[dict[str, Any]]:
    """Changes to single places, from the whole file inwards."""
    own = [i for i, each in enumerate(made["entries"]) if each["sha256"] in made["facts"]]
    claim = next(i for i in range(len(made["entries"])) if i not in own)
    return [
        change("as it was made", [], None, holds=True),
        *of_an_entry(made, own),
        *of_the_head(made),
        *of_the_phone(made, claim),
        *of_the_whole(),
    ]


def of_an_entry(made: dict[str, Any], own: list[int]) -> list[dict[str, Any]]:
    """The first fact's own entry in the log."""
    entry, later = (made["entries"][i] for i in own[:2])
    at: list[str | int] = ["entries", own[0]]
    less = entry["line"].replace("超过 2 米", "超过 1 米")
    return [
        change("another finding", [*at, "line"], less),
        change("another verdict", [*at, "verdict"], "admitted:outside_area"),
        change("another time of receipt", [*at, "received_at"], "2026-11-20T02:00:00.000Z"),
        change("another place", [*at, "index"], entry["index"] + 1),
        change("the path of another entry", [*at, "path"], later["path"]),
    ]


def of_the_head(made: dict[str, Any]) -> list[dict[str, Any]]:
    """What the station signed."""
    return [
        change("a shorter log", ["head", "size"], made["head"]["size"] - 1),
        change("another root", ["head", "root"], "0" * 64),
        change("an earlier head", ["head", "time"], "2020-01-01T00:00:00.000Z"),
        change("another epoch", ["head", "epoch"], 2),
    ]


def of_the_phone(made: dict[str, Any], claim: int) -> list[dict[str, Any]]:
    """Keys, and what the phone signed; `claim` is the place of its enrolment's entry."""
    line, facts = made["entries"][claim]["line"], made["batches"][0]["facts"]
    swapped = line.replace('public_key":"B', 'public_key":"C')
    none = "no batches: nothing says that a phone signed it"
    sent_at: list[str | int] = ["batches", 0, "sent_at"]
    return [
        change("another station's key", ["server_key"], json.loads(line)["body"]["public_key"]),
        change("a batch sent at another time", sent_at, "2026-11-20T02:00:00.000Z"),
        change("a batch of other facts", ["batches", 0, "facts"], facts[::-1]),
        change("the phone's key exchanged", ["entries", claim, "line"], swapped),
        change(none, ["batches"], [], holds=True, phones=0),
    ]


def of_the_whole() -> list[dict[str, Any]]:
    """The file's own fields."""
    said = "what it is said to be about proves nothing"
    return [
        change("no facts", ["facts"], []),
        change("a fact that is not in the file", ["facts", 0], "0" * 64),
        change("another format", ["format"], "grid-inspector/proof/9"),
        change(said, ["about", "number"], "X-1", holds=True),
        change("no head", ["head"], None),
    ]


if __name__ == "__main__":
    made = document()
    text = json.dumps({"document": made, "cases": cases(made)}, ensure_ascii=False, indent=1)
    FILE.write_text(text + "\n", encoding="utf-8")
    print(f"{FILE.name}: {len(text)} characters")
