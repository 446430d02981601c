"""What is said of a photo, on its subject: that it can never arrive (照片缺失), or that the chief
has looked at it beside another one that is almost the same (照片核实)."""

from sync.kinds.declare import HASH, Kind, Shape, choice, may, must, text

KINDS = (
    Kind(
        "photo.lost",
        "照片缺失",
        "observation",
        (must("sha256", HASH), must("reason", text(200))),
    ),
    Kind(
        "photo.checked",
        "照片核实",
        "judgement",
        (
            must("sha256", HASH),
            must("other", HASH),  # the one it was compared with; its own where it was used twice
            must("result", choice("fine", "retake")),
            may("note", text(200)),
        ),
        roles=frozenset({"chief"}),
    ),
)

SHAPES: tuple[Shape, ...] = ()  # photos live in the rows of the subjects they belong to
