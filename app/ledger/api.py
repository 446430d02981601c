"""The log shown to witnesses: its signed head, and proofs that anybody can check.

Without an account a witness may ask for one fact by its hash: who has the hash has the fact, or a
paper that names it. It must not know what the facts say.
"""

from __future__ import annotations

import re

from marshmallow import Schema, fields, validate

from app.db import run
from app.http import Answer, Call, Routes
from app.ledger.head import signed_head
from app.ledger.log import subtrees
from app.ledger.proof import make_proof
from app.ledger.store import Station, read_station
from app.problems import ProblemError
from sync.merkle import consistency_proof, inclusion_proof, leaf_hash, log_leaf

HASH_PATTERN = r"[0-9a-f]{64}\Z"

routes = Routes("ledger")


class ProofQuery(Schema):
    """Which fact."""

    fact = fields.String(required=True, validate=validate.Regexp(HASH_PATTERN, error="校验值不对"))


class ConsistencyQuery(Schema):
    """From which size to which; without `to`, up to now."""

    from_ = fields.Integer(data_key="from", required=True, validate=validate.Range(0))
    to = fields.Integer(load_default=None, validate=validate.Range(0))


def _station(call: Call) -> Station:
    station = read_station(call.connection, call.station_id)
    if station is None:
        raise ProblemError("not-ready")
    return station


@routes.route("/ledger/head", auth="either", write=False, summary="The log's signed head")
def get_head(call: Call) -> Answer:
    """Size, root, time, epoch and the station's signature over them."""
    return Answer(signed_head(call.services.signer, _station(call), call.now))


@routes.route(
    "/ledger/proof",
    auth="either",
    query=ProofQuery,
    write=False,
    summary="Proof that a fact is in the log",
)
def get_proof(call: Call) -> Answer:
    """The path from the fact's leaf to the root of the log as it stands."""
    station = _station(call)
    rows = run(
        call.connection,
        "SELECT l.idx, l.fact_sha256, l.verdict, l.received_at FROM fact f"
        " JOIN log_entry l ON l.fact_seq = f.seq WHERE f.station_id = ? AND f.sha256 = ?",
        (station.id, call.query["fact"]),
    )
    if not rows:
        raise ProblemError("fact-unknown")
    idx, sha256, verdict, received_at = rows[0]
    path = inclusion_proof(idx, station.size, subtrees(call.connection, station.id))
    return Answer(
        {
            "index": idx,
            "size": station.size,
            "root": station.root,
            "leaf": leaf_hash(log_leaf(sha256, verdict, received_at)).hex(),
            "path": [step.hex() for step in path],
        }
    )


@routes.route(
    "/proofs/station",
    auth="none",
    write=False,
    summary="The station and the key its signatures are checked with",
)
def get_station_key(call: Call) -> Answer:
    """What a page compares a proof file with."""
    station = _station(call)
    return Answer(
        {
            "station": {"id": station.id, "code": station.code, "name": station.name},
            "server_key": call.services.signer.public_key,
        }
    )


@routes.route(
    "/proofs/<sha256>",
    auth="none",
    write=False,
    summary="Whether a fact with this hash stands in the log: place, time and path, never its text",
)
def get_public_proof(call: Call) -> Answer:
    """For the code on a paper. A hash cannot be guessed, and there is no list of them."""
    station = _station(call)
    sha256 = call.path["sha256"]
    found = (
        make_proof(call.connection, station, [sha256], call.services.signer, now=call.now)
        if re.fullmatch(HASH_PATTERN, sha256)
        else None
    )
    entry = next((e for e in (found or {}).get("entries", ()) if e["sha256"] == sha256), None)
    if found is None or entry is None:
        raise ProblemError("fact-unknown")
    told = {name: entry[name] for name in ("index", "sha256", "verdict", "received_at", "path")}
    kept = ("format", "station", "server_key", "head")
    return Answer({**{name: found[name] for name in kept}, "entry": told})


@routes.route(
    "/ledger/consistency",
    auth="either",
    query=ConsistencyQuery,
    write=False,
    summary="Proof that an earlier log is a beginning of a later one",
)
def get_consistency(call: Call) -> Answer:
    """What a phone checks at each sync against the head it kept."""
    station = _station(call)
    older = call.query["from_"]
    newer = station.size if call.query["to"] is None else call.query["to"]
    if not older <= newer <= station.size:
        raise ProblemError("proof-out-of-range")
    path = consistency_proof(older, newer, subtrees(call.connection, station.id))
    steps = [step.hex() for step in path]
    # Of which log: a restore may lie between the head a phone was shown and this question.
    return Answer({"from": older, "to": newer, "epoch": station.epoch, "path": steps})
