"""Activities: what a person says outside any site or hazard; feedback (意见反馈) comes this way."""

from sync.kinds.declare import ID, INSTANT, Kind, Shape, choice, may, must, same, text

KINDS = (
    Kind(
        "activity.recorded",
        "意见反馈",
        "observation",
        (must("type", choice("feedback", "other")), must("text", text(1000))),
        sets={"type": "kind"} | same("text"),
    ),
)

SHAPES = (
    Shape(
        "activity",
        "反馈",
        frozenset({"activity.recorded"}),
        (
            must("state", choice("known", "incomplete")),
            may("kind", choice("feedback", "other")),
            may("text", text(1000)),
            may("author", ID),
            may("at", INSTANT),
        ),
    ),
)
