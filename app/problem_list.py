"""The problems only a server can meet, beside the core's own catalogue (sync/problems.py).

A list of sentences, nothing else; app/problems.py joins the two.
"""

from sync.problems import Problem

SERVER_PROBLEMS = (
    Problem(
        "map-busy",
        503,
        "底图正忙，点和轮廓照样能看，过几秒再来。",
        "The map's pictures are busy; ask again in a few seconds.",
        retry=True,
    ),
    Problem(
        "map-silent",
        502,
        "底图的服务器没有给图，点和轮廓照样能看。",
        "The map's provider gave no picture.",
        retry=True,
    ),
    Problem(
        "enrolment-revoked",
        403,
        "这台手机的登记已停用，请找站长重新登记；手机上的记录都还在。",
        "This phone's enrolment was revoked; ask the chief to enrol it again.",
    ),
    Problem(
        "bad-request",
        400,
        "请求的格式不对，请刷新后再试。",
        "The request is not well formed.",
    ),
    Problem(
        "not-gzip",
        400,
        "压缩内容解不开，没有收下；手机会自动再传。",
        "The content could not be unpacked; nothing was taken. The phone tries again.",
        retry=True,
    ),
    Problem(
        "json-too-deep",
        400,
        "内容层数太多，最多 {limit} 层，没有收下。",
        "The content nests deeper than {limit} levels; nothing was taken.",
    ),
    Problem(
        "disk-unwritable",
        503,
        "站里的硬盘写不进去，没有收下；请告诉管理员，手机上的记录都还在。",
        "The station's disk cannot be written; nothing was taken. Tell the administrator.",
        retry=True,
    ),
    Problem(
        "store-read-only",
        503,
        "站里的照片存不进去，请告诉管理员；手机上的照片都还在。",
        "The photo store cannot be written; tell the administrator. The phone keeps everything.",
        retry=True,
    ),
    Problem(
        "store-unreachable",
        503,
        "站里的照片库连不上，过一会儿会自动再传。",
        "The photo store cannot be reached; it is tried again shortly.",
        retry=True,
    ),
    Problem(
        "wrong-enrolment",
        403,
        "这一批不是这台手机登记的，没有收下；请找站长重新登记，手机上的记录都还在。",
        "The batch names another enrolment than the token's; nothing was taken.",
    ),
    Problem(
        "receipt-unknown",
        404,
        "站里没有这一批的收条，手机会自动再传。",
        "There is no receipt for this batch; the phone hands it over again.",
        retry=True,
    ),
    Problem(
        "proof-out-of-range",
        422,
        "总账里没有这一段。",
        "The log does not reach that far.",
    ),
)
