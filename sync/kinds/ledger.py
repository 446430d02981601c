"""The ledger's own facts: a quarantined fact admitted after all, personal fields redacted, an
epoch opened.

What they do to the facts they name is the server's business when it folds; they are here so that
the one
log holds them too.
"""

from sync.kinds.declare import HASH, Integer, Kind, Shape, may, must, text

KINDS = (
    Kind(
        "ledger.admitted",
        "收录",
        "administration",  # at the desk only, where it is checked who may let what count
        (must("fact_sha256", HASH), may("reason", text(200))),
        roles=frozenset({"chief", "admin"}),
    ),
    Kind(
        "ledger.redacted",
        "依法删除个人信息",
        "administration",
        (must("fact_sha256", HASH), must("basis", text(200)), must("approver", text(40))),
        roles=frozenset({"admin"}),
    ),
    Kind(
        "ledger.epoch_opened",
        "恢复后重新开账",
        "administration",
        (must("epoch", Integer(1)), must("size", Integer(0)), must("root", HASH)),
        server_only=True,
    ),
)

SHAPES: tuple[Shape, ...] = ()
