"""A photo that can never arrive (照片缺失): said once, with its reason, on its subject."""

from sync.kinds.declare import HASH, Kind, Shape, must, text

KINDS = (
    Kind(
        "photo.lost",
        "照片缺失",
        "observation",
        (must("sha256", HASH), must("reason", text(200))),
    ),
)

SHAPES: tuple[Shape, ...] = ()  # photos live in the rows of the subjects they belong to
