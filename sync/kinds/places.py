"""Two shapes that rows of several families share: where something was seen, and its photos.

It must not know which families use them.
"""

from sync.kinds.declare import HASH, ID, INSTANT, ListOf, Number, Record, choice, may, must, text

PHOTO_ROLES = ("before", "after", "scene", "signature", "paper")

WHERE = Record(
    (
        must("lat", Number(-90, 90)),
        must("lon", Number(-180, 180)),
        must("accuracy_m", Number(0)),
        must("at", INSTANT),
    )
)

CHECKED = Record((must("other", HASH), must("result", choice("fine", "retake"))))
PHOTO_ROWS = ListOf(
    Record(
        (
            must("sha256", HASH),
            must("role", choice(*PHOTO_ROLES)),
            must("fact", ID),
            must("at", INSTANT),
            may("lost", text(200)),  # why it can never arrive, when that is known
            may("checked", ListOf(CHECKED, 1000)),  # beside which others the chief has looked at it
        )
    ),
    100_000,
)
