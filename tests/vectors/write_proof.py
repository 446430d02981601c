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


def cases(made: dict[str, Any]) -> list[dict[str, Any]]:
    """Changes to single places: `at` is the way to one, `to` what stands there then."""
    own = [i for i, each in enumerate(made["entries"]) if each["sha256"] in made["facts"]]
    found_at = own[0]
    entry = made["entries"][found_at]
    claim = next(i for i in range(len(made["entries"])) if i not in own)
    at, later = ["entries", found_at], made["entries"][own[1]]
    return [
        {"why": "as it was made", "at": [], "to": None, "holds": True},
        {
            "why": "another finding",
            "at": [*at, "line"],
            "to": entry["line"].replace("超过 2 米", "超过 1 米"),
            "holds": False,
        },
        {
            "why": "another verdict",
            "at": [*at, "verdict"],
            "to": "admitted:outside_area",
            "holds": False,
        },
        {
            "why": "another time of receipt",
            "at": [*at, "received_at"],
            "to": "2026-11-20T02:00:00.000Z",
            "holds": False,
        },
        {"why": "another place", "at": [*at, "index"], "to": entry["index"] + 1, "holds": False},
        {
            "why": "the path of another entry",
            "at": [*at, "path"],
            "to": later["path"],
            "holds": False,
        },
        {
            "why": "a shorter log",
            "at": ["head", "size"],
            "to": made["head"]["size"] - 1,
            "holds": False,
        },
        {"why": "another root", "at": ["head", "root"], "to": "0" * 64, "holds": False},
        {
            "why": "an earlier head",
            "at": ["head", "time"],
            "to": "2020-01-01T00:00:00.000Z",
            "holds": False,
        },
        {"why": "another epoch", "at": ["head", "epoch"], "to": 2, "holds": False},
        {
            "why": "another station's key",
            "at": ["server_key"],
            "to": json.loads(made["entries"][claim]["line"])["body"]["public_key"],
            "holds": False,
        },
        {
            "why": "a batch sent at another time",
            "at": ["batches", 0, "sent_at"],
            "to": "2026-11-20T02:00:00.000Z",
            "holds": False,
        },
        {
            "why": "a batch of other facts",
            "at": ["batches", 0, "facts"],
            "to": made["batches"][0]["facts"][::-1],
            "holds": False,
        },
        {
            "why": "the phone's key exchanged",
            "at": ["entries", claim, "line"],
            "to": made["entries"][claim]["line"].replace('public_key":"B', 'public_key":"C'),
            "holds": False,
        },
        {
            "why": "no batches: nothing says that a phone signed it",
            "at": ["batches"],
            "to": [],
            "holds": True,
            "phones": 0,
        },
        {"why": "no facts", "at": ["facts"], "to": [], "holds": False},
        {
            "why": "a fact that is not in the file",
            "at": ["facts", 0],
            "to": "0" * 64,
            "holds": False,
        },
        {"why": "another format", "at": ["format"], "to": "grid-inspector/proof/9", "holds": False},
        {
            "why": "what it is said to be about proves nothing",
            "at": ["about", "number"],
            "to": "X-1",
            "holds": True,
        },
        {"why": "no head", "at": ["head"], "to": None, "holds": False},
    ]


if __name__ == "__main__":
    made = document()
    text = json.dumps({"document": made, "cases": cases(made)}, ensure_ascii=False, indent=1)
    FILE.write_text(text + "\n", encoding="utf-8")
    print(f"{FILE.name}: {len(text)} characters")
